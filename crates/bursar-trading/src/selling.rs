//! Selling, and handing back.

use std::sync::Arc;

use bursar_kernel::limits::NAME_CHARACTERS_MAX;
use bursar_kernel::{Actor, BasisPoints, GrantId, ListingId, Lot, Origin, Program, Timestamp, Usd};
use bursar_market::{Ask, Listed, Listing, Refusal, RightToSell, STATEMENT};
use bursar_policy::{Action, Viewer};
use bursar_program::answers::FieldError;
use bursar_store::rows::Grant;
use bursar_store::{Expect, LotState, Row, Write};

use bursar_service::{Service, ServiceError, allow, audit_line, batch_of, entropy};

/// What somebody who wants to pass a grant's credit on needs to know.
#[derive(Clone, Debug)]
pub struct SellDesk {
    /// The grant.
    pub grant: Grant,
    /// The program whose rules it carries.
    pub program: Arc<Program>,
    /// Where its credit comes from; `None` before it is delivered.
    pub lot: Option<Lot>,
    /// What is free: neither spent nor held.
    pub available: Usd,
    /// Why its credit may not be sold, if it may not.
    pub refused: Option<Refusal>,
    /// Whether it may be handed back to its pool.
    pub may_return: bool,
    /// When that was so.
    pub now: Timestamp,
}

/// Credit to be listed.
#[derive(Clone, Debug)]
pub struct NewListing {
    /// The grant it is of.
    pub grant: GrantId,
    /// How much.
    pub face: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// The least to sell at a time; `None` for the market's own.
    pub minimum: Option<Usd>,
    /// Why its holder may sell it.
    pub right: Right,
}

/// Why somebody may sell, as they say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Right {
    /// Where the credit comes from, if they say otherwise than its lot does.
    pub source: Option<Origin>,
    /// Who issued it.
    pub issuer: String,
    /// The clause or the contract that allows it.
    pub reference: String,
    /// Whether they accept the statement.
    pub accepted: bool,
}

/// What somebody who wants to pass a grant's credit on needs to know.
pub async fn sell_desk(
    service: &Service,
    viewer: &Viewer,
    grant: GrantId,
) -> Result<SellDesk, ServiceError> {
    let grant = service.own_grant(viewer, grant).await?;
    let program = Arc::clone(service.program(&grant.program)?);
    let (now, state) = (service.now(), service.lot_of_grant(&grant).await?);
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
        may_return: state.as_ref().is_some_and(|state| bursar_service::may_return(state, now)),
        lot: state.map(|state| state.lot),
        program,
        grant,
        now,
    })
}

/// Lists a part of a grant's credit, with the right to sell it.
pub async fn list_credit(
    service: &Service,
    viewer: &Viewer,
    wanted: NewListing,
) -> Result<Listed, ServiceError> {
    let grant = service.own_grant(viewer, wanted.grant).await?;
    let program = service.program(&grant.program)?;
    let state = service.delivered_lot(&grant).await?;
    let (available, lot) = (state.available(), state.lot);
    let batch = batch_of(viewer, service.now())?;
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
    let listed = bursar_market::list(service.market(), program, source, ask, batch.now)?;
    let listing = &listed.listing;
    let said = format!("${} at {} % of face value", listing.face, listing.price);
    let line = audit_line(&batch, "listing.made", listing.id, said);
    let row = Write::Row(Row::Listing(Box::new(listing.clone())), Expect::New);
    service.commit(batch.with(row).with(line)).await?;
    Ok(listed)
}

/// Takes a listing back.
pub async fn withdraw_listing(
    service: &Service,
    viewer: &Viewer,
    id: ListingId,
) -> Result<Listing, ServiceError> {
    let missing = || ServiceError::NotFound(format!("listing `{id}`"));
    let listing = service.store().listing(id).await?.ok_or_else(missing)?;
    allow(viewer, Action::PassOn { holder: listing.seller })?;
    let withdrawn = bursar_market::withdraw(&listing)?;
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "listing.withdrawn", id, "");
    service
        .commit(batch.with(bursar_service::changed_listing(&listing, &withdrawn)).with(line))
        .await?;
    Ok(withdrawn)
}

/// The right to sell, or what is missing of it: all of it at once.
fn read_right(
    right: &Right,
    source: Origin,
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
