//! What the installation holds about a person, as that person's own: given to them.
//! Never gives anybody what blind review or the visibility policy keeps from them.

mod archive;
mod export;

pub use export::{Export, export};
