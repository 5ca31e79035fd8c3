//! What can be asked about the market.

use async_trait::async_trait;
use bursar_kernel::{GrantId, ListingId, PersonId, Timestamp, TradeId, UpstreamGroup, Usd};
use bursar_ledger::TransferKind;
use bursar_market::{Listing, Trade};

use crate::reads::ReadError;

/// Which listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingFilter {
    /// Those that are open and whose credit lives at an instant, the best price first, then the
    /// oldest; of one group of upstreams, if one is given.
    Open {
        /// The instant.
        now: Timestamp,
        /// The upstreams that honour the credit.
        upstream_group: Option<UpstreamGroup>,
    },
    /// Those that are still open though their credit has expired by an instant.
    Expired(Timestamp),
    /// All of a seller's, latest first.
    Seller(PersonId),
}

/// Which trades: the latest, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeFilter {
    /// Only those that this person bought or sold in.
    pub person: Option<PersonId>,
    /// At the most so many.
    pub limit: usize,
}

/// What left a grant's lots other than for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedOn {
    /// Which way it left.
    pub kind: TransferKind,
    /// How much in all.
    pub amount: Usd,
    /// When last.
    pub last_at: Timestamp,
}

/// What can be asked about the market. Not found is `None`.
#[async_trait]
pub trait MarketReads: Send + Sync {
    /// A listing.
    async fn listing(&self, id: ListingId) -> Result<Option<Listing>, ReadError>;
    /// Listings, in the order that the filter says.
    async fn listings(&self, which: ListingFilter) -> Result<Vec<Listing>, ReadError>;
    /// A trade.
    async fn trade(&self, id: TradeId) -> Result<Option<Trade>, ReadError>;
    /// Trades, newest first.
    async fn trades(&self, which: TradeFilter) -> Result<Vec<Trade>, ReadError>;
    /// What left a grant's lots other than for calls, by kind, and when last: sold, returned,
    /// expired, suspended.
    async fn passed_on(&self, grant: GrantId) -> Result<Vec<PassedOn>, ReadError>;
}
