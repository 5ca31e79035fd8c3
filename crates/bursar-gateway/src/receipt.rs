//! What an answer says about itself: its request id, its hold, its cost, what is left.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bursar_kernel::{Model, RequestId, Timestamp, Usd};
use bytes::{Bytes, BytesMut};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::gateway::Gateway;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const HOLD: HeaderName = HeaderName::from_static("x-bursar-hold");
const COST: HeaderName = HeaderName::from_static("x-bursar-cost");
const BALANCE: HeaderName = HeaderName::from_static("x-bursar-balance");
const MAX_OUTPUT_TOKENS: HeaderName = HeaderName::from_static("x-bursar-max-output-tokens");
const SANDBOX: HeaderName = HeaderName::from_static("x-bursar-sandbox");

/// What a call waited for here, in milliseconds (W3C Server Timing, 2023).
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

const SHUTDOWN: HeaderName = HeaderName::from_static("x-bursar-model-shutdown");

/// Bytes that the longest usual value has.
const VALUE_BYTES: usize = 32;

/// Days before a model's last day from which its answers say so: a term's notice.
const SHUTDOWN_NOTICE_DAYS: i64 = 90;

/// Headers of an upstream's answer that are passed on; of the rate limits, all.
const PASSED_ON: [&str; 2] = ["openai-version", "openai-processing-ms"];
const RATE_LIMITS: &str = "x-ratelimit-";

/// A settled call, as its answer tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// What was set aside.
    pub(crate) held: Usd,
    /// What it cost.
    pub(crate) cost: Usd,
    /// What the grant can still spend.
    pub(crate) available: Usd,
    /// How long its charge took to be durable.
    pub(crate) waited: Duration,
    /// Whether the cost may still be corrected.
    pub(crate) estimated: bool,
    /// The output limit that it was forwarded with, where that was lowered.
    pub(crate) lowered_to: Option<u64>,
}

impl Receipt {
    /// Adds what was held, what it cost and what is left.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        write_hold(headers, self.held, self.lowered_to);
        insert(headers, COST, format_args!("{}", self.cost));
        insert(headers, BALANCE, format_args!("{}", self.available));
        let micros = self.waited.as_micros();
        let (millis, rest) = (micros / 1_000, micros % 1_000);
        insert(headers, SERVER_TIMING, format_args!("commit;dur={millis}.{rest:03}"));
    }

    /// The same as comments of a stream, which no client reads as an event.
    pub(crate) fn comments(&self, request: RequestId) -> Bytes {
        let Self { held: _, cost, available, waited: _, estimated: _, lowered_to: _ } = self;
        format!(
            ": bursar-cost {cost}\n: bursar-balance {available}\n: bursar-request {request}\n\n"
        )
        .into()
    }
}

/// Adds what was set aside, and the output limit that it paid for, where that was lowered.
pub(crate) fn write_hold(headers: &mut HeaderMap, held: Usd, lowered_to: Option<u64>) {
    insert(headers, HOLD, format_args!("{held}"));
    if let Some(limit) = lowered_to {
        insert(headers, MAX_OUTPUT_TOKENS, format_args!("{limit}"));
    }
}

/// Says that a model's last day is near or past, and what follows it. It warns and never refuses.
pub(crate) fn warn_of_shutdown(headers: &mut HeaderMap, model: &Model, now: Timestamp) {
    let Some(day) = model.shutdown else { return };
    let notice = SignedDuration::from_hours(24 * SHUTDOWN_NOTICE_DAYS);
    let from = day.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp() - notice);
    if from.is_ok_and(|from| from <= now) {
        let successor = model.successor.as_ref().map(|name| format!("; successor={name}"));
        insert(headers, SHUTDOWN, format_args!("{day}{}", successor.unwrap_or_default()));
    }
}

/// An answer under the name of its call.
pub(crate) fn named(mut response: Response, request: RequestId) -> Response {
    let headers = response.headers_mut();
    insert(headers, REQUEST_ID, format_args!("{request}"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An answer to a request that is no call: it has a name all the same.
pub(crate) async fn label(State(gateway): State<Arc<Gateway>>, response: Response) -> Response {
    if response.headers().contains_key(REQUEST_ID) {
        return response;
    }
    let (request, _) = gateway.calls.new_request();
    named(response, request)
}

/// The headers of an upstream's answer that are passed on, and the label of a sandbox.
pub(crate) fn passed_on(upstream: &HeaderMap, is_sandbox: bool) -> HeaderMap {
    let passed = upstream.iter().filter(|(name, _)| {
        PASSED_ON.contains(&name.as_str()) || name.as_str().starts_with(RATE_LIMITS)
    });
    let mut headers: HeaderMap =
        passed.map(|(name, value)| (name.clone(), value.clone())).collect();
    if is_sandbox {
        headers.insert(SANDBOX, HeaderValue::from_static("true"));
    }
    headers
}

/// A JSON answer.
pub(crate) fn json(value: &impl serde::Serialize) -> Response {
    let bytes = serde_json::to_vec(value).expect("what is answered always serializes");
    let mut response = Response::new(Body::from(bytes));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// Writes a value where the header keeps it.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: fmt::Arguments<'_>) {
    let mut text = BytesMut::with_capacity(VALUE_BYTES);
    fmt::write(&mut text, value).expect("a buffer takes what it is told");
    let value = HeaderValue::from_maybe_shared(text.freeze());
    headers.insert(name, value.expect("identifiers and amounts are plain text"));
}
