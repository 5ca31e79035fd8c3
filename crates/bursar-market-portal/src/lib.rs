//! The market's handlers: what is on offer, selling, buying, and what became of it.
//! Never decides who may see what: the service does.

mod buy;
mod desk;
mod front;
mod sell;

use axum::Router;
use axum::routing::{get, post};
use bursar_kernel::Scope;
use bursar_service::{ListingState, Offer};
use bursar_ui::{Status, Tone, routes};

use bursar_pages as pages;
use bursar_web::Site;

/// The pages of the market.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(routes::MARKET, get(front::show))
        .route(routes::MY_MARKET, get(front::mine))
        .route("/market/listings/{listing}", get(buy::show))
        .route("/market/listings/{listing}/buy", post(buy::buy).get(buy::back))
        .route("/market/listings/{listing}/pay", post(buy::pay).get(buy::back))
        .route("/market/listings/{listing}/paid/{amount}/{nonce}", get(buy::paid))
        .route("/market/listings/{listing}/withdraw", post(sell::withdraw).get(buy::back))
        .route("/market/trades/{trade}", get(front::trade))
        .route("/grants/{grant}/sell", get(sell::show).post(sell::list))
        .route("/grants/{grant}/return", get(sell::ask_return).post(sell::give_back))
        .route(routes::MARKET_DESK, get(desk::show).post(desk::record))
}

/// Where a listing stands, as its seller reads it.
fn status(offer: &Offer, is_expired: bool) -> Status {
    match offer.listing.state {
        ListingState::Withdrawn => Status::new(Tone::Neutral, "Withdrawn"),
        ListingState::Sold => Status::new(Tone::Good, "Sold"),
        ListingState::Ended => Status::new(Tone::Neutral, "Expired"),
        ListingState::Open if is_expired => Status::new(Tone::Neutral, "Expired"),
        ListingState::Open if offer.offered.is_zero() => {
            Status::new(Tone::Warning, "Nothing left to sell")
        }
        ListingState::Open => Status::new(Tone::Good, "On offer"),
    }
}

/// What an offer's credit may be spent on, in a line.
fn models(offer: &Offer) -> String {
    let Scope { models, .. } = &offer.lot.scope;
    match models {
        Some(models) => models.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        None if offer.program.entitlements.limited_models.is_empty() => {
            "All public models".to_owned()
        }
        None => "All public models, some after approval".to_owned(),
    }
}
