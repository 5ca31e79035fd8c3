//! A price that changes while calls are under way: each is charged by the table that held when it
//! began, and names it.

use bursar_kernel::{PriceVersion, Usd};
use bursar_operator::{Approval, PriceDecision, decide_on_prices, install_prices, propose_prices};
use bursar_policy::Viewer;
use bursar_store::rows::{Call, CallOutcome};

use crate::batches::{begun, shown};
use crate::client::{chat, post};
use crate::world::World;

const CHAT: &str = "/v1/chat/completions";
const NEW: &str = "dearer";

/// Ten times the output price of gpt-4.1-mini and of gpt-4o-mini, at once.
async fn make_dearer(world: &World) {
    let text = bursar_catalog::write(&world.service.catalog());
    let text = text.replacen(world.service.catalog().version.as_str(), NEW, 1);
    let mut parts = text.split("\n[model.").map(str::to_owned).collect::<Vec<_>>();
    for part in &mut parts {
        if part.starts_with("\"gpt-4.1-mini\"]") || part.starts_with("\"gpt-4o-mini\"]") {
            *part = part
                .replace("output = \"1.60\"", "output = \"16.00\"")
                .replace("output = \"2.80\"", "output = \"28.00\"")
                .replace("output = \"0.80\"", "output = \"8.00\"")
                .replace("output = \"0.60\"", "output = \"6.00\"")
                .replace("output = \"1.00\"", "output = \"10.00\"")
                .replace("output = \"0.30\"", "output = \"3.00\"");
        }
    }
    let (service, operator) = (&world.service, &Viewer::Operator);
    let table = propose_prices(service, operator, &parts.join("\n[model.")).await.unwrap();
    let now = PriceDecision::Approve(Approval::Now);
    let decided = decide_on_prices(service, operator, &table.table.version, &now).await.unwrap();
    assert!(decided.is_in_force);
}

/// What a call's own price table says of what it used.
fn due(world: &World, call: &Call) -> Usd {
    let catalog = world.service.calls().catalog_of(&call.price_version);
    assert_eq!(catalog.version, call.price_version);
    let prices = catalog.model(call.model.as_str()).unwrap().prices.clone().unwrap();
    bursar_meter::price(&prices, call.tier, &call.usage).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_charged_by_the_prices_that_it_began_under() {
    let world = World::new().await;
    install_prices(&world.service).await.unwrap();
    let old = world.service.catalog().version.clone();
    let who = world.funded("5").await;
    world.profile(r#"{"answer_tokens": 50, "first_byte_delay_ms": 1500}"#);
    let body = chat(50, false);
    let in_flight = post(world.address, CHAT, who.secret(), &body);
    let meanwhile = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        make_dearer(&world).await;
    };
    let (first, ()) = tokio::join!(in_flight, meanwhile);
    world.profile(r#"{"answer_tokens": 50}"#);
    let second = post(world.address, CHAT, who.secret(), &body).await;
    let cost = |answer: &crate::client::Answer| -> Usd {
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.header("x-bursar-cost").parse().unwrap()
    };
    assert!(cost(&first).checked_mul(5).unwrap() < cost(&second), "the dearer price holds at once");
    let calls = world.calls_of(who.grant).await;
    let versions: Vec<&PriceVersion> = calls.iter().map(|call| &call.price_version).collect();
    assert_eq!(versions, [&PriceVersion::new(NEW), &old]);
    for call in &calls {
        assert_eq!((call.cost, call.outcome), (due(&world, call), CallOutcome::Answered));
    }
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_charged_by_the_prices_that_it_was_submitted_under() {
    let world = World::new().await;
    install_prices(&world.service).await.unwrap();
    let old = world.service.catalog().version.clone();
    let who = world.funded("5").await;
    let batch = begun(&world, &who, 3).await;
    make_dearer(&world).await;
    world.poll().await;
    world.a_minute_later();
    world.poll().await;
    assert_eq!(shown(&world, &who, &batch).await["status"], "completed");
    let call = world.call_of(who.grant).await;
    assert_eq!((&call.price_version, call.cost), (&old, due(&world, &call)));
    assert!(call.cost.is_positive());
    world.verify().await;
}
