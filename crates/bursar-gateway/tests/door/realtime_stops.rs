//! Sessions end when their key, their grant, their program or their upstream is stopped.

use bursar_kernel::limits::REALTIME_SESSIONS_PER_GRANT_MAX;
use bursar_kernel::{ProgramId, Usd};
use bursar_policy::Viewer;
use bursar_service::Turn;
use bursar_store::rows::{Basis, Stoppable};
use serde_json::json;

use crate::sessions::{Spoken, connect, session, user};
use crate::world::{Funded, World};

/// A session in which an answer is being made.
async fn answering(world: &World, who: &Funded) -> Spoken {
    world.profile(r#"{"answer_tokens": 4000, "chunk_delay_ms": 20}"#);
    let mut spoken = session(world.address, "gpt-realtime", who.secret()).await;
    spoken.in_text().await;
    spoken.say(user("Go on and on.")).await;
    spoken.say(json!({"type": "response.create"})).await;
    spoken.until("response.output_text.delta").await;
    spoken
}

/// It is closed with that code, after an error with that.
async fn ended(world: &World, who: &Funded, mut spoken: Spoken, code: u16, error: &str) {
    let began = tokio::time::Instant::now();
    let close = spoken.until_closed().await.expect("it says why");
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
    assert_eq!(close.code, code, "{close:?}");
    assert!(!close.reason.is_empty());
    let told = spoken.heard.iter().rfind(|event| event["type"] == "error").expect("an error");
    assert_eq!(told["error"]["code"], error);
    let call = world.call_of(who.grant).await;
    // What was made is paid for what it used.
    assert_eq!(call.basis, Basis::Reported);
    assert!(call.cost.is_positive() && call.cost < call.held);
    assert_eq!(world.money(who.grant).await.1, Usd::ZERO);
    world.verify().await;
}

#[tokio::test]
async fn a_session_of_a_revoked_key_closes() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let spoken = answering(&world, &who).await;
    bursar_studies::revoke_key(&world.service, &Viewer::Operator, who.made.key.id).await.unwrap();
    ended(&world, &who, spoken, 1008, "invalid_api_key").await;
}

#[tokio::test]
async fn a_session_of_a_stopped_grant_closes() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let spoken = answering(&world, &who).await;
    let of = Stoppable::Grant(who.grant);
    world.service.turn(&Viewer::Operator, &of, Turn::Stop, "To see.").await.unwrap();
    ended(&world, &who, spoken, 1008, "grant_stopped").await;
}

#[tokio::test]
async fn a_session_of_a_stopped_program_closes() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let spoken = answering(&world, &who).await;
    let of = Stoppable::Program(ProgramId::new("openai-researcher-access"));
    world.service.turn(&Viewer::Operator, &of, Turn::Stop, "To see.").await.unwrap();
    ended(&world, &who, spoken, 1008, "program_stopped").await;
}

#[tokio::test]
async fn a_session_of_a_stopped_upstream_closes() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let spoken = answering(&world, &who).await;
    let of = Stoppable::Upstream("sandbox".to_owned());
    world.service.turn(&Viewer::Operator, &of, Turn::Stop, "To see.").await.unwrap();
    ended(&world, &who, spoken, 1013, "upstream_stopped").await;
}

#[tokio::test]
async fn a_session_of_a_server_that_stops_closes_and_is_waited_for() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let spoken = answering(&world, &who).await;
    let (stopped, ()) = tokio::join!(
        world.in_flight.finished(std::time::Duration::from_secs(20)),
        ended(&world, &who, spoken, 1001, "session_ended")
    );
    assert!(stopped);
}

#[tokio::test]
async fn a_session_of_a_grant_that_expires_closes_at_its_end() {
    use bursar_kernel::Clock as _;
    let world = World::new().await;
    let end = world.clock.now() + jiff::SignedDuration::from_hours(1);
    let who = world.expiring("10", end).await;
    let spoken = answering(&world, &who).await;
    world.clock.turn_to(end);
    ended(&world, &who, spoken, 1008, "credit_balance_exhausted").await;
}

#[tokio::test]
async fn one_grant_has_so_many_sessions_at_a_time() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let mut open = Vec::new();
    for _ in 0..REALTIME_SESSIONS_PER_GRANT_MAX {
        open.push(session(world.address, "gpt-realtime", who.secret()).await);
    }
    let bearer = format!("Bearer {}", who.secret());
    let path = "/v1/realtime?model=gpt-realtime";
    let answer = connect(world.address, path, &[("authorization", &bearer)]).await.err().unwrap();
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (429, "rate_limit_exceeded"));
    assert_eq!(answer.header("retry-after"), "1");
    open.clear();
    world.settled().await;
    session(world.address, "gpt-realtime", who.secret()).await;
}
