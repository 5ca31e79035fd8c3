//! What somebody who watches the server can ask it: whether it lives, and how its upstreams are.
//! Never tells a credential or, but to the operator's own pages, an address.

use std::sync::Arc;

use axum::Json;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bursar_gateway::{UpstreamStanding, UpstreamState, UpstreamStates};
use bursar_portal::UpstreamShown;
use bursar_service::{Secret, Service};
use bursar_telemetry::Spans;
use bursar_upstream::Upstream;
use serde_json::{Value, json};

/// What the upstreams page shows of an upstream, but for how it is.
pub(crate) fn shown(upstream: &Upstream) -> UpstreamShown {
    UpstreamShown {
        name: upstream.name.clone(),
        base_url: upstream.base_url.clone(),
        group: upstream.group.to_string(),
        sandbox: upstream.is_sandbox,
        weight: upstream.weight,
        standing: String::new(),
        takes_calls: true,
        stopped: None,
    }
}

/// What the upstreams page shows, as the upstreams are now.
pub(crate) fn with_states(
    shown: &[UpstreamShown],
    upstreams: &UpstreamStates,
) -> Vec<UpstreamShown> {
    let states = upstreams.all();
    let now = |row: &UpstreamShown| {
        let state = states.iter().find(|state| state.name == row.name);
        let (takes_calls, standing) = match state.map(|state| state.standing) {
            None | Some(UpstreamStanding::In) => (true, "takes calls".to_owned()),
            Some(UpstreamStanding::Stopped) => (false, "stopped".to_owned()),
            Some(UpstreamStanding::Due { why }) => {
                (false, format!("{why}; the next call will see whether it still does"))
            }
            Some(UpstreamStanding::Out { why, until }) => {
                (false, format!("{why}; left alone until {until:.0}"))
            }
        };
        UpstreamShown { takes_calls, standing, ..row.clone() }
    };
    shown.iter().map(now).collect()
}

/// Whether the store answers; nothing more, so that anybody may ask.
pub(crate) async fn health(service: Arc<Service>) -> (StatusCode, &'static str) {
    match service.store().setting("health").await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store is out of reach\n"),
    }
}

/// How the upstreams are, for whoever has the administrator's token.
pub(crate) fn upstreams(
    states: &UpstreamStates,
    token_hash: [u8; 32],
    headers: &HeaderMap,
) -> Response {
    if !is_operators(token_hash, headers) {
        return only_the_operator("how the upstreams are");
    }
    let all: Vec<Value> = states.all().iter().map(as_json).collect();
    Json(json!({ "upstreams": all })).into_response()
}

/// What became of the spans of calls, for whoever has the administrator's token.
pub(crate) fn telemetry(
    spans: Option<&Spans>,
    token_hash: [u8; 32],
    headers: &HeaderMap,
) -> Response {
    if !is_operators(token_hash, headers) {
        return only_the_operator("what became of traces");
    }
    Json(json!({ "spans": spans.map(Spans::told) })).into_response()
}

fn is_operators(token_hash: [u8; 32], headers: &HeaderMap) -> bool {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    // Hashes are compared: how long that takes says nothing about the token.
    token.is_some_and(|token| Secret::from(token.trim().to_owned()).hash() == token_hash)
}

fn only_the_operator(what: &str) -> Response {
    let why = format!(
        "only the administrator's token sees {what}\n\
         hint: send `Authorization: Bearer TOKEN` with the content of `operator.token`\n"
    );
    (StatusCode::UNAUTHORIZED, why).into_response()
}

fn as_json(state: &UpstreamState) -> Value {
    let UpstreamState { name, group, weight, standing } = state;
    let (standing, why, until) = match standing {
        UpstreamStanding::In => ("in", None, None),
        UpstreamStanding::Stopped => ("stopped", Some(&"was stopped by an operator"), None),
        UpstreamStanding::Due { why } => ("due", Some(why), None),
        UpstreamStanding::Out { why, until } => ("out", Some(why), Some(until.to_string())),
    };
    json!({
        "name": name, "group": group.to_string(), "weight": weight,
        "state": standing, "why": why, "until": until,
    })
}
