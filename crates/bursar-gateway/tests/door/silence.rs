//! Upstreams that omit, twist or break off their report: silence never refunds.

use bursar_kernel::{Usage, Usd};
use bursar_store::rows::{Basis, Call, CallOutcome};
use serde_json::json;

use crate::client::{Answer, chat, post};
use crate::world::World;

const CHAT: &str = "/v1/chat/completions";

/// What must come of a call under a profile.
struct Expected {
    status: u16,
    basis: Basis,
    outcome: CallOutcome,
    /// The error that the client hears: its code, in a body or in the stream.
    error: Option<&'static str>,
    done: bool,
}

async fn check(profile: &str, stream: bool, expected: Expected) -> (World, Call, Answer) {
    let world = World::new().await;
    world.profile(profile);
    let funded = world.funded("1").await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(60, stream)).await;
    let Expected { status, basis, outcome, error, done } = expected;
    let context = format!("{profile}, stream {stream}: {}", answer.text());
    assert_eq!(answer.status, status, "{context}");
    let call = world.call_of(funded.grant).await;
    assert_eq!((call.basis, call.outcome), (basis, outcome), "{context}");
    let code = error.map(|code| format!(r#""code":"{code}""#));
    assert!(code.is_none_or(|code| answer.text().contains(&code)), "{context}");
    assert_eq!(answer.text().contains("[DONE]"), done, "{context}");
    assert!(answer.whole, "{context}");
    assert!(call.cost.is_positive(), "never zero: {context}");
    let (free, held) = world.money(funded.grant).await;
    assert_eq!(held, Usd::ZERO, "{context}");
    assert_eq!(free.checked_add(call.cost), Usd::from_dollars(1), "never twice: {context}");
    world.verify().await;
    (world, call, answer)
}

const fn whole(status: u16, basis: Basis, done: bool) -> Expected {
    Expected { status, basis, outcome: CallOutcome::Answered, error: None, done }
}

/// What the sandbox really produced.
fn produced(world: &World) -> (u64, u64) {
    let call = world.sandbox.log().pop().unwrap();
    (call.input_tokens, call.output_tokens)
}

fn used(usage: &Usage) -> (u64, u64) {
    (usage.input_total(), usage.output_total())
}

#[tokio::test]
async fn usage_that_is_omitted_or_zero_is_counted_instead() {
    for stream in [false, true] {
        for usage in ["omitted", "zero"] {
            let profile = format!(r#"{{"answer_tokens": 30, "usage": "{usage}"}}"#);
            let expected = whole(200, Basis::Counted, stream);
            let (world, call, _) = check(&profile, stream, expected).await;
            assert_eq!(used(&call.usage), produced(&world), "{usage}, stream {stream}");
        }
    }
}

#[tokio::test]
async fn usage_that_comes_twice_is_charged_once() {
    let profile = r#"{"answer_tokens": 30, "usage": "twice"}"#;
    let (world, call, _) = check(profile, true, whole(200, Basis::Reported, true)).await;
    assert_eq!(used(&call.usage), produced(&world));
}

#[tokio::test]
async fn a_bill_above_the_hold_is_paid_and_shown() {
    let profile = r#"{"answer_tokens": 30, "usage": {"times": 10}}"#;
    let (world, call, answer) = check(profile, false, whole(200, Basis::Reported, false)).await;
    let (input, output) = produced(&world);
    assert_eq!(used(&call.usage), (input * 10, output * 10));
    assert!(call.held < call.cost);
    assert_eq!(answer.header("x-bursar-cost"), call.cost.to_string());
}

#[tokio::test]
async fn a_bill_above_the_hold_never_takes_a_grant_below_zero() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 60, "usage": {"times": 1000}}"#);
    let funded = world.funded("0.0002").await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(60, false)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(world.money(funded.grant).await, (Usd::ZERO, Usd::ZERO));
    world.verify().await;
}

#[tokio::test]
async fn a_stream_that_is_cut_is_charged_for_what_was_seen_and_says_so() {
    for mid_chunk in [false, true] {
        let profile = format!(
            r#"{{"answer_tokens": 30, "tokens_per_chunk": 2,
                "cut": {{"after_chunks": 6, "mid_chunk": {mid_chunk}}}}}"#
        );
        // Half a chunk shows that more was made than can be counted.
        let basis = if mid_chunk { Basis::HeldInFull } else { Basis::Counted };
        let expected = Expected {
            status: 200,
            basis,
            outcome: CallOutcome::CutOff,
            error: Some("upstream_broke_off"),
            done: false,
        };
        let (_, call, answer) = check(&profile, true, expected).await;
        let cost = call.cost.to_string();
        assert_eq!(answer.comment("bursar-cost"), Some(&*cost));
        assert!(answer.text().contains(&format!("${cost}")), "{}", answer.text());
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_is_held_in_full() {
    let profile = r#"{"answer_tokens": 30, "cut": {"after_chunks": 0}}"#;
    let expected = Expected {
        status: 502,
        basis: Basis::HeldInFull,
        outcome: CallOutcome::CutOff,
        error: Some("upstream_broke_off"),
        done: false,
    };
    let (_, call, answer) = check(profile, false, expected).await;
    assert_eq!(call.cost, call.held);
    assert_eq!(answer.header("x-bursar-cost"), call.cost.to_string());
    assert_eq!(answer.header("x-should-retry"), "false", "a second call is billed again");
}

#[tokio::test]
async fn an_error_inside_a_stream_is_passed_on_without_an_end() {
    let profile = r#"{"answer_tokens": 30, "stream_error":
        {"after_chunks": 4, "type": "server_error", "code": "server_error"}}"#;
    let expected = Expected {
        status: 200,
        basis: Basis::Counted,
        outcome: CallOutcome::UpstreamFailed,
        error: Some("server_error"),
        done: false,
    };
    check(profile, true, expected).await;
}

#[tokio::test]
async fn reasoning_that_nobody_reported_is_held_in_full() {
    let world = World::new().await;
    world.profile(r#"{"usage": "omitted"}"#);
    let funded = world.funded("1").await;
    let body = json!({
        "model": "o3", "max_completion_tokens": 900,
        "messages": [{"role": "user", "content": "Think."}],
    });
    let answer = post(world.address, CHAT, funded.secret(), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let call = world.call_of(funded.grant).await;
    assert_eq!((call.basis, call.cost), (Basis::HeldInFull, call.held));
}
