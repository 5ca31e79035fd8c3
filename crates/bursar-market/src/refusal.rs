//! Why the market says no.

use bursar_kernel::{BasisPoints, Timestamp, TransferPolicy, Usd};

use crate::listing::ListingState;

/// Why the market says no. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The rules that the credit carries do not let it be sold.
    #[error(
        "list this credit: its transfer policy is `{}`, and only `market` lets it be sold\n\
         hint: {}",
        policy.name(),
        joined(ways_on)
    )]
    NotForTheMarket {
        /// What it allows.
        policy: TransferPolicy,
        /// What its holder can do instead.
        ways_on: Vec<String>,
    },
    /// Nobody recorded a right to sell.
    #[error(
        "list credit without a right to sell\n\
         hint: say who issued it and which clause or contract lets you sell it, and accept the \
         statement"
    )]
    NoRightToSell,
    /// The price is above the market's ceiling.
    #[error("ask {asked} % of face value\nhint: this market's ceiling is {ceiling} %")]
    AboveCeiling {
        /// What was asked.
        asked: BasisPoints,
        /// The most that may be asked.
        ceiling: BasisPoints,
    },
    /// For nothing, credit is handed back and not sold.
    #[error("sell credit for nothing\nhint: ask a price, or return the credit to its pool")]
    NoPrice,
    /// There is less than the market deals in.
    #[error("list ${asked}\nhint: list at least ${smallest}")]
    TooLittle {
        /// What was to be listed.
        asked: Usd,
        /// The least that may be.
        smallest: Usd,
    },
    /// More than there is.
    #[error("list ${asked} where ${available} is free\nhint: list what is free, or less")]
    MoreThanThereIs {
        /// What was to be listed.
        asked: Usd,
        /// What is free.
        available: Usd,
    },
    /// A least part that is out of range.
    #[error(
        "sell at least ${minimum} at a time\n\
         hint: the least part is from ${smallest} to what is listed, ${face}"
    )]
    BadMinimum {
        /// What was asked.
        minimum: Usd,
        /// The least that it may be.
        smallest: Usd,
        /// The most that it may be.
        face: Usd,
    },
    /// The credit has expired.
    #[error("sell credit that expired at {at}\nhint: look for credit that can still be used")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The listing is not open any more.
    #[error("use a listing that is {}\n\
         hint: look at the market for one that is open", state.name())]
    NotOpen {
        /// Where it stands.
        state: ListingState,
    },
    /// Nobody buys their own credit.
    #[error("buy from your own listing\nhint: withdraw it to keep the credit")]
    OwnListing,
    /// Less than the seller sells at a time.
    #[error("buy ${asked}\nhint: buy at least ${minimum}, or all of ${offered}")]
    BelowMinimum {
        /// What was asked for.
        asked: Usd,
        /// The least that is sold at a time.
        minimum: Usd,
        /// What is on offer.
        offered: Usd,
    },
    /// More than is on offer.
    #[error("buy ${asked}\nhint: ${offered} is on offer now")]
    MoreThanOffered {
        /// What was asked for.
        asked: Usd,
        /// What is on offer.
        offered: Usd,
    },
    /// So little that it costs nothing.
    #[error("buy so little that it has no price\nhint: buy more")]
    TooSmallToPrice,
}

/// Sentences as one, without their full stops.
fn joined(sentences: &[String]) -> String {
    let plain: Vec<&str> = sentences.iter().map(|text| text.trim_end_matches('.')).collect();
    plain.join("; or: ")
}
