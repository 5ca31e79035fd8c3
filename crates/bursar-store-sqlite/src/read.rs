//! Queries, each on a read-only connection.

pub(crate) mod book;
mod market;
mod rows;
mod tables;
