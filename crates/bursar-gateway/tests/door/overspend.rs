//! Check-then-act: 200 calls at once against money for nine.

use bursar_kernel::Usd;
use futures_util::future::join_all;

use crate::client::{Answer, chat, get, post};
use crate::world::{World, usd};

const CHAT: &str = "/v1/chat/completions";

/// A world whose answers always run to their output limit, and what a call of `chat(24)` costs.
async fn talkative() -> (World, Usd) {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 500}"#);
    let rich = world.funded("10").await;
    let answer = post(world.address, CHAT, rich.secret(), &chat(24, false)).await;
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "length");
    (world, usd(answer.header("x-bursar-cost")))
}

async fn nine_of_two_hundred(stream: bool, capped: bool) {
    let (world, cost) = talkative().await;
    let nine = cost.checked_mul(9).unwrap().to_string();
    let poor = if capped { world.capped("10", &nine).await } else { world.funded(&nine).await };
    // So slow that nothing comes back from the nine while the others ask: a hold above the cost
    // would keep some of the nine out.
    world.profile(r#"{"answer_tokens": 500, "first_byte_delay_ms": 1500}"#);
    let body = chat(24, stream);
    let calls = (0..200).map(|_| post(world.address, CHAT, poor.secret(), &body));
    let answers = join_all(calls).await;
    let (paid, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(paid.len(), 9, "money for nine pays for nine");
    let code = if capped { "project_spend_limit_exceeded" } else { "credit_balance_exhausted" };
    for answer in &refused {
        assert_eq!(answer.status, 429);
        let (kind, given, message) = answer.error();
        assert_eq!((&*kind, &*given), ("insufficient_quota", code));
        assert!(message.starts_with("You exceeded your current quota"), "{message}");
        assert_eq!(answer.header("x-should-retry"), "false");
        assert_eq!(answer.header("retry-after"), "");
    }
    assert_eq!(world.calls_of(poor.grant).await.len(), 9);
    let spent = Usd::sum(world.calls_of(poor.grant).await.iter().map(|call| call.cost)).unwrap();
    assert_eq!(spent, usd(&nine));
    let (free, held) = world.money(poor.grant).await;
    assert_eq!(held, Usd::ZERO);
    assert_eq!(free, if capped { usd("10").checked_sub(spent).unwrap() } else { Usd::ZERO });
    let served = world.sandbox.log().len();
    assert_eq!(served, 10, "what was refused was never forwarded");
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_with_money_for_nine() {
    nine_of_two_hundred(false, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_streams_at_once_with_money_for_nine() {
    nine_of_two_hundred(true, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_under_a_cap_for_nine() {
    nine_of_two_hundred(false, true).await;
}

#[tokio::test]
async fn a_refusal_says_what_would_fit_and_that_fits() {
    let (world, cost) = talkative().await;
    let poor = world.funded(&cost.to_string()).await;
    let refused = post(world.address, CHAT, poor.secret(), &chat(400, false)).await;
    let (_, _, message) = refused.error();
    let (_, after) = message.split_once("`max_completion_tokens` of at most ").expect(&message);
    let fits: u64 = after.split(' ').next().unwrap().parse().unwrap();
    assert!((20..=24).contains(&fits), "24 tokens are what the money was made for: {message}");
    assert!(message.contains(&format!("${cost} of the grant is available")), "{message}");
    let page = format!("https://portal.test/grants/{}", poor.grant);
    assert!(message.contains(&page), "{message}");
    let paid = post(world.address, CHAT, poor.secret(), &chat(fits, false)).await;
    assert_eq!(paid.status, 200, "{}", paid.text());
}

#[tokio::test]
async fn moderation_and_models_are_free_at_zero_balance_and_closed_after_expiry() {
    let (world, cost) = talkative().await;
    let at = world.service.now() + jiff::SignedDuration::from_hours(1);
    let poor = world.expiring(&cost.to_string(), at).await;
    post(world.address, CHAT, poor.secret(), &chat(24, false)).await;
    assert_eq!(world.money(poor.grant).await, (Usd::ZERO, Usd::ZERO));
    let body = serde_json::json!({"input": "Is this safe?"});
    let free = post(world.address, "/v1/moderations", poor.secret(), &body).await;
    assert_eq!(free.status, 200, "{}", free.text());
    assert_eq!(free.header("x-bursar-cost"), "0.00");
    assert_eq!(get(world.address, "/v1/models", poor.secret()).await.status, 200);
    world.clock.turn_to(at);
    for answer in [
        post(world.address, "/v1/moderations", poor.secret(), &body).await,
        post(world.address, CHAT, poor.secret(), &chat(24, false)).await,
        get(world.address, "/v1/models", poor.secret()).await,
        get(world.address, "/v1/models/gpt-4o-mini", poor.secret()).await,
    ] {
        assert_eq!(answer.status, 429, "{}", answer.text());
        let (kind, code, message) = answer.error();
        assert_eq!((&*kind, &*code), ("insufficient_quota", "credit_balance_exhausted"));
        assert!(message.contains("expired at"), "{message}");
    }
}
