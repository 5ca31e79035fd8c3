//! `GET /dashboard/billing/credit_grants`: what was granted, used and is left, in the shape that
//! the provider's old page had and tools still ask for.

use bursar_calls::{Caller, Calls, Credit};
use bursar_kernel::{Category, Timestamp, Usd};
use bursar_store::{LotState, ReadError};
use http::Uri;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::costs::number;
use crate::query::BadQuery;
use crate::{Refused, json};

#[derive(Debug, Serialize)]
struct Summary {
    object: &'static str,
    total_granted: Box<RawValue>,
    total_used: Box<RawValue>,
    total_available: Box<RawValue>,
    total_paid_available: Box<RawValue>,
    grants: List,
}

#[derive(Debug, Serialize)]
struct List {
    object: &'static str,
    data: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    object: &'static str,
    id: String,
    grant_amount: Box<RawValue>,
    used_amount: Box<RawValue>,
    effective_at: i64,
    expires_at: i64,
}

/// Refuses a query: there is nothing to choose.
pub(crate) fn check(uri: &Uri) -> Result<(), BadQuery> {
    if let Some((name, _)) = uri.query().map(|query| query.split_once('=').unwrap_or((query, ""))) {
        let param: String = name.chars().take(64).collect();
        let message = format!("Unknown parameter: `{param}`. This takes none.");
        return Err(BadQuery { param, code: "unknown_parameter", message });
    }
    Ok(())
}

/// What can be spent at an instant: by the grant, and by the key that asks, which may have a cap.
pub(crate) struct Left {
    pub(crate) of_grant: Usd,
    pub(crate) of_key: Usd,
}

/// What can be spent now: no more than is left of the key's own cap, nothing before delivery and
/// nothing after expiry.
pub(crate) fn left(credit: &Credit, now: Timestamp) -> Result<Left, ReadError> {
    let of_grant = sum(spendable_now(credit, &credit.lots, now))?;
    Ok(Left { of_grant, of_key: capped(credit, of_grant) })
}

/// What the caller's grant was given and has left. Available is what this key can spend now.
pub(crate) async fn summary(calls: &Calls, caller: &Caller) -> Result<Box<RawValue>, Refused> {
    let (credit, now) = (calls.credit(caller).await?, calls.now());
    let paid = credit.lots.iter().filter(|state| state.lot.category == Category::Paid);
    let paid = sum(spendable_now(&credit, paid, now))?;
    Ok(json(&Summary {
        object: "credit_summary",
        total_granted: number(sum(credit.lots.iter().map(|state| state.lot.face))?),
        total_used: number(credit.used),
        total_available: number(left(&credit, now)?.of_key),
        total_paid_available: number(capped(&credit, paid)),
        grants: List { object: "list", data: shown(&credit.lots, credit.used) },
    }))
}

fn spendable_now<'a>(
    credit: &Credit,
    lots: impl IntoIterator<Item = &'a LotState>,
    now: Timestamp,
) -> impl Iterator<Item = Usd> {
    let is_available = credit.available;
    lots.into_iter().filter(move |_| is_available).map(move |state| spendable(state, now))
}

fn capped(credit: &Credit, amount: Usd) -> Usd {
    credit.left_of_cap.map_or(amount, |left| amount.min(left))
}

/// Each lot with what was used of it. What calls cost is known of all lots together: it is told of
/// those that can have paid it, the soonest to expire first, as they are spent.
fn shown(lots: &[LotState], used: Usd) -> Vec<Shown> {
    let mut by_expiry: Vec<&LotState> = lots.iter().collect();
    by_expiry.sort_by_key(|state| (state.lot.expires_at, state.lot.id));
    let mut rest = used;
    let lots = by_expiry.into_iter().map(|state| {
        let lot = &state.lot;
        let stands = state.balance.posted.checked_add(state.lent.posted).unwrap_or(Usd::MAX);
        let gone = lot.face.checked_sub(stands).unwrap_or(Usd::ZERO);
        let used = rest.min(gone).max(Usd::ZERO);
        rest = rest.checked_sub(used).unwrap_or(Usd::ZERO);
        Shown {
            object: "credit_grant",
            id: lot.id.to_string(),
            grant_amount: number(lot.face),
            used_amount: number(used),
            effective_at: lot.active_from.as_second(),
            expires_at: lot.expires_at.as_second(),
        }
    });
    lots.collect()
}

fn spendable(state: &LotState, now: Timestamp) -> Usd {
    let is_alive = state.lot.active_from <= now && now < state.lot.expires_at;
    if is_alive { state.available().max(Usd::ZERO) } else { Usd::ZERO }
}

fn sum(amounts: impl Iterator<Item = Usd>) -> Result<Usd, ReadError> {
    Usd::sum(amounts).ok_or_else(|| ReadError("the credit is too large to add".to_owned()))
}
