//! What a batch is charged: half of what its calls cost one by one, once, whatever happens.

use bursar_kernel::{ServiceTier, Usd};
use bursar_policy::Viewer;
use bursar_store::BookReads as _;
use bursar_store::rows::{Basis, CallOutcome};
use bursar_store::suspense::{SuspenseReason, SuspenseVerdict};
use serde_json::json;

use crate::batches::{ask, begun, call, delete, line, lines, shown, uploaded};
use crate::client::{get, post};
use crate::world::{Funded, World, usd};

/// What the first lines of a batch cost, sent as calls of their own.
async fn one_by_one(world: &World, count: u64) -> Usd {
    let who = world.funded("10").await;
    let mut total = Usd::ZERO;
    for number in 1..=count {
        let path = "/v1/chat/completions";
        let answer = post(world.address, path, who.secret(), &call(number)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        total = total.checked_add(usd(answer.header("x-bursar-cost"))).unwrap();
    }
    total
}

/// Time goes by, and the batch ends.
async fn ended(world: &World) {
    world.a_minute_later();
    world.poll().await;
}

/// What a batch of three lines was charged.
async fn charged(world: &World, who: &Funded) -> (Usd, CallOutcome, Basis) {
    let call = world.call_of(who.grant).await;
    assert_eq!((call.tier, call.model.as_str()), (ServiceTier::Batch, "gpt-4.1-mini"));
    let (free, held) = world.money(who.grant).await;
    assert!(held.is_zero(), "the rest came back");
    assert_eq!(free.checked_add(call.cost), Some(usd("1")), "charged once");
    (call.cost, call.outcome, call.basis)
}

fn double(cost: Usd) -> Usd {
    cost.checked_mul(2).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_charged_half_and_once_however_often_it_is_looked_at() {
    let world = World::new().await;
    let list_price = one_by_one(&world, 3).await;
    let who = world.funded("1").await;
    let file = uploaded(&world, who.secret(), &lines(3)).await;
    let answer = ask(&world, who.secret(), &file).await;
    let hold = usd(answer.header("x-bursar-hold"));
    let (_, held) = world.money(who.grant).await;
    assert_eq!(held, hold, "all that it can cost is set aside, on the lot itself");
    let batch = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["metadata"], json!({"study": "budgets"}));
    world.poll().await;
    world.a_minute_later();
    for _ in 0..3 {
        assert_eq!(shown(&world, &who, &batch).await["status"], "completed");
        assert_eq!(world.money(who.grant).await.1, hold, "nobody is charged by looking");
    }
    for _ in 0..3 {
        world.poll().await;
        shown(&world, &who, &batch).await;
    }
    let (cost, outcome, basis) = charged(&world, &who).await;
    assert_eq!(double(cost), list_price);
    assert_eq!((outcome, basis), (CallOutcome::Answered, Basis::Reported));
    let output = shown(&world, &who, &batch).await["output_file_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/files/{output}/content");
    let content = get(world.address, &path, who.secret()).await;
    assert_eq!(content.text().lines().count(), 3);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_batch_that_expires_half_done_only_what_was_done_is_charged() {
    let world = World::new().await;
    let list_price = one_by_one(&world, 2).await;
    world.profile(r#"{"batch_ends_after": 2}"#);
    let who = world.funded("1").await;
    let batch = begun(&world, &who, 5).await;
    ended(&world).await;
    let shown = shown(&world, &who, &batch).await;
    assert_eq!(shown["status"], "expired");
    assert_eq!(shown["request_counts"]["completed"], json!(2));
    let (cost, outcome, _) = charged(&world, &who).await;
    assert_eq!((double(cost), outcome), (list_price, CallOutcome::CutOff));
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_cancelled_before_it_did_anything_costs_nothing() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let batch = begun(&world, &who, 3).await;
    let path = format!("/v1/batches/{batch}/cancel");
    let answer = post(world.address, &path, who.secret(), &json!({})).await;
    assert_eq!(answer.json()["status"], "cancelling");
    ended(&world).await;
    assert_eq!(shown(&world, &who, &batch).await["status"], "cancelled");
    let (cost, outcome, basis) = charged(&world, &who).await;
    assert_eq!((cost, outcome, basis), (Usd::ZERO, CallOutcome::Abandoned, Basis::Nothing));
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_follows_a_killed_one_goes_on_asking() {
    let world = World::new().await;
    let list_price = one_by_one(&world, 3).await;
    let who = world.funded("1").await;
    let batch = begun(&world, &who, 3).await;
    let held = world.money(who.grant).await.1;
    let world = world.after_a_crash().await;
    assert_eq!(world.money(who.grant).await.1, held, "its hold outlives whoever placed it");
    ended(&world).await;
    assert_eq!(shown(&world, &who, &batch).await["status"], "completed");
    let (cost, _, _) = charged(&world, &who).await;
    assert_eq!(double(cost), list_price);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_output_is_lost_is_charged_by_its_own_sum() {
    let world = World::new().await;
    let list_price = one_by_one(&world, 3).await;
    world.profile(r#"{"batch_loses_output": true}"#);
    let who = world.funded("1").await;
    begun(&world, &who, 3).await;
    ended(&world).await;
    let (cost, _, _) = charged(&world, &who).await;
    assert_eq!(double(cost), list_price);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_nobody_can_read_goes_to_suspense_and_is_never_free() {
    for usage in ["omitted", "zero"] {
        let world = World::new().await;
        world.profile(&json!({"usage": usage}).to_string());
        let who = world.funded("1").await;
        begun(&world, &who, 3).await;
        let held = world.money(who.grant).await.1;
        ended(&world).await;
        assert_eq!(world.money(who.grant).await.1, Usd::ZERO);
        let suspense = world.store.suspense_of(who.grant).await.unwrap().in_question;
        assert_eq!(suspense, held, "{usage}");
        assert!(world.calls_of(who.grant).await.is_empty(), "somebody settles it first");
        world.poll().await;
        world.verify().await;
        let viewer = Viewer::Operator;
        let (lines, _) = bursar_operator::suspense(&world.service, &viewer, 0, 9).await.unwrap();
        assert_eq!(lines[0].what.why, SuspenseReason::BatchUnknown);
        let (id, verdict) = (lines[0].what.id, SuspenseVerdict::Cost(usd("0.0001")));
        bursar_operator::settle_suspense(&world.service, &viewer, id, verdict, "their report")
            .await
            .unwrap();
        let (cost, outcome, _) = charged(&world, &who).await;
        assert_eq!((cost, outcome), (usd("0.0001"), CallOutcome::Lost));
        world.verify().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_batch_wrote_cannot_be_deleted_before_it_is_charged() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let batch = begun(&world, &who, 3).await;
    world.a_minute_later();
    let output = shown(&world, &who, &batch).await["output_file_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/files/{output}");
    let early = delete(&world, who.secret(), &path).await;
    assert_eq!((early.status.as_u16(), &*early.error().1), (409, "file_in_use"));
    world.poll().await;
    assert_eq!(delete(&world, who.secret(), &path).await.status, 200);
    assert!(charged(&world, &who).await.0.is_positive());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_has_borrowed_comes_back_for_a_batch() {
    let world = World::new().await;
    let dear = |number: u64| {
        let mut body = call(number);
        body["max_completion_tokens"] = json!(32_000);
        line(&format!("line-{number}"), &body)
    };
    let content = (1..40).map(dear).collect::<Vec<_>>().join("\n");
    let rich = world.funded("10").await;
    let file = uploaded(&world, rich.secret(), &content).await;
    assert_eq!(ask(&world, rich.secret(), &file).await.status, 200);
    let needed = world.money(rich.grant).await.1;
    let tight = needed.checked_add(usd("0.01")).unwrap();
    let who = world.funded(&tight.to_string()).await;
    let answer = post(world.address, "/v1/chat/completions", who.secret(), &call(1)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let lots = world.store.lots(bursar_store::LotFilter::Grant(who.grant)).await.unwrap();
    assert!(lots[0].balance.available() < needed, "a part of it is lent: {lots:?}");
    let file = uploaded(&world, who.secret(), &content).await;
    let answer = ask(&world, who.secret(), &file).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    ended(&world).await;
    assert_eq!(world.calls_of(who.grant).await.len(), 2);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_never_ends_is_given_up_when_its_time_is_over() {
    let world = World::new().await;
    world.profile(r#"{"batch_ms": 999999999999}"#);
    let who = world.funded("1").await;
    let batch = begun(&world, &who, 3).await;
    let held = world.money(who.grant).await.1;
    for _ in 0..24 * 60 + 14 {
        world.a_minute_later();
    }
    world.poll().await;
    assert_eq!(world.money(who.grant).await.1, held, "a batch has a day and a quarter of an hour");
    world.a_minute_later();
    world.poll().await;
    let suspense = world.store.suspense_of(who.grant).await.unwrap().in_question;
    assert_eq!((world.money(who.grant).await.1, suspense), (Usd::ZERO, held));
    // An end that comes late changes nothing, and nobody asks any more.
    world.profile("{}");
    assert_eq!(shown(&world, &who, &batch).await["status"], "in_progress");
    world.poll().await;
    world.verify().await;
}
