//! `GET /v1/bursar/calls/{request id}`: what any call cost, by its name.

use bursar_calls::{Caller, Calls};
use bursar_kernel::{RequestId, Usage, Usd};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Refused, json};

/// A settled call. Amounts are dollars as exact decimals.
#[derive(Serialize)]
struct Shown<'a> {
    object: &'static str,
    request_id: RequestId,
    endpoint: &'static str,
    model: &'a str,
    service_tier: &'static str,
    streamed: bool,
    status: u16,
    outcome: &'static str,
    usage: Usage,
    held: Usd,
    cost: Usd,
    /// What it costs since its last correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<Usd>,
    basis: &'static str,
    estimated: bool,
    price_version: &'a str,
    started_at: String,
    ended_at: String,
}

/// A settled call of the caller's own grant; any other does not exist for it.
pub(crate) async fn show(
    calls: &Calls,
    caller: &Caller,
    request: RequestId,
) -> Result<Box<RawValue>, Refused> {
    let call = calls.call_of(caller, request).await?.ok_or(Refused::UnknownCall)?;
    let corrected = calls.corrected(&call).await?;
    Ok(json(&Shown {
        object: "bursar.call",
        request_id: call.request,
        endpoint: call.endpoint.name(),
        model: call.model.as_str(),
        service_tier: call.tier.name(),
        streamed: call.streamed,
        status: call.status,
        outcome: call.outcome.name(),
        usage: call.usage,
        held: call.held,
        cost: call.cost,
        corrected,
        basis: call.basis.name(),
        estimated: call.basis.is_estimate(),
        price_version: call.price_version.as_str(),
        started_at: call.started_at.to_string(),
        ended_at: call.ended_at.to_string(),
    }))
}
