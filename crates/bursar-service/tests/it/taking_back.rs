//! Credit is taken back: what is free and no more, once, and a voided grant spends nothing.

use std::sync::Arc;

use bursar_kernel::{Endpoint, Role, TransferId, Usd};
use bursar_policy::{Denial, Viewer};
use bursar_service::{Caller, GrantState, ServiceError, TakeBack, Taking};
use bursar_store::rows::Basis;
use bursar_studies::NewKey;

use crate::desk::{Desk, usd};
use crate::money::{hold, settled};

/// A grant of $100 with a key: its secret, and who calls with it.
async fn keyed(desk: &Desk) -> (String, Arc<Caller>) {
    let grant = desk.grant("ada@lab.example", "100").await;
    let key = NewKey::of(grant, "test");
    let made = bursar_studies::make_key(&desk.service, &Viewer::Operator, key).await.unwrap();
    let secret = made.secret.reveal().to_owned();
    let caller = desk.service.calls().identify(&secret).await.unwrap().unwrap();
    (secret, caller)
}

fn taking(grant: bursar_kernel::GrantId, id: u8, taking: Taking) -> TakeBack {
    let id = Some(TransferId::from_bytes([id; 16]));
    TakeBack { grant, id, taking, reason: "The study ended early.".to_owned() }
}

async fn pool(desk: &Desk) -> Usd {
    let program = crate::desk::access();
    desk.service.program_money(&Viewer::Operator, &program).await.unwrap().pool
}

#[tokio::test]
async fn a_claw_back_takes_what_is_free_wherever_it_is_lent_and_takes_it_once() {
    let desk = Desk::new("2026-11-22").await;
    let (_, caller) = keyed(&desk).await;
    let grant = caller.grant();
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let call = hold(&desk, &caller, "10").await.unwrap();
    let refused = desk.service.take_back(&officer, taking(grant, 1, Taking::Part(usd("90.01"))));
    let refused = refused.await;
    let Err(ServiceError::Invalid(errors)) = refused else { panic!("{refused:?}") };
    assert_eq!(errors[0].message, "$90.00 is free: take that, or less");
    for _ in 0..2 {
        let part = taking(grant, 1, Taking::Part(usd("60")));
        let taken = desk.service.take_back(&officer, part).await.unwrap();
        assert_eq!(taken.amount, usd("60"));
    }
    for other in [Taking::Part(usd("1")), Taking::All] {
        let refused = desk.service.take_back(&officer, taking(grant, 1, other)).await;
        assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    }
    desk.service.calls().settle(call, settled("4", Basis::Reported)).await.unwrap();
    let page = desk.service.grant(&officer, grant).await.unwrap();
    assert_eq!(
        (page.available, page.taken_back, page.state),
        (usd("36"), usd("60"), GrantState::Active)
    );
    assert_eq!(pool(&desk).await, usd("9960"));
    let letters = desk.mails().await;
    assert_eq!(letters.iter().filter(|one| one.contains("was taken back")).count(), 1);
    desk.audit().await;
}

#[tokio::test]
async fn a_voided_grant_refuses_its_keys_and_what_calls_leave_goes_back_as_well() {
    let desk = Desk::new("2026-11-22").await;
    let (secret, caller) = keyed(&desk).await;
    let grant = caller.grant();
    let call = hold(&desk, &caller, "10").await.unwrap();
    let own = Viewer::Person { id: caller.holder(), roles: [Role::Officer].into() };
    let refused = desk.service.take_back(&own, taking(grant, 2, Taking::All)).await;
    assert!(matches!(refused, Err(ServiceError::NotAllowed)), "nobody takes from their own");
    for _ in 0..2 {
        let all = taking(grant, 2, Taking::All);
        let taken = desk.service.take_back(&Viewer::Operator, all).await.unwrap();
        assert_eq!(taken.amount, usd("90"));
    }
    let catalog = desk.service.catalog();
    let model = catalog.model("gpt-4.1-mini").unwrap();
    let caller = desk.service.calls().identify(&secret).await.unwrap().unwrap();
    let denied = caller.admit(Endpoint::ChatCompletions, model, desk.service.now());
    assert!(matches!(denied, Err(Denial::GrantVoided(_))), "{denied:?}");
    let key = NewKey::of(grant, "more");
    let refused = bursar_studies::make_key(&desk.service, &Viewer::Operator, key)
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.starts_with("the grant was voided at 2026-11-22"), "{refused}");
    let page = desk.service.grant(&Viewer::Operator, grant).await.unwrap();
    assert_eq!((page.state, page.available), (GrantState::Voided, Usd::ZERO));
    desk.service.calls().settle(call, settled("4", Basis::Reported)).await.unwrap();
    assert_eq!(desk.service.run_due().await.unwrap().taken_back, 1);
    assert_eq!(desk.service.run_due().await.unwrap().taken_back, 0);
    let page = desk.service.grant(&Viewer::Operator, grant).await.unwrap();
    assert_eq!((page.available, page.spent, page.taken_back), (Usd::ZERO, usd("4"), usd("96")));
    assert_eq!(pool(&desk).await, usd("9996"));
    desk.audit().await;
}
