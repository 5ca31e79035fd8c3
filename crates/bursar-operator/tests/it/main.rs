//! What whoever runs the installation does, on a store of its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

mod editions;
mod mails;
mod prices;
