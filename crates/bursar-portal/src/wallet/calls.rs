//! Calls: each with its cost to the last digit, and how that cost came about.

use std::collections::BTreeMap;

use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::{GrantId, KeyId, RequestId};
use bursar_service::GrantPage;
use bursar_store::CallFilter;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_ui::{Status, Tone, routes};
use serde::Deserialize;

use super::arithmetic::arithmetic;
use crate::pages::wallet::{CallPage, CallRow, Calls};
use bursar_web::{Answer, Asked, At, OrPage, Visit};

#[derive(Default, Deserialize)]
pub(super) struct Older {
    /// Only calls older than this one.
    before: Option<RequestId>,
    /// How many came before, for the reader's eye only.
    #[serde(default)]
    after: usize,
}

pub(super) async fn list(visit: Visit, At(id): At<GrantId>, Asked(asked): Asked<Older>) -> Answer {
    let page = visit.service().grant(&visit.viewer, id).await.or_page(&visit)?;
    // One more than a page tells whether there is another.
    let limit = ROWS_PER_PAGE.saturating_add(1);
    let filter = CallFilter { grant: id, person: None, before: asked.before, limit };
    let mut calls = visit.service().calls_made(&visit.viewer, filter).await.or_page(&visit)?;
    let has_older = calls.len() == limit;
    calls.truncate(ROWS_PER_PAGE);
    let shown = asked.after.saturating_add(calls.len());
    let path = routes::grant_calls(id);
    let last = calls.last().filter(|_| has_older);
    let keys = key_names(&page);
    let total: u64 = page.keys.iter().map(|line| line.spend.calls).sum();
    visit.page(&Calls {
        grant: id,
        title: page.grant.title.clone(),
        newer: asked.before.map(|_| path.clone()),
        older: last.map(|last| format!("{path}?before={}&after={shown}", last.request)),
        position: format!("{} to {shown} of {total}", asked.after.saturating_add(1)),
        rows: calls.iter().map(|call| row(call, &keys)).collect(),
    })
}

pub(super) async fn show(visit: Visit, At(at): At<(GrantId, RequestId)>) -> Answer {
    let (id, request) = at;
    let call = visit.service().call(&visit.viewer, id, request).await.or_page(&visit)?;
    let page = visit.service().grant(&visit.viewer, id).await.or_page(&visit)?;
    let sums = arithmetic(&visit.service().calls().catalog_of(&call.price_version), &call);
    let corrections =
        bursar_operator::corrections_of(visit.service(), std::slice::from_ref(&call)).await;
    let corrections = corrections.or_page(&visit)?.remove(&call.hold).unwrap_or_default();
    let corrections = corrections.into_iter().map(|made| (made.at, made.cost, made.reason));
    visit.page(&CallPage {
        grant: id,
        id: request,
        at: call.started_at,
        model: call.model.to_string(),
        endpoint: call.endpoint,
        key: key_name(&key_names(&page), call.key),
        status: status(&call),
        basis: basis(call.basis).to_owned(),
        tier: call.tier.name().to_owned(),
        held: call.held,
        cost: call.cost,
        corrections: corrections.collect(),
        note: note(&call, sums.lines.is_empty()),
        lines: sums.lines,
        sum: sums.sum,
        prices: call.price_version,
    })
}

fn key_names(page: &GrantPage) -> BTreeMap<KeyId, String> {
    page.keys.iter().map(|line| (line.key.id, line.key.name.clone())).collect()
}

fn key_name(names: &BTreeMap<KeyId, String>, key: KeyId) -> String {
    names.get(&key).cloned().unwrap_or_else(|| key.to_string())
}

fn row(call: &Call, keys: &BTreeMap<KeyId, String>) -> CallRow {
    CallRow {
        id: call.request,
        at: call.started_at,
        model: call.model.to_string(),
        endpoint: call.endpoint,
        key: key_name(keys, call.key),
        input: call.usage.input_total(),
        output: call.usage.output_total(),
        cost: call.cost,
        status: status(call),
    }
}

fn status(call: &Call) -> Status {
    match (call.outcome, call.basis.is_estimate()) {
        (CallOutcome::Answered, false) => Status::new(Tone::Good, "Answered"),
        (CallOutcome::Answered, true) => Status::new(Tone::Warning, "Answered, estimated"),
        (CallOutcome::Abandoned, _) => Status::new(Tone::Neutral, "Client left"),
        (CallOutcome::UpstreamFailed, _) => Status::new(Tone::Bad, "Provider failed"),
        (CallOutcome::CutOff, _) => Status::new(Tone::Warning, "Cut off"),
        (CallOutcome::Lost, _) => Status::new(Tone::Warning, "Lost"),
    }
}

const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Reported => "The provider's own report",
        Basis::Counted => "A count of what was sent and seen",
        Basis::HeldInFull => "The whole hold",
        Basis::Nothing => "Nothing was produced",
        Basis::Settled => "What an operator found",
    }
}

fn note(call: &Call, no_lines: bool) -> Option<String> {
    let text = match (call.basis, call.outcome) {
        (Basis::HeldInFull, _) => {
            "Estimated: nobody knows what was used, so the whole hold was charged. The provider's \
             own figures can still correct it."
        }
        (Basis::Counted, _) => {
            "Estimated: the provider reported no usage, so it was counted from what was sent and \
             seen. The provider's own figures can still correct it."
        }
        (Basis::Reported, CallOutcome::Abandoned) => {
            "The client left before the end; the provider reported what was used."
        }
        (Basis::Reported, _) if no_lines && call.cost.is_positive() => {
            "Priced by a table that is no longer loaded, so its arithmetic is not shown."
        }
        (Basis::Settled, _) => {
            "The gateway stopped before it could write what the call cost. An operator settled it \
             afterwards, from the provider's own figures; what it used is not known here."
        }
        (Basis::Nothing, _) => "Nothing was produced, so nothing is due.",
        (Basis::Reported, _) => return None,
    };
    Some(text.to_owned())
}
