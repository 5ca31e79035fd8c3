//! The headers of every answer: the provider's, and the one that says it is a sandbox.

use axum::response::Response;
use http::{HeaderMap, HeaderValue};

/// Requests and tokens a minute that the headers name. Nothing enforces them: a sandbox has no
/// neighbours to protect, and tests ask for refusals through the profile.
const REQUESTS_PER_MINUTE: u64 = 10_000;
const TOKENS_PER_MINUTE: u64 = 30_000_000;

/// Adds the headers that any answer carries.
pub(crate) fn label(response: &mut Response, request_id: &str, processing_ms: u64) {
    let headers = response.headers_mut();
    headers.insert("x-bursar-sandbox", HeaderValue::from_static("true"));
    headers.insert("openai-version", HeaderValue::from_static("2020-10-01"));
    headers.insert("openai-organization", HeaderValue::from_static("bursar-sandbox"));
    headers.insert("openai-processing-ms", HeaderValue::from(processing_ms));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
}

/// Adds the rate limits as they stand after one call of so many tokens.
pub(crate) fn rate_limits(headers: &mut HeaderMap, tokens: u64) {
    let tokens_left = TOKENS_PER_MINUTE.saturating_sub(tokens);
    let reset_ms = |used: u64, limit: u64| format!("{}ms", (used * 60_000).div_ceil(limit));
    let used = TOKENS_PER_MINUTE - tokens_left;
    for (name, value) in [
        ("x-ratelimit-limit-requests", REQUESTS_PER_MINUTE.to_string()),
        ("x-ratelimit-limit-tokens", TOKENS_PER_MINUTE.to_string()),
        ("x-ratelimit-remaining-requests", (REQUESTS_PER_MINUTE - 1).to_string()),
        ("x-ratelimit-remaining-tokens", tokens_left.to_string()),
        ("x-ratelimit-reset-requests", reset_ms(1, REQUESTS_PER_MINUTE)),
        ("x-ratelimit-reset-tokens", reset_ms(used, TOKENS_PER_MINUTE)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}
