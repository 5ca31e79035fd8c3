//! Buying: how much, what exactly that comes to, and the purchase.

use std::collections::BTreeMap;

use bursar_kernel::{ListingId, Usd};
use bursar_service::{ListingState, Offer, ServiceError};
use bursar_trading::CardPayment;
use bursar_ui::{Input, routes};
use serde::Deserialize;

use super::{models, status};
use crate::pages::market::{Buyer, Facts, Fill, ListingPage};
use bursar_web::{Answer, Asked, At, Done, OrPage, Posted, Visit, invalid, read_amount};

/// How much somebody wants to buy, as they typed it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    amount: Option<String>,
}

pub(super) async fn show(
    mut visit: Visit,
    At(id): At<ListingId>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let (mut input, mut fill) = (Input::default(), None);
    if let (Some(text), Some(_)) = (wanted.amount, visit.viewer.person()) {
        input.values.insert("amount".to_owned(), text.clone());
        match filled(&visit, id, &text).await {
            Ok(found) => fill = Some(found),
            Err(error) => input.errors = visit.again(error)?,
        }
    }
    show_page(&visit, id, input, fill).await
}

/// The address of a form, as a browser asks for it after signing in anew.
pub(super) async fn back(visit: Visit, At(id): At<ListingId>) -> Answer {
    visit.go(&routes::listing(id))
}

/// Buys at the cost that the page showed; where that is no longer the price, the page shows what
/// it is now.
pub(super) async fn buy(At(id): At<ListingId>, mut form: Posted) -> Answer {
    let bought = match (read_amount(form.field("amount")), form.field("cost").parse::<Usd>()) {
        (Ok(face), Ok(cost)) => {
            let viewer = &form.visit.viewer;
            let buyer = viewer.person().ok_or(ServiceError::SignInFirst).or_page(&form.visit)?;
            bursar_trading::buy(form.visit.service(), viewer, buyer, id, (face, cost)).await
        }
        (Err(text), _) => Err(invalid("amount", text)),
        (_, Err(_)) => Err(invalid("amount", "Look at what it comes to before you buy")),
    };
    match bought {
        Ok(trade) => form.visit.go(&routes::trade(trade.id)),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let amount = form.field("amount").to_owned();
            let fill = filled(&form.visit, id, &amount).await.ok();
            let values = BTreeMap::from([("amount".to_owned(), amount)]);
            show_page(&form.visit, id, Input { values, errors }, fill).await
        }
    }
}

/// On to the provider's page, which takes the card.
pub(super) async fn pay(At(id): At<ListingId>, mut form: Posted) -> Answer {
    let opened = match read_amount(form.field("amount")) {
        Ok(face) => {
            bursar_trading::open_card_payment(form.visit.service(), &form.visit.viewer, id, face)
                .await
        }
        Err(text) => Err(invalid("amount", text)),
    };
    match opened {
        Ok(url) => form.visit.go(&url),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let amount = form.field("amount").to_owned();
            let fill = filled(&form.visit, id, &amount).await.ok();
            let values = BTreeMap::from([("amount".to_owned(), amount)]);
            show_page(&form.visit, id, Input { values, errors }, fill).await
        }
    }
}

/// Where the provider's page returns to. That alone proves nothing: the provider is asked.
pub(super) async fn paid(
    visit: Visit,
    At((id, amount, nonce)): At<(ListingId, String, String)>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let text = wanted.amount.unwrap_or_default();
    let (Ok(amount), Ok(face)) = (amount.parse::<Usd>(), text.parse::<Usd>()) else {
        return Err(visit.not_found());
    };
    let payment = CardPayment { listing: id, face, amount, nonce };
    let paid = bursar_trading::finish_card_payment(visit.service(), &visit.viewer, &payment).await;
    let back = format!("{}?amount={face}", routes::listing(id));
    if paid.or_page(&visit)? { visit.done(&back, Done::CardPaid) } else { visit.go(&back) }
}

/// What an amount comes to for whoever asks.
async fn filled(visit: &Visit, id: ListingId, text: &str) -> Result<Fill, ServiceError> {
    let face = read_amount(text).map_err(|text| invalid("amount", text))?;
    let buyer = visit.viewer.person().ok_or(ServiceError::SignInFirst)?;
    let quote = bursar_trading::quote(visit.service(), &visit.viewer, buyer, id, face).await?;
    let balance = bursar_trading::cash(visit.service(), &visit.viewer, buyer).await?.balance;
    let missing = quote.cost.checked_sub(balance).unwrap_or(quote.cost).max(Usd::ZERO);
    let cards = visit.service().payments().is_some();
    Ok(Fill { face: quote.face, cost: quote.cost, missing, cards })
}

async fn show_page(visit: &Visit, id: ListingId, input: Input, fill: Option<Fill>) -> Answer {
    let offer = visit.service().offer(id).await.or_page(visit)?;
    let buyer = match visit.viewer.person() {
        None => Buyer::Stranger,
        Some(person) if person == offer.listing.seller => Buyer::Seller,
        Some(person) => {
            let balance = bursar_trading::cash(visit.service(), &visit.viewer, person)
                .await
                .or_page(visit)?
                .balance;
            Buyer::Somebody { balance, input, fill }
        }
    };
    visit.page(&ListingPage { facts: facts(visit, &offer), buyer })
}

fn facts(visit: &Visit, offer: &Offer) -> Facts {
    let listing = &offer.listing;
    let is_expired = listing.expires_at <= visit.frame().now;
    let is_on_offer =
        listing.state == ListingState::Open && !is_expired && offer.offered.is_positive();
    Facts {
        id: listing.id,
        state: (!is_on_offer).then(|| status(offer, is_expired)),
        source: listing.source.label().to_owned(),
        provider: offer.program.provider.clone(),
        offered: offer.offered,
        price: listing.price,
        minimum: listing.minimum,
        expires_at: listing.expires_at,
        models: models(offer),
        issuer: listing.right.issuer.clone(),
        reference: listing.right.reference.clone(),
        recorded_at: listing.right.at,
        clause: offer.program.transfer_clause.says.clone(),
    }
}
