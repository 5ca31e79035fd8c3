//! What is read of the market: its front, one's own side of it, a trade, and the whole.

use bursar_kernel::{PersonId, TradeId, Usd};
use bursar_ledger::Account;
use bursar_market::Trade;
use bursar_policy::{Action, Viewer, may};
use bursar_service::{Offer, Service, ServiceError, allow};
use bursar_store::rows::Person;
use bursar_store::{ListingFilter, TradeFilter};

use crate::cash::{Cash, cash};

/// Trades on the tape.
const TAPE_LENGTH: usize = 10;
/// Trades that a person's own list shows, and an officer's.
const TRADES_MAX: usize = 200;

/// The market as everybody sees it.
#[derive(Clone, Debug)]
pub struct MarketFront {
    /// What is on offer: the best price first, then the oldest.
    pub offers: Vec<Offer>,
    /// The latest trades, newest first.
    pub tape: Vec<Trade>,
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

/// The market as everybody sees it; nobody need be signed in.
pub async fn market_front(service: &Service) -> Result<MarketFront, ServiceError> {
    let offers = service.offers(None).await?;
    let tape = service.store().trades(TradeFilter { person: None, limit: TAPE_LENGTH }).await?;
    Ok(MarketFront { offers, tape })
}

/// Somebody's own listings, trades and cash.
pub async fn my_market(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
) -> Result<MyMarket, ServiceError> {
    let cash = cash(service, viewer, person).await?;
    let mut listings = Vec::new();
    for listing in service.store().listings(ListingFilter::Seller(person)).await? {
        listings.push(service.offer_of(listing).await?);
    }
    let which = TradeFilter { person: Some(person), limit: TRADES_MAX };
    Ok(MyMarket { person, listings, trades: service.store().trades(which).await?, cash })
}

/// A trade, to those who were in it and those who oversee the market.
pub async fn trade(
    service: &Service,
    viewer: &Viewer,
    id: TradeId,
) -> Result<TradePage, ServiceError> {
    if *viewer == Viewer::Nobody {
        return Err(ServiceError::SignInFirst);
    }
    let missing = || ServiceError::NotFound(format!("trade `{id}`"));
    let trade = service.store().trade(id).await?.ok_or_else(missing)?;
    let (seller, buyer) = (trade.seller, trade.buyer);
    if !may(viewer, Action::ReadTrade { seller, buyer }) {
        return Err(missing());
    }
    let people = if may(viewer, Action::OverseeMarket) {
        Some((service.person_of(seller).await?, service.person_of(buyer).await?))
    } else {
        None
    };
    let is = |person| viewer.person() == Some(person);
    let right = service.store().listing(trade.listing).await?.ok_or_else(missing)?.right;
    Ok(TradePage { is_seller: is(seller), is_buyer: is(buyer), people, right, trade })
}

/// All trades with their people, and who is owed what.
pub async fn market_desk(service: &Service, viewer: &Viewer) -> Result<MarketDesk, ServiceError> {
    allow(viewer, Action::OverseeMarket)?;
    let which = TradeFilter { person: None, limit: TRADES_MAX };
    let mut trades = Vec::new();
    for trade in service.store().trades(which).await? {
        let seller = service.person_of(trade.seller).await?;
        let buyer = service.person_of(trade.buyer).await?;
        trades.push((trade, seller, buyer));
    }
    let mut owed: Vec<(Person, Usd)> = Vec::new();
    for (_, seller, _) in &trades {
        if !owed.iter().any(|(person, _)| person.id == seller.id) {
            let due = service.store().balance(Account::Payable(seller.id)).await?.posted;
            owed.push((seller.clone(), due));
        }
    }
    owed.retain(|(_, due)| due.is_positive());
    let fees = service.store().balance(Account::Fees).await?.posted;
    Ok(MarketDesk { trades, owed, fees })
}
