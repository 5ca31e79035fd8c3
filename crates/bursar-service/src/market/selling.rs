//! Selling, and handing back.

use std::sync::Arc;

use bursar_kernel::limits::NAME_CHARACTERS_MAX;
use bursar_kernel::{Actor, GrantId, ListingId, Timestamp, TransferId, TransferPolicy, Usd};
use bursar_ledger::Command;
use bursar_market::{Ask, Listed, Listing, Refusal, RightToSell, STATEMENT};
use bursar_policy::{Action, Viewer, may};
use bursar_program::answers::FieldError;
use bursar_store::rows::Grant;
use bursar_store::{Batch, Expect, ListingFilter, LotFilter, LotState, Row, Write};

use super::{NewListing, Right, SellDesk};
use crate::letters::Post as _;
use crate::{Service, ServiceError, entropy, letters};

impl Service {
    /// What somebody who wants to pass a grant's credit on needs to know.
    pub async fn sell_desk(
        &self,
        viewer: &Viewer,
        grant: GrantId,
    ) -> Result<SellDesk, ServiceError> {
        let grant = self.own_grant(viewer, grant).await?;
        let program = Arc::clone(self.program(&grant.program)?);
        let (now, state) = (self.now(), self.lot_of_grant(&grant).await?);
        let refused = |state: &LotState| {
            let lot = &state.lot;
            let expired = Refusal::Expired { at: lot.expires_at };
            let policy = bursar_market::may_be_sold(&program, lot).err();
            policy.or_else(|| (lot.expires_at <= now).then_some(expired))
        };
        let lives = |state: &LotState| now < state.lot.expires_at;
        let live = state.as_ref().is_some_and(lives);
        let available = state.as_ref().map_or(Usd::ZERO, LotState::available);
        Ok(SellDesk {
            refused: state.as_ref().and_then(refused),
            available: if live { available } else { Usd::ZERO },
            may_return: state.as_ref().is_some_and(|state| may_return(state, now)),
            lot: state.map(|state| state.lot),
            program,
            grant,
            now,
        })
    }

    /// Lists a part of a grant's credit, with the right to sell it.
    pub async fn list_credit(
        &self,
        viewer: &Viewer,
        wanted: NewListing,
    ) -> Result<Listed, ServiceError> {
        let grant = self.own_grant(viewer, wanted.grant).await?;
        let program = self.program(&grant.program)?;
        let state = self.lot_of_grant(&grant).await?;
        let waits = || ServiceError::Refused(NOT_DELIVERED.to_owned());
        let state = state.ok_or_else(waits)?;
        let (available, lot) = (state.available(), state.lot);
        let batch = crate::batch_of(viewer, self.now())?;
        // Before anything else: credit that may not be sold needs no form to be filled in.
        bursar_market::may_be_sold(program, &lot)?;
        let right = read_right(&wanted.right, lot.origin, batch.by.clone(), batch.now)?;
        let ask = Ask {
            id: ListingId::new(batch.now, entropy::draw()),
            face: wanted.face,
            price: wanted.price,
            minimum: wanted.minimum,
            right: Some(right),
        };
        let source = (&lot, grant.id, available);
        let listed = bursar_market::list(&self.market, program, source, ask, batch.now)?;
        let listing = &listed.listing;
        let said = format!("${} at {} % of face value", listing.face, listing.price);
        let line = crate::audit_line(&batch, "listing.made", listing.id, said);
        let row = Write::Row(Row::Listing(Box::new(listing.clone())), Expect::New);
        self.commit(batch.with(row).with(line)).await?;
        Ok(listed)
    }

    /// Takes a listing back.
    pub async fn withdraw_listing(
        &self,
        viewer: &Viewer,
        id: ListingId,
    ) -> Result<Listing, ServiceError> {
        let missing = || ServiceError::NotFound(format!("listing `{id}`"));
        let listing = self.store.listing(id).await?.ok_or_else(missing)?;
        crate::allow(viewer, Action::PassOn { holder: listing.seller })?;
        let withdrawn = bursar_market::withdraw(&listing)?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "listing.withdrawn", id, "");
        self.commit(batch.with(changed(&listing, &withdrawn)).with(line)).await?;
        Ok(withdrawn)
    }

    /// Hands a grant's free credit back to the pool that it came from.
    pub async fn return_credit(
        &self,
        viewer: &Viewer,
        grant: GrantId,
        amount: Usd,
    ) -> Result<(), ServiceError> {
        let grant = self.own_grant(viewer, grant).await?;
        let program = Arc::clone(self.program(&grant.program)?);
        let state = self.lot_of_grant(&grant).await?;
        let state = state.ok_or_else(|| ServiceError::Refused(NOT_DELIVERED.to_owned()))?;
        let available = state.available();
        if !amount.is_positive() {
            return Err(ServiceError::field("amount", "Enter an amount above $0"));
        }
        if available < amount && self.now() < state.lot.expires_at {
            let message = format!("${available} is free: return that, or less");
            return Err(ServiceError::field("amount", message));
        }
        let holder = self.person_of(grant.holder).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let id = TransferId::new(batch.now, entropy::draw());
        let line = crate::audit_line(&batch, "grant.returned", grant.id, format!("${amount}"));
        let url = format!("{}/grants/{}", self.base_url, grant.id);
        let letter = letters::returned(&program.name, amount, &url).to(&holder.email, batch.now);
        let command = Command::Return { id, lot: state.lot.id, amount };
        let _recalled = self.calls.borrower().bring_back(state.lot.id).await;
        self.commit(batch.with(command).with(line).with(letter)).await?;
        self.calls.directory().forget_grant(grant.id);
        Ok(())
    }

    /// Ends the listings whose credit has expired.
    pub(crate) async fn end_listings(&self, now: Timestamp) -> Result<(), ServiceError> {
        for listing in self.store.listings(ListingFilter::Expired(now)).await? {
            let batch = Batch::new(Actor::Job("market".to_owned()), now);
            let line = crate::audit_line(&batch, "listing.ended", listing.id, "its credit expired");
            let ended = bursar_market::end(&listing);
            self.commit(batch.with(changed(&listing, &ended)).with(line)).await?;
        }
        Ok(())
    }

    /// A grant whose credit the viewer may pass on; any other does not exist for them.
    async fn own_grant(&self, viewer: &Viewer, id: GrantId) -> Result<Grant, ServiceError> {
        let grant = self.readable_grant(viewer, id).await?;
        if may(viewer, Action::PassOn { holder: grant.holder }) {
            crate::taking_back::check_not_voided(&grant)?;
            Ok(grant)
        } else {
            Err(ServiceError::NotAllowed)
        }
    }

    pub(crate) async fn lot_of_grant(
        &self,
        grant: &Grant,
    ) -> Result<Option<LotState>, ServiceError> {
        let lots = self.store.lots(LotFilter::Grant(grant.id)).await?;
        Ok(lots.into_iter().find(|state| Some(state.lot.id) == grant.lot))
    }
}

const NOT_DELIVERED: &str = "pass on credit that has not been delivered\n\
                             hint: wait until it has arrived";

fn may_return(state: &LotState, now: Timestamp) -> bool {
    now < state.lot.expires_at
        && state.lot.transfer_policy != TransferPolicy::None
        && state.available().is_positive()
}

/// A listing's next version.
pub(crate) fn changed(before: &Listing, after: &Listing) -> Write {
    Write::Row(Row::Listing(Box::new(after.clone())), Expect::Version(before.version))
}

/// The right to sell, or what is missing of it: all of it at once.
fn read_right(
    right: &Right,
    source: bursar_kernel::Origin,
    by: Actor,
    now: Timestamp,
) -> Result<RightToSell, ServiceError> {
    let mut errors = Vec::new();
    let mut line = |field: &str, text: &str, missing: &str| {
        let text = text.trim().to_owned();
        let long = NAME_CHARACTERS_MAX < text.chars().count();
        let message = if text.is_empty() {
            Some(missing.to_owned())
        } else if long || text.chars().any(char::is_control) {
            Some(format!("Write a line of at most {NAME_CHARACTERS_MAX} characters"))
        } else {
            None
        };
        let error = |message| FieldError { field: field.to_owned(), message };
        errors.extend(message.map(error));
        text
    };
    let issuer = line("issuer", &right.issuer, "Enter who issued the credit");
    let missing = "Enter the clause or the contract that lets you sell it";
    let reference = line("reference", &right.reference, missing);
    if !right.accepted {
        let message = "Accept the statement: nothing is listed without a right to sell";
        errors.push(FieldError { field: "accepted".to_owned(), message: message.to_owned() });
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    Ok(RightToSell {
        source: right.source.unwrap_or(source),
        issuer,
        reference,
        attested_by: by,
        at: now,
        statement: STATEMENT.to_owned(),
    })
}
