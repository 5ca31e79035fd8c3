//! The OpenAI-compatible door: a call's nine steps, from its key to its charge.
//! Never decides who may call or what a call costs, and never forwards what no hold covers.
//!
//! `receive -> identify -> resolve -> admit -> hold -> forward -> meter -> charge -> respond`
//! (`serve.rs`). From the fourth on they are one future that owns the hold: it is worked on where
//! its answer is awaited, and goes on in a task of its own once the answer is streamed or the
//! client has left (`flight.rs`). Nobody can stop it.

mod accounts;
mod asking;
mod background;
mod batches;
mod call;
mod config;
mod files;
mod flight;
mod forward;
mod gateway;
mod hold;
mod identify;
mod keeping;
mod listing;
mod models;
mod not_offered;
mod patience;
mod plain;
mod poller;
mod rate;
mod realtime;
mod receipt;
mod receive;
mod relay;
mod responses;
mod router;
mod routes;
mod serve;
mod settle;
mod spans;
mod states;
mod stream;
mod uploads;
mod weigh;

pub use config::Config;
pub use flight::InFlight;
pub use poller::Poller;
pub use router::{CallDoor, Served, router};
pub use settle::CALL_LOG;
pub use states::{UpstreamStanding, UpstreamState, UpstreamStates};
