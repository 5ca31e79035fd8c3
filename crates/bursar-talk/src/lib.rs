//! What the sandbox says in a realtime session: a client's events in, the provider's events out.
//! Sans-IO: never opens a socket and never reads a clock, and the same session gets the same words.
//!
//! It answers by itself when somebody stops speaking, as the provider does unless it is told not
//! to: a gateway that forgets to tell it is found out. Events follow the provider's API
//! description (2.3.0, 2026-08-21).

mod answer;
mod ear;
mod item;
mod setup;
mod talk;

pub use talk::{Manner, Report, Talk};
