//! Calls as spans: what the books say of them, in a collector's hands, and nothing of what was said.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::post as posting;
use bursar_kernel::{BasisPoints, Usd};
use bursar_sandbox::Sandbox;
use bursar_store::rows::{Call, CallOutcome};
use bursar_telemetry::{Settings, Spans, start};
use http::Method;
use serde_json::Value;

use crate::client::{Answer, chat, post, send};
use crate::elsewhere::{fail, nobody, set};
use crate::world::{Funded, UPSTREAM_KEY, World, listen, named, sandbox};

const CHAT: &str = "/v1/chat/completions";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

type Texts = Arc<Mutex<Vec<String>>>;

/// A collector that keeps all that comes.
async fn collector() -> (SocketAddr, Texts) {
    let came = Texts::default();
    let kept = Arc::clone(&came);
    let take = move |body: Bytes| async move {
        kept.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
    };
    (listen(Router::new().route("/v1/traces", posting(take))).await, came)
}

/// A sandbox that notes the traces that calls come with.
async fn upstream() -> (SocketAddr, Sandbox, Texts) {
    let (sandbox, came) = (sandbox(), Texts::default());
    let kept = Arc::clone(&came);
    let note = from_fn(move |request: Request, next: Next| {
        let trace = request.headers().get("traceparent");
        let trace = trace.map_or("none".to_owned(), |trace| trace.to_str().unwrap().to_owned());
        kept.lock().unwrap().push(trace);
        next.run(request)
    });
    (listen(sandbox.router().layer(note)).await, sandbox, came)
}

fn telling(collector: SocketAddr) -> Spans {
    let (spans, exporter) = start(Settings {
        endpoint: format!("http://{collector}"),
        headers: Vec::new(),
        share: BasisPoints::WHOLE,
    })
    .unwrap();
    tokio::spawn(exporter.run());
    spans
}

async fn traced(world: &World, who: &Funded, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", who.secret());
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let headers = [("authorization", &*bearer), ("traceparent", &*parent)];
    send(world.address, Method::POST, CHAT, &headers, body.to_string()).await
}

async fn exported(spans: &Spans, count: u64) {
    let began = Instant::now();
    while spans.told().exported < count {
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", spans.told());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn spans_of(came: &Texts) -> Vec<Value> {
    let came = came.lock().unwrap();
    let bodies = came.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    let groups = bodies.map(|body| body["resourceSpans"][0]["scopeSpans"][0]["spans"].clone());
    groups.flat_map(|group| group.as_array().unwrap().clone()).collect()
}

/// An attribute of a span as text; nothing where it is not there.
fn attribute(span: &Value, key: &str) -> String {
    let attributes = span["attributes"].as_array().unwrap();
    let value = attributes.iter().find(|it| it["key"] == key).map(|it| &it["value"]);
    let one = value.and_then(|value| value.as_object()?.values().next());
    match one {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// What the books say of a call is what its span does.
fn is_as_booked(span: &Value, call: &Call) {
    let (input, output) = (call.usage.input_total(), call.usage.output_total());
    for (key, value) in [
        ("bursar.request.id", call.request.to_string()),
        ("bursar.key.id", call.key.to_string()),
        ("bursar.grant.id", call.grant.to_string()),
        ("bursar.cost_nano_usd", call.cost.nanos().to_string()),
        ("bursar.hold_nano_usd", call.held.nanos().to_string()),
        ("bursar.basis", call.basis.name().to_owned()),
        ("bursar.streamed", call.streamed.to_string()),
        ("gen_ai.usage.input_tokens", input.to_string()),
        ("gen_ai.usage.output_tokens", output.to_string()),
        ("gen_ai.request.model", call.model.to_string()),
        ("http.response.status_code", call.status.to_string()),
    ] {
        assert_eq!(attribute(span, key), value, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_a_span_with_what_the_books_say_and_nothing_of_what_was_said() {
    let (address, came) = collector().await;
    let (first, sandbox, traces) = upstream().await;
    let spans = telling(address);
    let world = World::telling(vec![named("first", first)], Some(spans.clone())).await;
    set(&sandbox, r#"{"answer_tokens": 20}"#);
    let who = world.funded("1").await;
    let mut said = Vec::new();
    for stream in [false, true] {
        let mut body = chat(9, stream);
        body["messages"][0]["content"] = "prompt-canary-71c2".into();
        let answer = traced(&world, &who, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        said.push(answer.text().to_owned());
    }
    let calls = world.calls_of(who.grant).await;
    exported(&spans, 2).await;
    let told = spans_of(&came);
    let traces = traces.lock().unwrap().clone();
    assert_eq!((told.len(), traces.len()), (2, 2));
    for ((span, trace), call) in told.iter().zip(&traces).zip(calls.iter().rev()) {
        is_as_booked(span, call);
        assert!(call.cost.is_positive());
        assert_eq!((&span["traceId"], &span["parentSpanId"]), (&TRACE.into(), &PARENT.into()));
        let own = span["spanId"].as_str().unwrap();
        assert_eq!(*trace, format!("00-{TRACE}-{own}-01"), "the upstream's parent is this call");
        assert_eq!(attribute(span, "gen_ai.provider.name"), "bursar.sandbox");
        assert_eq!(attribute(span, "server.address"), "127.0.0.1");
        assert_eq!(attribute(span, "server.port"), first.port().to_string());
        assert_eq!(attribute(span, "bursar.upstream.name"), "first");
        assert!(attribute(span, "gen_ai.response.finish_reasons").contains("length"), "{span}");
        assert_ne!(attribute(span, "gen_ai.response.model"), "");
        assert_eq!(
            (attribute(span, "error.type").as_str(), &span["status"]["code"]),
            ("", &Value::Null)
        );
    }
    let whole = came.lock().unwrap().concat();
    let answered = serde_json::from_str::<Value>(&said[0]).unwrap();
    let words = answered["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    assert!(20 < words.len());
    for secret in ["prompt-canary-71c2", &words, who.secret(), UPSTREAM_KEY, "researcher@"] {
        assert!(!whole.contains(secret), "a collector is told {secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_goes_wrong_says_how_and_what_is_refused_here_is_no_span() {
    let (address, came) = collector().await;
    let (first, sandbox, _) = upstream().await;
    let spans = telling(address);
    let world = World::telling(vec![named("first", first)], Some(spans.clone())).await;
    let who = world.funded("1").await;
    set(&sandbox, r#"{"answer_tokens": 30, "cut": {"after_chunks": 0}}"#);
    assert_eq!(traced(&world, &who, &chat(9, false)).await.status, 502);
    set(&sandbox, &fail(400, "invalid_request_error", "no", "null"));
    assert_eq!(traced(&world, &who, &chat(9, false)).await.status, 400);
    assert_eq!(traced(&world, &who, &chat(0, false)).await.status, 400, "refused here");
    let calls = world.calls_of(who.grant).await;
    exported(&spans, 2).await;
    let told = spans_of(&came);
    assert_eq!((told.len(), calls.len()), (2, 2));
    for ((span, call), outcome) in
        told.iter().zip(calls.iter().rev()).zip([CallOutcome::CutOff, CallOutcome::UpstreamFailed])
    {
        assert_eq!(call.outcome, outcome);
        assert_eq!(attribute(span, "error.type"), outcome.name());
        assert_eq!(span["status"]["code"], 2);
        assert_eq!(attribute(span, "gen_ai.usage.input_tokens"), "", "nobody knows");
        assert_eq!(attribute(span, "bursar.cost_nano_usd"), call.cost.nanos().to_string());
        assert_eq!(attribute(span, "bursar.estimated"), call.basis.is_estimate().to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_not_there_harms_no_call() {
    let (first, _, _) = upstream().await;
    let spans = telling(nobody().await);
    let world = World::telling(vec![named("first", first)], Some(spans.clone())).await;
    let who = world.funded("1").await;
    for stream in [false, true, false] {
        assert_eq!(traced(&world, &who, &chat(9, stream)).await.status, 200);
    }
    let calls = world.calls_of(who.grant).await;
    let spent = Usd::sum(calls.iter().map(|call| call.cost)).unwrap();
    assert_eq!(
        world.money(who.grant).await,
        (crate::world::usd("1").checked_sub(spent).unwrap(), Usd::ZERO)
    );
    assert_eq!(spans.told().exported, 0);
    world.verify().await;
}

#[tokio::test]
async fn where_nobody_is_told_no_trace_is_passed_on() {
    let (first, _, traces) = upstream().await;
    let world = World::with(vec![named("first", first)]).await;
    let who = world.funded("1").await;
    assert_eq!(traced(&world, &who, &chat(9, false)).await.status, 200);
    assert_eq!(post(world.address, CHAT, who.secret(), &chat(9, true)).await.status, 200);
    assert_eq!(*traces.lock().unwrap(), ["none", "none"]);
}
