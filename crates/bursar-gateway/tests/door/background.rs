//! Responses in the background: held for on the lots, charged once, whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::{get as getting, post as posting};
use bursar_kernel::{Endpoint, Usd};
use bursar_policy::Viewer;
use bursar_store::BookReads as _;
use bursar_store::rows::{Basis, CallOutcome};
use bursar_store::suspense::{SuspenseReason, SuspenseVerdict};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::batches::delete;
use crate::client::{get, open, post};
use crate::stored::{RESPONSES, ask, id, made, shown};
use crate::world::{Funded, World, listen, usd};

/// A response in the background that is under way: its name.
async fn begun(world: &World, who: &Funded) -> String {
    id(&made(world, who, &json!({"background": true})).await)
}

/// What it costs when it is waited for.
async fn list_price(world: &World) -> Usd {
    let who = world.funded("1").await;
    usd(made(world, &who, &json!({})).await.header("x-bursar-cost"))
}

/// What a response was charged, once it was.
async fn charged(world: &World, who: &Funded) -> (Usd, CallOutcome, Basis) {
    let call = world.call_of(who.grant).await;
    assert_eq!((call.endpoint, call.model.as_str()), (Endpoint::Responses, "gpt-4.1-mini"));
    let (free, held) = world.money(who.grant).await;
    assert!(held.is_zero(), "the rest came back");
    assert_eq!(free.checked_add(call.cost), Some(usd("1")), "charged once");
    (call.cost, call.outcome, call.basis)
}

async fn in_suspense(world: &World, who: &Funded) -> Usd {
    world.store.suspense_of(who.grant).await.unwrap().in_question
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_charged_once_though_two_servers_ask_and_everybody_looks() {
    let world = World::new().await;
    let price = list_price(&world).await;
    let who = world.funded("1").await;
    let answer = made(&world, &who, &json!({"background": true, "metadata": {"a": "b"}})).await;
    assert_eq!(
        (&answer.json()["status"], &answer.json()["usage"]),
        (&json!("queued"), &Value::Null)
    );
    let hold = usd(answer.header("x-bursar-hold"));
    assert_eq!(world.money(who.grant).await.1, hold, "it lies on the lot itself");
    let name = id(&answer);
    world.poll().await;
    assert_eq!(world.money(who.grant).await.1, hold, "it is under way");
    world.a_minute_later();
    for _ in 0..3 {
        assert_eq!(shown(&world, who.secret(), &name).await.json()["status"], "completed");
        assert_eq!(world.money(who.grant).await.1, hold, "nobody is charged by looking");
    }
    let mut other = world.another_poller().await;
    tokio::join!(world.poll(), other.ask_after_all());
    tokio::join!(other.ask_after_all(), world.poll());
    let request = answer.header("x-request-id");
    let record = get(world.address, &format!("/v1/bursar/calls/{request}"), who.secret()).await;
    assert_eq!(usd(record.json()["cost"].as_str().unwrap()), price, "under the name of its call");
    let expected = (price, CallOutcome::Answered, Basis::Reported);
    assert_eq!(charged(&world, &who).await, expected);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_charged_though_nobody_ever_asks_and_its_server_is_killed() {
    let world = World::new().await;
    let price = list_price(&world).await;
    let who = world.funded("1").await;
    begun(&world, &who).await;
    let held = world.money(who.grant).await.1;
    let world = world.after_a_crash().await;
    assert_eq!(world.money(who.grant).await.1, held, "its hold outlives whoever placed it");
    world.a_minute_later();
    world.poll().await;
    assert_eq!(charged(&world, &who).await.0, price);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_cancelled_is_charged_what_it_used() {
    let world = World::new().await;
    let price = list_price(&world).await;
    world.profile(r#"{"background_ms": 120000}"#);
    let who = world.funded("1").await;
    let name = begun(&world, &who).await;
    world.a_minute_later();
    let path = format!("{RESPONSES}/{name}/cancel");
    let cancelled = post(world.address, &path, who.secret(), &json!({})).await;
    assert_eq!(cancelled.json()["status"], "cancelled", "{}", cancelled.text());
    assert!(world.money(who.grant).await.1.is_positive(), "one job charges, and nobody else");
    world.poll().await;
    let (cost, outcome, basis) = charged(&world, &who).await;
    assert_eq!((outcome, basis), (CallOutcome::Abandoned, Basis::Reported));
    assert!(cost.is_positive() && cost < price, "{cost} of {price}");
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_cost_nobody_says_goes_to_suspense_and_is_never_free() {
    let world = World::new().await;
    world.profile(r#"{"usage": "omitted"}"#);
    let who = world.funded("1").await;
    let name = begun(&world, &who).await;
    let held = world.money(who.grant).await.1;
    world.a_minute_later();
    world.poll().await;
    assert_eq!(
        (world.money(who.grant).await.1, in_suspense(&world, &who).await),
        (Usd::ZERO, held)
    );
    assert!(world.calls_of(who.grant).await.is_empty(), "somebody settles it first");
    let viewer = Viewer::Operator;
    let (lines, _) = bursar_operator::suspense(&world.service, &viewer, 0, 9).await.unwrap();
    assert_eq!(lines[0].what.why, SuspenseReason::ResponseUnknown);
    let (line, verdict) = (lines[0].what.id, SuspenseVerdict::Cost(usd("0.0001")));
    bursar_operator::settle_suspense(&world.service, &viewer, line, verdict, "their report")
        .await
        .unwrap();
    assert_eq!(charged(&world, &who).await.0, usd("0.0001"));
    assert_eq!(shown(&world, who.secret(), &name).await.json()["status"], "completed");
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_never_ends_is_given_up_when_its_time_is_over() {
    let world = World::new().await;
    world.profile(r#"{"background_ms": 999999999999}"#);
    let who = world.funded("1").await;
    begun(&world, &who).await;
    let held = world.money(who.grant).await.1;
    for _ in 0..24 * 60 + 14 {
        world.a_minute_later();
    }
    world.poll().await;
    assert_eq!(world.money(who.grant).await.1, held, "it has a day and a quarter of an hour");
    world.a_minute_later();
    world.poll().await;
    assert_eq!(
        (world.money(who.grant).await.1, in_suspense(&world, &who).await),
        (Usd::ZERO, held)
    );
    world.poll().await;
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_charged_yet_cannot_be_deleted() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let name = begun(&world, &who).await;
    let path = format!("{RESPONSES}/{name}");
    for _ in 0..2 {
        let early = delete(&world, who.secret(), &path).await;
        assert_eq!((early.status.as_u16(), &*early.error().1), (409, "response_in_use"));
        world.a_minute_later();
    }
    world.poll().await;
    assert_eq!(delete(&world, who.secret(), &path).await.status, 200);
    assert!(charged(&world, &who).await.0.is_positive());
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_fit_is_refused_before_it_is_sent() {
    let world = World::new().await;
    for poor in [world.funded("0.0001").await, world.capped("1", "0.0001").await] {
        let body = ask(&json!({"background": true, "max_output_tokens": 30_000}));
        let answer = post(world.address, RESPONSES, poor.secret(), &body).await;
        assert_eq!((answer.status.as_u16(), &*answer.error().0), (429, "insufficient_quota"));
        assert!(world.money(poor.grant).await.1.is_zero());
    }
    assert!(world.sandbox.log().is_empty());
    // What fits when it is counted, fits.
    let tight = world.funded("0.0002").await;
    made(&world, &tight, &json!({"background": true, "max_output_tokens": 60})).await;
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_the_provider_refuses_costs_nothing_and_is_not_there() {
    let world = World::new().await;
    world.profile(r#"{"fail": {"status": 400, "type": "invalid_request_error", "next": 1}}"#);
    let who = world.funded("1").await;
    let body = ask(&json!({"background": true}));
    let refused = post(world.address, RESPONSES, who.secret(), &body).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
    world.poll().await;
    assert!(world.calls_of(who.grant).await.is_empty());
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_fate_is_unknown_is_never_given_back_in_silence() {
    for (status, body) in [
        (StatusCode::GATEWAY_TIMEOUT, "{}"),
        (StatusCode::OK, r#"{"status":"queued"}"#),
        (StatusCode::OK, r#"{"id":"a/b","status":"queued"}"#),
    ] {
        let says = posting(move || async move { (status, body) });
        let upstream = listen(Router::new().route(RESPONSES, says)).await;
        let world = World::before(Some(upstream)).await;
        let who = world.funded("1").await;
        let more = ask(&json!({"background": true}));
        let answer = post(world.address, RESPONSES, who.secret(), &more).await;
        assert_eq!(answer.status, 502, "{body}: {}", answer.text());
        assert_eq!(answer.header("x-should-retry"), "false");
        let (free, held) = world.money(who.grant).await;
        assert!(free < usd("1") && held.is_zero(), "{body}: {free} is free");
        assert_eq!(free.checked_add(in_suspense(&world, &who).await), Some(usd("1")));
        world.verify().await;
    }
}

/// The first looks fail, or show somebody else's: it is asked after again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_fails_charges_nothing_and_is_tried_again() {
    let looks = Arc::new(AtomicUsize::new(0));
    let look = move || {
        let looks = Arc::clone(&looks);
        async move {
            let usage = r#"{"input_tokens":10,"output_tokens":10,"total_tokens":20}"#;
            let ended = |id: &str| {
                format!(r#"{{"id":"{id}","status":"completed","output":[],"usage":{usage}}}"#)
            };
            match looks.fetch_add(1, Ordering::Relaxed) {
                0 => (StatusCode::INTERNAL_SERVER_ERROR, "{}".to_owned()),
                1 => (StatusCode::OK, ended("resp_other")),
                2 => (StatusCode::OK, "half of".to_owned()),
                _ => (StatusCode::OK, ended("resp_1")),
            }
        }
    };
    let router = Router::new()
        .route(RESPONSES, posting(|| async { r#"{"id":"resp_1","status":"queued"}"# }))
        .route("/v1/responses/resp_1", getting(look));
    let world = World::before(Some(listen(router).await)).await;
    let who = world.funded("1").await;
    begun(&world, &who).await;
    for _ in 0..3 {
        world.poll().await;
        assert!(world.money(who.grant).await.1.is_positive(), "nothing is known yet");
    }
    world.poll().await;
    // Ten tokens in at $0.40 a million, ten out at $1.60.
    assert_eq!(charged(&world, &who).await.0, usd("0.00002"));
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_stream_is_left_and_taken_up_again_and_it_is_charged_once() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 50, "tokens_per_chunk": 5}"#);
    let price = list_price(&world).await;
    let who = world.funded("1").await;
    let body = ask(&json!({"background": true, "stream": true})).to_string();
    let mut socket = open(world.address, RESPONSES, who.secret(), &body).await;
    let (mut read, mut buffer) = (String::new(), [0_u8; 4096]);
    while !read.contains("output_text.delta") {
        let bytes = socket.read(&mut buffer).await.unwrap();
        read.push_str(&String::from_utf8_lossy(&buffer[..bytes]));
    }
    drop(socket);
    let created = read.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let created: Value = serde_json::from_str(created).unwrap();
    let name = created["response"]["id"].as_str().unwrap();
    let path = format!("{RESPONSES}/{name}?stream=true&starting_after=3");
    let rest = get(world.address, &path, who.secret()).await;
    assert_eq!(rest.header("content-type"), "text/event-stream; charset=utf-8");
    let events: Vec<Value> =
        rest.events().into_iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_eq!(events[0]["sequence_number"], 4);
    let last = events.last().unwrap();
    assert_eq!((&last["type"], rest.whole), (&json!("response.completed"), true));
    world.a_minute_later();
    world.poll().await;
    world.poll().await;
    assert_eq!(charged(&world, &who).await.0, price);
    assert_eq!(shown(&world, who.secret(), name).await.json(), last["response"]);
    // And gone on from.
    let on = made(&world, &who, &json!({"previous_response_id": name})).await;
    assert!(usd(on.header("x-bursar-cost")) <= usd(on.header("x-bursar-hold")));
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_gone_on_from_while_it_is_under_way_at_what_it_may_become() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let name = begun(&world, &who).await;
    let more = json!({"previous_response_id": name, "background": true});
    let on = made(&world, &who, &more).await;
    world.a_minute_later();
    world.poll().await;
    let calls = world.calls_of(who.grant).await;
    assert_eq!(calls.len(), 2);
    let hold = usd(on.header("x-bursar-hold"));
    let later = calls.iter().find(|call| call.request.to_string() == on.header("x-request-id"));
    assert!(later.unwrap().cost <= hold);
    let first = calls.iter().map(|call| call.usage.input_total()).min().unwrap();
    assert!(first < later.unwrap().usage.input_total(), "it went on from the first");
    world.verify().await;
}
