//! What a response in the background cost is what it says itself, once it has ended.

use bursar_calls::{Known, OperationEnd};
use bursar_kernel::{Endpoint, ServiceTier};
use bursar_meter::{Answer, price, read_answer};
use bursar_store::rows::{Belonging, CallOutcome, Owed, What};
use http::Method;
use serde::Deserialize;

use super::Looked;
use crate::asking::{NotDone, ask_text};
use crate::gateway::Gateway;
use crate::weigh::weighing;
use bursar_failures::Failure;

/// What matters of an upstream's response.
#[derive(Deserialize)]
struct Seen {
    id: String,
    status: String,
}

/// Looks at a response, and reads what it used if it has ended.
pub(super) async fn look(
    gateway: &Gateway,
    mut row: Belonging,
    owed: &Owed,
) -> Result<Looked, NotDone> {
    let provider = gateway.provider_named(&row.upstream).map_err(NotDone::Lost)?;
    let name = row.upstream_id.clone().unwrap_or_default();
    let text =
        ask_text(&provider, gateway.asking(Method::GET, format!("/responses/{name}"))).await?;
    let strange = || NotDone::Lost(Failure::strange_answer());
    let seen: Seen = serde_json::from_str(&text).map_err(|_| strange())?;
    if seen.id != name {
        return Err(strange());
    }
    let outcome = match seen.status.as_str() {
        "completed" | "incomplete" => CallOutcome::Answered,
        "failed" => CallOutcome::UpstreamFailed,
        "cancelled" => CallOutcome::Abandoned,
        _ => return Ok(Looked { row, end: None }),
    };
    let read = weighing(text.len(), move || read_answer(Endpoint::Responses, text.as_bytes()));
    let answer = read.await.ok_or_else(strange)?;
    if let What::Response(facts) = &mut row.what {
        facts.context = answer.context(facts.context);
    }
    let known = known(gateway, owed, &answer, outcome);
    Ok(Looked { row, end: Some(known.map_or(OperationEnd::Unknown, OperationEnd::Known)) })
}

/// `None` where its provider does not say what it used, or that has no price.
fn known(gateway: &Gateway, owed: &Owed, answer: &Answer, outcome: CallOutcome) -> Option<Known> {
    let usage = answer.usage?;
    let tier: ServiceTier = answer.tier.unwrap_or(owed.tier);
    let catalog = gateway.calls.catalog_of(&owed.price_version);
    let model = catalog.models.get(&owed.model)?;
    let cost = price(model.prices.as_ref()?, tier, &usage).ok()?;
    Some(Known { usage, cost, tier, outcome })
}
