//! Queries, each on a read-only connection.

pub(crate) mod book;
mod rows;
mod tables;
