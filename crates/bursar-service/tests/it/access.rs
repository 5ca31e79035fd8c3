//! Limited access: asked, approved at once, lapsed by the clock, ended.

use bursar_kernel::{Endpoint, GrantId, Role};
use bursar_policy::{AccessState, Denial, Viewer};
use bursar_service::{AccessAnswer, ModelAccess, ServiceError};
use bursar_studies::NewKey;

use crate::desk::{Desk, instant, person_of};

const EMAIL: &str = "ada@lab.example";

fn approve(until: Option<&str>) -> AccessAnswer {
    AccessAnswer { approve: true, note: String::new(), until: until.map(instant), version: None }
}

fn decline(note: &str) -> AccessAnswer {
    AccessAnswer { approve: false, note: note.to_owned(), until: None, version: None }
}

async fn key(desk: &Desk, grant: GrantId) -> String {
    let wanted = NewKey::of(grant, "test");
    let made = bursar_studies::make_key(&desk.service, &Viewer::Operator, wanted).await.unwrap();
    made.secret.reveal().to_owned()
}

/// What a call to a model by one of its names meets now.
async fn call(desk: &Desk, secret: &str, name: &str) -> &'static str {
    let caller = desk.service.calls().identify(secret).await.unwrap().unwrap();
    let (catalog, now) = (desk.service.catalog(), desk.service.now());
    let model = catalog.model(name).unwrap();
    let admitted = caller.admit(Endpoint::ChatCompletions, model, now);
    assert_eq!(admitted.is_ok(), caller.may_use(&model.id, now));
    match admitted {
        Ok(_) => "open",
        Err(Denial::ModelLimited(_)) => "limited",
        Err(other) => panic!("{other}"),
    }
}

async fn access(desk: &Desk, viewer: &Viewer, grant: GrantId, name: &str) -> ModelAccess {
    desk.service.grant_model(viewer, grant, name).await.unwrap().line.access
}

#[tokio::test]
async fn an_approval_opens_the_model_at_once_and_lapses_by_the_clock() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person(EMAIL, &[]).await;
    let officer = desk.person("officer@fund.example", &[Role::Officer]).await;
    let grant = desk.grant(EMAIL, "100").await;
    let secret = key(&desk, grant).await;
    assert_eq!(call(&desk, &secret, "gpt-5").await, "limited");
    assert_eq!(call(&desk, &secret, "gpt-5-2025-08-07").await, "limited");

    let asked = desk.service.ask_for_model(&ada, grant, "gpt-5-2025-08-07", "Compare.").await;
    let asked = asked.unwrap();
    assert_eq!((asked.model.as_str(), asked.state), ("gpt-5", AccessState::Asked));
    assert_eq!(access(&desk, &ada, grant, "gpt-5").await, ModelAccess::Asked);
    assert_eq!(call(&desk, &secret, "gpt-5").await, "limited");
    assert_eq!(desk.mails().await[0], "Somebody asks for gpt-5");

    let late = approve(Some("2028-01-01"));
    let refused = desk.service.answer_access_request(&officer, asked.id, late).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    desk.clock.put("2026-11-23");
    let given = approve(Some("2026-12-01"));
    desk.service.answer_access_request(&officer, asked.id, given).await.unwrap();
    assert_eq!(desk.mails().await[0], "gpt-5 is open to your grant");
    assert_eq!(call(&desk, &secret, "gpt-5").await, "open");
    assert_eq!(call(&desk, &secret, "gpt-5-2025-08-07").await, "open");
    assert_eq!(call(&desk, &secret, "gpt-5.1").await, "limited");

    // No job runs: that it has lapsed is read off the clock.
    desk.clock.put("2026-12-01");
    assert_eq!(call(&desk, &secret, "gpt-5").await, "limited");
    assert_eq!(access(&desk, &ada, grant, "gpt-5").await, ModelAccess::Limited);
    let again = desk.service.ask_for_model(&ada, grant, "gpt-5", "Longer.").await.unwrap();
    desk.service.answer_access_request(&officer, again.id, approve(None)).await.unwrap();
    assert_eq!(call(&desk, &secret, "gpt-5").await, "open");
    desk.service.answer_access_request(&officer, again.id, decline("It is over.")).await.unwrap();
    assert_eq!(call(&desk, &secret, "gpt-5").await, "limited");
    let desk_page = desk.service.access_desk(&officer).await.unwrap();
    assert_eq!((desk_page.waiting.len(), desk_page.answered.len()), (0, 2));
}

#[tokio::test]
async fn a_request_is_answered_by_an_officer_and_not_by_its_holder() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person(EMAIL, &[Role::Officer]).await;
    let (eve, ben) = (
        desk.person("eve@lab.example", &[]).await,
        desk.person("ben@fund.example", &[Role::Officer]).await,
    );
    let grant = desk.grant(EMAIL, "100").await;
    let service = &desk.service;
    let by_eve = service.ask_for_model(&eve, grant, "gpt-5", "Mine.").await;
    assert!(matches!(by_eve, Err(ServiceError::NotFound(_))), "{by_eve:?}");
    let silent = service.ask_for_model(&ada, grant, "gpt-5", " ").await;
    assert!(matches!(silent, Err(ServiceError::Invalid(_))), "{silent:?}");
    let asked = service.ask_for_model(&ada, grant, "gpt-5", "Mine.").await.unwrap();
    let twice = service.ask_for_model(&ada, grant, "gpt-5", "Again.").await;
    assert!(matches!(twice, Err(ServiceError::Refused(_))), "{twice:?}");
    for viewer in [&ada, &eve] {
        let answered = service.answer_access_request(viewer, asked.id, approve(None)).await;
        assert!(matches!(answered, Err(ServiceError::NotAllowed)), "{answered:?}");
    }
    let unexplained = service.answer_access_request(&ben, asked.id, decline("")).await;
    assert!(matches!(unexplained, Err(ServiceError::Invalid(_))), "{unexplained:?}");
    // Taken back between the officer's reading and answer.
    service.withdraw_access_request(&ada, asked.id).await.unwrap();
    let read = AccessAnswer { version: Some(1), ..approve(None) };
    let late = service.answer_access_request(&ben, asked.id, read).await;
    assert!(matches!(late, Err(ServiceError::Conflict(_))), "{late:?}");
    assert_eq!(person_of(&ada), asked.holder);
}

#[tokio::test]
async fn all_models_are_listed_with_how_they_stand() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person(EMAIL, &[]).await;
    let grant = desk.grant(EMAIL, "100").await;
    let page = desk.service.grant_models(&ada, grant).await.unwrap();
    let limited = page.models.iter().filter(|line| line.access == ModelAccess::Limited);
    let limited: Vec<&str> = limited.map(|line| line.model.id.as_str()).collect();
    assert_eq!(limited, ["gpt-5", "gpt-5.1"]);
    assert!(page.models.iter().any(|line| line.ends_before_grant));
    assert!(page.models.iter().all(|line| !line.in_use));
}
