//! The store out of reach, and a server that stops.

use std::time::Duration;

use bursar_store::rows::CallOutcome;

use crate::client::{chat, post};
use crate::world::World;

const CHAT: &str = "/v1/chat/completions";

#[tokio::test]
async fn while_the_store_cannot_write_nothing_begins_and_no_answer_leaves() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    assert_eq!(post(world.address, CHAT, funded.secret(), &chat(9, false)).await.status, 200);
    world.store.close();
    // One that the books cover ahead may go; its charge waits for the store, and with it the rest.
    let (address, secret) = (world.address, funded.secret().to_owned());
    let waits =
        tokio::spawn(async move { post(address, CHAT, &secret, &chat(9, false)).await.status });
    while world.sandbox.log().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(9, false)).await;
    assert!(!waits.is_finished(), "an answer whose charge is not durable is kept back");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.error().1, "store_unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(world.sandbox.log().len(), 2, "nothing is forwarded that nobody can write down");
}

#[tokio::test]
async fn a_store_that_fails_is_never_told_as_a_lack_of_money() {
    let world = World::new().await;
    let (lent, fresh) = (world.funded("1").await, world.funded("1").await);
    assert_eq!(post(world.address, CHAT, lent.secret(), &chat(9, false)).await.status, 200);
    world.store.close();
    // One has to be asked for, and the other wants more than what is here.
    let mut large = chat(16_000, false);
    large["n"] = 50.into();
    for (funded, body) in [(&fresh, chat(9, false)), (&lent, large)] {
        let answer = post(world.address, CHAT, funded.secret(), &body).await;
        let (kind, code, message) = answer.error();
        assert_eq!((answer.status.as_u16(), &*code), (503, "store_unavailable"), "{message}");
        assert_eq!((&*kind, answer.header("retry-after")), ("server_error", "2"));
        assert!(!message.contains("quota") && !message.contains('$'), "{message}");
    }
    assert_eq!(world.sandbox.log().len(), 1);
}

#[tokio::test]
async fn calls_in_flight_are_waited_for_when_the_server_stops() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 20, "first_byte_delay_ms": 300}"#);
    let funded = world.funded("1").await;
    let (address, secret) = (world.address, funded.secret().to_owned());
    let client =
        tokio::spawn(async move { post(address, CHAT, &secret, &chat(9, false)).await.status });
    while world.in_flight.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(
        !world.in_flight.finished(Duration::from_millis(1)).await,
        "the call is still in flight"
    );
    assert!(world.in_flight.finished(Duration::from_secs(20)).await);
    assert_eq!(world.in_flight.in_flight(), 0);
    assert_eq!(client.await.unwrap(), 200);
    assert_eq!(world.call_of(funded.grant).await.outcome, CallOutcome::Answered);
}
