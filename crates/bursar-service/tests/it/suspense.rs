//! What nobody knows is seen by an operator, and settled once, with a reason.

use std::sync::Arc;
use std::time::Duration;

use bursar_kernel::{Cap, Endpoint, Role, Usd};
use bursar_ledger::Account;
use bursar_operator::SuspenseLine;
use bursar_policy::Viewer;
use bursar_service::{
    CallHold, Caller, GrantPage, ServiceError, SuspenseId, SuspenseReason, SuspenseVerdict,
};
use bursar_store::HoldFilter;
use bursar_store::rows::{Basis, CallOutcome};

use crate::desk::{Desk, access, open, usd};
use crate::money::{begun, caller, hold, settled};

const REASON: &str = "The provider's usage report of that hour";

/// The process dies with a call in flight, and the next one starts.
async fn killed(desk: Desk, lost: CallHold, caller: Arc<Caller>) -> Desk {
    std::mem::forget(lost);
    let Desk { service, clock, directory } = desk;
    drop((service, caller));
    let closed = async {
        while bursar_store_sqlite::SqliteStore::open(directory.path()).is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed).await.unwrap();
    let service = open(directory.path(), Arc::clone(&clock) as Arc<_>);
    let desk = Desk { service, clock, directory };
    desk.service.recover().await.unwrap();
    desk.audit().await;
    desk
}

/// Waits until the calls in flight are in the book.
async fn written_down(desk: &Desk, holds: usize) {
    let seen = async {
        while desk.service.store().holds(HoldFilter::Open).await.unwrap().len() < holds {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.unwrap();
}

async fn lines(desk: &Desk) -> Vec<SuspenseLine> {
    let (lines, count) =
        bursar_operator::suspense(&desk.service, &Viewer::Operator, 0, 50).await.unwrap();
    assert_eq!(lines.len(), count);
    lines
}

async fn settle(
    desk: &Desk,
    id: SuspenseId,
    verdict: SuspenseVerdict,
) -> Result<Usd, ServiceError> {
    let settled =
        bursar_operator::settle_suspense(&desk.service, &Viewer::Operator, id, verdict, REASON)
            .await;
    desk.audit().await;
    settled
}

/// Left, held, spent and in question, which with what has expired are the whole grant.
async fn shown(desk: &Desk, line: &SuspenseLine) -> [Usd; 4] {
    let grant = line.grant.as_ref().unwrap().id;
    let page = desk.service.grant(&Viewer::Operator, grant).await.unwrap();
    let GrantPage { available, held, spent, in_question, .. } = page;
    [available, held, spent, in_question]
}

#[tokio::test]
async fn what_no_call_explains_is_settled_whole_and_once() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    let lost = hold(&desk, &caller, "0.25").await.unwrap();
    let desk = killed(desk, lost, caller).await;
    let lines = lines(&desk).await;
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!((line.what.amount, line.what.why), (usd("0.25"), SuspenseReason::ProcessEnded));
    assert_eq!(line.holder.as_ref().unwrap().email, "ada@lab.example");
    assert!(matches!(line.what.id, SuspenseId::Lease(_)) && line.what.call.is_none());
    assert_eq!(shown(&desk, line).await, ["0.75", "0", "0", "0.25"].map(usd));
    for (cost, message) in [
        ("0", "Enter an amount above zero, or say that it was not used"),
        ("0.250000001", "Enter at most the $0.25 that is in suspense"),
    ] {
        let refused =
            settle(&desk, line.what.id, SuspenseVerdict::Cost(usd(cost))).await.unwrap_err();
        let ServiceError::Invalid(fields) = refused else { panic!("{refused:?}") };
        assert_eq!(fields[0].message, message);
    }
    settle(&desk, line.what.id, SuspenseVerdict::Cost(usd("0.1"))).await.unwrap();
    let again = settle(&desk, line.what.id, SuspenseVerdict::NotUsed).await.unwrap_err();
    assert!(again.to_string().contains("does not lie in suspense any more"), "{again}");
    assert_eq!(shown(&desk, line).await, ["0.9", "0", "0.1", "0"].map(usd));
    let money = desk.service.program_money(&Viewer::Operator, &access()).await.unwrap();
    assert_eq!((money.suspense, money.used), (Usd::ZERO, usd("0.1")));
    assert!(
        bursar_operator::suspense(&desk.service, &Viewer::Operator, 0, 50)
            .await
            .unwrap()
            .0
            .is_empty()
    );
    let trail = desk.service.store().audit_trail(5).await.unwrap();
    let settled = trail.iter().find(|line| line.action == "suspense.settled").unwrap();
    assert_eq!(settled.detail, format!("$0.10 of $0.25 was spent: {REASON}"));
}

#[tokio::test]
async fn a_call_that_was_written_down_is_in_the_books_once_somebody_knows() {
    let desk = Desk::new("2026-11-22").await;
    let capped = caller(&desk, "1", Some("0.5")).await;
    let lost = hold(&desk, &capped, "0.3").await.unwrap();
    let request = lost.request();
    written_down(&desk, 2).await;
    let desk = killed(desk, lost, capped).await;
    let all = lines(&desk).await;
    let known = all.iter().find(|line| line.what.call.is_some()).unwrap();
    let call = known.what.call.as_ref().unwrap();
    assert_eq!((known.what.amount, call.request), (usd("0.3"), request));
    assert_eq!((call.model.as_str(), call.endpoint), ("gpt-4.1-mini", Endpoint::ChatCompletions));
    let settled = SuspenseVerdict::Cost(usd("0.05"));
    assert_eq!(settle(&desk, known.what.id, settled).await.unwrap(), usd("0.05"));
    let row = desk.service.store().call(request).await.unwrap().unwrap();
    assert_eq!((row.cost, row.held, row.key), (usd("0.05"), usd("0.3"), call.key));
    assert_eq!((row.basis, row.outcome), (Basis::Settled, CallOutcome::Lost));
    assert!(settle(&desk, known.what.id, settled).await.is_err(), "once is enough");
    // Whatever the watermarks covered beside it: neither credit nor rights are in question then.
    for line in lines(&desk).await {
        settle(&desk, line.what.id, SuspenseVerdict::NotUsed).await.unwrap();
    }
    assert_eq!(shown(&desk, known).await, ["0.95", "0", "0.05", "0"].map(usd));
    let cap = desk.service.store().balance(Account::Cap(Cap::Key(call.key))).await.unwrap();
    assert_eq!(cap.posted, usd("0.45"), "what it may spend is what it has not");
}

#[tokio::test]
async fn what_an_operator_said_stands_when_a_process_that_stalled_comes_back() {
    let desk = Desk::new("2026-11-22").await;
    let capped = caller(&desk, "1", Some("0.9")).await;
    let said = hold(&desk, &capped, "0.3").await.unwrap();
    let free = hold(&desk, &capped, "0.1").await.unwrap();
    let other = hold(&desk, &capped, "0.2").await.unwrap();
    let requests = [said.request(), free.request(), other.request()];
    written_down(&desk, 6).await;
    // It only stalled, and its leases are ended as if it were gone.
    desk.service.recover().await.unwrap();
    let mut grant = None;
    for (request, cost) in requests.into_iter().zip(["0.05", "0.02"]) {
        let all = lines(&desk).await;
        let is_it = |line: &&SuspenseLine| {
            line.what.call.as_ref().is_some_and(|call| call.request == request)
        };
        let line = all.iter().find(is_it).unwrap();
        settle(&desk, line.what.id, SuspenseVerdict::Cost(usd(cost))).await.unwrap();
        grant = Some(line.clone());
    }
    let (service, reported) = (&desk.service, |cost| settled(cost, Basis::Reported));
    let (said, free, other) = tokio::join!(
        service.calls().settle(said, reported("0.25")),
        service.calls().settle(free, settled("0", Basis::Nothing)),
        service.calls().settle(other, reported("0.15")),
    );
    assert!(said.is_ok() && free.is_ok() && other.is_ok(), "{said:?} {free:?} {other:?}");
    let mut rows = Vec::new();
    for request in requests {
        let row = service.store().call(request).await.unwrap().unwrap();
        rows.push(format!("{} {}", row.basis.name(), row.cost));
    }
    assert_eq!(rows, ["settled 0.05", "settled 0.02", "reported 0.15"]);
    // The process goes on, and says its last word of what was ended.
    let next = hold(&desk, &capped, "0.1").await.unwrap();
    service.calls().settle(next, reported("0.08")).await.unwrap();
    service.return_leases().await;
    assert_eq!(shown(&desk, &grant.unwrap()).await, ["0.7", "0", "0.3", "0"].map(usd));
    let cap = service.store().balance(Account::Cap(Cap::Key(capped.key()))).await.unwrap();
    assert_eq!((cap.posted, lines(&desk).await.len()), (usd("0.6"), 0));
    desk.audit().await;
}

#[tokio::test]
async fn a_hold_past_its_time_goes_home_when_it_was_not_used() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", Some("0.5")).await;
    let catalog = desk.service.catalog();
    let model = catalog.model("gpt-4.1-mini").unwrap();
    let permit = caller.admit(Endpoint::ChatCompletions, model, desk.service.now()).unwrap();
    let service = &desk.service;
    let late =
        service.calls().hold_in_the_book(&caller, permit, begun(&desk), usd("0.25")).await.unwrap();
    desk.clock.put("2026-11-22T02:00:00Z");
    assert_eq!(desk.service.run_due().await.unwrap().suspended, 1);
    let lines = lines(&desk).await;
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!((line.what.amount, line.what.why), (usd("0.25"), SuspenseReason::HoldOverdue));
    assert_eq!(line.what.call.as_ref().unwrap().request, late.request());
    assert_eq!(shown(&desk, line).await, ["0.75", "0", "0", "0.25"].map(usd));
    settle(&desk, line.what.id, SuspenseVerdict::NotUsed).await.unwrap();
    assert_eq!(shown(&desk, line).await, ["1", "0", "0", "0"].map(usd));
    hold(&desk, &caller, "0.5").await.unwrap();
}

#[tokio::test]
async fn only_an_operator_sees_and_settles_and_says_why() {
    let desk = Desk::new("2026-11-22").await;
    let caller = caller(&desk, "1", None).await;
    let lost = hold(&desk, &caller, "0.25").await.unwrap();
    let desk = killed(desk, lost, caller).await;
    let id = lines(&desk).await[0].what.id;
    let officer = desk.person("eve@lab.example", &[Role::Officer]).await;
    let (service, used) = (&desk.service, SuspenseVerdict::Used);
    let seen = bursar_operator::suspense(service, &officer, 0, 50).await;
    assert!(matches!(seen, Err(ServiceError::NotAllowed)));
    assert!(matches!(
        bursar_operator::suspense_line(service, &officer, id).await,
        Err(ServiceError::NotAllowed)
    ));
    let settled = bursar_operator::settle_suspense(service, &officer, id, used, REASON).await;
    assert!(matches!(settled, Err(ServiceError::NotAllowed)));
    let silent = bursar_operator::settle_suspense(service, &Viewer::Operator, id, used, "  ").await;
    assert!(matches!(silent, Err(ServiceError::Invalid(_))));
    assert_eq!(
        bursar_operator::suspense_line(service, &Viewer::Operator, id).await.unwrap().what.id,
        id
    );
    let operator = desk.person("ops@lab.example", &[Role::Operator]).await;
    bursar_operator::settle_suspense(service, &operator, id, used, REASON).await.unwrap();
    let gone = bursar_operator::suspense_line(service, &operator, id).await;
    assert!(matches!(gone, Err(ServiceError::NotFound(_))));
}
