//! Rate limits: who is slowed, what they are told, and who is not slowed by it.

use bursar_kernel::{TierId, Usd};
use bursar_policy::Viewer;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;

use crate::client::{Answer, chat, get, post};
use crate::world::World;

const CHAT: &str = "/v1/chat/completions";

fn limits(answer: &Answer) -> (&str, &str, &str, &str) {
    (
        answer.header("x-ratelimit-limit-requests"),
        answer.header("x-ratelimit-remaining-requests"),
        answer.header("x-ratelimit-limit-tokens"),
        answer.header("x-ratelimit-remaining-tokens"),
    )
}

#[tokio::test]
async fn the_fourth_call_of_a_minute_is_told_to_wait() {
    let world = World::new().await;
    let slow = world.slow("slow@example.org").await;
    for remaining in ["2", "1", "0"] {
        let answer = post(world.address, CHAT, slow.secret(), &chat(60, false)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let (limit, left, tokens, _) = limits(&answer);
        assert_eq!((limit, left, tokens), ("3", remaining, "40000"));
    }
    let spent = world.money(slow.grant).await;
    let refused = post(world.address, CHAT, slow.secret(), &chat(60, true)).await;
    let (kind, code, message) = refused.error();
    assert_eq!((refused.status.as_u16(), &*kind, &*code), (429, "requests", "rate_limit_exceeded"));
    assert!(message.contains("requests per min (RPM): Limit 3, Used 3, Requested 1."), "{message}");
    assert!(message.contains("tier `Free (Explore)`"), "{message}");
    assert!(message.contains(&format!("https://portal.test/grants/{}", slow.grant)), "{message}");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(limits(&refused).1, "0");
    assert_eq!(refused.header("x-ratelimit-remaining-requests"), "0");
    assert_ne!(refused.header("x-ratelimit-reset-requests"), "");
    // It never was a call: nothing is held, nothing is in the books, nothing was forwarded.
    assert_eq!(world.money(slow.grant).await, spent);
    assert_eq!(world.calls_of(slow.grant).await.len(), 3);
    assert_eq!(world.sandbox.log().len(), 3);
    // Another holder does not notice, and nor does the same one a minute later.
    let other = world.slow("other@example.org").await;
    assert_eq!(post(world.address, CHAT, other.secret(), &chat(60, false)).await.status, 200);
    world.clock.turn_to(bursar_kernel::Clock::now(&*world.clock) + SignedDuration::from_mins(1));
    let later = post(world.address, CHAT, slow.secret(), &chat(60, true)).await;
    assert_eq!((later.status.as_u16(), limits(&later).1), (200, "2"));
    world.verify().await;
}

#[tokio::test]
async fn grants_and_keys_of_one_holder_share_their_limits() {
    let world = World::new().await;
    let (one, two) = (world.slow("ada@lab.example").await, world.slow("ada@lab.example").await);
    for key in [&one, &two, &one] {
        assert_eq!(post(world.address, CHAT, key.secret(), &chat(9, false)).await.status, 200);
    }
    assert_eq!(post(world.address, CHAT, two.secret(), &chat(9, false)).await.status, 429);
}

#[tokio::test]
async fn what_is_refused_eats_no_limit() {
    let world = World::new().await;
    let slow = world.slow("slow@example.org").await;
    let dear = json!({"model": "gpt-4o-mini", "max_completion_tokens": 16_000, "n": 100,
        "messages": [{"role": "user", "content": "x"}]});
    let refused = post(world.address, CHAT, slow.secret(), &dear).await;
    assert_eq!((refused.status.as_u16(), &*refused.error().0), (429, "tokens"));
    assert_eq!(refused.header("x-should-retry"), "false", "it fits no minute: {refused:?}");
    let bad = json!({"model": "gpt-4o-mini"});
    assert_eq!(post(world.address, CHAT, slow.secret(), &bad).await.status, 400);
    let answer = post(world.address, CHAT, slow.secret(), &chat(9, false)).await;
    assert_eq!((answer.status.as_u16(), limits(&answer).1), (200, "2"));
    let (free, held) = world.money(slow.grant).await;
    assert!(free.is_positive() && held == Usd::ZERO, "the hold went back: {held}");
    assert_eq!(world.calls_of(slow.grant).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_once_take_the_requests_and_tokens_of_a_minute_and_no_more() {
    let world = World::new().await;
    // So slow that all of them ask while the first are under way.
    world.profile(r#"{"answer_tokens": 5, "first_byte_delay_ms": 700}"#);
    // Three requests a minute; and of 40,000 tokens, two of 16,000 with what is asked.
    for (holder, tokens, fit) in [("many@example.org", 60, 3), ("long@example.org", 16_000, 2)] {
        let slow = world.slow(holder).await;
        let body = chat(tokens, false);
        let calls = (0..20).map(|_| post(world.address, CHAT, slow.secret(), &body));
        let answers = join_all(calls).await;
        let (gone, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(gone.len(), fit, "{holder}");
        for answer in refused {
            let (_, code, message) = answer.error();
            assert_eq!((answer.status.as_u16(), &*code), (429, "rate_limit_exceeded"), "{message}");
        }
        assert_eq!(world.calls_of(slow.grant).await.len(), fit);
        let (_, held) = world.money(slow.grant).await;
        assert_eq!(held, Usd::ZERO, "what was refused holds nothing");
    }
    world.verify().await;
}

#[tokio::test]
async fn a_refusal_gives_back_nothing_that_it_did_not_take() {
    let world = World::new().await;
    let slow = world.slow("slow@example.org").await;
    let whole = world.money(slow.grant).await;
    world.profile(r#"{"fail": {"status": 400, "type": "invalid_request_error", "code": "no"}}"#);
    // What the provider refuses has been sent: it costs no money, and it keeps its place.
    for _ in 0..3 {
        let answer = post(world.address, CHAT, slow.secret(), &chat(60, false)).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(world.money(slow.grant).await, whole);
    // And what is refused here takes no place, so that there is none to give back.
    for _ in 0..5 {
        let answer = post(world.address, CHAT, slow.secret(), &chat(60, false)).await;
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (429, "rate_limit_exceeded"));
        let bad = json!({"model": "gpt-4o-mini"});
        assert_eq!(post(world.address, CHAT, slow.secret(), &bad).await.status, 400);
    }
    assert_eq!(world.sandbox.log().len(), 3);
    assert_eq!(world.money(slow.grant).await, whole);
    world.verify().await;
}

#[tokio::test]
async fn tokens_that_were_not_used_are_free_again() {
    let world = World::new().await;
    let slow = world.slow("slow@example.org").await;
    // Three times 20,000 would not fit 40,000; what they use does.
    for _ in 0..3 {
        let answer = post(world.address, CHAT, slow.secret(), &chat(16_000, false)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let left: u64 = limits(&answer).3.parse().unwrap();
        assert!(30_000 < left, "{left}");
    }
}

#[tokio::test]
async fn a_class_that_the_tier_does_not_open_says_what_does() {
    let world = World::new().await;
    let slow = world.slow("slow@example.org").await;
    let mut large = chat(9, false);
    large["model"] = "gpt-4.1".into();
    let closed = post(world.address, CHAT, slow.secret(), &large).await;
    let (kind, code, message) = closed.error();
    assert_eq!((closed.status.as_u16(), &*kind, &*code), (429, "requests", "rate_limit_exceeded"));
    assert!(message.contains("lifts the grant to `Tier 1`"), "{message}");
    assert_eq!((closed.header("retry-after"), closed.header("x-should-retry")), ("", "false"));
    // An officer's word opens it at once.
    let tier = TierId::new("tier-1");
    world.service.name_tier(&Viewer::Operator, slow.grant, &tier, "A test of it").await.unwrap();
    let open = post(world.address, CHAT, slow.secret(), &large).await;
    assert_eq!((open.status.as_u16(), limits(&open).0), (200, "500"));
    assert_eq!(get(world.address, "/v1/models", slow.secret()).await.status, 200);
}
