//! Queries, each on a read-only connection.

mod book;
mod rows;
mod tables;
