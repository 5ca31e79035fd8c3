//! What is somebody's own, in a world in which two rounds have gone by.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

mod erase;
mod export;
mod house;
