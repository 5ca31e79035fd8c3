//! The gentle end of a balance: calls wait for those in flight, and the last cents are usable.

use std::time::{Duration, Instant};

use bursar_kernel::Usd;
use serde_json::json;

use crate::client::{chat, post};
use crate::world::{World, usd};

const CHAT: &str = "/v1/chat/completions";

/// What a call of `chat(tokens)` costs when its answer runs to its limit.
async fn cost_of(world: &World, tokens: u64) -> Usd {
    world.profile(r#"{"answer_tokens": 500}"#);
    let rich = world.funded("10").await;
    let answer = post(world.address, CHAT, rich.secret(), &chat(tokens, false)).await;
    usd(answer.header("x-bursar-cost"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_refused_while_calls_in_flight_could_free_enough() {
    let world = World::new().await;
    let one = cost_of(&world, 400).await;
    // Money for one hold at a time and for several answers, which end early.
    let poor = world.funded(&one.to_string()).await;
    world.profile(r#"{"answer_tokens": 5, "first_byte_delay_ms": 150}"#);
    let began = Instant::now();
    let body = chat(300, false);
    let calls = (0..4).map(|_| post(world.address, CHAT, poor.secret(), &body));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert!(Duration::from_millis(4 * 150) <= began.elapsed(), "they took turns");
    world.verify().await;
}

#[tokio::test]
async fn a_limit_that_the_client_left_out_is_lowered_and_says_so() {
    let world = World::new().await;
    let poor = world.funded(&cost_of(&world, 60).await.to_string()).await;
    let mut body = chat(0, false);
    body.as_object_mut().unwrap().remove("max_completion_tokens");
    let answer = post(world.address, CHAT, poor.secret(), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let limit: u64 = answer.header("x-bursar-max-output-tokens").parse().unwrap();
    assert!((58..=60).contains(&limit), "the money was made for 60 tokens: {limit}");
    assert_eq!(answer.json()["usage"]["completion_tokens"], json!(limit));
    world.verify().await;
}

#[tokio::test]
async fn a_limit_that_the_client_set_is_never_lowered() {
    let world = World::new().await;
    let poor = world.funded(&cost_of(&world, 60).await.to_string()).await;
    let answer = post(world.address, CHAT, poor.secret(), &chat(400, false)).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.error().1, "credit_balance_exhausted");
    assert_eq!(answer.header("x-bursar-max-output-tokens"), "");
    let fits = post(world.address, CHAT, poor.secret(), &chat(60, false)).await;
    assert_eq!(fits.status, 200, "{}", fits.text());
}

#[tokio::test]
async fn a_run_of_calls_ends_with_less_than_one_cheapest_call_left() {
    let world = World::new().await;
    let least = cost_of(&world, 16).await;
    let poor = world.funded("0.0005").await;
    world.profile(r#"{"answer_tokens": 500}"#);
    let mut body = chat(0, false);
    body.as_object_mut().unwrap().remove("max_completion_tokens");
    body["max_completion_tokens"] = json!(100);
    let mut answered = 0;
    loop {
        let answer = post(world.address, CHAT, poor.secret(), &body).await;
        if answer.status == 429 && body.get("max_completion_tokens").is_some() {
            // From here on as little as is left will do.
            body.as_object_mut().unwrap().remove("max_completion_tokens");
            continue;
        }
        if answer.status != 200 {
            assert_eq!(answer.status, 429, "{}", answer.text());
            break;
        }
        answered += 1;
    }
    let (left, held) = world.money(poor.grant).await;
    assert!(5 < answered, "{answered}");
    assert_eq!(held, Usd::ZERO);
    assert!(left < least, "${left} is left, and a call costs ${least}");
    world.verify().await;
}
