//! What is on offer on the market: credit that its holder will not use and others may.

use std::sync::Arc;

use bursar_kernel::{Actor, BasisPoints, ListingId, Lot, Program, Timestamp, UpstreamGroup, Usd};
use bursar_market::{Listing, Refusal};
use bursar_store::{Batch, Expect, ListingFilter, LotFilter, LotState, Row, Write};

use crate::{Service, ServiceError};

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

impl Service {
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

    /// What is on offer, of all or of a group of upstreams: the best price first, then the oldest.
    pub async fn offers(&self, group: Option<UpstreamGroup>) -> Result<Vec<Offer>, ServiceError> {
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

    /// A listing with what is on offer of it now.
    pub async fn offer_of(&self, listing: Listing) -> Result<Offer, ServiceError> {
        let state = self.lot_of_listing(&listing).await?;
        let program = Arc::clone(self.program(&listing.program)?);
        let offered = listing.offered(state.available(), self.now());
        Ok(Offer { listing, lot: state.lot, program, offered })
    }

    /// The lot that a listing is of.
    pub async fn lot_of_listing(&self, listing: &Listing) -> Result<LotState, ServiceError> {
        let lots = self.store.lots(LotFilter::Id(listing.lot)).await?;
        let missing = || ServiceError::NotFound(format!("lot `{}`", listing.lot));
        lots.into_iter().next().ok_or_else(missing)
    }
    /// Ends the listings whose credit has expired.
    pub(crate) async fn end_listings(&self, now: Timestamp) -> Result<(), ServiceError> {
        for listing in self.store.listings(ListingFilter::Expired(now)).await? {
            let batch = Batch::new(Actor::Job("market".to_owned()), now);
            let line = crate::audit_line(&batch, "listing.ended", listing.id, "its credit expired");
            let ended = bursar_market::end(&listing);
            self.commit(batch.with(changed_listing(&listing, &ended)).with(line)).await?;
        }
        Ok(())
    }
}

/// A listing's next version.
pub fn changed_listing(before: &Listing, after: &Listing) -> Write {
    Write::Row(Row::Listing(Box::new(after.clone())), Expect::Version(before.version))
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
