//! What an officer stops stops at once: calls are refused, no money moves, and what is under way
//! ends under its hold.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::{get as getting, post as posting};
use bursar_gateway::UpstreamStanding;
use bursar_kernel::{ProgramId, Usd};
use bursar_policy::Viewer;
use bursar_service::Turn;
use bursar_store::rows::{Stop, Stoppable};
use http::StatusCode;

use crate::batches::{ask, begun, lines, shown, upload, uploaded};
use crate::client::{Answer, chat, get, post};
use crate::elsewhere::{standing, with_a_spare};
use crate::world::{Funded, World, listen, sandbox};

const CHAT: &str = "/v1/chat/completions";

fn program() -> Stoppable {
    Stoppable::Program(ProgramId::new("openai-researcher-access"))
}

fn upstream(name: &str) -> Stoppable {
    Stoppable::Upstream(name.to_owned())
}

async fn turn(world: &World, of: &Stoppable, turn: Turn, reason: &str) -> Option<Stop> {
    world.service.turn(&Viewer::Operator, of, turn, reason).await.unwrap()
}

async fn call(world: &World, who: &Funded) -> Answer {
    post(world.address, CHAT, who.secret(), &chat(9, false)).await
}

/// The lines that the audit trail has of what was stopped and started, the latest first.
async fn noted(world: &World) -> Vec<String> {
    let trail = world.service.store().audit_trail(50).await.unwrap();
    let lines = trail.into_iter().map(|line| format!("{}: {}", line.action, line.detail));
    lines.filter(|line| line.contains("stopped: ") || line.contains("started: ")).collect()
}

fn is_stopped(answer: &Answer, wanted: &str, says: &str) {
    let (kind, code, message) = answer.error();
    assert_eq!((answer.status.as_u16(), &*kind, &*code), (429, "insufficient_quota", wanted));
    assert!(message.starts_with("You exceeded your current quota"), "{message}");
    assert!(message.contains(says) && message.contains("ask"), "{message}");
    assert_eq!(answer.header("x-should-retry"), "false");
    assert!(answer.headers.get("retry-after").is_none());
}

#[tokio::test]
async fn a_stopped_grant_calls_nothing_and_shows_everything_until_it_is_started_again() {
    let world = World::new().await;
    let (who, other) = (world.funded("1").await, world.funded("1").await);
    let answer = call(&world, &who).await;
    assert_eq!(answer.status, 200);
    let name = answer.header("x-request-id").to_owned();
    let grant = Stoppable::Grant(who.grant);
    let stopped = turn(&world, &grant, Turn::Stop, "Its key was found on the web.").await;
    assert_eq!(turn(&world, &grant, Turn::Stop, "Again.").await, stopped, "the first stands");
    let money = world.money(who.grant).await;
    let page = format!("https://portal.test/grants/{}", who.grant);
    is_stopped(&call(&world, &who).await, "grant_stopped", &page);
    // A moderation is free, and a call all the same.
    let moderation = serde_json::json!({"model": "omni-moderation-latest", "input": "Hello"});
    let free = post(world.address, "/v1/moderations", who.secret(), &moderation).await;
    is_stopped(&free, "grant_stopped", &page);
    is_stopped(&upload(&world, who.secret(), &lines(1)).await, "grant_stopped", &page);
    let look_ups = ["/v1/models", "/v1/models/gpt-4o-mini", "/v1/files", "/v1/batches"];
    let call_made = format!("/v1/bursar/calls/{name}");
    for path in look_ups.into_iter().chain([&*call_made]) {
        assert_eq!(get(world.address, path, who.secret()).await.status, 200, "{path}");
    }
    assert_eq!(call(&world, &other).await.status, 200, "another grant's calls go on");
    assert_eq!(world.money(who.grant).await, money, "nothing moved");
    turn(&world, &grant, Turn::Start, "Its key was revoked.").await;
    turn(&world, &grant, Turn::Start, "Again.").await;
    assert_eq!(call(&world, &who).await.status, 200);
    let lines =
        ["grant.started: Its key was revoked.", "grant.stopped: Its key was found on the web."];
    assert_eq!(noted(&world).await, lines, "each once");
    assert_eq!(world.calls_of(who.grant).await.len(), 2);
    world.verify().await;
}

#[tokio::test]
async fn a_stopped_program_stops_every_grant_of_it_and_no_call_in_flight() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 20, "first_byte_delay_ms": 200}"#);
    let grants = [world.funded("1").await, world.funded("1").await];
    let (in_flight, ()) = tokio::join!(call(&world, &grants[0]), async {
        while world.sandbox.log().is_empty() {
            tokio::task::yield_now().await;
        }
        turn(&world, &program(), Turn::Stop, "The provider asked for it.").await;
        for who in &grants {
            let says = "the program `openai-researcher-access` were stopped at 20";
            is_stopped(&call(&world, who).await, "program_stopped", says);
        }
    });
    assert_eq!(in_flight.status, 200, "{}", in_flight.text());
    assert!(world.call_of(grants[0].grant).await.cost.is_positive(), "it is charged");
    // New keys are stopped as well.
    is_stopped(&call(&world, &world.funded("1").await).await, "program_stopped", "credit is");
    turn(&world, &program(), Turn::Start, "It was agreed.").await;
    for who in &grants {
        assert_eq!(call(&world, who).await.status, 200);
    }
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_waits_for_money_does_not_go_once_its_grant_is_stopped() {
    let world = World::new().await;
    let body = chat(2_000, false);
    let rich = world.funded("1").await;
    let hold = post(world.address, CHAT, rich.secret(), &body).await;
    let hold: Usd = hold.header("x-bursar-hold").parse().unwrap();
    // Enough for one at a time.
    let poor = world.funded(&hold.to_string()).await;
    world.profile(r#"{"answer_tokens": 20, "first_byte_delay_ms": 800}"#);
    let sent = world.sandbox.log().len();
    let (first, second, ()) = tokio::join!(
        post(world.address, CHAT, poor.secret(), &body),
        async {
            while world.sandbox.log().len() == sent {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // It is smaller, so that it fits once the first is over.
            post(world.address, CHAT, poor.secret(), &chat(1_900, false)).await
        },
        async {
            while world.in_flight.in_flight() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let reason = "Too many at once.";
            turn(&world, &Stoppable::Grant(poor.grant), Turn::Stop, reason).await;
        }
    );
    assert_eq!(first.status, 200, "{}", first.text());
    is_stopped(&second, "grant_stopped", "credit is untouched");
    assert_eq!(world.sandbox.log().len(), sent + 1);
    assert_eq!(world.calls_of(poor.grant).await.len(), 1);
    assert_eq!(world.money(poor.grant).await.1, Usd::ZERO, "its hold went back");
    // Nor did it take a place in the rate limits.
    turn(&world, &Stoppable::Grant(poor.grant), Turn::Start, "It was agreed.").await;
    let later = call(&world, &rich).await;
    // Of 30,000: the first of either grant, and this one.
    assert_eq!(later.header("x-ratelimit-remaining-requests"), "29997");
    world.verify().await;
}

#[tokio::test]
async fn what_is_under_way_is_charged_though_its_grant_or_its_upstream_is_stopped() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let file = uploaded(&world, who.secret(), &lines(2)).await;
    let batch = begun(&world, &who, 3).await;
    for of in [Stoppable::Grant(who.grant), upstream("sandbox")] {
        turn(&world, &of, Turn::Stop, "To see.").await;
    }
    is_stopped(&ask(&world, who.secret(), &file).await, "grant_stopped", "credit is untouched");
    turn(&world, &Stoppable::Grant(who.grant), Turn::Start, "To see.").await;
    for answer in
        [ask(&world, who.secret(), &file).await, upload(&world, who.secret(), &lines(1)).await]
    {
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (503, "upstream_stopped"));
    }
    world.a_minute_later();
    world.poll().await;
    assert_eq!(shown(&world, &who, &batch).await["status"], "completed");
    assert!(world.call_of(who.grant).await.cost.is_positive());
    world.verify().await;
}

/// An upstream that takes its time to show a file, and counts how often it is asked for that, and
/// how many batches it is sent.
async fn slow_with_files(content: String, asked: [Arc<AtomicUsize>; 2]) -> SocketAddr {
    let [read, sent] = asked;
    let batches = move || {
        sent.fetch_add(1, Ordering::Relaxed);
        async { StatusCode::GATEWAY_TIMEOUT }
    };
    let made = r#"{"id":"file-1","object":"file","bytes":9,"filename":"x","purpose":"batch"}"#;
    let slowly = move || async move {
        read.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(600)).await;
        content
    };
    let router = Router::new()
        .route("/v1/files", posting(move || async move { made }))
        .route("/v1/files/file-1/content", getting(slowly))
        .route("/v1/batches", posting(batches));
    listen(router).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_file_is_being_read_does_not_go_once_it_is_stopped() {
    let asked = [(), ()].map(|()| Arc::new(AtomicUsize::new(0)));
    let provider = slow_with_files(lines(2), asked.clone()).await;
    let [read, sent] = asked;
    let world = World::before(Some(provider)).await;
    let who = world.funded("1").await;
    let file = uploaded(&world, who.secret(), &lines(2)).await;
    let money = world.money(who.grant).await;
    let refusals = [
        (Stoppable::Grant(who.grant), "grant_stopped"),
        (program(), "program_stopped"),
        (upstream("sandbox"), "upstream_stopped"),
    ];
    for (of, wanted) in refusals {
        let (answer, ()) = tokio::join!(ask(&world, who.secret(), &file), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            turn(&world, &of, Turn::Stop, "To see.").await;
        });
        assert_eq!(answer.error().1, wanted, "{}", answer.text());
        turn(&world, &of, Turn::Start, "To see.").await;
    }
    assert_eq!(world.money(who.grant).await, money, "nothing is set aside");
    assert_eq!(sent.load(Ordering::Relaxed), 0, "nothing went out");
    // A stopped one is not even read.
    turn(&world, &upstream("sandbox"), Turn::Stop, "To see.").await;
    let before = read.load(Ordering::Relaxed);
    assert_eq!(ask(&world, who.secret(), &file).await.error().1, "upstream_stopped");
    assert_eq!((before, read.load(Ordering::Relaxed)), (3, 3));
}

#[tokio::test]
async fn nothing_goes_to_a_stopped_upstream_and_others_take_its_calls() {
    let first = sandbox();
    let (world, second) = with_a_spare(listen(first.router()).await).await;
    let who = world.funded("1").await;
    assert_eq!(call(&world, &who).await.status, 200);
    assert_eq!((first.log().len(), second.log().len()), (1, 0));
    turn(&world, &upstream("first"), Turn::Stop, "It answers nonsense.").await;
    assert_eq!(standing(&world, "first"), UpstreamStanding::Stopped);
    for _ in 0..3 {
        assert_eq!(call(&world, &who).await.status, 200);
    }
    assert_eq!((first.log().len(), second.log().len()), (1, 3));
    turn(&world, &upstream("second"), Turn::Stop, "So does this.").await;
    let (money, refused) = (world.money(who.grant).await, call(&world, &who).await);
    assert_eq!((refused.status.as_u16(), &*refused.error().1), (503, "upstream_stopped"));
    assert_eq!(refused.header("retry-after"), "30");
    let asked = serde_json::json!({"model": "gpt-4o-mini", "input": "Hello", "background": true,
        "max_output_tokens": 20});
    let later = post(world.address, "/v1/responses", who.secret(), &asked).await;
    assert_eq!((later.status.as_u16(), &*later.error().1), (503, "upstream_stopped"));
    assert_eq!(get(world.address, "/v1/models", who.secret()).await.status, 200);
    assert_eq!(world.money(who.grant).await, money);
    turn(&world, &upstream("first"), Turn::Start, "It was repaired.").await;
    let answer = call(&world, &who).await;
    assert_eq!(answer.status, 200);
    // Of 30,000, the five that went: what could not be sent took no place.
    assert_eq!(answer.header("x-ratelimit-remaining-requests"), "29995");
    assert_eq!((first.log().len(), second.log().len()), (2, 3));
    let unknown = upstream("third");
    let unknown = world.service.turn(&Viewer::Operator, &unknown, Turn::Stop, "So.").await;
    let unknown = unknown.unwrap_err().to_string();
    assert!(unknown.starts_with("there is no upstream `third`\nhint: "), "{unknown}");
    world.verify().await;
}

#[tokio::test]
async fn what_was_stopped_before_a_crash_is_stopped_after_it() {
    let world = World::new().await;
    let who = world.funded("1").await;
    turn(&world, &upstream("sandbox"), Turn::Stop, "To see.").await;
    let world = world.after_a_crash().await;
    assert_eq!(call(&world, &who).await.error().1, "upstream_stopped");
    turn(&world, &upstream("sandbox"), Turn::Start, "To see.").await;
    assert_eq!(call(&world, &who).await.status, 200);
}
