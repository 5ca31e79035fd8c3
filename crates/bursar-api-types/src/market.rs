//! The market: listings, trades and cash. A price is a percentage of face value as text: `"55"`.

use bursar_kernel::{BasisPoints, GrantId, ListingId, ProgramId, Timestamp, TradeId, Usd};
use bursar_service::{self as service, Offer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::grants::Source;
use super::people::PersonBrief;

/// What is on offer, and the rules it is offered under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Market {
    /// What is on offer: the best price first.
    pub listings: Vec<ListingLine>,
    /// The most that a seller may ask, in percent of face value.
    #[schema(example = "70")]
    pub ceiling_percent: String,
    /// The lowest customary price, in percent of face value.
    #[schema(example = "30")]
    pub band_from_percent: String,
    /// The highest customary price, in percent of face value.
    #[schema(example = "70")]
    pub band_to_percent: String,
    /// What the market keeps of a price, in percent.
    #[schema(example = "0")]
    pub fee_percent: String,
}

/// A listing, without its seller's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListingLine {
    /// Its name.
    #[schema(value_type = String, example = "listing_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: ListingId,
    /// `open`, `withdrawn`, `sold` or `ended`.
    #[schema(example = "open")]
    pub state: String,
    /// The program whose rules the credit carries.
    #[schema(value_type = String, example = "brought-in-credit")]
    pub program: ProgramId,
    /// Where the credit comes from: `enterprise`, `startup_grant`, `prepaid`, `research_grant` or
    /// `purchase`.
    #[schema(example = "enterprise")]
    pub source: String,
    /// How much was listed.
    #[schema(value_type = String, example = "400.00")]
    pub amount: Usd,
    /// How much of it is sold.
    #[schema(value_type = String, example = "150.00")]
    pub sold: Usd,
    /// What is on offer now.
    #[schema(value_type = String, example = "250.00")]
    pub offered: Usd,
    /// The price, in percent of face value.
    #[schema(example = "55")]
    pub price_percent: String,
    /// The discount to retail, in percent.
    #[schema(example = "45")]
    pub discount_percent: String,
    /// The least that is sold at a time, unless it is the rest.
    #[schema(value_type = String, example = "1.00")]
    pub minimum: Usd,
    /// A buyer can use it before this instant.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Who issued the credit, as its seller recorded.
    pub issuer: String,
    /// The clause or contract that lets its seller sell it, as they recorded.
    pub reference: String,
    /// When it was listed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Credit to be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListing {
    /// The grant it is of.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// How much.
    #[schema(value_type = String, example = "400.00")]
    pub amount: Usd,
    /// The price, in percent of face value.
    #[schema(example = "55")]
    pub price_percent: String,
    /// The least to sell at a time; the market's own if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub minimum: Option<Usd>,
    /// Where the credit comes from, if the seller says otherwise than its lot does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Who issued it.
    #[schema(example = "OpenAI")]
    pub issuer: String,
    /// The clause or contract that lets its holder sell it.
    pub reference: String,
    /// Whether the statement of the right to sell is accepted.
    pub accepted: bool,
}

/// A part of a listing to be bought, with cash that was paid in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Buy {
    /// The mail address of whom it is for.
    #[schema(example = "ada@example.edu")]
    pub buyer: String,
    /// How much credit.
    #[schema(value_type = String, example = "150.00")]
    pub amount: Usd,
    /// What it may cost; refused if that is no longer the price. The price of now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "82.50")]
    pub cost: Option<Usd>,
}

/// Trades, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trades {
    /// The trades.
    pub trades: Vec<TradeLine>,
}

/// A trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TradeLine {
    /// Its name.
    #[schema(value_type = String, example = "trade_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: TradeId,
    /// What it was bought from.
    #[schema(value_type = String)]
    pub listing: ListingId,
    /// Who sold.
    pub seller: PersonBrief,
    /// Who bought.
    pub buyer: PersonBrief,
    /// The buyer's grant: make keys for it.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// How much credit.
    #[schema(value_type = String, example = "150.00")]
    pub amount: Usd,
    /// The price, in percent of face value.
    #[schema(example = "55")]
    pub price_percent: String,
    /// What the buyer paid.
    #[schema(value_type = String, example = "82.50")]
    pub cost: Usd,
    /// What the market kept of it.
    #[schema(value_type = String, example = "0.00")]
    pub fee: Usd,
    /// A buyer can use it before this instant.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// Cash that moved by bank, to be recorded. Its reference makes it count once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveCash {
    /// What happened.
    pub what: CashMove,
    /// The mail address of the buyer or seller.
    #[schema(example = "ada@example.edu")]
    pub person: String,
    /// How much.
    #[schema(value_type = String, example = "82.50")]
    pub amount: Usd,
    /// The payment's reference.
    #[schema(example = "SEPA 2026-7741")]
    pub reference: String,
}

/// How cash moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CashMove {
    /// A buyer paid in.
    PaidIn,
    /// A buyer was paid back what they had not spent.
    Refunded,
    /// A seller was paid out.
    PaidOut,
}

/// What somebody has on the market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CashLine {
    /// Who.
    pub person: PersonBrief,
    /// Paid in and not spent.
    #[schema(value_type = String, example = "17.50")]
    pub balance: Usd,
    /// Earned and not paid out.
    #[schema(value_type = String, example = "0.00")]
    pub proceeds: Usd,
}

/// Credit to be handed back to its program's pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// How much; all that is free if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "250.00")]
    pub amount: Option<Usd>,
}

impl From<Offer> for ListingLine {
    fn from(offer: Offer) -> Self {
        let listing = offer.listing;
        Self {
            id: listing.id,
            state: listing.state.name().to_owned(),
            program: listing.program,
            source: listing.source.name().to_owned(),
            amount: listing.face,
            sold: listing.sold,
            offered: offer.offered,
            price_percent: listing.price.to_string(),
            discount_percent: listing.price.rest().to_string(),
            minimum: listing.minimum,
            expires_at: listing.expires_at,
            issuer: listing.right.issuer,
            reference: listing.right.reference,
            created_at: listing.created_at,
        }
    }
}

impl Market {
    /// What is on offer, with the market's settings.
    pub fn of(listings: Vec<ListingLine>, settings: &service::MarketSettings) -> Self {
        let text = |share: BasisPoints| share.to_string();
        Self {
            listings,
            ceiling_percent: text(settings.ceiling),
            band_from_percent: text(settings.band_from),
            band_to_percent: text(settings.band_to),
            fee_percent: text(settings.fee),
        }
    }
}

impl TradeLine {
    /// A trade with its people.
    pub fn of(trade: service::Trade, seller: PersonBrief, buyer: PersonBrief) -> Self {
        Self {
            id: trade.id,
            listing: trade.listing,
            seller,
            buyer,
            grant: trade.buyer_grant,
            amount: trade.face,
            price_percent: trade.price.to_string(),
            cost: trade.cost,
            fee: trade.fee,
            expires_at: trade.expires_at,
            at: trade.at,
        }
    }
}
