//! The market as everybody sees it, one's own side of it, and receipts.

use bursar_kernel::TradeId;
use bursar_service::{Offer, ServiceError, Trade};

use super::{models, status};
use crate::pages::market::{Front, Mine, MyListing, MyTrade, OfferRow, Receipt, Side, TapeRow};
use bursar_web::{Answer, At, OrPage, Visit};

pub(super) async fn show(visit: Visit) -> Answer {
    let front = bursar_trading::market_front(visit.service()).await.or_page(&visit)?;
    let settings = visit.service().market();
    visit.page(&Front {
        offers: front.offers.iter().map(offer_row).collect(),
        tape: front.tape.iter().map(tape_row).collect(),
        band: (settings.band_from, settings.band_to),
        ceiling: settings.ceiling,
        fee: settings.fee,
    })
}

fn offer_row(offer: &Offer) -> OfferRow {
    OfferRow {
        id: offer.listing.id,
        source: offer.listing.source.label().to_owned(),
        provider: offer.program.provider.clone(),
        offered: offer.offered,
        cost: offer.listing.price.of(offer.offered),
        price: offer.listing.price,
        expires_at: offer.listing.expires_at,
        models: models(offer),
    }
}

fn tape_row(trade: &Trade) -> TapeRow {
    TapeRow {
        at: trade.at,
        source: trade.source.label().to_owned(),
        face: trade.face,
        cost: trade.cost,
        price: trade.price,
    }
}

pub(super) async fn mine(visit: Visit) -> Answer {
    let person = visit.viewer.person().ok_or(ServiceError::SignInFirst).or_page(&visit)?;
    let mine =
        bursar_trading::my_market(visit.service(), &visit.viewer, person).await.or_page(&visit)?;
    let now = visit.frame().now;
    let listing = |offer: &Offer| {
        let listing = &offer.listing;
        let is_expired = listing.expires_at <= now;
        MyListing {
            id: listing.id,
            source: listing.source.label().to_owned(),
            face: listing.face,
            sold: listing.sold,
            offered: offer.offered,
            price: listing.price,
            expires_at: listing.expires_at,
            status: status(offer, is_expired),
            is_open: listing.state == bursar_service::ListingState::Open && !is_expired,
        }
    };
    let trade = |trade: &Trade| {
        let bought = trade.buyer == person;
        MyTrade {
            id: trade.id,
            at: trade.at,
            bought,
            source: trade.source.label().to_owned(),
            face: trade.face,
            cash: if bought { trade.cost } else { trade.proceeds() },
            price: trade.price,
        }
    };
    visit.page(&Mine {
        listings: mine.listings.iter().map(listing).collect(),
        trades: mine.trades.iter().map(trade).collect(),
        balance: mine.cash.balance,
        proceeds: mine.cash.proceeds,
    })
}

pub(super) async fn trade(visit: Visit, At(id): At<TradeId>) -> Answer {
    let page = bursar_trading::trade(visit.service(), &visit.viewer, id).await.or_page(&visit)?;
    let trade = &page.trade;
    let side = match (&page.people, page.is_buyer, page.is_seller) {
        (_, true, _) => Side::Buyer(trade.buyer_grant),
        (_, _, true) => Side::Seller(trade.seller_grant),
        (Some((seller, buyer)), _, _) => {
            Side::Overseer(bursar_web::name_of(seller), bursar_web::name_of(buyer))
        }
        (None, false, false) => return Err(visit.not_found()),
    };
    visit.page(&Receipt {
        id,
        side,
        at: trade.at,
        source: trade.source.label().to_owned(),
        face: trade.face,
        price: trade.price,
        cost: trade.cost,
        fee: trade.fee,
        proceeds: trade.proceeds(),
        expires_at: trade.expires_at,
        issuer: page.right.issuer.clone(),
        reference: page.right.reference.clone(),
    })
}
