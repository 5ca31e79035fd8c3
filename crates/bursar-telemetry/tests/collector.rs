//! An exporter and its collector, which takes spans, refuses them, hangs, or is not there.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use bursar_kernel::{
    BasisPoints, Endpoint, GrantId, KeyId, ModelId, ProgramId, RequestId, Timestamp,
};
use bursar_telemetry::{
    SPANS_WAITING_MAX, Settings, Span, SpanUpstream, Spans, Told, Trace, start,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What came, and what is answered: the first so many times with a refusal.
#[derive(Clone, Default)]
struct Collector {
    came: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    refuses: Arc<AtomicUsize>,
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let refuses = &collector.refuses;
    let left =
        refuses.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    if left.is_ok() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let body = serde_json::from_slice(&body).unwrap();
    collector.came.lock().unwrap().push((headers, body));
    StatusCode::OK
}

impl Collector {
    async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/traces", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// All spans that came.
    fn spans(&self) -> Vec<Value> {
        let came = self.came.lock().unwrap();
        let groups = came.iter().map(|(_, body)| &body["resourceSpans"][0]["scopeSpans"][0]);
        groups.flat_map(|group| group["spans"].as_array().unwrap().clone()).collect()
    }
}

fn settings(address: SocketAddr) -> Settings {
    let mut key = HeaderValue::from_static("Bearer collector-canary");
    key.set_sensitive(true);
    Settings {
        endpoint: format!("http://{address}"),
        headers: vec![(http::header::AUTHORIZATION, key)],
        share: BasisPoints::WHOLE,
    }
}

fn span(trace: Trace) -> Span {
    let id = [7; 16];
    Span {
        trace,
        started_at: Timestamp::from_millisecond(1_796_047_200_123).unwrap(),
        ended_at: Timestamp::from_millisecond(1_796_047_201_456).unwrap(),
        endpoint: Endpoint::ChatCompletions,
        model: ModelId::new("gpt-4o-mini"),
        answered_by: Some("gpt-4o-mini-2024-07-18".to_owned()),
        finish_reasons: vec!["stop"],
        is_streamed: true,
        upstream: Some(SpanUpstream {
            name: "first".to_owned(),
            provider: "openai",
            authority: "api.example:8443".to_owned(),
        }),
        tokens: Some((8, 5)),
        status: 200,
        error: None,
        held: "0.0000612".parse().unwrap(),
        cost: "0.0000042".parse().unwrap(),
        basis: "reported",
        is_estimated: false,
        request: RequestId::from_bytes(id),
        key: KeyId::from_bytes(id),
        grant: GrantId::from_bytes(id),
        program: ProgramId::new("openai-researcher-access"),
    }
}

fn push(spans: &Spans, count: usize) {
    for _ in 0..count {
        spans.push(span(spans.begin(&HeaderMap::new()).unwrap()));
    }
}

async fn until(spans: &Spans, holds: impl Fn(Told) -> bool) -> Told {
    let began = Instant::now();
    while !holds(spans.told()) {
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", spans.told());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    spans.told()
}

#[tokio::test]
async fn a_span_is_told_in_the_words_of_the_conventions() {
    let collector = Collector::default();
    let (spans, exporter) = start(settings(collector.listen().await)).unwrap();
    tokio::spawn(exporter.run());
    let mut headers = HeaderMap::new();
    let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    headers.insert("traceparent", HeaderValue::from_static(caller));
    let trace = spans.begin(&headers).unwrap();
    spans.push(span(trace));
    let failed = Span { error: Some("cut_off"), tokens: None, ..span(trace) };
    spans.push(Span { upstream: None, answered_by: None, finish_reasons: Vec::new(), ..failed });
    until(&spans, |told| told.exported == 2).await;
    let came = collector.came.lock().unwrap().clone();
    let (headers, body) = &came[0];
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["authorization"], "Bearer collector-canary");
    let resource = &body["resourceSpans"][0]["resource"]["attributes"][0];
    assert_eq!(*resource, json!({"key": "service.name", "value": {"stringValue": "bursar"}}));
    let all = collector.spans();
    let (first, second) = (&all[0], &all[1]);
    assert_eq!(first["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(first["parentSpanId"], "b7ad6b7169203331");
    let own = trace.header().1.to_str().unwrap().split('-').nth(2).unwrap().to_owned();
    assert_eq!((&first["spanId"], &first["kind"]), (&json!(own), &json!(3)));
    assert_eq!(first["name"], "chat gpt-4o-mini");
    assert_eq!(first["startTimeUnixNano"], "1796047200123000000");
    assert_eq!(first["endTimeUnixNano"], "1796047201456000000");
    assert_eq!((&first["status"], &second["status"]), (&json!({}), &json!({"code": 2})));
    let has = |span: &Value, key: &str| {
        let attributes = span["attributes"].as_array().unwrap();
        attributes.iter().find(|it| it["key"] == key).map(|it| it["value"].clone())
    };
    for (key, value) in [
        ("gen_ai.operation.name", json!({"stringValue": "chat"})),
        ("gen_ai.provider.name", json!({"stringValue": "openai"})),
        ("gen_ai.request.model", json!({"stringValue": "gpt-4o-mini"})),
        ("gen_ai.response.model", json!({"stringValue": "gpt-4o-mini-2024-07-18"})),
        ("gen_ai.usage.input_tokens", json!({"intValue": "8"})),
        ("gen_ai.usage.output_tokens", json!({"intValue": "5"})),
        ("server.address", json!({"stringValue": "api.example"})),
        ("server.port", json!({"intValue": "8443"})),
        ("bursar.cost_nano_usd", json!({"intValue": "4200"})),
        ("bursar.hold_nano_usd", json!({"intValue": "61200"})),
        ("bursar.estimated", json!({"boolValue": false})),
        ("bursar.program.id", json!({"stringValue": "openai-researcher-access"})),
    ] {
        assert_eq!(has(first, key), Some(value), "{key}");
    }
    let reasons = json!({"arrayValue": {"values": [{"stringValue": "stop"}]}});
    assert_eq!(has(first, "gen_ai.response.finish_reasons"), Some(reasons));
    assert_eq!(has(first, "error.type"), None);
    assert_eq!(has(second, "error.type"), Some(json!({"stringValue": "cut_off"})));
    for absent in ["gen_ai.usage.input_tokens", "gen_ai.provider.name", "server.address"] {
        assert_eq!(has(second, absent), None, "{absent}");
    }
}

#[tokio::test]
async fn what_the_collector_may_take_later_is_sent_again_and_the_rest_is_counted() {
    let collector = Collector::default();
    collector.refuses.store(2, Ordering::Relaxed);
    let (spans, exporter) = start(settings(collector.listen().await)).unwrap();
    tokio::spawn(exporter.run());
    push(&spans, 3);
    let told = until(&spans, |told| told.exported == 3).await;
    assert_eq!((told.lost, told.dropped, collector.spans().len()), (0, 0, 3));
    // Three tries, and no more.
    collector.refuses.store(3, Ordering::Relaxed);
    push(&spans, 2);
    let told = until(&spans, |told| told.lost == 2).await;
    assert_eq!((told.exported, collector.spans().len()), (3, 3));
}

#[tokio::test]
async fn a_collector_that_is_not_there_keeps_nobody_waiting() {
    // It takes connections and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (spans, exporter) = start(settings(listener.local_addr().unwrap())).unwrap();
    tokio::spawn(exporter.run());
    push(&spans, 1);
    until(&spans, |told| told.waiting == 0).await;
    let began = Instant::now();
    push(&spans, SPANS_WAITING_MAX + 1_000);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let told = spans.told();
    assert_eq!(told.exported, 0);
    // One request's worth may have been gathered meanwhile.
    assert!((488..=1_000).contains(&told.dropped), "{told:?}");
    assert!(told.waiting <= SPANS_WAITING_MAX);
}

#[tokio::test]
async fn what_waits_when_a_server_stops_is_sent() {
    let collector = Collector::default();
    let (spans, exporter) = start(settings(collector.listen().await)).unwrap();
    let stop = exporter.stop();
    push(&spans, 1_300);
    let running = tokio::spawn(exporter.run());
    stop.stop();
    tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
    assert_eq!(collector.spans().len(), 1_300);
    assert_eq!(spans.told().exported, 1_300);
    push(&spans, 1);
    assert_eq!(spans.told().dropped, 1, "nobody empties the queue any more");
}
