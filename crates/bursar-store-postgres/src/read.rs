//! Queries, each on a connection that only reads.

mod access;
pub(crate) mod audit;
mod belongings;
mod book;
mod cards;
mod idempotency;
mod market;
mod nodes;
mod prices;
mod rows;
mod sealed;
mod spend;
mod statements;
mod stops;
mod tables;
mod usage;
