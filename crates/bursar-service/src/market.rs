//! The market: credit that its holder will not use finds somebody who will.

use std::sync::Arc;

use bursar_kernel::{
    BasisPoints, GrantId, ListingId, Lot, Origin, PersonId, Program, Timestamp, TradeId,
    UpstreamGroup, Usd,
};
use bursar_ledger::Account;
use bursar_market::{Listing, Refusal, Trade};
use bursar_policy::{Action, Viewer, may};
use bursar_store::rows::{Grant, Person};
use bursar_store::{ListingFilter, LotFilter, LotState, TradeFilter};

pub use card::CardPayment;

use crate::{Service, ServiceError};

mod buying;
mod card;
mod cash;
pub(crate) mod selling;

/// Trades on the tape.
const TAPE_LENGTH: usize = 10;
/// Trades that a person's own list shows, and an officer's.
const TRADES_MAX: usize = 200;

/// A listing with what is on offer of it now.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The listing.
    pub listing: Listing,
    /// The lot that it is of.
    pub lot: Lot,
    /// The program whose rules the credit carries.
    pub program: Arc<Program>,
    /// What is on offer.
    pub offered: Usd,
}

/// The market as everybody sees it.
#[derive(Clone, Debug)]
pub struct MarketFront {
    /// What is on offer: the best price first, then the oldest.
    pub offers: Vec<Offer>,
    /// The latest trades, newest first.
    pub tape: Vec<Trade>,
}

/// The best that is on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestOffer {
    /// The listing.
    pub listing: ListingId,
    /// Its price, as a share of face value.
    pub price: BasisPoints,
    /// How much is on offer at that price.
    pub offered: Usd,
    /// Until when a buyer can use it.
    pub expires_at: Timestamp,
}

impl From<&Offer> for BestOffer {
    fn from(offer: &Offer) -> Self {
        Self {
            listing: offer.listing.id,
            price: offer.listing.price,
            offered: offer.offered,
            expires_at: offer.listing.expires_at,
        }
    }
}

/// What somebody who wants to pass a grant's credit on needs to know.
#[derive(Clone, Debug)]
pub struct SellDesk {
    /// The grant.
    pub grant: Grant,
    /// The program whose rules it carries.
    pub program: Arc<Program>,
    /// Where its credit comes from; `None` before it is delivered.
    pub lot: Option<Lot>,
    /// What is free: neither spent nor held.
    pub available: Usd,
    /// Why its credit may not be sold, if it may not.
    pub refused: Option<Refusal>,
    /// Whether it may be handed back to its pool.
    pub may_return: bool,
    /// When that was so.
    pub now: Timestamp,
}

/// Credit to be listed.
#[derive(Clone, Debug)]
pub struct NewListing {
    /// The grant it is of.
    pub grant: GrantId,
    /// How much.
    pub face: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// The least to sell at a time; `None` for the market's own.
    pub minimum: Option<Usd>,
    /// Why its holder may sell it.
    pub right: Right,
}

/// Why somebody may sell, as they say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Right {
    /// Where the credit comes from, if they say otherwise than its lot does.
    pub source: Option<Origin>,
    /// Who issued it.
    pub issuer: String,
    /// The clause or the contract that allows it.
    pub reference: String,
    /// Whether they accept the statement.
    pub accepted: bool,
}

/// What somebody has paid in, and what they have earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// Paid in and not spent: it buys credit, or is paid back.
    pub balance: Usd,
    /// Earned by selling, to be paid out.
    pub proceeds: Usd,
}

/// Somebody's own side of the market.
#[derive(Clone, Debug)]
pub struct MyMarket {
    /// Who.
    pub person: PersonId,
    /// Their listings with what is on offer of each, latest first.
    pub listings: Vec<Offer>,
    /// What they bought and sold, newest first.
    pub trades: Vec<Trade>,
    /// Their cash.
    pub cash: Cash,
}

/// A trade with the people in it, as far as the viewer may know them.
#[derive(Clone, Debug)]
pub struct TradePage {
    /// The trade.
    pub trade: Trade,
    /// Whether the viewer sold.
    pub is_seller: bool,
    /// Whether the viewer bought.
    pub is_buyer: bool,
    /// Seller and buyer, for those who oversee the market.
    pub people: Option<(Person, Person)>,
    /// The right to sell behind it.
    pub right: bursar_market::RightToSell,
}

/// The whole market for those who oversee it.
#[derive(Clone, Debug)]
pub struct MarketDesk {
    /// The latest trades with seller and buyer, newest first.
    pub trades: Vec<(Trade, Person, Person)>,
    /// Who of these sellers is owed proceeds, and how much.
    pub owed: Vec<(Person, Usd)>,
    /// What the market has kept.
    pub fees: Usd,
}

impl Service {
    /// The market as everybody sees it; nobody need be signed in.
    pub async fn market_front(&self) -> Result<MarketFront, ServiceError> {
        let offers = self.offers(None).await?;
        let tape = self.store.trades(TradeFilter { person: None, limit: TAPE_LENGTH }).await?;
        Ok(MarketFront { offers, tape })
    }

    /// The best that is on offer for a group of upstreams.
    pub async fn best_listing(
        &self,
        upstream_group: &UpstreamGroup,
    ) -> Result<Option<BestOffer>, ServiceError> {
        let offers = self.offers(Some(upstream_group.clone())).await?;
        Ok(offers.first().map(BestOffer::from))
    }

    /// One listing, open or not.
    pub async fn offer(&self, id: ListingId) -> Result<Offer, ServiceError> {
        let listing = self.store.listing(id).await?;
        let listing = listing.ok_or_else(|| ServiceError::NotFound(format!("listing `{id}`")))?;
        self.offer_of(listing).await
    }

    /// Somebody's own listings, trades and cash.
    pub async fn my_market(
        &self,
        viewer: &Viewer,
        person: PersonId,
    ) -> Result<MyMarket, ServiceError> {
        let cash = self.cash(viewer, person).await?;
        let mut listings = Vec::new();
        for listing in self.store.listings(ListingFilter::Seller(person)).await? {
            listings.push(self.offer_of(listing).await?);
        }
        let which = TradeFilter { person: Some(person), limit: TRADES_MAX };
        Ok(MyMarket { person, listings, trades: self.store.trades(which).await?, cash })
    }

    /// A trade, to those who were in it and those who oversee the market.
    pub async fn trade(&self, viewer: &Viewer, id: TradeId) -> Result<TradePage, ServiceError> {
        if *viewer == Viewer::Nobody {
            return Err(ServiceError::SignInFirst);
        }
        let missing = || ServiceError::NotFound(format!("trade `{id}`"));
        let trade = self.store.trade(id).await?.ok_or_else(missing)?;
        let (seller, buyer) = (trade.seller, trade.buyer);
        if !may(viewer, Action::ReadTrade { seller, buyer }) {
            return Err(missing());
        }
        let people = if may(viewer, Action::OverseeMarket) {
            Some((self.person_of(seller).await?, self.person_of(buyer).await?))
        } else {
            None
        };
        let is = |person| viewer.person() == Some(person);
        let right = self.store.listing(trade.listing).await?.ok_or_else(missing)?.right;
        Ok(TradePage { is_seller: is(seller), is_buyer: is(buyer), people, right, trade })
    }

    /// All trades with their people, and who is owed what.
    pub async fn market_desk(&self, viewer: &Viewer) -> Result<MarketDesk, ServiceError> {
        crate::allow(viewer, Action::OverseeMarket)?;
        let which = TradeFilter { person: None, limit: TRADES_MAX };
        let mut trades = Vec::new();
        for trade in self.store.trades(which).await? {
            let seller = self.person_of(trade.seller).await?;
            let buyer = self.person_of(trade.buyer).await?;
            trades.push((trade, seller, buyer));
        }
        let mut owed: Vec<(Person, Usd)> = Vec::new();
        for (_, seller, _) in &trades {
            if !owed.iter().any(|(person, _)| person.id == seller.id) {
                let due = self.store.balance(Account::Payable(seller.id)).await?.posted;
                owed.push((seller.clone(), due));
            }
        }
        owed.retain(|(_, due)| due.is_positive());
        let fees = self.store.balance(Account::Fees).await?.posted;
        Ok(MarketDesk { trades, owed, fees })
    }

    pub(crate) async fn offers(
        &self,
        group: Option<UpstreamGroup>,
    ) -> Result<Vec<Offer>, ServiceError> {
        let which = ListingFilter::Open { now: self.now(), upstream_group: group };
        let mut offers = Vec::new();
        for listing in self.store.listings(which).await? {
            let offer = self.offer_of(listing).await?;
            if offer.offered.is_positive() {
                offers.push(offer);
            }
        }
        Ok(offers)
    }

    async fn offer_of(&self, listing: Listing) -> Result<Offer, ServiceError> {
        let state = self.lot_of(&listing).await?;
        let program = Arc::clone(self.program(&listing.program)?);
        let offered = listing.offered(state.available(), self.now());
        Ok(Offer { listing, lot: state.lot, program, offered })
    }

    async fn lot_of(&self, listing: &Listing) -> Result<LotState, ServiceError> {
        let lots = self.store.lots(LotFilter::Id(listing.lot)).await?;
        let missing = || ServiceError::NotFound(format!("lot `{}`", listing.lot));
        lots.into_iter().next().ok_or_else(missing)
    }
}

/// What the market refuses, at the field it is about where there is one.
impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        let about = match &refusal {
            Refusal::AboveCeiling { ceiling, .. } => {
                let message = format!("The price can be at most {ceiling} % of face value here");
                Some(("price", message))
            }
            Refusal::NoPrice => Some(("price", "Enter a price above 0 %".to_owned())),
            Refusal::TooLittle { smallest, .. } => {
                Some(("amount", format!("List at least ${smallest}")))
            }
            Refusal::MoreThanThereIs { available, .. } => {
                Some(("amount", format!("${available} is free: list that, or less")))
            }
            Refusal::BadMinimum { smallest, face, .. } => {
                let message = format!("The least part is from ${smallest} to ${face}");
                Some(("minimum", message))
            }
            Refusal::BelowMinimum { minimum, offered, .. } => {
                let message = format!("Buy at least ${minimum}, or all of ${offered}");
                Some(("amount", message))
            }
            Refusal::MoreThanOffered { offered, .. } => {
                Some(("amount", format!("${offered} is on offer now: buy that, or less")))
            }
            Refusal::TooSmallToPrice => Some(("amount", "Buy more: this has no price".to_owned())),
            Refusal::NotForTheMarket { .. }
            | Refusal::NoRightToSell
            | Refusal::Expired { .. }
            | Refusal::NotOpen { .. }
            | Refusal::OwnListing => None,
        };
        match about {
            Some((field, message)) => Self::field(field, message),
            None => Self::Refused(refusal.to_string()),
        }
    }
}
