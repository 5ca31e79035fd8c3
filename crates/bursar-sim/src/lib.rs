//! The book and its nodes on a seed: one virtual clock, a network and a store that fail, people who
//! spend, and an auditor that looks after every step.
//! Never part of the product, never reads a clock, and never draws chance that is not the seed's:
//! the same seed tells the same story to the byte.

mod auditor;
mod chance;
mod guards;
mod process;
mod run;
mod shrink;
mod store;
mod story;
mod world;

pub use guards::{Switch, Taken};
pub use run::{Failure, Totals, run, simulate};
pub use shrink::shortest;
pub use story::{Step, Story, What};

#[cfg(test)]
mod tests;
