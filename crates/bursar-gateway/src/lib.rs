//! The OpenAI-compatible door: a call's nine steps, from its key to its charge.
//! Never decides who may call or what a call costs, and never forwards what no hold covers.
//!
//! `receive -> identify -> resolve -> admit -> hold -> forward -> meter -> charge -> respond`
//! (`serve.rs`). The first three run in the client's own future; the rest in a task of the call's
//! own, which owns the hold and ends whether or not its client stays.

mod asking;
mod batches;
mod call;
mod calls;
mod config;
mod errors;
mod files;
mod flight;
mod forward;
mod gateway;
mod hold;
mod identify;
mod listing;
mod models;
mod patience;
mod plain;
mod poller;
mod rate;
mod receipt;
mod receive;
mod router;
mod serve;
mod settle;
mod stream;
mod upstream;
mod weigh;

pub use config::{Config, ConfigError, Upstream};
pub use flight::InFlight;
pub use poller::Poller;
pub use router::router;
pub use settle::CALL_LOG;
