//! Money set aside for calls: settled once, and never lost from sight.

use std::sync::Arc;

use bursar_kernel::{Endpoint, ServiceTier, Usage, Usd};
use bursar_ledger::Account;
use bursar_policy::{Denial, Viewer};
use bursar_service::{Begun, CallHold, Caller, HoldRefused, Settled};
use bursar_store::HoldFilter;
use bursar_store::rows::{Basis, CallOutcome};
use bursar_studies::NewKey;

use crate::desk::{Desk, access, open, usd};

pub(crate) async fn caller(desk: &Desk, amount: &str, cap: Option<&str>) -> Arc<Caller> {
    let grant = desk.grant("ada@lab.example", amount).await;
    let (name, cap) = ("test".to_owned(), cap.map(usd));
    let key = NewKey { cap, ..NewKey::of(grant, name) };
    let made = bursar_studies::make_key(&desk.service, &Viewer::Operator, key).await.unwrap();
    desk.service.calls().identify(made.secret.reveal()).await.unwrap().unwrap()
}

pub(crate) fn begun(desk: &Desk) -> Begun {
    let (request, started_at) = desk.service.calls().new_request();
    Begun { request, tier: ServiceTier::Default, streamed: false, started_at }
}

pub(crate) async fn hold(
    desk: &Desk,
    caller: &Arc<Caller>,
    amount: &str,
) -> Result<CallHold, HoldRefused> {
    let service = &desk.service;
    let catalog = service.catalog();
    let model = catalog.model("gpt-4.1-mini").unwrap();
    let permit = caller.admit(Endpoint::ChatCompletions, model, service.now()).unwrap();
    service.calls().hold(caller, permit, begun(desk), usd(amount)).await
}

pub(crate) fn settled(cost: &str, basis: Basis) -> Settled {
    Settled {
        usage: Usage::default(),
        cost: usd(cost),
        basis,
        tier: ServiceTier::Default,
        outcome: CallOutcome::Answered,
        status: 200,
    }
}

async fn available(desk: &Desk, caller: &Caller) -> Usd {
    desk.service.grant(&Viewer::Operator, caller.grant()).await.unwrap().available
}

async fn suspense(desk: &Desk) -> Usd {
    desk.service.store().balance(Account::Suspense(access())).await.unwrap().posted
}

#[tokio::test]
async fn a_settled_call_is_in_the_books_with_its_exact_cost() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    let hold = hold(&desk, &caller, "0.25").await.unwrap();
    let request = hold.request();
    assert_eq!(caller.available_hint(), usd("0.75"));
    let settled = settled("0.100000001", Basis::Reported);
    let answer = desk.service.calls().settle(hold, settled).await.unwrap();
    assert_eq!(answer.available, usd("0.899999999"));
    let call = desk.service.calls().call_of(&caller, request).await.unwrap().unwrap();
    assert_eq!((call.cost, call.held), (usd("0.100000001"), usd("0.25")));
    desk.audit().await;
}

#[tokio::test]
async fn two_hundred_at_once_and_money_for_nine() {
    let desk = Arc::new(Desk::new("2026-11-22").await);
    let caller = caller(&desk, "0.9", None).await;
    let attempts = (0..200).map(|_| {
        let (desk, caller) = (Arc::clone(&desk), Arc::clone(&caller));
        tokio::spawn(async move {
            let hold = hold(&desk, &caller, "0.1").await.ok()?;
            Some(desk.service.calls().settle(hold, settled("0.1", Basis::Reported)).await.unwrap())
        })
    });
    let mut answered = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        answered += usize::from(attempt.await.unwrap().is_some());
    }
    assert_eq!(answered, 9);
    desk.audit().await;
}

#[tokio::test]
async fn a_call_whose_owner_dies_is_charged_in_full_and_says_so() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    let lost = hold(&desk, &caller, "0.25").await.unwrap();
    let request = lost.request();
    drop(lost);
    desk.service.return_leases().await;
    let call = desk.service.calls().call_of(&caller, request).await.unwrap().unwrap();
    assert_eq!((call.cost, call.basis), (usd("0.25"), Basis::HeldInFull));
    assert_eq!(available(&desk, &caller).await, usd("0.75"));
    desk.audit().await;
}

#[tokio::test]
async fn what_an_unclean_stop_left_open_goes_to_suspense_at_the_next_start() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    let lost = hold(&desk, &caller, "0.25").await.unwrap();
    std::mem::forget(lost);
    let Desk { service, clock, directory } = desk;
    drop((service, caller));
    let service = open(directory.path(), Arc::clone(&clock) as Arc<_>);
    let desk = Desk { service, clock, directory };
    let recovered = desk.service.recover().await.unwrap();
    assert_eq!((recovered.suspended, recovered.in_suspense), (0, usd("0.25")));
    let money = desk.service.program_money(&Viewer::Operator, &access()).await.unwrap();
    assert_eq!(money.suspense, usd("0.25"));
    assert!(desk.service.store().holds(HoldFilter::Open).await.unwrap().is_empty());
    desk.audit().await;
}

#[tokio::test]
async fn a_call_in_a_grants_last_second_lies_in_the_book_and_past_its_time_in_suspense() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    desk.clock.put("2027-11-21T23:59:59Z");
    let late = hold(&desk, &caller, "0.25").await.unwrap();
    desk.clock.put("2027-11-22T00:24:58Z");
    assert_eq!(desk.service.run_due().await.unwrap().suspended, 0);
    desk.clock.put("2027-11-22T00:24:59Z");
    assert_eq!(desk.service.run_due().await.unwrap().suspended, 1);
    assert!(desk.service.calls().settle(late, settled("0.1", Basis::Reported)).await.is_err());
    assert_eq!(suspense(&desk).await, usd("0.25"));
    desk.audit().await;
}

#[tokio::test]
async fn a_call_that_came_to_nothing_costs_nothing() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", Some("0.5")).await;
    assert!(hold(&desk, &caller, "0.6").await.is_err(), "the cap holds");
    let refused = hold(&desk, &caller, "0.5").await.unwrap();
    desk.service.calls().settle(refused, settled("0", Basis::Nothing)).await.unwrap();
    let whole = hold(&desk, &caller, "0.5").await.unwrap();
    desk.service.calls().settle(whole, settled("0.5", Basis::Reported)).await.unwrap();
    assert!(hold(&desk, &caller, "0.01").await.is_err(), "and is used up");
    desk.audit().await;
}

#[tokio::test]
async fn a_limited_model_is_refused_even_with_credit() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    let catalog = desk.service.catalog();
    let model = catalog.model("gpt-5").unwrap();
    let denied = caller.admit(Endpoint::ChatCompletions, model, desk.service.now());
    assert!(matches!(denied, Err(Denial::ModelLimited(_))), "{denied:?}");
}
