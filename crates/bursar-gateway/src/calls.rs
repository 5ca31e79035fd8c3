//! `GET /v1/bursar/calls/{request id}`: what any call cost, by its name.

use axum::response::Response;
use bursar_kernel::{RequestId, Usage, Usd};
use http::HeaderMap;
use serde::Serialize;

use crate::errors::Failure;
use crate::gateway::Gateway;
use crate::identify::identify;
use crate::receipt::json;

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

/// A settled call of the caller's own grant; any other does not exist for it. Also once the grant
/// has expired: an account of what was spent is not a call.
pub(crate) async fn show(
    gateway: &Gateway,
    headers: &HeaderMap,
    name: &str,
) -> Result<Response, Failure> {
    let caller = identify(&gateway.calls, headers).await?;
    let request: RequestId = name.parse().map_err(|_| Failure::unknown_call())?;
    let call = gateway.calls.call_of(&caller, request).await;
    let call = call.map_err(|error| Failure::no_store(&error))?;
    let call = call.ok_or_else(Failure::unknown_call)?;
    let corrected = gateway.calls.corrected(&call).await;
    let corrected = corrected.map_err(|error| Failure::no_store(&error))?;
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
