//! The market: what may be listed at which price, and what a part of a listing costs.
//! Never moves credit or cash, never reads a clock, and never looks at a balance that it is not
//! handed.

mod decide;
mod listing;
mod refusal;
mod settings;

pub use decide::{Ask, Listed, Quote, Warning, end, list, may_be_sold, quote, sell, withdraw};
pub use listing::{Listing, ListingState, RightToSell, STATEMENT, Trade};
pub use refusal::Refusal;
pub use settings::Settings;

#[cfg(test)]
mod tests;
