//! The command line as a shell sees it: what it prints, where, and how it ends.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

#[cfg(test)]
mod checkpoints;
mod database;
#[cfg(test)]
mod demonstration;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod upstreams;
#[cfg(test)]
mod words;
