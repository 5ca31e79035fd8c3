//! A listing, the right to sell that stands behind it, and a trade.

use bursar_kernel::{
    Actor, BasisPoints, GrantId, ListingId, LotId, Origin, PersonId, ProgramId, Timestamp, TradeId,
    UpstreamGroup, Usd,
};
use serde::{Deserialize, Serialize};

/// What a seller states and accepts before listing.
pub const STATEMENT: &str = "I hold this credit, the terms it was issued under let me sell it, and \
    I answer for that towards its issuer and its buyer.";

/// An offer to sell a part of a lot. It is no hold: the seller goes on using the lot, and what is
/// on offer is what is listed or what the lot has left, whichever is less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Its name.
    pub id: ListingId,
    /// Who sells.
    pub seller: PersonId,
    /// The seller's grant.
    pub grant: GrantId,
    /// The seller's lot.
    pub lot: LotId,
    /// The program whose rules the lot carries.
    pub program: ProgramId,
    /// Which upstreams honour it.
    pub upstream_group: UpstreamGroup,
    /// Where the credit comes from.
    pub source: Origin,
    /// How much was listed.
    pub face: Usd,
    /// How much of it is sold.
    pub sold: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// The least that is sold at a time, unless it is the rest.
    pub minimum: Usd,
    /// Where it stands.
    pub state: ListingState,
    /// Why the seller may sell.
    pub right: RightToSell,
    /// When the credit expires: a buyer can use it until then.
    pub expires_at: Timestamp,
    /// When it was listed.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

impl Listing {
    /// What is on offer at an instant, where the lot has so much available.
    pub fn offered(&self, available: Usd, now: Timestamp) -> Usd {
        if self.state != ListingState::Open || self.expires_at <= now {
            return Usd::ZERO;
        }
        let left = self.face.checked_sub(self.sold).unwrap_or(Usd::ZERO);
        left.min(available).max(Usd::ZERO)
    }
}

/// Where a listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingState {
    /// It can be bought from.
    Open,
    /// The seller took it back.
    Withdrawn,
    /// All of it is sold.
    Sold,
    /// Its credit has expired.
    Ended,
}

impl ListingState {
    /// Its name in columns and JSON: `open`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Withdrawn => "withdrawn",
            Self::Sold => "sold",
            Self::Ended => "ended",
        }
    }
}

/// Why a seller may sell, as they recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightToSell {
    /// Where the credit comes from.
    pub source: Origin,
    /// Who issued it.
    pub issuer: String,
    /// The clause or the contract that allows it.
    pub reference: String,
    /// Who says so.
    pub attested_by: Actor,
    /// When.
    pub at: Timestamp,
    /// What they accepted, word for word.
    pub statement: String,
}

/// A sale, as both sides and the tape remember it. Never changed once made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Its name.
    pub id: TradeId,
    /// What it was bought from.
    pub listing: ListingId,
    /// The program whose rules the credit carries.
    pub program: ProgramId,
    /// Where the credit came from.
    pub source: Origin,
    /// Who sold.
    pub seller: PersonId,
    /// Who bought.
    pub buyer: PersonId,
    /// The grant it left.
    pub seller_grant: GrantId,
    /// The grant it became.
    pub buyer_grant: GrantId,
    /// The lot it left.
    pub seller_lot: LotId,
    /// The lot it became.
    pub buyer_lot: LotId,
    /// How much credit.
    pub face: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// The price in dollars: what the buyer paid.
    pub cost: Usd,
    /// The part of it that the market kept; the seller has the rest.
    pub fee: Usd,
    /// When the credit expires.
    pub expires_at: Timestamp,
    /// When it was made.
    pub at: Timestamp,
}

impl Trade {
    /// What the seller earned.
    pub fn proceeds(&self) -> Usd {
        self.cost.checked_sub(self.fee).unwrap_or(Usd::ZERO)
    }
}
