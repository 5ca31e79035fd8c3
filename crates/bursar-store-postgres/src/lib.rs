//! The store at scale: PostgreSQL with group commit, serializable use cases and a pool of readers.
//! Never decides anything: commands to the book are decided by `bursar-ledger`, inside the
//! transaction that writes what they come to.
//!
//! # How it writes
//!
//! Batches wait in two lanes, and one task writes them in groups: a transaction for each group, a
//! savepoint for each batch, one durable commit for all who wait. A group begins by locking the
//! table `turn`, so that the writers of several processes take turns. That costs no more than it
//! saves: every settlement changes the same few accounts of a program, whose rows would make the
//! transactions queue (or fail, and be carried out again) anyway.
//!
//! Use cases are serializable, and carried out again, a bounded number of times, when the database
//! says that another transaction was in the way (40001, 40P01); such a collision is never told as a
//! refusal of the book. Settlements of calls are read committed, and that is as sound for them:
//! all that a command decides on is a hold and accounts; both are locked before they are looked
//! at, accounts in the order of their names, and each statement sees what was committed before it
//! began. What else the decision reads (the parts of a hold, the terms of a lot) never changes, and
//! a resolution or a transfer that somebody else makes meanwhile is kept out by its unique name. So
//! a settlement need never be given up for the sake of another transaction.
//!
//! # When the connection is lost
//!
//! Before `COMMIT` was sent, nothing was written, and the group is carried out again. After it,
//! nobody knows: each transaction has put its number into its writer's row, and reading that row,
//! which waits for the transaction to end, tells. Where it cannot be read the answer is
//! [`CommitError::Unavailable`](bursar_store::CommitError::Unavailable), and offering the same
//! batch again is harmless: what it would write has names of its own.

mod book;
mod chain;
mod codec;
mod connect;
mod error;
mod migrate;
mod moving;
mod open;
mod queue;
mod read;
mod session;
mod statement;
mod write;
mod writer;

pub use moving::Arrival;
pub use open::{OpenError, PostgresStore};
