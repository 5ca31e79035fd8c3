//! Two hundred calls at once while an upstream flaps: what the upstreams made is what the books
//! have, call by call.

use bursar_kernel::Usd;
use bursar_sandbox::{LoggedCall, Outcome, Sandbox};
use bursar_store::rows::{Basis, CallOutcome};
use futures_util::future::join_all;

use crate::client::{chat, post};
use crate::elsewhere::{nobody, set};
use crate::world::{World, listen, named, sandbox};

const CHAT: &str = "/v1/chat/completions";

fn answered(sandbox: &Sandbox) -> impl Iterator<Item = LoggedCall> {
    sandbox.log().into_iter().filter(|call| call.outcome == Outcome::Answered)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_at_once_are_each_answered_once_and_charged_once() {
    let boxes = [sandbox(), sandbox()];
    let world = World::with(vec![
        named("flaps", listen(boxes[0].router()).await),
        named("is-gone", nobody().await),
        named("is-well", listen(boxes[1].router()).await),
    ])
    .await;
    let who = world.funded("100").await;
    let mut spent = Vec::new();
    for (every, stream) in [(2, false), (3, true), (1, false)] {
        set(
            &boxes[0],
            &format!(
                r#"{{"fail": {{"status": 503, "type": "service_unavailable_error",
                    "code": "server_is_overloaded", "every": {every}}}}}"#
            ),
        );
        // Each has a length of its own, so that no two can be taken for each other.
        let calls = (0..200_u64).map(|number| {
            let mut body = chat(20 + number, stream);
            body["messages"][0]["content"] =
                "again and ".repeat(usize::try_from(number).unwrap()).into();
            let (address, key) = (world.address, who.secret().to_owned());
            async move { post(address, CHAT, &key, &body).await }
        });
        for answer in join_all(calls).await {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.whole);
            spent.push(answer.header("x-request-id").to_owned());
        }
        world.seconds_later(30);
    }
    assert_eq!(spent.len(), 600);
    let calls = world.calls_of(who.grant).await;
    assert_eq!(calls.len(), 600);
    assert!(
        calls
            .iter()
            .all(|call| { (call.basis, call.outcome) == (Basis::Reported, CallOutcome::Answered) })
    );
    let mut books: Vec<(u64, u64)> =
        calls.iter().map(|call| (call.usage.input_total(), call.usage.output_total())).collect();
    let mut made: Vec<(u64, u64)> = boxes
        .iter()
        .flat_map(answered)
        .map(|call| (call.input_tokens, call.output_tokens))
        .collect();
    books.sort_unstable();
    made.sort_unstable();
    assert_eq!(books, made);
    let cost = Usd::sum(calls.iter().map(|call| call.cost)).unwrap();
    let (free, held) = world.money(who.grant).await;
    assert_eq!((free.checked_add(cost), held), (Usd::from_dollars(100), Usd::ZERO));
    world.verify().await;
}
