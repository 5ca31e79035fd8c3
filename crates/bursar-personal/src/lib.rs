//! What the installation holds about a person, as that person's own: given to them, and erased.
//! Never gives anybody what blind review or the visibility policy keeps from them.

mod archive;
mod erase;
mod export;

pub use erase::{
    Confirming, Forgetting, GRACE, LeftBehind, Obstacle, ask_to_be_forgotten, cancel_erasure,
    confirm_erasure, erase_due, forgetting, is_erased, look_at_erasure,
};
pub use export::{Export, export};
