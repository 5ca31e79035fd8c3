//! Streams: byte for byte, priced in their closing comments, never ended before their charge.

use serde_json::{Value, json};

use crate::client::{Answer, chat, get, post};
use crate::world::{UPSTREAM_KEY, World, usd};

const CHAT: &str = "/v1/chat/completions";

/// The same body sent past the gateway, as the gateway would forward it.
async fn direct(world: &World, body: &Value) -> Answer {
    let mut body = body.clone();
    body["service_tier"] = "default".into();
    post(world.upstream, CHAT, UPSTREAM_KEY, &body).await
}

/// What differs between two calls of one body: names and instants.
fn without_names(events: Vec<&str>) -> Vec<Value> {
    let parsed = events.into_iter().filter(|event| *event != "[DONE]").map(|event| {
        let mut event: Value = serde_json::from_str(event).unwrap();
        event["id"] = Value::Null;
        event["created"] = Value::Null;
        event["obfuscation"] = Value::Null;
        event
    });
    parsed.collect()
}

#[tokio::test]
async fn a_stream_with_usage_is_what_the_provider_sends() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let mut body = chat(60, true);
    body["stream_options"] = json!({"include_usage": true, "include_obfuscation": false});
    let ours = post(world.address, CHAT, funded.secret(), &body).await;
    let theirs = direct(&world, &body).await;
    assert_eq!(without_names(ours.events()), without_names(theirs.events()));
    assert_eq!(ours.events().last(), Some(&"[DONE]"));
    assert!(ours.text().contains(r#""usage":null"#), "chunks before the last say null");
}

#[tokio::test]
async fn a_stream_without_usage_hides_what_was_switched_on() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let mut body = chat(60, true);
    body["stream_options"] = json!({"include_obfuscation": false});
    let ours = post(world.address, CHAT, funded.secret(), &body).await;
    let theirs = direct(&world, &body).await;
    assert_eq!(without_names(ours.events()), without_names(theirs.events()));
    assert!(!ours.text().contains("usage"), "{}", ours.text());
}

#[tokio::test]
async fn a_stream_ends_with_its_cost_which_is_in_the_books_by_then() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(60, true)).await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-bursar-sandbox"), "true");
    let cost = usd(answer.comment("bursar-cost").unwrap());
    let request = answer.header("x-request-id");
    assert_eq!(answer.comment("bursar-request"), Some(request));
    let left = usd("1").checked_sub(cost).unwrap().to_string();
    assert_eq!(answer.comment("bursar-balance"), Some(&*left));
    assert!(cost <= usd(answer.header("x-bursar-hold")));
    assert!(answer.text().ends_with("\n\ndata: [DONE]\n\n"), "{}", answer.text());
    // Not waited for: the charge came before the end of the stream.
    let path = format!("/v1/bursar/calls/{request}");
    let call = get(world.address, &path, funded.secret()).await.json();
    assert_eq!(call["cost"], cost.to_string());
    assert_eq!(call["outcome"], "answered");
    assert_eq!(call["streamed"], true);
    let stranger = world.funded("1").await;
    let hidden = get(world.address, &path, stranger.secret()).await;
    assert_eq!(hidden.status, 404);
    assert_eq!(hidden.error().1, "call_not_found");
}

#[tokio::test]
async fn a_plain_answer_is_what_the_provider_sends_and_tells_its_cost() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let body = chat(60, false);
    let ours = post(world.address, CHAT, funded.secret(), &body).await;
    let theirs = direct(&world, &body).await;
    let compact = |answer: &Answer| without_names(vec![answer.text()]);
    assert_eq!(compact(&ours), compact(&theirs));
    let cost = usd(ours.header("x-bursar-cost"));
    assert!(cost.is_positive() && cost <= usd(ours.header("x-bursar-hold")));
    assert_eq!(usd(ours.header("x-bursar-balance")).checked_add(cost), Some(usd("1")));
    assert!(ours.header("x-request-id").starts_with("req_"));
    assert_eq!(ours.header("openai-version"), theirs.header("openai-version"));
    assert_ne!(ours.header("x-ratelimit-limit-requests"), "");
    assert_eq!(ours.header("openai-organization"), "", "whose account it is stays hidden");
}

#[tokio::test]
async fn every_charge_is_the_price_table_times_the_reported_usage() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let long = "A long shared beginning that the provider reads from its cache. ".repeat(200);
    let cached = json!({
        "model": "gpt-4.1-mini", "n": 2, "max_tokens": 30,
        "messages": [{"role": "system", "content": long}, {"role": "user", "content": "Go on."}],
    });
    let embedding = json!({"model": "text-embedding-3-small", "input": ["a", "few words"]});
    let priority = json!({
        "model": "gpt-4.1-mini", "service_tier": "priority", "max_completion_tokens": 20,
        "messages": [{"role": "user", "content": "Hurry."}],
    });
    for (path, body) in [
        (CHAT, chat(60, false)),
        (CHAT, chat(60, true)),
        (CHAT, cached.clone()),
        (CHAT, cached),
        (CHAT, priority),
        ("/v1/embeddings", embedding),
    ] {
        let answer = post(world.address, path, funded.secret(), &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    }
    let calls = world.calls_of(funded.grant).await;
    assert_eq!(calls.len(), 6);
    assert!(calls.iter().any(|call| 0 < call.usage.cached), "the cache was read");
    let catalog = world.service.catalog();
    for call in calls {
        let prices = catalog.models[&call.model].prices.as_ref().unwrap();
        let price = bursar_meter::price(prices, call.tier, &call.usage);
        assert_eq!(Ok(call.cost), price, "{call:?}");
        assert_eq!(call.price_version, catalog.version);
        assert!(call.cost <= call.held);
    }
    world.verify().await;
}
