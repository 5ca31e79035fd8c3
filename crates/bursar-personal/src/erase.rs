//! Being forgotten: asked for, confirmed by a mailed link, carried out some days later, once.
//!
//! The book, its chain and the audit trail cannot be changed, and need not be: people are
//! identifiers in them. What says who an identifier is, and what the person wrote, goes.

mod carry_out;
mod panels;
mod scrub;

use bursar_award::State;
use bursar_kernel::{Actor, GrantId, PersonId, Role, Timestamp, Usd};
use bursar_ledger::Account;
use bursar_market::ListingState;
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{Secret, Service, ServiceError, audit_line, batch_of, hash_of, may_return};
use bursar_store::rows::{Erasure, ErasureState, Grant, Person};
use bursar_store::{
    ApplicationFilter, Batch, CardCheckFilter, Expect, GrantFilter, ListingFilter, Row, Write,
};
use jiff::SignedDuration;

pub use carry_out::erase_due;

/// How long the mailed link works.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How long it can be taken back once it is confirmed: a weekend and the days around it.
pub const GRACE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What has to be ended before somebody can be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// They review, decide, or run the installation.
    Roles,
    /// So many applications are with their programs, or wait for an answer to an award.
    Applications(usize),
    /// So many awards have not arrived yet.
    Awaited(usize),
    /// So many listings are on the market.
    Listings(usize),
    /// They have earned this on the market, and were not paid.
    Earned(Usd),
    /// They have paid this in, and not spent it.
    PaidIn(Usd),
    /// A check of their card is going on.
    CardCheck,
}

/// Credit that somebody who is forgotten leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// How much is free on it.
    pub amount: Usd,
    /// Whether it can go back to its pool.
    pub may_return: bool,
}

/// What somebody who wants to be forgotten reads.
#[derive(Clone, Debug)]
pub struct Forgetting {
    /// What has to be ended first.
    pub obstacles: Vec<Obstacle>,
    /// Credit that is left.
    pub credit: Vec<LeftBehind>,
    /// What was asked for, if it goes on.
    pub standing: Option<Erasure>,
}

/// What a mailed link stands for, before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirming {
    /// It has this account erased, after the days of grace.
    Ready {
        /// The account's address.
        email: String,
        /// The day on which it would be.
        day: Timestamp,
    },
    /// It was used before, has expired, or never was.
    Dead,
}

/// What would be in the way, what is left, and what was asked for.
pub async fn forgetting(service: &Service, viewer: &Viewer) -> Result<Forgetting, ServiceError> {
    let person = signed_in(service, viewer).await?;
    let standing = service.store().erasure(person.id).await?.filter(goes_on);
    let obstacles = obstacles(service, &person).await?;
    Ok(Forgetting { obstacles, credit: left_behind(service, person.id).await?, standing })
}

/// Mails whoever is signed in a link that has their account erased.
pub async fn ask_to_be_forgotten(
    service: &Service,
    viewer: &Viewer,
    returns_credit: bool,
) -> Result<(), ServiceError> {
    let person = signed_in(service, viewer).await?;
    unobstructed(service, &person).await?;
    let known = service.store().erasure(person.id).await?;
    if known.as_ref().is_some_and(|known| known.state == ErasureState::Confirmed) {
        return Err(refused("erase this account twice\nhint: it is to be erased already"));
    }
    let now = service.now();
    let secret = Secret::draw("");
    let before = known.map(|known| known.version);
    let row = Erasure {
        person: person.id,
        secret_hash: secret.hash(),
        returns_credit,
        state: ErasureState::Asked,
        asked_at: now,
        due_at: now + LINK_LIFE,
        parting: None,
        version: before.unwrap_or(0).saturating_add(1),
    };
    let url = format!("{}/erasure/{}", service.base_url(), secret.reveal());
    let letter = bursar_letters::erasure_asked(&url, row.due_at);
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "erasure.asked", person.id, "");
    let batch = batch.with(put(row, before)).with(line).with(letter.to(&person.email, now));
    service.store().commit(batch).await?;
    Ok(())
}

/// What a mailed link stands for. Looking at it changes nothing.
pub async fn look_at_erasure(service: &Service, secret: &str) -> Result<Confirming, ServiceError> {
    let now = service.now();
    let Some(asked) = asked(service, secret).await? else { return Ok(Confirming::Dead) };
    let Some(person) = service.store().person(asked.person).await? else {
        return Ok(Confirming::Dead);
    };
    Ok(Confirming::Ready { email: person.email, day: now + GRACE })
}

/// Uses a mailed link: the account is erased after the days of grace, unless that is taken back.
pub async fn confirm_erasure(service: &Service, secret: &str) -> Result<Timestamp, ServiceError> {
    let dead = || refused("use this link: it was used, or has expired\nhint: ask for another");
    let asked = asked(service, secret).await?.ok_or_else(dead)?;
    let person = service.store().person(asked.person).await?.ok_or_else(dead)?;
    unobstructed(service, &person).await?;
    let (now, before) = (service.now(), asked.version);
    let due_at = now + GRACE;
    let row = Erasure {
        state: ErasureState::Confirmed,
        due_at,
        version: before.saturating_add(1),
        ..asked
    };
    let letter = bursar_letters::erasure_set(&day(due_at), &page(service));
    let batch = Batch::new(Actor::Person(person.id), now);
    let line = audit_line(&batch, "erasure.confirmed", person.id, day(due_at));
    let batch = batch.with(put(row, Some(before))).with(line).with(letter.to(&person.email, now));
    service.store().commit(batch).await?;
    Ok(due_at)
}

/// Takes it back.
pub async fn cancel_erasure(service: &Service, viewer: &Viewer) -> Result<(), ServiceError> {
    let person = signed_in(service, viewer).await?;
    let known = service.store().erasure(person.id).await?.filter(goes_on);
    let known =
        known.ok_or_else(|| refused("keep what nobody is about to erase\nhint: all is well"))?;
    let letter = bursar_letters::erasure_cancelled(&page(service));
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "erasure.cancelled", person.id, "");
    let mail = letter.to(&person.email, batch.now);
    let batch = batch.with(cancelled(known)).with(line).with(mail);
    service.store().commit(batch).await?;
    Ok(())
}

fn cancelled(known: Erasure) -> Write {
    let before = known.version;
    let version = before.saturating_add(1);
    put(Erasure { state: ErasureState::Cancelled, version, ..known }, Some(before))
}

fn put(row: Erasure, before: Option<u64>) -> Write {
    let expect = before.map_or(Expect::New, Expect::Version);
    Write::Row(Row::Erasure(Box::new(row)), expect)
}

fn goes_on(erasure: &Erasure) -> bool {
    matches!(erasure.state, ErasureState::Asked | ErasureState::Confirmed)
}

async fn asked(service: &Service, secret: &str) -> Result<Option<Erasure>, ServiceError> {
    let found = service.store().erasure_by_secret(hash_of(secret)).await?;
    let now = service.now();
    Ok(found.filter(|found| found.state == ErasureState::Asked && now < found.due_at))
}

async fn signed_in(service: &Service, viewer: &Viewer) -> Result<Person, ServiceError> {
    let id = viewer.person().ok_or(ServiceError::SignInFirst)?;
    service.store().person(id).await?.ok_or(ServiceError::SignInFirst)
}

async fn unobstructed(service: &Service, person: &Person) -> Result<(), ServiceError> {
    if obstacles(service, person).await?.is_empty() {
        return Ok(());
    }
    Err(refused("erase this account: something is open\nhint: the page of erasing says what"))
}

/// What has to be ended first.
async fn obstacles(service: &Service, person: &Person) -> Result<Vec<Obstacle>, ServiceError> {
    let (store, id) = (service.store(), person.id);
    let mut found = Vec::new();
    if person.roles.iter().any(|role| *role != Role::Researcher) {
        found.push(Obstacle::Roles);
    }
    let filter = ApplicationFilter { applicant: Some(id), ..ApplicationFilter::default() };
    let open = store.applications(filter).await?;
    let open = open.iter().filter(|one| one.state != State::Draft && !one.state.is_final()).count();
    let listings = store.listings(ListingFilter::Seller(id)).await?;
    let listings = listings.iter().filter(|one| one.state == ListingState::Open).count();
    let grants = grants(service, id).await?;
    let awaits = |grant: &&Grant| grant.delivered_at.is_none() && grant.voided_at.is_none();
    let awaited = grants.iter().filter(awaits).count();
    let earned = store.balance(Account::Payable(id)).await?.posted;
    let paid_in = store.balance(Account::BuyerCash(id)).await?.posted;
    let checks = store.card_checks(CardCheckFilter::Person(id)).await?;
    found.extend((0 < open).then_some(Obstacle::Applications(open)));
    found.extend((0 < awaited).then_some(Obstacle::Awaited(awaited)));
    found.extend((0 < listings).then_some(Obstacle::Listings(listings)));
    found.extend(earned.is_positive().then_some(Obstacle::Earned(earned)));
    found.extend(paid_in.is_positive().then_some(Obstacle::PaidIn(paid_in)));
    found.extend(checks.iter().any(|check| check.state.is_open()).then_some(Obstacle::CardCheck));
    Ok(found)
}

/// Whether somebody was forgotten.
pub async fn is_erased(service: &Service, person: PersonId) -> Result<bool, ServiceError> {
    let erasure = service.store().erasure(person).await?;
    let is_over =
        |erasure: &Erasure| matches!(erasure.state, ErasureState::Parting | ErasureState::Done);
    Ok(erasure.as_ref().is_some_and(is_over))
}

async fn grants(service: &Service, holder: PersonId) -> Result<Vec<Grant>, ServiceError> {
    let filter = GrantFilter { holder: Some(holder), ..GrantFilter::default() };
    Ok(service.store().grants(filter).await?)
}

/// Credit that is free on somebody's grants.
async fn left_behind(service: &Service, holder: PersonId) -> Result<Vec<LeftBehind>, ServiceError> {
    let mut left = Vec::new();
    for grant in grants(service, holder).await? {
        let Some(state) = service.lot_of_grant(&grant).await? else { continue };
        let amount = state.available();
        if amount.is_positive() && service.now() < state.lot.expires_at {
            let may_return = grant.voided_at.is_none() && may_return(&state, service.now());
            left.push(LeftBehind { grant: grant.id, title: grant.title, amount, may_return });
        }
    }
    Ok(left)
}

/// `2 January 2027, 09:00 UTC`.
fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

fn page(service: &Service) -> String {
    format!("{}/account/erase", service.base_url())
}

fn refused(text: &str) -> ServiceError {
    ServiceError::Refused(text.to_owned())
}
