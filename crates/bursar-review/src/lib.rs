//! A fair round of review that can be explained: conflicts, who reviews what, what scores say.
//! Never reads a clock or a store, never draws chance of its own, and never decides an award.
//!
//! All of it is advice over plain data. Whatever involves chance takes a seed, and comes out the
//! same for the same seed, in whichever order its input was listed.

pub mod anonymous;
pub mod assign;
pub mod conflict;
pub mod duplicates;
pub mod line;
pub mod lottery;
pub mod report;
pub mod scores;
mod scramble;
pub mod simulate;
