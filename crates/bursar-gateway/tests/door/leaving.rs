//! Clients that hang up: charged for what was produced, never zero, never twice.

use bursar_kernel::Usd;
use bursar_meter::price;
use bursar_store::rows::{Basis, CallOutcome};

use crate::client::{chat, hang_up};
use crate::world::World;

/// Thirty chunks of one token each, slow enough to leave between any two.
const SLOWLY: &str = r#"{"answer_tokens": 30, "tokens_per_chunk": 1, "chunk_delay_ms": 5, "first_byte_delay_ms": 20}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_a_stream_at_any_chunk_pays_for_what_was_produced() {
    let world = World::new().await;
    world.profile(SLOWLY);
    for chunks in [0, 1, 2, 5, 13, 29] {
        let funded = world.funded("1").await;
        let seen =
            |read: &str| read.contains("\r\n\r\n") && chunks <= read.matches("data: ").count();
        hang_up(world.address, funded.secret(), &chat(40, true), seen).await;
        let call = world.call_of(funded.grant).await;
        let produced = world.sandbox.log().pop().unwrap();
        assert_eq!(call.outcome, CallOutcome::Abandoned, "after {chunks} chunks");
        assert_eq!(call.basis, Basis::Reported, "after {chunks} chunks");
        assert_eq!(call.usage.input_total(), produced.input_tokens);
        assert_eq!(call.usage.output_total(), produced.output_tokens);
        assert!(call.cost.is_positive() && call.cost <= call.held);
        let (free, held) = world.money(funded.grant).await;
        assert_eq!(held, Usd::ZERO);
        assert_eq!(free.checked_add(call.cost), Usd::from_dollars(1), "charged once");
    }
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_a_plain_call_pays_for_it() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 30, "first_byte_delay_ms": 300}"#);
    let funded = world.funded("1").await;
    let socket = crate::client::open(
        world.address,
        "/v1/chat/completions",
        funded.secret(),
        &chat(40, false).to_string(),
    )
    .await;
    while world.sandbox.log().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(socket);
    let call = world.call_of(funded.grant).await;
    let prices = world.service.catalog().models["gpt-4o-mini"].prices.clone().unwrap();
    assert_eq!((call.outcome, call.status), (CallOutcome::Abandoned, 499));
    assert_eq!(call.basis, Basis::Reported);
    assert_eq!(Ok(call.cost), price(&prices, call.tier, &call.usage));
    assert!(call.cost.is_positive());
}
