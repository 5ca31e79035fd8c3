//! Studies: their keys share a budget, within dates and models, and budgets move between them.

use std::sync::Arc;

use bursar_kernel::{Endpoint, GrantId, ModelId, Scope, StudyId};
use bursar_policy::{Denial, Viewer};
use bursar_service::{Caller, Service, ServiceError};
use bursar_store::rows::{Basis, Study};
use bursar_studies::{
    BudgetMove, NewKey, NewStudy, StudyTerms, change_study, close_study, make_key, make_study,
    move_budget, studies, study,
};

use crate::desk::{Desk, instant, usd};
use crate::money::{hold, settled};

const OPERATOR: Viewer = Viewer::Operator;

fn terms(name: &str, budget: &str) -> StudyTerms {
    StudyTerms {
        name: name.to_owned(),
        budget: Some(usd(budget)),
        stops: true,
        ..StudyTerms::default()
    }
}

async fn made(service: &Service, grant: GrantId, terms: StudyTerms) -> Study {
    make_study(service, &OPERATOR, NewStudy { grant, terms }).await.unwrap()
}

/// The secret of a new key of a study.
async fn key(service: &Service, study: &Study, scope: Scope) -> String {
    let new = NewKey { study: Some(study.id), scope, ..NewKey::of(study.grant, "test") };
    make_key(service, &OPERATOR, new).await.unwrap().secret.reveal().to_owned()
}

async fn caller(desk: &Desk, secret: &str) -> Arc<Caller> {
    desk.service.calls().identify(secret).await.unwrap().unwrap()
}

async fn spend(desk: &Desk, secret: &str, cost: &str) {
    let call = hold(desk, &caller(desk, secret).await, cost).await.unwrap();
    desk.service.calls().settle(call, settled(cost, Basis::Reported)).await.unwrap();
    desk.audit().await;
}

async fn refused(desk: &Desk, secret: &str, cost: &str) -> String {
    let error = hold(desk, &caller(desk, secret).await, cost).await.unwrap_err();
    format!("{error:?}")
}

async fn denied(desk: &Desk, secret: &str, model: &str) -> Option<Denial> {
    let catalog = desk.service.catalog();
    let model = catalog.model(model).unwrap();
    let admitted =
        caller(desk, secret).await.admit(Endpoint::ChatCompletions, model, desk.service.now());
    admitted.err()
}

fn fields(error: ServiceError) -> Vec<String> {
    let ServiceError::Invalid(errors) = error else { panic!("{error:?}") };
    errors.into_iter().map(|error| error.field).collect()
}

#[tokio::test]
async fn keys_of_a_study_spend_its_budget_together_and_not_a_nano_dollar_more() {
    let desk = Desk::new("2026-11-22").await;
    let service = &desk.service;
    let grant = desk.grant("ada@lab.example", "30").await;
    let pilot = made(service, grant, terms("Pilot", "1")).await;
    let keys = [
        key(service, &pilot, Scope::default()).await,
        key(service, &pilot, Scope::default()).await,
    ];
    spend(&desk, &keys[0], "0.60").await;
    let over = refused(&desk, &keys[1], "0.400000001").await;
    assert!(over.contains("CapReached") && over.contains(&pilot.id.to_string()), "{over}");
    spend(&desk, &keys[1], "0.40").await;
    refused(&desk, &keys[0], "0.000000001").await;
    let page = study(service, &OPERATOR, pilot.id).await.unwrap();
    assert_eq!((page.spend.cost, page.spend.calls), (usd("1"), 2));
    assert_eq!((page.left(), page.keys.len()), (Some(usd("0")), 2));
    // The grant has more: a raised budget lets them go on, by as much.
    let raised = change_study(service, &OPERATOR, pilot.id, terms("Pilot", "1.25")).await.unwrap();
    assert_eq!((raised.terms.budget, raised.version), (Some(usd("1.25")), 2));
    refused(&desk, &keys[0], "0.250000001").await;
    spend(&desk, &keys[0], "0.25").await;
    // A budget that only tells stops nobody; one that stops again counts what was spent.
    let soft = StudyTerms { stops: false, ..terms("Pilot", "1.25") };
    change_study(service, &OPERATOR, pilot.id, soft).await.unwrap();
    spend(&desk, &keys[0], "2").await;
    let below = change_study(service, &OPERATOR, pilot.id, terms("Pilot", "3.25")).await;
    assert_eq!(fields(below.unwrap_err()), ["budget"]);
    change_study(service, &OPERATOR, pilot.id, terms("Pilot", "3.5")).await.unwrap();
    refused(&desk, &keys[1], "0.250000001").await;
    spend(&desk, &keys[1], "0.25").await;
}

#[tokio::test]
async fn a_call_needs_room_in_its_key_and_in_its_study() {
    let desk = Desk::new("2026-11-22").await;
    let service = &desk.service;
    let grant = desk.grant("ada@lab.example", "30").await;
    let pilot = made(service, grant, terms("Pilot", "1")).await;
    let new =
        NewKey { study: Some(pilot.id), cap: Some(usd("0.30")), ..NewKey::of(grant, "narrow") };
    let narrow = make_key(service, &OPERATOR, new).await.unwrap();
    let narrow = narrow.secret.reveal();
    let wide = key(service, &pilot, Scope::default()).await;
    assert!(refused(&desk, narrow, "0.31").await.contains("Key(key_"));
    spend(&desk, narrow, "0.10").await;
    spend(&desk, &wide, "0.75").await;
    assert!(refused(&desk, narrow, "0.16").await.contains("Study(study_"));
    spend(&desk, narrow, "0.15").await;
}

#[tokio::test]
async fn budget_moves_between_studies_once_however_many_move_it() {
    let desk = Desk::new("2026-11-22").await;
    let service = &desk.service;
    let grant = desk.grant("ada@lab.example", "30").await;
    let pilot = made(service, grant, terms("Pilot", "3")).await;
    let main = made(service, grant, terms("Main", "5")).await;
    let keys =
        [key(service, &pilot, Scope::default()).await, key(service, &main, Scope::default()).await];
    spend(&desk, &keys[0], "1").await;
    let wanted = |amount: &str| BudgetMove { from: pilot.id, to: main.id, amount: usd(amount) };
    let too_much = move_budget(service, &OPERATOR, wanted("2.01")).await.unwrap_err();
    assert_eq!(fields(too_much), ["amount"]);
    let both = tokio::join!(
        move_budget(service, &OPERATOR, wanted("1.50")),
        move_budget(service, &OPERATOR, wanted("1.50")),
    );
    let results = [both.0, both.1];
    let moved = results.iter().filter(|result| result.is_ok()).count();
    let lost = results.iter().filter_map(|result| result.as_ref().err());
    assert_eq!(moved, 1, "{results:?}");
    for error in lost {
        let told = matches!(error, ServiceError::Conflict(_) | ServiceError::Invalid(_));
        assert!(told, "{error:?}");
    }
    desk.audit().await;
    let mut lines = studies(service, &OPERATOR, grant).await.unwrap();
    lines.sort_by_key(|line| line.study.terms.budget);
    let left = lines.iter().map(|line| (line.study.terms.budget.unwrap(), line.left().unwrap()));
    let left: Vec<_> = left.collect();
    assert_eq!(left, [(usd("1.5"), usd("0.5")), (usd("6.5"), usd("6.5"))]);
    refused(&desk, &keys[0], "0.51").await;
    spend(&desk, &keys[0], "0.50").await;
    spend(&desk, &keys[1], "6.50").await;
    refused(&desk, &keys[1], "0.01").await;
}

#[tokio::test]
async fn a_study_has_dates_models_and_an_end() {
    let desk = Desk::new("2026-11-22").await;
    let service = &desk.service;
    let grant = desk.grant("ada@lab.example", "30").await;
    let models = Some([ModelId::new("gpt-5-mini")].into());
    let wanted = StudyTerms {
        starts_at: Some(instant("2026-11-23")),
        ends_at: Some(instant("2026-11-25")),
        scope: Scope { models, endpoints: None },
        ..terms("Pilot", "3")
    };
    let pilot = made(service, grant, wanted.clone()).await;
    let open = key(service, &pilot, Scope::default()).await;
    let narrow = Scope { models: None, endpoints: Some([Endpoint::Embeddings].into()) };
    let narrow = key(service, &pilot, narrow).await;
    let from = instant("2026-11-23");
    assert_eq!(denied(&desk, &open, "gpt-5-mini").await, Some(Denial::StudyNotBegun { from }));
    desk.clock.put("2026-11-23");
    assert_eq!(denied(&desk, &open, "gpt-5-mini").await, None);
    assert!(matches!(denied(&desk, &open, "gpt-5").await, Some(Denial::OutOfScope { .. })));
    assert!(matches!(denied(&desk, &narrow, "gpt-5-mini").await, Some(Denial::OutOfScope { .. })));
    desk.clock.put("2026-11-25");
    let at = instant("2026-11-25");
    assert_eq!(denied(&desk, &open, "gpt-5-mini").await, Some(Denial::StudyEnded(at)));
    let longer = StudyTerms { ends_at: None, ..wanted.clone() };
    change_study(service, &OPERATOR, pilot.id, longer).await.unwrap();
    assert_eq!(denied(&desk, &open, "gpt-5-mini").await, None);
    close_study(service, &OPERATOR, pilot.id).await.unwrap();
    assert_eq!(denied(&desk, &open, "gpt-5-mini").await, Some(Denial::StudyEnded(at)));
    for again in [
        change_study(service, &OPERATOR, pilot.id, wanted).await.map(drop),
        close_study(service, &OPERATOR, pilot.id).await.map(drop),
    ] {
        assert!(matches!(again, Err(ServiceError::Refused(_))), "{again:?}");
    }
    let new = NewKey { study: Some(pilot.id), ..NewKey::of(grant, "late") };
    assert!(matches!(make_key(service, &OPERATOR, new).await, Err(ServiceError::Refused(_))));
}

#[tokio::test]
async fn what_is_not_sound_is_refused_all_at_once_and_strangers_find_nothing() {
    let desk = Desk::new("2026-11-22").await;
    let service = &desk.service;
    let grant = desk.grant("ada@lab.example", "30").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let eve = desk.person("eve@lab.example", &[]).await;
    let wanted = StudyTerms {
        name: " ".to_owned(),
        notes: "x".repeat(5_001),
        tags: vec!["y".repeat(31)],
        budget: Some(usd("0")),
        starts_at: Some(instant("2026-11-25")),
        ends_at: Some(instant("2026-11-25")),
        scope: Scope { models: Some([ModelId::new("gpt-99")].into()), endpoints: None },
        stops: true,
    };
    let told = make_study(service, &ada, NewStudy { grant, terms: wanted }).await.unwrap_err();
    assert_eq!(fields(told), ["name", "notes", "tags", "budget", "ends", "models"]);
    let new = |name: &str| NewStudy { grant, terms: terms(name, "3") };
    let pilot = make_study(service, &ada, new("Pilot")).await.unwrap();
    let twice = make_study(service, &ada, new(" Pilot ")).await.unwrap_err();
    assert_eq!(fields(twice), ["name"]);
    let stranger = make_study(service, &eve, new("Mine")).await.unwrap_err();
    assert!(matches!(stranger, ServiceError::NotFound(_)), "{stranger:?}");
    for error in [
        study(service, &eve, pilot.id).await.map(drop),
        studies(service, &eve, grant).await.map(drop),
        close_study(service, &eve, pilot.id).await.map(drop),
        study(service, &ada, StudyId::from_bytes([1; 16])).await.map(drop),
    ] {
        assert!(matches!(error, Err(ServiceError::NotFound(_))), "{error:?}");
    }
    // A key's study is one of its own grant's.
    let other = desk.grant("eve@lab.example", "5").await;
    let new = NewKey { study: Some(pilot.id), ..NewKey::of(other, "theirs") };
    assert_eq!(fields(make_key(service, &eve, new).await.unwrap_err()), ["study"]);
    let to = make_study(service, &OPERATOR, NewStudy { grant: other, terms: terms("Far", "1") });
    let to = to.await.unwrap().id;
    let wanted = BudgetMove { from: pilot.id, to, amount: usd("1") };
    let far = move_budget(service, &OPERATOR, wanted).await.unwrap_err();
    assert_eq!(fields(far), ["to"]);
}
