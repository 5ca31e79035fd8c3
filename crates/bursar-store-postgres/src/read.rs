//! Queries, each on a connection that only reads.

pub(crate) mod book;
mod market;
mod rows;
mod tables;
