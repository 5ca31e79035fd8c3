//! The table of what an upstream refuses, and what the caller hears of it. Nothing is charged.

use bursar_kernel::Usd;
use bursar_store::rows::{Basis, CallOutcome};

use crate::client::{chat, post};
use crate::world::{UPSTREAM_KEY, World};

/// Status, type, code, and `Retry-After` of what the upstream says; then of what the caller hears.
type Row = (
    (u16, &'static str, &'static str, &'static str),
    (u16, &'static str, &'static str, &'static str),
);

const TABLE: [Row; 14] = [
    // Its words are passed on where they are for the caller.
    (
        (400, "invalid_request_error", "context_length_exceeded", ""),
        (400, "invalid_request_error", "context_length_exceeded", ""),
    ),
    (
        (404, "invalid_request_error", "model_not_found", ""),
        (404, "invalid_request_error", "model_not_found", ""),
    ),
    (
        (413, "invalid_request_error", "request_too_large", ""),
        (413, "invalid_request_error", "request_too_large", ""),
    ),
    (
        (422, "invalid_request_error", "invalid_value", ""),
        (422, "invalid_request_error", "invalid_value", ""),
    ),
    // Too fast is nobody's fault: wait.
    ((429, "tokens", "rate_limit_exceeded", "7"), (429, "tokens", "rate_limit_exceeded", "7")),
    ((429, "requests", "slow_down", ""), (429, "requests", "rate_limit_exceeded", "1")),
    // Its quarrel with the gateway is not the caller's.
    (
        (401, "invalid_request_error", "invalid_api_key", ""),
        (503, "server_error", "upstream_unavailable", "30"),
    ),
    (
        (402, "billing_error", "payment_required", ""),
        (503, "server_error", "upstream_unavailable", "30"),
    ),
    (
        (403, "invalid_request_error", "unsupported_country", ""),
        (503, "server_error", "upstream_unavailable", "30"),
    ),
    (
        (429, "insufficient_quota", "credit_balance_exhausted", "5"),
        (503, "server_error", "upstream_unavailable", "30"),
    ),
    (
        (429, "insufficient_quota", "insufficient_quota", ""),
        (503, "server_error", "upstream_unavailable", "30"),
    ),
    (
        (400, "invalid_request_error", "billing_hard_limit_reached", ""),
        (503, "server_error", "upstream_unavailable", "30"),
    ),
    // Its failures are its own.
    ((500, "server_error", "server_error", ""), (500, "server_error", "server_error", "")),
    (
        (503, "service_unavailable_error", "server_is_overloaded", "3"),
        (503, "service_unavailable_error", "server_is_overloaded", "3"),
    ),
];

#[tokio::test]
async fn the_table_of_refusals() {
    let world = World::new().await;
    for ((status, kind, code, after), (heard, heard_kind, heard_code, heard_after)) in TABLE {
        let after = if after.is_empty() { "null" } else { after };
        world.profile(&format!(
            r#"{{"fail": {{"status": {status}, "type": "{kind}", "code": "{code}",
               "message": "at http://{} with {UPSTREAM_KEY}", "retry_after_s": {after}}}}}"#,
            world.upstream
        ));
        for stream in [false, true] {
            let funded = world.funded("1").await;
            let path = "/v1/chat/completions";
            let answer = post(world.address, path, funded.secret(), &chat(60, stream)).await;
            let (given_kind, given_code, message) = answer.error();
            assert_eq!(answer.status, heard, "{status} {code}: {}", answer.text());
            assert_eq!((&*given_kind, &*given_code), (heard_kind, heard_code), "{status} {code}");
            assert_eq!(answer.header("retry-after"), heard_after, "{status} {code}");
            assert_eq!(answer.header("content-type"), "application/json");
            for secret in [UPSTREAM_KEY, &world.upstream.to_string()] {
                assert!(!message.contains(secret), "{message}");
            }
            let call = world.call_of(funded.grant).await;
            assert_eq!((call.basis, call.cost), (Basis::Nothing, Usd::ZERO));
            assert_eq!((call.outcome, call.status), (CallOutcome::UpstreamFailed, heard));
            assert_eq!(world.money(funded.grant).await, (Usd::from_dollars(1).unwrap(), Usd::ZERO));
        }
    }
    world.verify().await;
}

#[tokio::test]
async fn a_model_that_the_provider_has_shut_down_names_its_successor() {
    let world = World::new().await;
    world.profile(
        r#"{"fail": {"status": 404, "type": "invalid_request_error", "code": "model_not_found"}}"#,
    );
    let funded = world.funded("1").await;
    let path = "/v1/chat/completions";
    let answer = post(world.address, path, funded.secret(), &chat(60, false)).await;
    let successor = world.service.catalog().models["gpt-4o-mini"].successor.clone().unwrap();
    let (_, _, message) = answer.error();
    assert!(message.contains(&format!("`{successor}`")), "{message}");
}
