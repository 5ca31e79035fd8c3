//! Every kind of limit that a program file can set: what meets it, what that says, what a restart
//! remembers, and what it costs others.

use bursar_kernel::{RateLimit, Usd};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::batches::{ask, lines, uploaded};
use crate::client::{Answer, chat, post};
use crate::world::{Funded, World};

const CHAT: &str = "/v1/chat/completions";
const IMAGES: &str = "/v1/images/generations";
const NONE: RateLimit = RateLimit {
    requests_per_minute: Some(1_000),
    requests_per_day: None,
    tokens_per_minute: None,
    tokens_per_day: None,
    images_per_minute: None,
    concurrent_calls: None,
    batch_queue_tokens: None,
};

async fn call(world: &World, who: &Funded) -> Answer {
    post(world.address, CHAT, who.secret(), &chat(9, false)).await
}

/// Calls until one is refused, and says how many were not, and what that one said.
async fn all(world: &World, who: &Funded) -> (u64, Answer) {
    let mut gone = 0;
    loop {
        let answer = call(world, who).await;
        if answer.status != 200 {
            return (gone, answer);
        }
        gone += 1;
        assert!(gone < 1_000, "nothing refuses");
    }
}

fn said(answer: &Answer) -> (u16, String, String) {
    let (kind, code, message) = answer.error();
    assert_eq!(code, "rate_limit_exceeded", "{message}");
    (answer.status.as_u16(), kind, message)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_requests_of_a_day_outlive_a_crash() {
    let world = World::limited(RateLimit { requests_per_day: Some(40), ..NONE }).await;
    let who = world.slow("slow@example.org").await;
    for left in (30..40).rev() {
        let answer = call(&world, &who).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-ratelimit-limit-requests"), "40");
        assert_eq!(answer.header("x-ratelimit-remaining-requests"), left.to_string());
    }
    world.settled().await;
    let world = world.after_a_crash().await;
    let (gone, refused) = all(&world, &who).await;
    // Ten were let through before; a part of two may have been begun and is as good as used.
    assert!((28..=30).contains(&gone), "{gone}");
    let (status, kind, message) = said(&refused);
    assert_eq!((status, &*kind), (429, "requests"));
    assert!(
        message.contains("requests per day (RPD): Limit 40, Used 40, Requested 1."),
        "{message}"
    );
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((86_400..=86_400 + 15 * 60 + 2).contains(&wait), "a day, by the quarter: {wait}");
    assert_eq!(refused.header("x-ratelimit-remaining-requests"), "0");
    world.seconds_later(i64::try_from(wait).unwrap());
    assert_eq!(call(&world, &who).await.status, 200, "a day later there is room");
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_gives_back_what_it_did_not_use_of_a_day() {
    let world = World::limited(RateLimit { requests_per_day: Some(200), ..NONE }).await;
    let who = world.slow("slow@example.org").await;
    for _ in 0..3 {
        assert_eq!(call(&world, &who).await.status, 200);
    }
    world.settled().await;
    world.service.return_leases().await;
    let world = world.after_a_crash().await;
    let answer = call(&world, &who).await;
    assert_eq!(answer.header("x-ratelimit-remaining-requests"), "196", "all but the three and it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_a_day_are_counted_as_they_were_used() {
    let world = World::limited(RateLimit { tokens_per_day: Some(9_000), ..NONE }).await;
    world.profile(r#"{"answer_tokens": 20}"#);
    let who = world.slow("slow@example.org").await;
    // Five times 4,000 do not fit 9,000; what they use does.
    for _ in 0..5 {
        let answer = post(world.address, CHAT, who.secret(), &chat(4_000, false)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-ratelimit-limit-tokens"), "9000");
    }
    world.settled().await;
    let spent = world.money(who.grant).await;
    let never = post(world.address, CHAT, who.secret(), &chat(10_000, false)).await;
    let (_, kind, message) = said(&never);
    assert_eq!(kind, "tokens");
    assert!(message.starts_with("Request too large for gpt-4o-mini in tier"), "{message}");
    assert!(message.contains("tokens per day (TPD): Limit 9000"), "{message}");
    assert!(message.contains("must be reduced"), "{message}");
    assert_eq!((never.header("x-should-retry"), never.header("retry-after")), ("false", ""));
    let late = post(world.address, CHAT, who.secret(), &chat(8_900, false)).await;
    let (_, _, message) = said(&late);
    assert!(message.contains("tokens per day (TPD): Limit 9000, Used "), "{message}");
    assert_ne!(late.header("retry-after"), "");
    // Neither took anything.
    assert_eq!(world.money(who.grant).await, spent);
    assert_eq!(call(&world, &who).await.status, 200);
    world.verify().await;
}

fn images(n: u64) -> Value {
    json!({"model": "gpt-image-1", "prompt": "a ledger", "n": n, "size": "1024x1024",
        "quality": "low"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_are_counted_by_the_minute() {
    let world = World::limited(RateLimit { images_per_minute: Some(3), ..NONE }).await;
    let who = world.slow("slow@example.org").await;
    let make = async |n| post(world.address, IMAGES, who.secret(), &images(n)).await;
    let never = make(4).await;
    let (_, kind, message) = said(&never);
    assert_eq!((&*kind, never.header("x-should-retry")), ("images", "false"));
    assert!(message.contains("images per min (IPM): Limit 3, Used 0, Requested 4."), "{message}");
    let two = make(2).await;
    assert_eq!(two.status, 200, "{}", two.text());
    assert_eq!(two.header("x-ratelimit-limit-images"), "3");
    assert_eq!(two.header("x-ratelimit-remaining-images"), "1");
    let refused = make(2).await;
    let (_, _, message) = said(&refused);
    assert!(message.contains("images per min (IPM): Limit 3, Used 2, Requested 2."), "{message}");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // What was refused took no request, and no image.
    let one = make(1).await;
    assert_eq!((one.status.as_u16(), one.header("x-ratelimit-remaining-requests")), (200, "998"));
    world.a_minute_later();
    assert_eq!(make(3).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_calls_are_in_flight_and_no_more() {
    let world = World::limited(RateLimit { concurrent_calls: Some(2), ..NONE }).await;
    world.profile(r#"{"answer_tokens": 5, "first_byte_delay_ms": 700}"#);
    let who = world.slow("slow@example.org").await;
    let answers = join_all((0..6).map(|_| call(&world, &who))).await;
    let (gone, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 200);
    assert_eq!(gone.len(), 2);
    for answer in refused {
        let (_, kind, message) = said(answer);
        assert_eq!((&*kind, answer.header("retry-after")), ("requests", "1"));
        let met = "requests in flight at a time: Limit 2, Used 2, Requested 1.";
        assert!(message.contains(met), "{message}");
    }
    // A call that ends makes room, however it ends: also one that nobody heard the end of.
    world.profile(r#"{"fail": {"status": 400, "type": "invalid_request_error", "code": "no"}}"#);
    for _ in 0..3 {
        assert_eq!(call(&world, &who).await.status, 400);
    }
    // And one of which nobody knows how many tokens it took.
    world.profile(r#"{"answer_tokens": 5, "cut": {"after_chunks": 0}}"#);
    for _ in 0..2 {
        assert_eq!(call(&world, &who).await.status, 502);
    }
    world.profile(r#"{"answer_tokens": 5}"#);
    assert_eq!(call(&world, &who).await.status, 200);
    let (_, held) = world.money(who.grant).await;
    assert_eq!(held, Usd::ZERO);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_wait_in_a_queue_that_has_an_end() {
    // Three lines of some 14 tokens fit when they are counted, six do not.
    let world = World::limited(RateLimit { batch_queue_tokens: Some(60), ..NONE }).await;
    let who = world.slow("slow@example.org").await;
    let file = uploaded(&world, who.secret(), &lines(3)).await;
    let large = uploaded(&world, who.secret(), &lines(30)).await;
    let never = ask(&world, who.secret(), &large).await;
    let (status, kind, message) = said(&never);
    assert_eq!((status, &*kind, never.header("x-should-retry")), (429, "tokens", "false"));
    assert!(message.contains("enqueued input tokens of batches: Limit 60"), "{message}");
    assert!(message.contains("Split the file"), "{message}");
    let first = ask(&world, who.secret(), &file).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let money = world.money(who.grant).await;
    let full = ask(&world, who.secret(), &file).await;
    let (_, _, message) = said(&full);
    assert!(message.contains("once some in_progress batches have been completed"), "{message}");
    assert_eq!(full.header("x-should-retry"), "false", "it takes hours");
    assert_eq!(world.money(who.grant).await, money, "nothing is set aside for it");
    // It is there over a crash, and another holder's is another.
    let world = world.after_a_crash().await;
    assert_eq!(ask(&world, who.secret(), &file).await.status, 429);
    let other = world.slow("other@example.org").await;
    let theirs = uploaded(&world, other.secret(), &lines(3)).await;
    assert_eq!(ask(&world, other.secret(), &theirs).await.status, 200);
    // What has ended waits no more.
    world.a_minute_later();
    world.poll().await;
    assert_eq!(ask(&world, who.secret(), &file).await.status, 200);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_the_tier_does_not_open_goes_in_no_batch() {
    let world = World::new().await;
    let who = world.slow("slow@example.org").await;
    let large = json!({"model": "gpt-4.1", "max_completion_tokens": 5,
        "messages": [{"role": "user", "content": "x"}]});
    let file = uploaded(&world, who.secret(), &crate::batches::line("one", &large)).await;
    let (status, _, message) = said(&ask(&world, who.secret(), &file).await);
    assert_eq!(status, 429);
    assert!(message.contains("Limit 0"), "{message}");
    assert_eq!(world.money(who.grant).await.1, Usd::ZERO);
}

/// How often the store is written to while something is done.
async fn writes<T>(world: &World, what: impl Future<Output = T>) -> (u64, T) {
    let before = world.store.commits();
    let done = what.await;
    world.settled_for_a_while().await;
    (world.store.commits() - before, done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_on_at_a_limit_costs_nobody_else_anything() {
    let limit = RateLimit {
        requests_per_minute: Some(10),
        requests_per_day: Some(400),
        tokens_per_minute: Some(40_000),
        ..NONE
    };
    let world = World::limited(limit).await;
    let (greedy, other) =
        (world.slow("greedy@example.org").await, world.slow("other@example.org").await);
    for who in [&greedy, &other] {
        assert_eq!(call(&world, who).await.status, 200);
    }
    let three = async || {
        for _ in 0..3 {
            let answer = call(&world, &other).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    };
    let (alone, ()) = writes(&world, three()).await;
    assert_eq!(all(&world, &greedy).await.0, 9);
    world.settled_for_a_while().await;
    // Refused calls of a minute's limit write nothing at all.
    let many = async || {
        for _ in 0..200 {
            assert_eq!(call(&world, &greedy).await.status, 429);
        }
    };
    let (written, ()) = writes(&world, many()).await;
    assert_eq!(written, 0, "a refusal asks nobody");
    let (beside, _) = writes(&world, async { tokio::join!(three(), many()) }).await;
    assert!(beside <= alone, "the other's calls take as many writes: {beside}, not {alone}");
}

/// More of a day may come free at any time, so the store is asked again; by one call a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_on_at_the_limit_of_a_day_asks_the_store_seldom() {
    let world = World::limited(RateLimit { requests_per_day: Some(20), ..NONE }).await;
    let greedy = world.slow("greedy@example.org").await;
    assert_eq!(all(&world, &greedy).await.0, 20);
    world.settled_for_a_while().await;
    let began = std::time::Instant::now();
    let (written, ()) = writes(&world, async {
        for _ in 0..100 {
            assert_eq!(call(&world, &greedy).await.status, 429);
        }
    })
    .await;
    let seconds = began.elapsed().as_secs();
    assert!(written <= seconds + 2, "{written} questions in {seconds} seconds");
}
