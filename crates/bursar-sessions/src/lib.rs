//! Realtime sessions as the gateway serves them: two sockets with a machine between them, and money
//! for each of its calls. Never decides what a call costs, and never forwards what no hold covers.
//!
//! [`open`] finds an upstream and waits until it has said that it answers nothing by itself, so
//! that a client which cannot be served hears of it as of any call. What goes on then
//! ([`Ready::run`]) owns the holds, and is to be awaited by a task that outlives the client.

mod call;
mod open;
mod places;
mod receipt;
mod run;
mod stop;

pub use open::{Opening, Ready, open};
pub use places::Places;
pub use run::Stopping;
