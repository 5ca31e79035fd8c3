//! A strict double of the few calls of Stripe's API that Bursar makes, and of its hosted checkout
//! page, to try card payments and to test them against.
//! Never charges anybody, never passes for the real thing, never reads a clock but the one it is
//! given, and keeps of a card no more than its brand, its last four digits and its expiry.
//!
//! It refuses what it does not know: parameters, cards, keys, editions of the API, and every path
//! but those of checkout sessions and of the payments behind them. What it knows it forgets when
//! its process ends.

mod answer;
mod api;
mod card;
mod double;
mod page;
mod params;
mod session;

pub use card::{CardForm, Decline, NotPaid};
pub use double::{Double, DoubleConfig};
