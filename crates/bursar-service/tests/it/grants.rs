//! Grants that an officer issues, and their keys.

use bursar_kernel::Role;
use bursar_policy::Viewer;
use bursar_service::{IssueGrant, ServiceError};
use bursar_studies::NewKey;

use crate::desk::{Desk, access, instant, usd};

fn wanted(amount: &str, expires: Option<&str>) -> IssueGrant {
    IssueGrant {
        program: access(),
        holder_email: "ada@lab.example".to_owned(),
        amount: usd(amount),
        expires_at: expires.map(instant),
        title: "A test".to_owned(),
        origin: bursar_kernel::Origin::ResearchGrant,
        tier: None,
    }
}

#[tokio::test]
async fn a_day_may_only_shorten_the_term() {
    let desk = Desk::new("2026-11-22").await;
    let issue = async |expires: Option<&str>| {
        desk.service.issue_grant(&Viewer::Operator, wanted("5", expires)).await
    };
    let expiry = async |grant| {
        let page = desk.service.grant(&Viewer::Operator, grant).await.unwrap();
        page.grant.expires_at.unwrap()
    };
    assert_eq!(expiry(issue(None).await.unwrap()).await, instant("2027-11-22"));
    assert_eq!(expiry(issue(Some("2027-01-01")).await.unwrap()).await, instant("2027-01-01"));
    for refused in ["2027-11-22T00:00:00.001Z", "2030-01-01", "2026-11-22", "2020-01-01"] {
        let result = issue(Some(refused)).await;
        assert!(matches!(result, Err(ServiceError::Invalid(_))), "{refused}: {result:?}");
    }
    desk.audit().await;
}

#[tokio::test]
async fn a_grant_needs_money_in_the_pool_and_an_amount_above_zero() {
    let desk = Desk::new("2026-11-22").await;
    for (amount, told) in [
        ("10000.000000001", "has $10000.00 available"),
        ("0", "must be above zero"),
        ("-5", "must be above zero"),
    ] {
        let refused = desk.service.issue_grant(&Viewer::Operator, wanted(amount, None)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(told), "{amount}: {refused}");
    }
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    desk.service.issue_grant(&officer, wanted("10000", None)).await.unwrap();
    let ada = desk.person("ada@lab.example", &[]).await;
    let refused = desk.service.issue_grant(&ada, wanted("1", None)).await;
    assert!(matches!(refused, Err(ServiceError::NotAllowed)));
    let money = desk.service.program_money(&officer, &access()).await.unwrap();
    assert_eq!((money.pool, money.on_grants), (usd("0"), usd("10000")));
}

#[tokio::test]
async fn keys_are_the_holders_and_stop_at_once() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "5").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let eve = desk.person("eve@lab.example", &[]).await;
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let new =
        |name: &str, cap: Option<&str>| NewKey { cap: cap.map(usd), ..NewKey::of(grant, name) };
    let service = &desk.service;
    let stranger = bursar_studies::make_key(service, &eve, new("mine", None)).await;
    assert!(matches!(stranger, Err(ServiceError::NotFound(_))));
    let office = bursar_studies::make_key(service, &officer, new("theirs", None)).await;
    assert!(matches!(office, Err(ServiceError::NotAllowed)));
    for (name, cap) in [("", None), ("x", Some("0")), ("x", Some("-1")), ("a\nb", None)] {
        let refused = bursar_studies::make_key(service, &ada, new(name, cap)).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{name:?} {cap:?}");
    }
    let made = bursar_studies::make_key(service, &ada, new("laptop", Some("2"))).await.unwrap();
    assert!(format!("{made:?}").contains("Secret(..)"), "never printed");
    let caller = service.calls().identify(made.secret.reveal()).await.unwrap().unwrap();
    assert!(!caller.is_stopped(service.now()));
    assert!(service.calls().identify("sk-bursar-wrong").await.unwrap().is_none());
    bursar_studies::revoke_key(service, &ada, made.key.id).await.unwrap();
    bursar_studies::revoke_key(service, &ada, made.key.id).await.unwrap();
    let caller = service.calls().identify(made.secret.reveal()).await.unwrap().unwrap();
    assert!(caller.is_stopped(service.now()), "the very next call knows");
}
