//! A mail's way out: who waits, when to try again, what an answer means, whose address came back.
//! Never connects and never reads a clock: what a relay said and when come in as data.

mod address;
mod answer;
mod delivery;

pub use address::{Address, Bounce, NOBODYS};
pub use answer::{ANSWER_CHARACTERS_MAX, Attempt, REASON_CHARACTERS_MAX, scrubbed};
pub use delivery::{CLAIM_LIFE, Delivery, Go, Manner, NotNow, State, TRIED_FOR, wait_after};

#[cfg(test)]
mod tests;
