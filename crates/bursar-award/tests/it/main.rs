//! An application's life, told as data: stories, laws and what must stay secret.
//! Never `unwrap`s outside of a `cfg(test)` module: so do the lints tell a test from a program.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes its data so")]

#[cfg(test)]
mod laws;
#[cfg(test)]
mod review;
mod rubric;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod world;
