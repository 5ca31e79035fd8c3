//! The store in one file: SQLite with one writer thread, group commit and read-only readers.
//! Never decides anything: commands to the book are decided by `bursar-ledger`, inside the
//! transaction that writes what they come to.

mod book;
mod chain;
mod codec;
mod error;
mod moving;
mod open;
mod queue;
mod read;
mod write;
mod writer;

pub use moving::Place;
pub use open::{OpenError, SqliteStore, lock_directory};

#[cfg(test)]
mod tests;
