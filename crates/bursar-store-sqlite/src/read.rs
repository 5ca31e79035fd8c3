//! Queries, each on a read-only connection.

mod access;
mod accounts;
mod applying;
pub(crate) mod audit;
mod belongings;
mod book;
mod cards;
mod claims;
mod editions;
mod idempotency;
mod institutions;
mod mails;
mod market;
mod nodes;
mod panel;
mod participants;
mod prices;
pub(crate) mod rates;
mod rows;
mod sealed;
mod spend;
mod statements;
mod stops;
mod tables;
mod usage;
