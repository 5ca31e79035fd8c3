//! Legacy completions: every candidate is billed, and every kind of prompt.

use bursar_kernel::{Endpoint, Usd};
use bursar_store::rows::{Basis, CallOutcome};
use serde_json::{Value, json};

use crate::client::{Answer, post};
use crate::world::{Funded, World, usd};

const HERE: &str = "/v1/completions";
const MODEL: &str = "gpt-3.5-turbo-instruct";

async fn ask(world: &World, who: &Funded, members: Value) -> Answer {
    let mut body = json!({"model": MODEL, "prompt": "A budget fails when", "max_tokens": 30});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    post(world.address, HERE, who.secret(), &body).await
}

/// $1.50 and $2.00 for a million tokens.
fn price(input: u64, output: u64) -> Usd {
    let nanos = input * 1_500 + output * 2_000;
    Usd::from_nanos(i64::try_from(nanos).unwrap())
}

fn used(usage: &Value) -> (u64, u64) {
    let count = |name: &str| usage[name].as_u64().unwrap();
    (count("prompt_tokens"), count("completion_tokens"))
}

#[tokio::test]
async fn every_candidate_is_held_for_and_billed() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 200}"#);
    // The prompt is four tokens: so many are held for, whatever is shown.
    for (members, shown, held, made) in [
        (json!({}), 1, price(4, 30), 30),
        (json!({"n": 3}), 3, price(4, 90), 90),
        (json!({"best_of": 5}), 1, price(4, 150), 150),
        (json!({"n": 2, "best_of": 3}), 2, price(4, 90), 90),
        (json!({"prompt": ["A budget fails when", "Money"], "n": 2}), 4, price(5, 120), 120),
        (json!({"prompt": [32, 8199], "max_tokens": 7}), 1, price(2, 7), 7),
        (json!({"prompt": [[32, 8199], [9]], "max_tokens": 7}), 2, price(3, 14), 14),
    ] {
        // A key with a cap: its calls are counted to the token.
        let who = world.capped("1", "0.5").await;
        let answer = ask(&world, &who, members.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        assert_eq!(body["object"], "text_completion");
        assert_eq!(body["choices"].as_array().map(Vec::len), Some(shown), "{members}");
        let (input, output) = used(&body["usage"]);
        assert_eq!(output, made, "{members}");
        assert_eq!(usd(answer.header("x-bursar-hold")), held, "{members}");
        assert_eq!(usd(answer.header("x-bursar-cost")), price(input, output), "{members}");
        let call = world.call_of(who.grant).await;
        assert_eq!((call.endpoint, call.basis), (Endpoint::Completions, Basis::Reported));
    }
    world.verify().await;
}

#[tokio::test]
async fn a_limit_that_nobody_sets_is_the_providers_own() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 200}"#);
    let who = world.capped("1", "0.5").await;
    let answer = ask(&world, &who, json!({"max_tokens": null})).await;
    assert_eq!(used(&answer.json()["usage"]), (4, 16));
    assert_eq!(usd(answer.header("x-bursar-hold")), price(4, 16));
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn only_the_prompts_log_probabilities_cost_only_the_prompt() {
    let world = World::new().await;
    let who = world.capped("1", "0.5").await;
    let members = json!({"max_tokens": 0, "echo": true, "logprobs": 1});
    let answer = ask(&world, &who, members).await;
    let choice = &answer.json()["choices"][0];
    assert_eq!(choice["text"], "A budget fails when");
    assert_eq!(choice["logprobs"]["tokens"].as_array().map(Vec::len), Some(4));
    assert!(choice["logprobs"]["token_logprobs"][0].is_null());
    assert_eq!(usd(answer.header("x-bursar-cost")), price(4, 0));
    let call = world.call_of(who.grant).await;
    assert_eq!(call.basis, Basis::Reported, "an echo is no output");
}

#[tokio::test]
async fn a_stream_says_the_same_and_hides_the_usage_that_nobody_asked_for() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 200}"#);
    let who = world.funded("1").await;
    let members = json!({"n": 2, "echo": true, "logprobs": 2});
    let plain = ask(&world, &who, members.clone()).await;
    let cost = plain.header("x-bursar-cost").to_owned();
    for usage in [false, true] {
        let mut members = members.clone();
        members["stream"] = json!(true);
        members["stream_options"] = json!({"include_usage": usage});
        let answer = ask(&world, &who, members).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (done, chunks) = answer.events().split_last().map(|(l, c)| (*l, c.to_vec())).unwrap();
        assert_eq!(done, "[DONE]");
        assert_eq!(answer.text().contains("usage"), usage);
        let chunks: Vec<Value> =
            chunks.into_iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect();
        for choice in plain.json()["choices"].as_array().unwrap() {
            let said = chunks.iter().flat_map(|chunk| chunk["choices"].as_array().unwrap());
            let said = said.filter(|part| part["index"] == choice["index"]);
            let text: String = said.map(|part| part["text"].as_str().unwrap().to_owned()).collect();
            assert_eq!(json!(text), choice["text"]);
        }
        assert_eq!(answer.comment("bursar-cost"), Some(&*cost));
    }
    world.verify().await;
}

#[tokio::test]
async fn what_is_not_reported_is_counted_where_all_of_it_was_shown() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 200, "usage": "omitted"}"#);
    for (members, basis) in [
        (json!({"n": 2}), Basis::Counted),
        (json!({"stream": true}), Basis::Counted),
        (json!({"best_of": 2}), Basis::HeldInFull),
        (json!({"echo": true}), Basis::HeldInFull),
    ] {
        let who = world.capped("1", "0.5").await;
        assert_eq!(ask(&world, &who, members.clone()).await.status, 200);
        let call = world.call_of(who.grant).await;
        assert_eq!((call.basis, call.outcome), (basis, CallOutcome::Answered), "{members}");
        if basis == Basis::HeldInFull {
            assert_eq!(call.cost, call.held, "{members}");
        }
    }
    world.verify().await;
}

#[tokio::test]
async fn completions_that_do_not_fit_or_make_no_sense_are_refused() {
    let world = World::new().await;
    let poor = world.funded("0.0001").await;
    let answer = ask(&world, &poor, json!({"best_of": 20, "max_tokens": 100})).await;
    let (kind, code, message) = answer.error();
    assert_eq!((&*kind, &*code), ("insufficient_quota", "credit_balance_exhausted"), "{message}");
    let answer = ask(&world, &poor, json!({"best_of": 2, "stream": true})).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]["param"]),
        (400, &json!("best_of"))
    );
    let answer = ask(&world, &poor, json!({"model": "gpt-4o-mini"})).await;
    let (_, code, message) = answer.error();
    assert_eq!((answer.status.as_u16(), &*code), (404, "model_not_found"));
    assert!(message.contains("/chat/completions"), "{message}");
    assert!(world.sandbox.log().is_empty(), "none of them was sent");
}
