//! A realtime session as a machine: events of either side in; what to forward, what to set aside
//! and what to charge out. Never opens a socket, reads a clock or keeps a balance, and lets no
//! response be made that nothing was set aside for.
//!
//! The provider bills each *response* of a session, and what writes down the input audio, apart.
//! So each is a call here: [`Session`] asks for a hold ([`Output::Hold`]), forwards only once it
//! is told that there is one ([`Session::held`]), and says once what became of it
//! ([`Output::Settle`]). The provider would answer by itself when somebody stops speaking; here
//! that is switched off in everything that is forwarded, and the session asks for the answer in
//! its place. What is forwarded is written anew: nothing of a client's bytes goes out that was not
//! understood. Events follow the provider's API description (2.3.0, 2026-08-21).

mod event;
mod fields;
mod item;
mod load;
pub mod reference;
mod server;
mod session;
mod settings;
mod usage;

pub use load::Load;
pub use session::{HoldAsked, Output, Purpose, Session};
