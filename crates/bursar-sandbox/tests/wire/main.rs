//! The sandbox through its front door: a real socket, real bytes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

mod answers;
mod faults;
mod refusals;
mod served;
mod vectors;
