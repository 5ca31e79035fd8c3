//! The pages: what a person sees and does, as handlers that call one service function and render.
//! Never decides who may see what: the service does, and a page shows all that it is given.

pub mod pages;

pub use bursar_ui as ui;
pub use bursar_ui::{Frame, Page, assets, routes};
