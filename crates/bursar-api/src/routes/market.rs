//! The market: what is on offer, selling, buying, cash.

use axum::extract::State;
use bursar_kernel::{BasisPoints, GrantId, ListingId, Origin};
use bursar_service::{self as service, ServiceError};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named, positive};
use crate::problem::Refusal;
use crate::types::{
    Buy, CashLine, CashMove, GrantLine, ListingLine, Market, MoveCash, NewListing, ProblemBody,
    Return, TradeLine, Trades,
};

/// What is on offer, the best price first, and the market's rules.
#[utoipa::path(get, path = "/api/market", tag = "market", operation_id = "show_market",
    responses((status = 200, body = Market)))]
pub(super) async fn show(State(door): Door, Operator(_): Operator) -> Answer<Market> {
    let front = bursar_trading::market_front(&door.service).await?;
    let listings = front.offers.into_iter().map(ListingLine::from).collect();
    Ok(Json(Market::of(listings, door.service.market())))
}

/// Lists a part of a grant's credit, with the right to sell it.
#[utoipa::path(post, path = "/api/market/listings", tag = "market",
    operation_id = "list_credit", request_body = NewListing,
    responses((status = 200, body = ListingLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn list(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<NewListing>,
) -> Answer<ListingLine> {
    let price = wanted.price_percent.parse::<BasisPoints>();
    let listing = bursar_trading::NewListing {
        grant: wanted.grant,
        face: positive("amount", wanted.amount)?,
        price: price.map_err(|error| Refusal::field("price_percent", error.to_string()))?,
        minimum: wanted.minimum,
        right: bursar_trading::Right {
            source: wanted.source.map(Origin::from),
            issuer: wanted.issuer,
            reference: wanted.reference,
            accepted: wanted.accepted,
        },
    };
    let listed = bursar_trading::list_credit(&door.service, &viewer, listing).await;
    let listed = listed.map_err(|error| Refusal::from(error).naming("price_percent", "price"))?;
    Ok(Json(door.service.offer(listed.listing.id).await?.into()))
}

/// Shows a listing.
#[utoipa::path(get, path = "/api/market/listings/{listing}", tag = "market",
    operation_id = "show_listing", params(("listing" = String, Path, description = "The listing")),
    responses((status = 200, body = ListingLine), (status = 404, body = ProblemBody)))]
pub(super) async fn listing(
    State(door): Door,
    Operator(_): Operator,
    Named(id): Named<ListingId>,
) -> Answer<ListingLine> {
    Ok(Json(door.service.offer(id).await?.into()))
}

/// Takes a listing back. What is sold stays sold.
#[utoipa::path(post, path = "/api/market/listings/{listing}/withdraw", tag = "market",
    operation_id = "withdraw_listing",
    params(("listing" = String, Path, description = "The listing")),
    responses((status = 200, body = ListingLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn withdraw(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<ListingId>,
) -> Answer<ListingLine> {
    bursar_trading::withdraw_listing(&door.service, &viewer, id).await?;
    Ok(Json(door.service.offer(id).await?.into()))
}

/// Buys a part of a listing with the buyer's cash: credit and cash change hands, or nothing does.
#[utoipa::path(post, path = "/api/market/listings/{listing}/buy", tag = "market",
    operation_id = "buy_credit", request_body = Buy,
    params(("listing" = String, Path, description = "The listing")),
    responses((status = 200, body = TradeLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn buy(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<ListingId>,
    Json(wanted): Json<Buy>,
) -> Answer<TradeLine> {
    let buyer = bursar_trading::person_by_email(&door.service, &viewer, &wanted.buyer).await;
    let buyer = buyer.map_err(|error| Refusal::from(error).naming("buyer", "person"))?;
    let face = positive("amount", wanted.amount)?;
    let cost = match wanted.cost {
        Some(cost) => cost,
        None => bursar_trading::quote(&door.service, &viewer, buyer.id, id, face).await?.cost,
    };
    let trade = bursar_trading::buy(&door.service, &viewer, buyer.id, id, (face, cost)).await?;
    let page = bursar_trading::trade(&door.service, &viewer, trade.id).await?;
    let people = page.people.ok_or(ServiceError::NotAllowed)?;
    Ok(Json(TradeLine::of(page.trade, people.0.into(), people.1.into())))
}

/// The latest trades, newest first.
#[utoipa::path(get, path = "/api/market/trades", tag = "market", operation_id = "list_trades",
    responses((status = 200, body = Trades)))]
pub(super) async fn trades(State(door): Door, Operator(viewer): Operator) -> Answer<Trades> {
    let desk = bursar_trading::market_desk(&door.service, &viewer).await?;
    let line = |(trade, seller, buyer): (service::Trade, _, _)| {
        TradeLine::of(trade, Into::into(seller), Into::into(buyer))
    };
    let trades = desk.trades.into_iter().map(line).collect();
    Ok(Json(Trades { trades }))
}

/// Records cash that moved by bank; told twice under one reference, it counts once.
#[utoipa::path(post, path = "/api/market/cash", tag = "market", operation_id = "move_cash",
    request_body = MoveCash,
    responses((status = 200, body = CashLine), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn cash(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<MoveCash>,
) -> Answer<CashLine> {
    let service = &door.service;
    let person = bursar_trading::person_by_email(service, &viewer, &wanted.person).await?;
    let (amount, reference) = (positive("amount", wanted.amount)?, wanted.reference.as_str());
    let cash = match wanted.what {
        CashMove::PaidIn => {
            bursar_trading::pay_in(service, &viewer, person.id, amount, reference).await?
        }
        CashMove::Refunded => {
            bursar_trading::refund(service, &viewer, person.id, amount, reference).await?
        }
        CashMove::PaidOut => {
            bursar_trading::pay_out(service, &viewer, person.id, amount, reference).await?
        }
    };
    Ok(Json(CashLine { person: person.into(), balance: cash.balance, proceeds: cash.proceeds }))
}

/// Hands a grant's free credit back to its program's pool.
#[utoipa::path(post, path = "/api/grants/{grant}/return", tag = "grants",
    operation_id = "return_credit", request_body = Return,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = GrantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn give_back(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
    Json(wanted): Json<Return>,
) -> Answer<GrantLine> {
    let amount = match wanted.amount {
        Some(amount) => positive("amount", amount)?,
        None => door.service.grant(&viewer, id).await?.available,
    };
    door.service.return_credit(&viewer, id, amount).await?;
    Ok(Json(door.service.grant(&viewer, id).await?.into()))
}
