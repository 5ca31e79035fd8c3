//! The story that every engine must pass: run it on an empty store and it panics where the engine
//! strays from the reference. Never part of the product: engines' tests and benchmarks call it.
//!
//! Each function wants a store of its own. No test framework is needed.

mod access;
mod accounts;
mod applying;
mod belongings;
mod cards;
mod chance;
mod claims;
mod editions;
mod idempotency;
mod institutions;
mod leases;
mod life;
mod mails;
mod market;
mod nodes;
mod panels;
mod participants;
mod prices;
mod rates;
mod reads;
mod sealed;
mod sheets;
mod statements;
mod stops;
mod usage;
mod verb;
mod world;

pub use access::access;
pub use accounts::accounts;
pub use applying::applying;
pub use belongings::belongings;
pub use cards::{card_writes, cards};
pub use chance::Chance;
pub use claims::claims;
pub use editions::editions;
pub use idempotency::idempotency;
pub use institutions::institutions;
pub use leases::leases;
pub use life::{Seen, life};
pub use mails::mails;
pub use market::market;
pub use nodes::nodes;
pub use panels::panels;
pub use participants::participants;
pub use prices::prices;
pub use rates::rates;
pub use reads::reads;
pub use sealed::sealed;
pub use stops::stops;
pub use usage::usage;
pub use verb::write_verb;
pub use world::{Desk, usd};
