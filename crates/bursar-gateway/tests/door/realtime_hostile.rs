//! Providers that break a session, or do in it what nobody paid for.

use std::sync::Arc;

use bursar_kernel::Usd;
use bursar_store::rows::{Basis, CallOutcome};
use serde_json::{Value, json};

use crate::sessions::{Reply, Script, connect, double, session, shown, updated, user};
use crate::world::{World, usd};

fn done(id: &str, usage: &Value) -> Reply {
    let response = json!({"id": id, "status": "completed", "usage": usage, "output": []});
    Reply::Say(json!({"type": "response.done", "response": response}))
}

fn created(id: &str) -> Reply {
    Reply::Say(json!({"type": "response.created", "response": {"id": id}}))
}

/// 100 tokens of text in, 10 out: $0.00056.
fn honest() -> Value {
    json!({
        "total_tokens": 110, "input_tokens": 100, "output_tokens": 10,
        "input_token_details": {"text_tokens": 100, "audio_tokens": 0},
        "output_token_details": {"text_tokens": 10, "audio_tokens": 0},
    })
}

/// A session with a provider that says this to `response.create`: its one call, as it is charged.
async fn charged(replies: Vec<Reply>) -> (Usd, Usd, Basis, CallOutcome) {
    let script: Script = Arc::new(move |event| {
        updated(event).unwrap_or_else(|| {
            if event["type"] == "response.create" { replies.clone() } else { Vec::new() }
        })
    });
    let (provider, _heard) = double(script).await;
    let world = World::before(Some(provider)).await;
    let who = world.funded("10").await;
    let mut spoken = session(world.address, "gpt-realtime", who.secret()).await;
    spoken.say(user("Hello.")).await;
    spoken.say(json!({"type": "response.create"})).await;
    // Until nothing more comes, or the session ends.
    while let Ok(Ok(_)) =
        tokio::time::timeout(std::time::Duration::from_millis(500), spoken.next()).await
    {}
    drop(spoken);
    let call = world.call_of(who.grant).await;
    world.verify().await;
    assert_eq!(world.money(who.grant).await.1, Usd::ZERO);
    (call.cost, call.held, call.basis, call.outcome)
}

#[tokio::test]
async fn a_response_that_is_told_twice_is_charged_once() {
    let twice = vec![created("r"), done("r", &honest()), done("r", &honest())];
    let (cost, _, basis, outcome) = charged(twice).await;
    assert_eq!((cost, basis, outcome), (usd("0.00056"), Basis::Reported, CallOutcome::Answered));
}

#[tokio::test]
async fn silence_never_refunds() {
    let nothing = json!({"total_tokens": 0, "input_tokens": 0, "output_tokens": 0});
    for replies in [
        vec![created("r"), done("r", &Value::Null)],
        vec![created("r"), done("r", &nothing)],
        vec![created("r"), Reply::HangUp],
        vec![Reply::HangUp],
        vec![created("r"), Reply::Raw("{".to_owned())],
        vec![created("r"), Reply::Raw("[]".to_owned())],
    ] {
        let (cost, held, basis, _) = charged(replies.clone()).await;
        assert_eq!((cost, basis), (held, Basis::HeldInFull), "{replies:?}");
    }
}

#[tokio::test]
async fn a_message_without_end_ends_the_session_and_is_charged() {
    let long = format!("{{\"type\":\"x\",\"long\":\"{}\"}}", "y".repeat(17 * 1024 * 1024));
    let (cost, held, basis, _) = charged(vec![created("r"), Reply::Raw(long)]).await;
    assert_eq!((cost, basis), (held, Basis::HeldInFull));
}

#[tokio::test]
async fn what_a_provider_bills_above_the_hold_is_paid_and_shown() {
    let dear = json!({
        "total_tokens": 100_000, "input_tokens": 100_000, "output_tokens": 0,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 100_000},
    });
    let (cost, held, basis, _) = charged(vec![created("r"), done("r", &dear)]).await;
    assert_eq!((cost, basis), (usd("3.2"), Basis::Reported));
    assert!(held < cost);
}

#[tokio::test]
async fn a_response_that_is_refused_in_so_many_words_costs_nothing() {
    let script: Script = Arc::new(|event| {
        updated(event).unwrap_or_else(|| match event["type"].as_str() {
            Some("response.create") => {
                let about = &event["event_id"];
                let error = json!({"type": "invalid_request_error", "code": "no", "message": "no",
                                   "event_id": about});
                vec![Reply::Say(json!({"type": "error", "error": error}))]
            }
            _ => Vec::new(),
        })
    });
    let (provider, _heard) = double(script).await;
    let world = World::before(Some(provider)).await;
    let who = world.funded("10").await;
    let mut spoken = session(world.address, "gpt-realtime", who.secret()).await;
    spoken.say(json!({"type": "response.create", "event_id": "mine"})).await;
    let error = spoken.next().await.unwrap();
    assert_eq!(error["error"]["event_id"], "mine", "{error}");
    drop(spoken);
    let call = world.call_of(who.grant).await;
    assert_eq!((call.cost, call.basis), (Usd::ZERO, Basis::Nothing));
    assert_eq!(world.money(who.grant).await.0, usd("10"));
    world.verify().await;
}

#[tokio::test]
async fn a_provider_that_answers_unasked_is_left_and_nobody_pays() {
    let script: Script = Arc::new(|event| {
        updated(event).unwrap_or_else(|| vec![created("r"), done("r", &honest())])
    });
    let (provider, mut heard) = double(script).await;
    let world = World::before(Some(provider)).await;
    let who = world.funded("10").await;
    let mut spoken = session(world.address, "gpt-realtime", who.secret()).await;
    spoken.say(user("Hello.")).await;
    let close = spoken.until_closed().await.unwrap();
    assert_eq!(close.code, 1011, "{close:?}");
    assert!(world.calls_of(who.grant).await.is_empty());
    let asked = heard.recv().await.unwrap();
    assert_eq!(asked["uri"], "/v1/realtime?model=gpt-realtime");
    assert_eq!(asked["authorization"], format!("Bearer {}", crate::world::UPSTREAM_KEY));
    assert_eq!(asked["protocol"], Value::Null, "nothing of the client's own key goes there");
    // It was told not to, before it heard anything of the client's.
    let first = heard.recv().await.unwrap();
    let turn = &first["session"]["audio"]["input"]["turn_detection"];
    assert_eq!(
        (&first["type"], &turn["create_response"]),
        (&json!("session.update"), &json!(false))
    );
    assert_eq!(heard.recv().await.unwrap()["type"], "conversation.item.create");
}

#[tokio::test]
async fn a_provider_that_cannot_be_told_to_wait_is_not_used() {
    let script: Script =
        Arc::new(|_| vec![Reply::Say(json!({"type": "session.updated", "session": shown(true)}))]);
    let (provider, _heard) = double(script).await;
    let world = World::before(Some(provider)).await;
    let who = world.funded("10").await;
    let bearer = format!("Bearer {}", who.secret());
    let path = "/v1/realtime?model=gpt-realtime";
    let answer = connect(world.address, path, &[("authorization", &bearer)]).await.err().unwrap();
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (502, "upstream_failed"));
    assert!(world.calls_of(who.grant).await.is_empty());
}

#[tokio::test]
async fn no_key_is_shown_to_whom_it_does_not_belong() {
    let script: Script = Arc::new(|event| {
        updated(event).unwrap_or_else(|| {
            let message = format!("wrong key {}", crate::world::UPSTREAM_KEY);
            vec![Reply::Say(json!({"type": "error", "error": {"type": "x", "message": message}}))]
        })
    });
    let (provider, _heard) = double(script).await;
    let world = World::before(Some(provider)).await;
    let who = world.funded("10").await;
    let mut spoken = session(world.address, "gpt-realtime", who.secret()).await;
    spoken.say(user("Hello.")).await;
    let error = spoken.next().await.unwrap();
    assert_eq!(error["error"]["message"], "wrong key [redacted]");
}
