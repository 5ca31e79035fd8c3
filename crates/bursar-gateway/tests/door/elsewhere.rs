//! An upstream that fails, and another one beside it: a call goes elsewhere only where the first
//! cannot have billed it, under one name and one hold, and is charged once.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::any;
use bursar_gateway::UpstreamStanding;
use bursar_kernel::{Timestamp, Usd};
use bursar_sandbox::Sandbox;
use bursar_store::rows::{Basis, CallOutcome};
use bursar_upstream::{Kind, Upstream};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::batches::{ask, begun, line, lines, uploaded};
use crate::client::{chat, get, open, post};
use crate::hostile::saying;
use crate::stored::{id, made, shown};
use crate::world::{Funded, World, listen, named, sandbox, usd};

const CHAT: &str = "/v1/chat/completions";

/// An address at which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn weighing(weight: u32, upstream: Upstream) -> Upstream {
    Upstream { weight, ..upstream }
}

/// A world whose calls go to `first`, and to a sandbox of its own where that cannot.
pub(crate) async fn with_a_spare(first: SocketAddr) -> (World, Sandbox) {
    let spare = sandbox();
    let second = named("second", listen(spare.router()).await);
    let world = World::with(vec![named("first", first), weighing(0, second)]).await;
    (world, spare)
}

/// The same, with a first sandbox under a profile.
async fn with_two(profile: &str) -> (World, Sandbox, Sandbox) {
    let first = sandbox();
    set(&first, profile);
    let (world, second) = with_a_spare(listen(first.router()).await).await;
    (world, first, second)
}

/// A conversation stays where it lies, though each upstream gets every other call; and a response
/// in the background is written down where it was taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_on_from_is_gone_on_from_where_it_lies() {
    let sandboxes = [sandbox(), sandbox()];
    let mut upstreams = Vec::new();
    for (name, sandbox) in ["first", "second"].into_iter().zip(&sandboxes) {
        // They have clocks of their own, which nobody turns.
        set(sandbox, r#"{"background_ms": 0}"#);
        upstreams.push(named(name, listen(sandbox.router()).await));
    }
    let world = World::with(upstreams).await;
    let who = world.funded("1").await;
    for more in [json!({"store": true}), json!({"background": true}), json!({"store": true})] {
        let mut last = id(&made(&world, &who, &more).await);
        for _ in 0..4 {
            last = id(&made(&world, &who, &json!({"previous_response_id": last})).await);
            assert_eq!(shown(&world, who.secret(), &last).await.status, 200);
        }
    }
    world.poll().await;
    assert_eq!(world.calls_of(who.grant).await.len(), 15, "each is charged");
    assert!(sandboxes.iter().all(|sandbox| !sandbox.log().is_empty()), "both were called");
    world.verify().await;
}

pub(crate) fn set(sandbox: &Sandbox, profile: &str) {
    sandbox.set_profile(serde_json::from_str(profile).unwrap()).unwrap();
}

pub(crate) fn fail(status: u16, kind: &str, code: &str, after: &str) -> String {
    format!(
        r#"{{"fail": {{"status": {status}, "type": "{kind}", "code": "{code}",
            "retry_after_s": {after}}}}}"#
    )
}

/// How an upstream stands.
pub(crate) fn standing(world: &World, name: &str) -> UpstreamStanding {
    let states = world.upstreams.all();
    states.into_iter().find(|state| state.name == name).unwrap().standing
}

fn out_until(world: &World, name: &str) -> Option<Timestamp> {
    match standing(world, name) {
        UpstreamStanding::In | UpstreamStanding::Stopped | UpstreamStanding::Due { .. } => None,
        UpstreamStanding::Out { until, .. } => Some(until),
    }
}

/// A call that was answered and charged once.
async fn is_charged_once(world: &World, who: &Funded) {
    let call = world.call_of(who.grant).await;
    assert_eq!((call.basis, call.outcome), (Basis::Reported, CallOutcome::Answered));
    assert!(call.cost.is_positive());
    let (free, held) = world.money(who.grant).await;
    assert_eq!((free.checked_add(call.cost), held), (Usd::from_dollars(1), Usd::ZERO));
    world.verify().await;
}

#[tokio::test]
async fn what_reaches_nobody_is_answered_elsewhere_and_charged_once() {
    for stream in [false, true] {
        let (world, second) = with_a_spare(nobody().await).await;
        let who = world.funded("1").await;
        let answer = post(world.address, CHAT, who.secret(), &chat(60, stream)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(second.log().len(), 1);
        is_charged_once(&world, &who).await;
    }
}

#[tokio::test]
async fn what_is_refused_before_anything_was_made_is_answered_elsewhere_and_charged_once() {
    for (status, kind, code) in [
        (429, "tokens", "rate_limit_exceeded"),
        (429, "insufficient_quota", "credit_balance_exhausted"),
        (401, "invalid_request_error", "invalid_api_key"),
        (403, "invalid_request_error", "unsupported_country"),
        (503, "service_unavailable_error", "server_is_overloaded"),
    ] {
        for stream in [false, true] {
            let (world, first, second) = with_two(&fail(status, kind, code, "null")).await;
            let who = world.funded("1").await;
            let answer = post(world.address, CHAT, who.secret(), &chat(60, stream)).await;
            assert_eq!(answer.status, 200, "{status} {code}: {}", answer.text());
            assert_eq!((first.log().len(), second.log().len()), (1, 1), "{status} {code}");
            is_charged_once(&world, &who).await;
        }
    }
}

#[tokio::test]
async fn what_may_have_been_billed_goes_nowhere_else() {
    for (status, heard, basis) in [
        (500, 500, Basis::Nothing),
        (502, 502, Basis::Nothing),
        (504, 504, Basis::HeldInFull),
        (408, 504, Basis::HeldInFull),
        // And what the call itself is to blame for.
        (400, 400, Basis::Nothing),
        (404, 404, Basis::Nothing),
    ] {
        let (world, first, second) = with_two(&fail(status, "server_error", "failed", "1")).await;
        let who = world.funded("1").await;
        let answer = post(world.address, CHAT, who.secret(), &chat(60, false)).await;
        assert_eq!(answer.status, heard, "{status}: {}", answer.text());
        assert_eq!((first.log().len(), second.log().len()), (1, 0), "{status}");
        assert_eq!(world.call_of(who.grant).await.basis, basis, "{status}");
        world.verify().await;
    }
}

#[tokio::test]
async fn what_breaks_off_is_charged_and_goes_nowhere_else() {
    let (world, second) = with_a_spare(saying(Vec::new()).await).await;
    let who = world.funded("1").await;
    let answer = post(world.address, CHAT, who.secret(), &chat(60, false)).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-should-retry")), (502, "false"));
    assert_eq!(second.log().len(), 0);
    let call = world.call_of(who.grant).await;
    assert_eq!((call.basis, call.cost), (Basis::HeldInFull, call.held));
    world.verify().await;
}

#[tokio::test]
async fn a_stream_that_broke_after_its_first_byte_goes_nowhere_else() {
    let profile = r#"{"answer_tokens": 30, "tokens_per_chunk": 2, "cut": {"after_chunks": 1}}"#;
    let (world, first, second) = with_two(profile).await;
    let who = world.funded("1").await;
    let answer = post(world.address, CHAT, who.secret(), &chat(60, true)).await;
    assert!(answer.text().contains("upstream_broke_off"), "{}", answer.text());
    assert_eq!((first.log().len(), second.log().len()), (1, 0));
    let call = world.call_of(who.grant).await;
    assert_eq!((call.basis, call.outcome), (Basis::Counted, CallOutcome::CutOff));
    world.verify().await;
}

#[tokio::test]
async fn while_nobody_can_be_reached_calls_are_refused_at_once_and_hold_nothing() {
    let (one, other) = (named("first", nobody().await), named("second", nobody().await));
    let world = World::with(vec![one, other]).await;
    let who = world.funded("1").await;
    let call = async || post(world.address, CHAT, who.secret(), &chat(60, true)).await;
    for _ in 0..3 {
        let answer = call().await;
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (503, "upstream_unavailable"));
    }
    assert!(out_until(&world, "first").is_some() && out_until(&world, "second").is_some());
    for (later, least, most) in [(0, 4, 6), (7, 9, 11), (12, 19, 21)] {
        world.seconds_later(later);
        if 0 < later {
            // One call is each one's probe.
            assert_eq!(call().await.status, 503);
        }
        let answer = call().await;
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (503, "upstream_unavailable"));
        let after: u64 = answer.header("retry-after").parse().unwrap();
        assert!((least..=most).contains(&after), "until the next probe: {after}");
    }
    let calls = world.calls_of(who.grant).await;
    assert!(calls.iter().all(|call| call.basis == Basis::Nothing && call.cost == Usd::ZERO));
    assert_eq!(calls.len(), 5, "what is refused at once is no call");
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
    world.verify().await;
}

#[tokio::test]
async fn a_call_goes_to_three_upstreams_at_the_most() {
    let busy = fail(503, "service_unavailable_error", "server_is_overloaded", "null");
    let (mut upstreams, mut sandboxes) = (Vec::new(), Vec::new());
    for name in ["first", "second", "third", "fourth", "fifth"] {
        let sandbox = sandbox();
        set(&sandbox, &busy);
        upstreams.push(named(name, listen(sandbox.router()).await));
        sandboxes.push(sandbox);
    }
    let world = World::with(upstreams).await;
    let who = world.funded("1").await;
    let answer = post(world.address, CHAT, who.secret(), &chat(60, false)).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    let asked: usize = sandboxes.iter().map(|sandbox| sandbox.log().len()).sum();
    assert_eq!(asked, 3, "an outage of many makes no avalanche");
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
}

#[tokio::test]
async fn an_upstream_that_asks_for_a_pause_gets_it_and_then_one_probe() {
    let (world, first, second) = with_two(&fail(429, "tokens", "rate_limit_exceeded", "7")).await;
    let who = world.funded("1").await;
    let call = async || post(world.address, CHAT, who.secret(), &chat(60, false)).await.status;
    for _ in 0..3 {
        assert_eq!(call().await, 200);
    }
    assert_eq!((first.log().len(), second.log().len()), (1, 3), "it is left alone");
    world.seconds_later(8);
    assert_eq!(call().await, 200);
    assert_eq!((first.log().len(), second.log().len()), (2, 4), "one call looks after it");
    set(&first, "{}");
    world.seconds_later(8);
    for _ in 0..3 {
        assert_eq!(call().await, 200);
    }
    assert_eq!((first.log().len(), second.log().len()), (5, 4), "it is back");
    assert_eq!(standing(&world, "first"), UpstreamStanding::In);
    world.verify().await;
}

/// A refusal is no outage: where all ask for a pause, limits stay the provider's own to tell.
#[tokio::test]
async fn where_all_refuse_the_one_that_is_back_soonest_is_still_asked() {
    let (world, first, second) = with_two(&fail(429, "tokens", "rate_limit_exceeded", "60")).await;
    set(&second, &fail(429, "tokens", "rate_limit_exceeded", "7"));
    let who = world.funded("1").await;
    for asked in 1..=3 {
        let answer = post(world.address, CHAT, who.secret(), &chat(60, false)).await;
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (429, "rate_limit_exceeded"));
        assert_eq!(answer.header("retry-after"), "7");
        assert_eq!((first.log().len(), second.log().len()), (1, asked));
    }
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
    world.verify().await;
}

/// What came to an upstream that answers all the same.
#[derive(Clone)]
struct Recorder {
    status: StatusCode,
    came: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Recorder {
    async fn new(status: StatusCode) -> (Self, SocketAddr) {
        let this = Self { status, came: Arc::default() };
        let address = listen(Router::new().fallback(any(record)).with_state(this.clone())).await;
        (this, address)
    }

    fn only(&self) -> (String, Value) {
        let came = self.came.lock().unwrap();
        assert_eq!(came.len(), 1, "{came:?}");
        came[0].clone()
    }
}

async fn record(
    State(it): State<Recorder>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let name = headers["x-request-id"].to_str().unwrap().to_owned();
    it.came.lock().unwrap().push((name, serde_json::from_slice(&body).unwrap()));
    let answer = json!({
        "object": "chat.completion", "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."},
                     "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    });
    (it.status, answer.to_string())
}

#[tokio::test]
async fn a_call_keeps_its_name_and_has_the_body_of_whom_it_goes_to() {
    let (one, first) = Recorder::new(StatusCode::SERVICE_UNAVAILABLE).await;
    let (other, second) = Recorder::new(StatusCode::OK).await;
    let second = Upstream { pins_service_tier: false, ..weighing(0, named("second", second)) };
    let world = World::with(vec![named("first", first), second]).await;
    let who = world.funded("1").await;
    let answer = post(world.address, CHAT, who.secret(), &chat(60, false)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (name, mut body) = one.only();
    assert_eq!(name, answer.header("x-request-id"));
    assert_eq!(body.as_object_mut().unwrap().remove("service_tier"), Some(json!("default")));
    assert_eq!(other.only(), (name, body));
    is_charged_once(&world, &who).await;
}

#[tokio::test]
async fn a_call_whose_client_has_left_goes_nowhere_else() {
    let slow = r#"{"first_byte_delay_ms": 400,
        "fail": {"status": 429, "type": "tokens", "code": "rate_limit_exceeded"}}"#;
    let (world, first, second) = with_two(slow).await;
    let who = world.funded("1").await;
    let key = who.secret().to_owned();
    let log = first.clone();
    // Leaves once the call has come to the first.
    let client = tokio::spawn(async move {
        let socket = open(world.address, CHAT, &key, &chat(60, false).to_string()).await;
        while log.log().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(socket);
        world
    });
    let world = client.await.unwrap();
    let call = world.call_of(who.grant).await;
    assert_eq!((call.basis, call.outcome), (Basis::Nothing, CallOutcome::Abandoned));
    assert_eq!((first.log().len(), second.log().len()), (1, 0));
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
}

#[tokio::test]
async fn calls_are_shared_by_weight() {
    let boxes = [sandbox(), sandbox(), sandbox()];
    let mut upstreams = Vec::new();
    for (place, (sandbox, weight)) in boxes.iter().zip([3, 1, 0]).enumerate() {
        let address = listen(sandbox.router()).await;
        upstreams.push(weighing(weight, named(&format!("number-{place}"), address)));
    }
    let world = World::with(upstreams).await;
    let who = world.funded("1").await;
    for _ in 0..40 {
        let answer = post(world.address, CHAT, who.secret(), &chat(9, false)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let shares = boxes.map(|sandbox| sandbox.log().len());
    assert!((29..=31).contains(&shares[0]) && shares[2] == 0, "three of four: {shares:?}");
}

fn serving(models: &[&str], upstream: Upstream) -> Upstream {
    let models = models.iter().map(|model| (*model).to_owned()).collect();
    Upstream { kind: Kind::OpenAi { models: Some(models) }, ..upstream }
}

#[tokio::test]
async fn a_model_is_called_where_it_is_served_and_else_does_not_exist() {
    let (one, other) = (sandbox(), sandbox());
    let world = World::with(vec![
        serving(&["gpt-4.1-mini"], named("one", listen(one.router()).await)),
        serving(&["gpt-4o-mini"], named("other", listen(other.router()).await)),
    ])
    .await;
    let who = world.funded("1").await;
    for _ in 0..4 {
        let answer = post(world.address, CHAT, who.secret(), &chat(9, false)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!((one.log().len(), other.log().len()), (0, 4));
    let mut body = chat(9, false);
    body["model"] = "gpt-4o".into();
    let answer = post(world.address, CHAT, who.secret(), &body).await;
    let (_, code, message) = answer.error();
    assert_eq!((answer.status.as_u16(), &*code), (404, "model_not_found"));
    assert!(message.contains("`gpt-4o` is not served here"), "{message}");
    let listed = get(world.address, "/v1/models", who.secret()).await.json();
    let listed: Vec<&str> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|model| model["id"].as_str())
        .collect();
    assert_eq!(listed, ["gpt-4.1-mini", "gpt-4o-mini"]);
    assert_eq!(get(world.address, "/v1/models/gpt-4o", who.secret()).await.status, 404);
    assert_eq!(world.calls_of(who.grant).await.len(), 4);
}

#[tokio::test]
async fn a_file_goes_where_somebody_is_and_its_batch_follows_it() {
    let (world, second) = with_a_spare(nobody().await).await;
    let who = world.funded("1").await;
    set(&second, r#"{"batch_ms": 0}"#);
    begun(&world, &who, 2).await;
    world.poll().await;
    let call = world.call_of(who.grant).await;
    assert_eq!((call.basis, call.outcome), (Basis::Reported, CallOutcome::Answered));
    world.verify().await;
    // Files of two upstreams: each batch is made where its own file lies.
    let (one, other) = (sandbox(), sandbox());
    let (first, spare) = (listen(one.router()).await, listen(other.router()).await);
    let world = World::with(vec![named("one", first), named("other", spare)]).await;
    let who = world.funded("1").await;
    let files = [
        uploaded(&world, who.secret(), &lines(1)).await,
        uploaded(&world, who.secret(), &lines(1)).await,
    ];
    for file in &files {
        let answer = ask(&world, who.secret(), file).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let read = get(world.address, &format!("/v1/files/{file}/content"), who.secret()).await;
        assert_eq!(read.text(), lines(1));
    }
    world.verify().await;
}

#[tokio::test]
async fn a_file_goes_where_the_model_of_its_lines_is_served() {
    let (one, other) = (sandbox(), sandbox());
    let world = World::with(vec![
        serving(&["gpt-4o-mini"], named("one", listen(one.router()).await)),
        serving(&["gpt-4.1-mini"], named("other", listen(other.router()).await)),
    ])
    .await;
    let who = world.funded("1").await;
    for _ in 0..3 {
        // Their lines are of `gpt-4.1-mini`.
        begun(&world, &who, 1).await;
    }
    let body = json!({
        "model": "gpt-4o", "max_completion_tokens": 9,
        "messages": [{"role": "user", "content": "hello"}],
    });
    let answer = crate::batches::upload(&world, who.secret(), &line("a", &body)).await;
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (404, "files_not_offered"));
    // A first line that says nothing keeps nothing back; the batch is then refused by name.
    let unknown = uploaded(&world, who.secret(), &format!("{{}}\n{}", line("a", &body))).await;
    let answer = ask(&world, who.secret(), &unknown).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
}
