//! A batch: the lines of its file to the most that they can cost, and the lines of its output to
//! what they did. Read line by line, so that a file of any size takes the memory of one line.

mod lines;
mod output;
mod plan;

pub use lines::{LineTooLong, Lines};
pub use output::{BatchCounts, BatchOutput, batch_price, batch_usage};
pub use plan::{BatchPlan, LineRefused, Planned};

#[cfg(test)]
mod tests;
