//! What a key may spend in all is changed at any time, and kept to from then on.

use std::sync::Arc;

use bursar_kernel::{GrantId, KeyId, Role, Usd};
use bursar_policy::Viewer;
use bursar_service::{Caller, ServiceError};
use bursar_store::rows::{Basis, Key};
use bursar_studies::NewKey;

use crate::desk::{Desk, instant, usd};
use crate::money::{hold, settled};

/// A key, and the secret that it is called with.
struct Made {
    id: KeyId,
    secret: String,
}

async fn key(desk: &Desk, grant: GrantId, cap: Option<&str>) -> Made {
    let (name, cap) = ("test".to_owned(), cap.map(usd));
    let expires_at = Some(instant("2026-12-01"));
    let new = NewKey { cap, expires_at, ..NewKey::of(grant, name) };
    let made = bursar_studies::make_key(&desk.service, &Viewer::Operator, new).await.unwrap();
    Made { id: made.key.id, secret: made.secret.reveal().to_owned() }
}

async fn caller(desk: &Desk, made: &Made) -> Arc<Caller> {
    desk.service.calls().identify(&made.secret).await.unwrap().unwrap()
}

async fn change(desk: &Desk, id: KeyId, cap: Option<&str>) -> Result<Key, ServiceError> {
    let changed =
        bursar_studies::change_cap(&desk.service, &Viewer::Operator, id, cap.map(usd)).await;
    desk.audit().await;
    changed
}

/// The key's next calls cost this much and no more: a nano-dollar above it is refused.
async fn has_left(desk: &Desk, made: &Made, left: &str) {
    let above = usd(left).checked_add(Usd::from_nanos(1)).unwrap().to_string();
    let refused = hold(desk, &caller(desk, made).await, &above).await.err();
    let refused = format!("{refused:?}");
    assert!(refused.contains("CapReached"), "{left}: {refused}");
}

async fn spend(desk: &Desk, made: &Made, cost: &str) {
    let call = hold(desk, &caller(desk, made).await, cost).await.unwrap();
    desk.service.calls().settle(call, settled(cost, Basis::Reported)).await.unwrap();
}

#[tokio::test]
async fn a_cap_is_lowered_and_raised_while_calls_are_in_flight() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "30").await;
    let made = key(&desk, grant, Some("4")).await;
    let in_flight = hold(&desk, &caller(&desk, &made).await, "0.30").await.unwrap();
    // By now this process has borrowed much more of the rights than that.
    let lowered = change(&desk, made.id, Some("0.20")).await.unwrap();
    assert_eq!((lowered.cap, lowered.version), (Some(usd("0.2")), 2));
    // Asked again, it is as it was.
    assert_eq!(change(&desk, made.id, Some("0.20")).await.unwrap(), lowered);
    desk.service.calls().settle(in_flight, settled("0.05", Basis::Reported)).await.unwrap();
    has_left(&desk, &made, "0.15").await;
    spend(&desk, &made, "0.15").await;
    has_left(&desk, &made, "0").await;
    // Below what it has spent it spends nothing, and a raise counts from what it has spent.
    change(&desk, made.id, Some("0.10")).await.unwrap();
    has_left(&desk, &made, "0").await;
    change(&desk, made.id, Some("0.25")).await.unwrap();
    has_left(&desk, &made, "0.05").await;
    change(&desk, made.id, Some("9")).await.unwrap();
    has_left(&desk, &made, "8.80").await;
    spend(&desk, &made, "8.80").await;
    let trail = desk.service.store().audit_trail(50).await.unwrap();
    let told = trail.iter().filter(|line| line.action == "key.cap_changed");
    let mut told: Vec<&str> = told.map(|line| line.detail.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["$0.10 to $0.25", "$0.20 to $0.10", "$0.25 to $9.00", "$4.00 to $0.20"]);
}

#[tokio::test]
async fn what_a_call_gives_back_under_a_lowered_cap_is_nobodys_who_waits_for_it() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "30").await;
    let made = key(&desk, grant, Some("4")).await;
    let in_flight = hold(&desk, &caller(&desk, &made).await, "1").await.unwrap();
    change(&desk, made.id, Some("0.20")).await.unwrap();
    let key = caller(&desk, &made).await;
    let end = async {
        // The others wait in line by now: a call in flight could give back enough for all.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        desk.service.calls().settle(in_flight, settled("0.05", Basis::Reported)).await.unwrap();
    };
    let call = async || {
        let call = hold(&desk, &key, "0.10").await.ok()?;
        desk.service.calls().settle(call, settled("0.10", Basis::Reported)).await.ok()
    };
    let (one, two, three, ()) = tokio::join!(call(), call(), call(), end);
    let begun = [one, two, three].into_iter().flatten().count();
    assert_eq!(begun, 1, "15 cents are left for ten");
}

#[tokio::test]
async fn a_cap_is_taken_away_and_a_new_one_counts_all_that_was_spent() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "10").await;
    let made = key(&desk, grant, None).await;
    spend(&desk, &made, "2").await;
    let told = |refused: ServiceError| {
        let ServiceError::Invalid(fields) = refused else { panic!("{refused:?}") };
        fields[0].message.clone()
    };
    let below = told(change(&desk, made.id, Some("2")).await.unwrap_err());
    assert_eq!(below, "The key has spent $2.00: enter more, or revoke it");
    change(&desk, made.id, Some("3")).await.unwrap();
    has_left(&desk, &made, "1").await;
    spend(&desk, &made, "0.50").await;
    assert_eq!(change(&desk, made.id, None).await.unwrap().cap, None);
    spend(&desk, &made, "1.50").await;
    // Rights are left of the cap that there was, more than the new one allows.
    change(&desk, made.id, Some("4.25")).await.unwrap();
    has_left(&desk, &made, "0.25").await;
    change(&desk, made.id, None).await.unwrap();
    change(&desk, made.id, Some("5")).await.unwrap();
    has_left(&desk, &made, "1").await;
    spend(&desk, &made, "1").await;
    has_left(&desk, &made, "0").await;
}

#[tokio::test]
async fn a_cap_is_changed_by_who_may_revoke_the_key_and_while_it_works() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "5").await;
    let (ada, eve) =
        (desk.person("ada@lab.example", &[]).await, desk.person("eve@lab.example", &[]).await);
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let (made, other) = (key(&desk, grant, Some("2")).await, key(&desk, grant, Some("2")).await);
    let (service, one) = (&desk.service, Some(usd("1")));
    let stranger = bursar_studies::change_cap(service, &eve, made.id, one).await;
    assert!(matches!(stranger, Err(ServiceError::NotFound(_))));
    let office = bursar_studies::change_cap(service, &officer, made.id, one).await;
    assert!(matches!(office, Err(ServiceError::NotAllowed)));
    for cap in ["0", "-1"] {
        let refused = bursar_studies::change_cap(service, &ada, made.id, Some(usd(cap))).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{cap}: {refused:?}");
    }
    let nobody = bursar_studies::change_cap(service, &ada, KeyId::from_bytes([1; 16]), one).await;
    assert!(matches!(nobody, Err(ServiceError::NotFound(_))));
    assert_eq!(bursar_studies::change_cap(service, &ada, made.id, one).await.unwrap().cap, one);
    bursar_studies::revoke_key(service, &ada, made.id).await.unwrap();
    let revoked =
        bursar_studies::change_cap(service, &ada, made.id, Some(usd("2"))).await.unwrap_err();
    let text = "change the cap of a key that was revoked\nhint: make another key";
    assert_eq!(revoked.to_string(), text);
    desk.clock.put("2026-12-01");
    let expired = bursar_studies::change_cap(service, &ada, other.id, one).await.unwrap_err();
    assert!(expired.to_string().starts_with("change the cap of a key that has expired"));
}
