//! `bursar market`: what is on offer, selling, buying, and cash that moves by bank.

use anyhow::Context as _;
use bursar_api_types::{
    Buy, CashLine, CashMove, ListingLine, Market, MoveCash, NewListing, TradeLine, Trades,
};
use bursar_client::Client;
use bursar_kernel::{GrantId, ListingId, Usd};
use clap::{Args, Subcommand, ValueEnum};

use super::output::{Column, Output, dollars, facts, moment, table};

/// Credit that changes hands.
#[derive(Debug, Subcommand)]
pub enum MarketCommand {
    /// List what is on offer, the best price first
    List,
    /// List a part of a grant's credit, with the right to sell it
    Sell(Sell),
    /// Take a listing back; what is sold stays sold
    Withdraw {
        /// The listing
        listing: ListingId,
    },
    /// Buy a part of a listing with cash that was paid in
    Buy(Purchase),
    /// List the latest trades, newest first
    Trades,
    /// Record cash that moved by bank; its reference makes it count once
    Cash(Cash),
}

/// What to list.
#[derive(Debug, Args)]
pub struct Sell {
    /// The grant whose credit it is
    #[arg(long, value_name = "ID")]
    grant: GrantId,
    /// How much, in dollars of credit
    #[arg(long, value_name = "USD")]
    amount: Usd,
    /// The price, in percent of face value
    #[arg(long, value_name = "PERCENT")]
    price: String,
    /// The least to sell at a time
    #[arg(long, value_name = "USD")]
    minimum: Option<Usd>,
    /// Who issued the credit
    #[arg(long, value_name = "TEXT")]
    issuer: String,
    /// The clause or the contract that lets its holder sell it
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// State that its holder may sell it, and answers for that
    #[arg(long)]
    accept: bool,
}

/// What to buy.
#[derive(Debug, Args)]
pub struct Purchase {
    /// The listing
    listing: ListingId,
    /// The mail address of whom it is for
    #[arg(long, value_name = "EMAIL")]
    buyer: String,
    /// How much, in dollars of credit
    #[arg(long, value_name = "USD")]
    amount: Usd,
    /// What it may cost; refused if that is no longer the price
    #[arg(long, value_name = "USD")]
    cost: Option<Usd>,
}

/// What moved.
#[derive(Debug, Args)]
pub struct Cash {
    /// What happened
    #[arg(value_enum)]
    what: Moved,
    /// The mail address of the buyer or seller
    #[arg(long, value_name = "EMAIL")]
    person: String,
    /// How much, in dollars
    #[arg(long, value_name = "USD")]
    amount: Usd,
    /// The payment's reference
    #[arg(long, value_name = "TEXT")]
    reference: String,
}

/// How cash moved.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Moved {
    /// A buyer paid in
    PaidIn,
    /// A buyer was paid back what they had not spent
    Refunded,
    /// A seller was paid out
    PaidOut,
}

pub(crate) async fn run(
    command: MarketCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        MarketCommand::List => {
            let market = client.market().await.context("failed to list what is on offer")?;
            output.show(&market, offers)
        }
        MarketCommand::Sell(sell) => {
            let wanted = NewListing {
                grant: sell.grant,
                amount: sell.amount,
                price_percent: sell.price,
                minimum: sell.minimum,
                source: None,
                issuer: sell.issuer,
                reference: sell.reference,
                accepted: sell.accept,
            };
            let listing = client.list_credit(&wanted).await.context("failed to list the credit")?;
            output.show(&listing, show)
        }
        MarketCommand::Withdraw { listing } => {
            let listing = client.withdraw_listing(listing).await;
            output.show(&listing.context("failed to withdraw the listing")?, show)
        }
        MarketCommand::Buy(Purchase { listing, buyer, amount, cost }) => {
            let wanted = Buy { buyer, amount, cost };
            let trade = client.buy(listing, &wanted).await.context("failed to buy the credit")?;
            output.show(&trade, receipt)
        }
        MarketCommand::Trades => {
            let trades = client.trades().await.context("failed to list the trades")?;
            output.show(&trades, list)
        }
        MarketCommand::Cash(Cash { what, person, amount, reference }) => {
            let what = match what {
                Moved::PaidIn => CashMove::PaidIn,
                Moved::Refunded => CashMove::Refunded,
                Moved::PaidOut => CashMove::PaidOut,
            };
            let wanted = MoveCash { what, person, amount, reference };
            let cash = client.move_cash(&wanted).await.context("failed to record the cash")?;
            output.show(&cash, balance)
        }
    }
}

fn offers(market: &Market) -> String {
    let columns = [
        Column::Left("LISTING"),
        Column::Left("SOURCE"),
        Column::Right("ON OFFER"),
        Column::Right("% OF FACE"),
        Column::Right("% OFF"),
        Column::Right("AT LEAST"),
        Column::Left("USABLE UNTIL"),
    ];
    let row = |listing: &ListingLine| {
        vec![
            listing.id.to_string(),
            listing.source.clone(),
            dollars(listing.offered),
            listing.price_percent.clone(),
            listing.discount_percent.clone(),
            dollars(listing.minimum),
            moment(listing.expires_at),
        ]
    };
    table(&columns, market.listings.iter().map(row).collect(), "nothing is on offer")
}

fn show(listing: &ListingLine) -> String {
    facts([
        ("listing", Some(listing.id.to_string())),
        ("state", Some(listing.state.clone())),
        ("source", Some(listing.source.clone())),
        ("listed", Some(dollars(listing.amount))),
        ("sold", Some(dollars(listing.sold))),
        ("on offer", Some(dollars(listing.offered))),
        ("price", Some(format!("{} % of face value", listing.price_percent))),
        ("at least", Some(dollars(listing.minimum))),
        ("usable until", Some(moment(listing.expires_at))),
        ("issuer", Some(listing.issuer.clone())),
        ("right to sell", Some(listing.reference.clone())),
    ])
}

fn receipt(trade: &TradeLine) -> String {
    facts([
        ("trade", Some(trade.id.to_string())),
        ("credit", Some(dollars(trade.amount))),
        ("cost", Some(dollars(trade.cost))),
        ("buyer", Some(trade.buyer.email.clone())),
        ("grant", Some(trade.grant.to_string())),
        ("usable until", Some(moment(trade.expires_at))),
    ])
}

fn list(trades: &Trades) -> String {
    let columns = [
        Column::Left("TRADE"),
        Column::Left("WHEN"),
        Column::Left("SELLER"),
        Column::Left("BUYER"),
        Column::Right("CREDIT"),
        Column::Right("COST"),
        Column::Right("% OF FACE"),
    ];
    let row = |trade: &TradeLine| {
        vec![
            trade.id.to_string(),
            moment(trade.at),
            trade.seller.email.clone(),
            trade.buyer.email.clone(),
            dollars(trade.amount),
            dollars(trade.cost),
            trade.price_percent.clone(),
        ]
    };
    table(&columns, trades.trades.iter().map(row).collect(), "no trade yet")
}

fn balance(cash: &CashLine) -> String {
    facts([
        ("person", Some(cash.person.email.clone())),
        ("balance", Some(dollars(cash.balance))),
        ("proceeds", Some(dollars(cash.proceeds))),
    ])
}
