//! What may be listed, and what a part of a listing costs.

use bursar_kernel::{
    BasisPoints, GrantId, ListingId, Lot, PersonId, Program, Timestamp, TransferPolicy, Usd,
};
use jiff::SignedDuration;

use crate::listing::{Listing, ListingState, RightToSell};
use crate::refusal::Refusal;
use crate::settings::Settings;

/// Credit that expires sooner than this is hard to sell.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What a seller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The listing's name.
    pub id: ListingId,
    /// How much to list.
    pub face: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// The least to sell at a time; `None` for the market's own.
    pub minimum: Option<Usd>,
    /// Why the seller may sell; `None` if they did not say, or did not accept the statement.
    pub right: Option<RightToSell>,
}

/// A listing that was made, and what to tell its seller about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The listing.
    pub listing: Listing,
    /// What to tell.
    pub warnings: Vec<Warning>,
}

/// What a seller should know about a listing that is allowed all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The price is below what is customary.
    BelowBand,
    /// The credit expires soon.
    ExpiresSoon,
}

/// What a part of a listing costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// How much credit.
    pub face: Usd,
    /// What the buyer pays.
    pub cost: Usd,
    /// The part of it that the market keeps.
    pub fee: Usd,
}

/// Whether credit of this lot may be sold at all, whoever asks what for.
pub fn may_be_sold(program: &Program, lot: &Lot) -> Result<(), Refusal> {
    let policies = [program.transfer_policy, lot.transfer_policy];
    match policies.into_iter().find(|policy| *policy != TransferPolicy::Market) {
        None => Ok(()),
        Some(policy) => Err(Refusal::NotForTheMarket {
            policy,
            ways_on: program.transfer_clause.ways_on.clone(),
        }),
    }
}

/// Lists a part of a lot that has so much available.
pub fn list(
    settings: &Settings,
    program: &Program,
    (lot, grant, available): (&Lot, GrantId, Usd),
    ask: Ask,
    now: Timestamp,
) -> Result<Listed, Refusal> {
    may_be_sold(program, lot)?;
    let said = |right: &RightToSell| !right.issuer.is_empty() && !right.reference.is_empty();
    let right = ask.right.filter(said).ok_or(Refusal::NoRightToSell)?;
    if lot.expires_at <= now {
        return Err(Refusal::Expired { at: lot.expires_at });
    }
    let (asked, smallest) = (ask.face, settings.smallest);
    if asked < smallest {
        return Err(Refusal::TooLittle { asked, smallest });
    }
    if available < asked {
        return Err(Refusal::MoreThanThereIs { asked, available });
    }
    if settings.ceiling < ask.price {
        return Err(Refusal::AboveCeiling { asked: ask.price, ceiling: settings.ceiling });
    }
    if ask.price == BasisPoints::ZERO {
        return Err(Refusal::NoPrice);
    }
    let minimum = ask.minimum.unwrap_or(smallest);
    if minimum < smallest || asked < minimum {
        return Err(Refusal::BadMinimum { minimum, smallest, face: asked });
    }
    let soon = lot.expires_at.duration_since(now) < SOON;
    let warnings = [
        (ask.price < settings.band_from).then_some(Warning::BelowBand),
        soon.then_some(Warning::ExpiresSoon),
    ];
    let listing = Listing {
        id: ask.id,
        seller: lot.holder,
        grant,
        lot: lot.id,
        program: lot.program.clone(),
        upstream_group: lot.upstream_group.clone(),
        source: lot.origin,
        face: asked,
        sold: Usd::ZERO,
        price: ask.price,
        minimum,
        state: ListingState::Open,
        right,
        expires_at: lot.expires_at,
        created_at: now,
        version: 1,
    };
    Ok(Listed { listing, warnings: warnings.into_iter().flatten().collect() })
}

/// Takes a listing back. What is sold stays sold.
pub fn withdraw(listing: &Listing) -> Result<Listing, Refusal> {
    match listing.state {
        ListingState::Open => Ok(in_state(listing, ListingState::Withdrawn)),
        state @ (ListingState::Withdrawn | ListingState::Sold | ListingState::Ended) => {
            Err(Refusal::NotOpen { state })
        }
    }
}

/// A listing whose credit has expired.
pub fn end(listing: &Listing) -> Listing {
    in_state(listing, ListingState::Ended)
}

/// What a part of a listing costs somebody, where the lot has so much available.
///
/// Prices of parts are differences of the price of all that is sold so far, rounded down: so the
/// parts sum exactly to what the whole would have cost, however it is cut. So do fees.
pub fn quote(
    settings: &Settings,
    listing: &Listing,
    buyer: PersonId,
    (face, available): (Usd, Usd),
    now: Timestamp,
) -> Result<Quote, Refusal> {
    match listing.state {
        ListingState::Open => {}
        state @ (ListingState::Withdrawn | ListingState::Sold | ListingState::Ended) => {
            return Err(Refusal::NotOpen { state });
        }
    }
    if listing.expires_at <= now {
        return Err(Refusal::Expired { at: listing.expires_at });
    }
    if listing.seller == buyer {
        return Err(Refusal::OwnListing);
    }
    let offered = listing.offered(available, now);
    if offered < face {
        return Err(Refusal::MoreThanOffered { asked: face, offered });
    }
    if face < listing.minimum && face != offered {
        let minimum = listing.minimum;
        return Err(Refusal::BelowMinimum { asked: face, minimum, offered });
    }
    let priced = price_of(settings, listing, face).ok_or(Refusal::TooSmallToPrice)?;
    if priced.face.is_positive() && priced.cost.is_positive() {
        Ok(priced)
    } else {
        Err(Refusal::TooSmallToPrice)
    }
}

fn price_of(settings: &Settings, listing: &Listing, face: Usd) -> Option<Quote> {
    let after = listing.sold.checked_add(face)?;
    let (before, after) = (listing.price.of(listing.sold), listing.price.of(after));
    let cost = after.checked_sub(before)?;
    // Rounded down as well: what cannot be shared out stays with the people.
    let fee = settings.fee.of(after).checked_sub(settings.fee.of(before))?;
    Some(Quote { face, cost, fee })
}

/// The listing once a part of it is sold.
pub fn sell(listing: &Listing, quote: &Quote) -> Listing {
    let sold = listing.sold.checked_add(quote.face).unwrap_or(listing.face);
    let state = if sold < listing.face { listing.state } else { ListingState::Sold };
    Listing { sold, ..in_state(listing, state) }
}

fn in_state(listing: &Listing, state: ListingState) -> Listing {
    Listing { state, version: listing.version.saturating_add(1), ..listing.clone() }
}
