//! The pages: what a person sees, as pure functions from plain data to HTML, and their design.
//! Never decides who may see what: a page shows all that it is given.

pub mod assets;
pub mod pages;
pub mod routes;
pub mod ui;

pub use ui::{Frame, Page};
