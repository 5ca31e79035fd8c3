//! Bad input: the provider's envelope, the right status and code, what to do next; nothing charged.

use http::Method;

use crate::client::{Answer, chat, post, send};
use crate::world::World;

const CHAT: &str = "/v1/chat/completions";
const HI: &str = r#""messages":[{"role":"user","content":"Hi."}]"#;

fn check(answer: &Answer, status: u16, code: &str, says: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let (_, given, message) = answer.error();
    assert_eq!(given, code, "{message}");
    assert!(message.contains(says), "{message:?} does not say {says:?}");
    assert!(answer.header("x-request-id").starts_with("req_"));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn bodies_that_are_not_forwarded() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let bearer = format!("Bearer {}", funded.secret());
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    for (body, status, code, says) in [
        (String::new(), 400, "invalid_json", "not a JSON object"),
        ("{".to_owned(), 400, "invalid_json", "not a JSON object"),
        ("[]".to_owned(), 400, "invalid_json", "not a JSON object"),
        ("{}".to_owned(), 400, "missing_required_parameter", "model"),
        (r#"{"model":"gpt-4o-mini"}"#.to_owned(), 400, "missing_required_parameter", "messages"),
        (format!(r#"{{"model":"gpt-0",{HI}}}"#), 404, "model_not_found", "GET /v1/models"),
        (format!(r#"{{"model":"gpt-image-2",{HI}}}"#), 404, "model_not_found", "gpt-image-2"),
        (
            format!(r#"{{"model":"gpt-5",{HI}}}"#),
            404,
            "model_not_found",
            "/models/gpt-5; `GET /v1/models`",
        ),
        (
            format!(r#"{{"model":"text-embedding-3-small",{HI}}}"#),
            404,
            "model_not_found",
            "/embeddings",
        ),
        (
            format!(r#"{{"model":"gpt-4o-mini","max_tokens":-1,{HI}}}"#),
            400,
            "invalid_value",
            "max_tokens",
        ),
        (
            format!(r#"{{"model":"gpt-4o-mini","max_tokens":1e99,{HI}}}"#),
            400,
            "invalid_value",
            "max_tokens",
        ),
        (format!(r#"{{"model":"gpt-4o-mini","n":1000000,{HI}}}"#), 400, "invalid_value", "n"),
        (
            format!(r#"{{"model":"gpt-4o-mini","model":"o3",{HI}}}"#),
            400,
            "duplicate_parameter",
            "model",
        ),
        (
            format!(r#"{{"model":"gpt-4o-mini","free_lunch":true,{HI}}}"#),
            400,
            "unknown_parameter",
            "free_lunch",
        ),
    ] {
        let answer = send(world.address, Method::POST, CHAT, &headers, body).await;
        check(&answer, status, code, says);
    }
    assert!(world.calls_of(funded.grant).await.is_empty(), "nothing was held");
    assert!(world.sandbox.log().is_empty(), "nothing was forwarded");
}

#[tokio::test]
async fn an_absurd_output_limit_is_refused_and_a_large_one_is_held_for() {
    let world = World::new().await;
    let funded = world.funded("0.001").await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(u64::MAX, false)).await;
    check(&answer, 400, "invalid_value", "at most 16384");
    let answer = post(world.address, CHAT, funded.secret(), &chat(16_384, false)).await;
    check(&answer, 429, "credit_balance_exhausted", "max_completion_tokens");
}

#[tokio::test]
async fn keys_that_are_nobodys() {
    let world = World::new().await;
    for (headers, says) in [
        (vec![], "You didn't provide an API key"),
        (vec![("authorization", "")], "You didn't provide an API key"),
        (vec![("authorization", "Bearer ")], "You didn't provide an API key"),
        (vec![("authorization", "Basic YTpi")], "You didn't provide an API key"),
        (vec![("api-key", "sk-bursar-canary")], "You didn't provide an API key"),
        (vec![("authorization", "Bearer sk-bursar-canary")], "Incorrect API key provided"),
        (vec![("authorization", "Bearer sk bursar canary")], "Incorrect API key provided"),
    ] {
        for path in [CHAT, "/v1/embeddings", "/v1/moderations"] {
            let answer =
                send(world.address, Method::POST, path, &headers, chat(9, false).to_string()).await;
            check(&answer, 401, "invalid_api_key", says);
            assert!(!answer.text().contains("canary"), "{}", answer.text());
        }
        for path in ["/v1/models", "/v1/models/gpt-4o-mini", "/v1/bursar/calls/req_1"] {
            check(
                &send(world.address, Method::GET, path, &headers, "").await,
                401,
                "invalid_api_key",
                says,
            );
        }
    }
}

#[tokio::test]
async fn paths_and_methods_that_nothing_answers_to() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let bearer = format!("Bearer {}", funded.secret());
    let headers = [("authorization", &*bearer)];
    for (method, path, status, code, says) in [
        (Method::POST, "/v1/responses/resp_1", 405, "method_not_supported", "GET or DELETE"),
        (Method::POST, "/v1/responses/resp_1/x", 404, "unknown_url", "POST /v1/responses/resp_1"),
        (Method::POST, "/v1/chat/completions/", 404, "unknown_url", "/v1/chat/completions"),
        (Method::POST, "/v1/engines/gpt-4o-mini/completions", 404, "unknown_url", "Invalid URL"),
        (Method::GET, "/v1", 404, "unknown_url", "Invalid URL"),
        (Method::GET, CHAT, 405, "method_not_supported", "Use POST"),
        (Method::DELETE, "/v1/models/gpt-4o-mini", 405, "method_not_supported", "Use GET"),
        (Method::GET, "/v1/models/gpt-0", 404, "model_not_found", "GET /v1/models"),
        (Method::GET, "/v1/models/gpt-5", 404, "model_not_found", "limited access"),
        (Method::GET, "/v1/bursar/calls/nonsense", 404, "call_not_found", "x-request-id"),
    ] {
        check(&send(world.address, method, path, &headers, "").await, status, code, says);
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_whether_or_not_its_length_was_declared() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let most = bursar_kernel::limits::GATEWAY_BODY_BYTES_MAX;
    let mut body = chat(9, false);
    body["messages"][0]["content"] = "x".repeat(most).into();
    let answer = post(world.address, CHAT, funded.secret(), &body).await;
    check(&answer, 413, "request_too_large", "16777216 bytes");
    let address = world.address;
    let secret = funded.secret().to_owned();
    let text = crate::bypass::chunked(address, &secret, body.to_string().as_bytes()).await;
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
}
