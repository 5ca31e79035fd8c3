//! Stored responses: whose they are, and what going on from them costs.

use axum::Router;
use axum::routing::{get as getting, post as posting};
use bursar_kernel::Usd;
use bursar_store::rows::{BelongingKind, CallOutcome};
use bursar_store::{BelongingFilter, BelongingReads as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::batches::delete;
use crate::client::{Answer, get, open, post, send};
use crate::world::{Funded, UPSTREAM_KEY, World, listen, usd};

pub(crate) const RESPONSES: &str = "/v1/responses";

pub(crate) fn ask(more: &Value) -> Value {
    let mut body = json!({
        "model": "gpt-4.1-mini", "input": "Name a way in which a budget fails.",
        "max_output_tokens": 500,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A response that was made: its answer.
pub(crate) async fn made(world: &World, who: &Funded, more: &Value) -> Answer {
    let answer = post(world.address, RESPONSES, who.secret(), &ask(more)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

pub(crate) fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn shown(world: &World, key: &str, id: &str) -> Answer {
    get(world.address, &format!("{RESPONSES}/{id}"), key).await
}

/// How many responses of a grant are remembered.
async fn rows(world: &World, who: &Funded) -> usize {
    let page = BelongingFilter::Page {
        grant: who.grant,
        kind: BelongingKind::Response,
        purpose: None,
        after: None,
        latest_first: true,
        limit: 100,
    };
    world.store.belongings(page).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_asked_to_store_is_not_stored() {
    let world = World::new().await;
    let who = world.funded("1").await;
    for more in [json!({}), json!({"store": false}), json!({"stream": true})] {
        let answer = made(&world, &who, &more).await;
        let text = answer.text();
        assert!(text.contains(r#""store":false"#), "it says so itself: {text}");
    }
    let answer = made(&world, &who, &json!({})).await;
    let gone = shown(&world, who.secret(), &id(&answer)).await;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.error().2, format!("Response with id '{}' not found.", id(&answer)));
    let on = ask(&json!({"previous_response_id": id(&answer)}));
    let refused = post(world.address, RESPONSES, who.secret(), &on).await;
    let (kind, code, message) = refused.error();
    assert_eq!((refused.status.as_u16(), &*kind), (400, "invalid_request_error"));
    assert_eq!(code, "previous_response_not_found");
    assert!(message.contains("\"store\": true"), "it says what to do: {message}");
    assert_eq!(rows(&world, &who).await, 0);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stored_response_is_there_until_it_is_deleted() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let answer = made(&world, &who, &json!({"store": true, "instructions": "Be brief."})).await;
    let id = id(&answer);
    for _ in 0..3 {
        let shown = shown(&world, who.secret(), &id).await;
        assert_eq!(shown.json(), answer.json(), "as it was answered");
    }
    let path = format!("{RESPONSES}/{id}");
    let include = format!("{path}?include%5B%5D=message.output_text.logprobs");
    assert_eq!(get(world.address, &include, who.secret()).await.json(), answer.json());
    let items = get(world.address, &format!("{path}/input_items?limit=1"), who.secret()).await;
    assert_eq!(items.json()["data"][0]["content"][0]["text"], ask(&json!({}))["input"]);
    for bad in ["?limit=101", "?order=up", "?after=a%2Fb", "?page=2"] {
        let bad = get(world.address, &format!("{path}/input_items{bad}"), who.secret()).await;
        assert_eq!(bad.status, 400, "{}", bad.text());
    }
    let cancel = post(world.address, &format!("{path}/cancel"), who.secret(), &json!({})).await;
    assert_eq!(cancel.status, 400);
    assert_eq!(cancel.error().2, "Cannot cancel a synchronous response.");
    let gone = delete(&world, who.secret(), &path).await.json();
    assert_eq!(gone, json!({"id": id, "object": "response", "deleted": true}));
    for again in [shown(&world, who.secret(), &id).await, delete(&world, who.secret(), &path).await]
    {
        assert_eq!(again.status, 404);
    }
    let on = ask(&json!({"previous_response_id": id}));
    assert_eq!(post(world.address, RESPONSES, who.secret(), &on).await.status, 400);
    let (free, _) = world.money(who.grant).await;
    let cost = usd(answer.header("x-bursar-cost"));
    assert_eq!(free.checked_add(cost), Some(usd("1")), "looking costs nothing");
    world.verify().await;
}

/// Every question about somebody else's response is answered as one about none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_grants_response_does_not_exist() {
    let world = World::new().await;
    let (ours, theirs) = (world.funded("1").await, world.funded("1").await);
    let stored = id(&made(&world, &theirs, &json!({"store": true})).await);
    let background = id(&made(&world, &theirs, &json!({"background": true})).await);
    let calls = world.sandbox.log().len();
    let bearer = format!("Bearer {}", ours.secret());
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    for name in [stored.clone(), background] {
        for (method, path, status) in [
            (Method::GET, "/v1/responses/NAME", 404),
            (Method::GET, "/v1/responses/NAME?stream=true&starting_after=0", 404),
            (Method::GET, "/v1/responses/NAME/input_items", 404),
            (Method::POST, "/v1/responses/NAME/cancel", 404),
            (Method::DELETE, "/v1/responses/NAME", 404),
            (Method::POST, "/v1/responses", 400),
        ] {
            let mut said = Vec::new();
            for name in [&*name, &*"x".repeat(name.len())] {
                let path = path.replace("NAME", name);
                let body = ask(&json!({"previous_response_id": name})).to_string();
                let answer = send(world.address, method.clone(), &path, &headers, body).await;
                assert_eq!(answer.status, status, "{path}: {}", answer.text());
                said.push(answer.text().replace(name, "NAME"));
            }
            assert_eq!(said[0], said[1], "{method} {path}");
        }
    }
    assert_eq!(world.sandbox.log().len(), calls, "nothing of that was forwarded");
    assert_eq!(world.money(ours.grant).await, (usd("1"), Usd::ZERO));
    // Another key of the same grant sees it, and goes on from it.
    let key = world.another_key(theirs.grant).await;
    assert_eq!(shown(&world, &key, &stored).await.status, 200);
    let on = ask(&json!({"previous_response_id": stored}));
    assert_eq!(post(world.address, RESPONSES, &key, &on).await.status, 200);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earlier_turns_are_held_for_and_charged_as_reported() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 50}"#);
    let who = world.funded("1").await;
    // Alone, the same words cost so much at the most.
    let alone = usd(made(&world, &who, &json!({})).await.header("x-bursar-hold"));
    let long = json!({"store": true, "input": "A budget fails in many ways. ".repeat(200)});
    let mut before = made(&world, &who, &long).await;
    let mut spent = usd(before.header("x-bursar-cost"));
    let mut tokens = before.json()["usage"]["input_tokens"].as_u64().unwrap();
    for turn in 0..4 {
        let stream = turn % 2 == 1;
        let more = json!({"previous_response_id": id(&before), "stream": stream});
        let answer = made(&world, &who, &more).await;
        let hold = usd(answer.header("x-bursar-hold"));
        let (response, cost) = if stream {
            let last: Value = serde_json::from_str(answer.events().last().unwrap()).unwrap();
            (last["response"].clone(), usd(answer.comment("bursar-cost").unwrap()))
        } else {
            (answer.json(), usd(answer.header("x-bursar-cost")))
        };
        let usage = &response["usage"];
        let input = usage["input_tokens"].as_u64().unwrap();
        assert!(tokens < input, "the earlier turns count: {usage}");
        assert!(cost <= hold, "turn {turn} cost {cost} of {hold}");
        // At $0.40 a million, what came before alone costs so much.
        let earlier = Usd::from_nanos(i64::try_from(tokens * 400).unwrap());
        assert!(alone.checked_add(earlier).unwrap() <= hold, "turn {turn} is held at {hold}");
        spent = spent.checked_add(cost).unwrap();
        tokens = input;
        if stream {
            // A streamed turn is gone on from as well: it is there under its own name.
            let name = response["id"].as_str().unwrap();
            before = shown(&world, who.secret(), name).await;
            assert_eq!(before.json()["usage"], *usage);
        } else {
            before = answer;
        }
        assert_eq!(before.json()["store"], true, "what goes on can be gone on from");
    }
    let (free, _) = world.money(who.grant).await;
    assert!(free.checked_add(spent).unwrap() < usd("1"));
    assert_eq!(rows(&world, &who).await, 5);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_that_does_not_fit_is_refused_before_it_is_sent() {
    let world = World::new().await;
    let who = world.funded("0.002").await;
    let long = json!({"store": true, "input": "ways ".repeat(3_000), "max_output_tokens": 16});
    let first = made(&world, &who, &long).await;
    let calls = world.sandbox.log().len();
    let on = ask(&json!({"previous_response_id": id(&first), "max_output_tokens": 16}));
    let refused = post(world.address, RESPONSES, who.secret(), &on).await;
    assert_eq!((refused.status.as_u16(), &*refused.error().0), (429, "insufficient_quota"));
    assert_eq!(world.sandbox.log().len(), calls);
    // Without what came before, it fits.
    made(&world, &who, &json!({"max_output_tokens": 16})).await;
    world.verify().await;
}

/// Who has heard a name owns it durably, whatever becomes of the stream.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_after_the_first_event_finds_the_response() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 60, "chunk_delay_ms": 30, "tokens_per_chunk": 4}"#);
    let who = world.funded("1").await;
    let body = ask(&json!({"stream": true, "store": true})).to_string();
    let mut socket = open(world.address, RESPONSES, who.secret(), &body).await;
    let (mut read, mut buffer) = (String::new(), [0_u8; 4096]);
    while !read.contains("response.created") || !read.contains("\n\n") {
        let bytes = socket.read(&mut buffer).await.unwrap();
        read.push_str(&String::from_utf8_lossy(&buffer[..bytes]));
    }
    assert_eq!(rows(&world, &who).await, 1, "its row is there before its first event");
    let created = read.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let created: Value = serde_json::from_str(created).unwrap();
    let name = created["response"]["id"].as_str().unwrap();
    drop(socket);
    let shown = shown(&world, who.secret(), name).await;
    assert_eq!((shown.status.as_u16(), &shown.json()["id"]), (200, &created["response"]["id"]));
    let call = world.call_of(who.grant).await;
    assert_eq!(call.outcome, CallOutcome::Abandoned);
    world.verify().await;
}

/// An upstream that stores what it should not say.
async fn talkative() -> std::net::SocketAddr {
    let made = || async {
        r#"{"id":"resp_1","object":"response","status":"completed","model":"gpt-4.1-mini",
            "store":true,"output":[],"usage":{"input_tokens":9,"output_tokens":1,"total_tokens":10}}"#
    };
    let says = || async {
        format!(r#"{{"id":"resp_1","output":[],"debug":"authorization: Bearer {UPSTREAM_KEY}"}}"#)
    };
    let fails = || async {
        let error = json!({"error": {
            "message": format!("no right for {UPSTREAM_KEY}"), "type": "server_error",
            "param": null, "code": null,
        }});
        (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    };
    let other = || async { r#"{"id":"resp_2","output":"somebody else's"}"# };
    let router = Router::new()
        .route("/v1/responses", posting(made))
        .route("/v1/responses/resp_1", getting(says).delete(other))
        .route("/v1/responses/resp_1/input_items", getting(fails));
    listen(router).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_upstream_says_of_itself_is_never_shown() {
    let world = World::before(Some(talkative().await)).await;
    let who = world.funded("1").await;
    let stored = made(&world, &who, &json!({"store": true})).await;
    assert_eq!(id(&stored), "resp_1");
    for path in ["/v1/responses/resp_1", "/v1/responses/resp_1/input_items"] {
        let answer = get(world.address, path, who.secret()).await;
        assert!(answer.text().contains("[redacted]"), "{}", answer.text());
        assert!(!answer.text().contains(UPSTREAM_KEY), "{}", answer.text());
    }
    // A name that is somebody's already is nobody else's.
    let other = world.funded("1").await;
    assert_eq!(made(&world, &other, &json!({"store": true})).await.status, 200);
    assert_eq!(shown(&world, other.secret(), "resp_1").await.status, 404);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_offered_says_why() {
    let world = World::new().await;
    let who = world.funded("1").await;
    for path in [
        "/v1/responses/input_tokens",
        "/v1/responses/compact",
        "/v1/chat/completions/chatcmpl-1",
        "/v1/chat/completions/chatcmpl-1/messages",
        "/v1/conversations",
        "/v1/conversations/conv_1/items",
    ] {
        let answer = post(world.address, path, who.secret(), &json!({})).await;
        let (_, code, message) = answer.error();
        assert_eq!((answer.status.as_u16(), &*code), (404, "not_offered"), "{message}");
        assert!(message.contains("not offered through this gateway: "), "{message}");
    }
    let list = get(world.address, RESPONSES, who.secret()).await;
    assert_eq!(list.error().2, "Not allowed to GET on /v1/responses. Use POST instead.");
    let put = [("authorization", "Bearer x")];
    let put = send(world.address, Method::PUT, "/v1/responses/resp_1", &put, "").await;
    let expected = "Not allowed to PUT on /v1/responses/resp_1. Use GET or DELETE instead.";
    assert_eq!(put.error().2, expected);
}
