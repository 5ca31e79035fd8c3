//! Buying: credit and cash change hands in one batch, and the credit is a grant of the buyer's.

use bursar_kernel::{GrantId, ListingId, Lot, LotId, Origin, PersonId, Timestamp, TradeId, Usd};
use bursar_ledger as ledger;
use bursar_ledger::Command;
use bursar_market::{Listing, Quote, Trade};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::Grant;
use bursar_store::{Expect, LotState, Row, Write};

use bursar_letters as letters;
use bursar_post::Post as _;
use bursar_service::changed_listing;
use bursar_service::{Service, ServiceError, allow, audit_line, batch_of, entropy};

/// What a bought grant is called until somebody looks closer.
const TITLE: &str = "Bought credit";

/// What a part of a listing costs somebody now.
pub async fn quote(
    service: &Service,
    viewer: &Viewer,
    buyer: PersonId,
    listing: ListingId,
    face: Usd,
) -> Result<Quote, ServiceError> {
    allow(viewer, Action::TradeAs { person: buyer })?;
    let offer = service.offer(listing).await?;
    let available = service.lot_of_listing(&offer.listing).await?.available();
    let part = (face, available);
    Ok(bursar_market::quote(service.market(), &offer.listing, buyer, part, service.now())?)
}

/// Buys a part of a listing with the buyer's cash, at the cost that the buyer agreed to: all of
/// it, or nothing.
pub async fn buy(
    service: &Service,
    viewer: &Viewer,
    buyer: PersonId,
    id: ListingId,
    (face, agreed): (Usd, Usd),
) -> Result<Trade, ServiceError> {
    allow(viewer, Action::TradeAs { person: buyer })?;
    let listing = service.offer(id).await?.listing;
    let from = service.lot_of_listing(&listing).await?;
    let mut batch = batch_of(viewer, service.now())?;
    let part = (face, from.available());
    let quote = bursar_market::quote(service.market(), &listing, buyer, part, batch.now)?;
    if quote.cost != agreed {
        return Err(ServiceError::Conflict(format!("the price of listing `{id}`")));
    }
    check_cash(service, buyer, quote.cost).await?;
    let program = service.program(&listing.program)?;
    let buyer = service.person_of(buyer).await?;
    let seller = service.person_of(listing.seller).await?;
    let (grant, lot) = bought(&from, &quote, buyer.id, program.version, batch.now);
    let trade = trade_of(&listing, &quote, &grant, &lot, batch.now);
    let command = ledger::Trade { id: trade.id, from: from.lot.id, lot, fee: quote.fee };
    let said = format!("${} for ${} of `{id}`", quote.face, quote.cost);
    let line = audit_line(&batch, "trade.made", trade.id, said);
    let url = |what: &str| format!("{}/{what}", service.base_url());
    let receipt = url(&format!("market/trades/{}", trade.id));
    let until = until(program, listing.expires_at);
    let to_buyer = letters::bought(&trade, &until, &url(&format!("grants/{}", grant.id)));
    let to_seller = letters::sold(&trade, &receipt);
    batch = batch
        .with(Command::Trade(Box::new(command)))
        .with(changed_listing(&listing, &bursar_market::sell(&listing, &quote)))
        .with(Write::Row(Row::Grant(Box::new(grant)), Expect::New))
        .with(Write::Row(Row::Trade(Box::new(trade.clone())), Expect::New))
        .with(line)
        .with(to_buyer.to(&buyer.email, service.now()))
        .with(to_seller.to(&seller.email, service.now()));
    let _recalled = service.calls().borrower().bring_back(from.lot.id).await;
    service.commit(batch).await?;
    service.calls().directory().forget_grant(listing.grant);
    Ok(trade)
}

/// Refuses a purchase that the buyer's cash does not cover, with what is missing.
async fn check_cash(service: &Service, buyer: PersonId, cost: Usd) -> Result<(), ServiceError> {
    let balance = service.store().balance(ledger::Account::BuyerCash(buyer)).await?.available();
    if cost <= balance {
        return Ok(());
    }
    let missing = cost.checked_sub(balance).unwrap_or(cost);
    Err(ServiceError::Refused(format!(
        "buy for ${cost} with a balance of ${balance}\nhint: pay in ${missing} first"
    )))
}

/// The buyer's grant and its lot: what was sold, under the same rules.
fn bought(
    from: &LotState,
    quote: &Quote,
    buyer: PersonId,
    program_version: u32,
    now: Timestamp,
) -> (Grant, Lot) {
    let sold = &from.lot;
    let id = GrantId::new(now, entropy::draw());
    let lot = Lot {
        id: LotId::new(now, entropy::draw()),
        holder: buyer,
        grant: Some(id),
        origin: Origin::Purchase,
        category: Origin::Purchase.category(),
        face: quote.face,
        active_from: now,
        priority: 0,
        cost_basis: quote.cost,
        ..sold.clone()
    };
    let grant = Grant {
        id,
        program: sold.program.clone(),
        program_version,
        holder: buyer,
        application: None,
        title: TITLE.to_owned(),
        amount: quote.face,
        created_at: now,
        deliver_from: now,
        deliver_until: now,
        delivered_at: Some(now),
        expires_at: Some(sold.expires_at),
        expires_no_later_than: Some(sold.expires_at),
        lot: Some(lot.id),
        tier: None,
        voided_at: None,
        version: 1,
    };
    (grant, lot)
}

fn trade_of(listing: &Listing, quote: &Quote, grant: &Grant, lot: &Lot, now: Timestamp) -> Trade {
    Trade {
        id: TradeId::new(now, entropy::draw()),
        listing: listing.id,
        program: listing.program.clone(),
        source: listing.source,
        seller: listing.seller,
        buyer: grant.holder,
        seller_grant: listing.grant,
        buyer_grant: grant.id,
        seller_lot: listing.lot,
        buyer_lot: lot.id,
        face: quote.face,
        price: listing.price,
        cost: quote.cost,
        fee: quote.fee,
        expires_at: listing.expires_at,
        at: now,
    }
}

fn until(program: &bursar_kernel::Program, at: Timestamp) -> String {
    let at = at.to_zoned(program.review.zone.clone());
    at.strftime("%-d %B %Y, %H:%M %Z").to_string()
}
