//! From an application to the expiry of its grant.

use bursar_award::State;
use bursar_kernel::{Role, RoundId};
use bursar_ledger::Account;
use bursar_policy::Viewer;
use bursar_service::{GrantState, ServiceError, Stage};
use bursar_store::ApplicationFilter;

use crate::desk::{Desk, access, instant, said, scores, usd};

async fn stage(desk: &Desk, viewer: &Viewer, id: bursar_kernel::ApplicationId) -> Stage {
    desk.service.application_for_applicant(viewer, id).await.unwrap().status.stage
}

#[tokio::test]
async fn an_application_becomes_a_grant_and_the_grant_expires() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let reviewer = desk.person("reviewer@lab.example", &[Role::Reviewer]).await;
    let service = &desk.service;

    let id = desk.submitted(&ada).await;
    let page = service.application_for_applicant(&ada, id).await.unwrap();
    assert_eq!(page.round.unwrap().id.as_str(), "2026-12");

    desk.clock.put("2026-12-01");
    assert_eq!(service.run_due().await.unwrap().reviews_begun, 1);
    let scores = scores(&desk.program());
    let unasked = service.application_for_reviewer(&reviewer, id).await;
    assert!(matches!(unasked, Err(ServiceError::NotFound(_))), "{unasked:?}");
    assert!(service.review_queue(&reviewer).await.unwrap().is_empty());
    desk.assigned(&reviewer, id).await;
    let says = said("Worth it", scores);
    service.submit_review(&reviewer, id, says).await.unwrap();
    desk.award(&officer, id, "800").await;
    assert_eq!(stage(&desk, &ada, id).await, Stage::Submitted, "neutral until the release");

    let round = RoundId::new("2026-12");
    let early = service.release_round(&officer, &access(), &round).await.unwrap_err();
    assert!(early.to_string().contains("when its review is over"), "{early}");
    desk.clock.put("2027-01-01");
    assert_eq!(service.release_round(&officer, &access(), &round).await.unwrap(), 1);
    assert_eq!(stage(&desk, &ada, id).await, Stage::AwardOffered);

    let grant = bursar_applying::accept_award(service, &ada, id).await.unwrap();
    let waiting = service.grant(&ada, grant).await.unwrap();
    assert_eq!((waiting.state, waiting.available), (GrantState::Waiting, usd("0")));
    assert_eq!(waiting.grant.deliver_from, instant("2027-01-29"));
    assert_eq!(waiting.grant.deliver_until, instant("2027-02-12"));

    desk.clock.put("2027-01-28T23:59:59.999Z");
    assert_eq!(service.run_due().await.unwrap().delivered, 0);
    desk.clock.put("2027-01-29");
    assert_eq!(service.run_due().await.unwrap().delivered, 1);
    assert_eq!(service.run_due().await.unwrap().delivered, 0, "once");
    let active = service.grant(&ada, grant).await.unwrap();
    assert_eq!((active.state, active.available), (GrantState::Active, usd("800")));
    assert_eq!(active.grant.expires_at, Some(instant("2028-01-29")));
    assert_eq!(stage(&desk, &ada, id).await, Stage::Granted);

    desk.clock.put("2028-01-29");
    let at_expiry = service.grant(&ada, grant).await.unwrap();
    assert_eq!((at_expiry.state, at_expiry.available), (GrantState::Expired, usd("0")));
    assert_eq!(service.run_due().await.unwrap().expired, 1);
    let breakage = service.store().balance(Account::Breakage(access())).await.unwrap();
    assert_eq!(breakage.posted, usd("800"));
    let subjects = desk.mails().await;
    for part in ["has arrived", "An award from", "is here", "has expired"] {
        assert_eq!(subjects.iter().filter(|subject| subject.contains(part)).count(), 1, "{part}");
    }
    desk.audit().await;
}

#[tokio::test]
async fn nobody_but_its_applicant_and_the_office_knows_of_an_application() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let eve = desk.person("eve@lab.example", &[]).await;
    let reviewer = desk.person("reviewer@lab.example", &[Role::Reviewer]).await;
    let service = &desk.service;
    let id = desk.submitted(&ada).await;
    let missing = |result: Result<(), ServiceError>| {
        assert!(matches!(result, Err(ServiceError::NotFound(_))), "{result:?}");
    };
    missing(service.application_for_applicant(&eve, id).await.map(drop));
    missing(bursar_applying::withdraw(service, &eve, id).await);
    missing(bursar_applying::accept_award(service, &eve, id).await.map(drop));
    missing(service.application_for_reviewer(&reviewer, id).await.map(drop));
    let officer_page = service.application_for_officer(&eve, id).await;
    assert!(matches!(officer_page, Err(ServiceError::NotAllowed)));
    let nobody = service.application_for_applicant(&Viewer::Nobody, id).await;
    assert!(matches!(nobody, Err(ServiceError::SignInFirst)));
    bursar_applying::withdraw(service, &ada, id).await.unwrap();
    assert_eq!(stage(&desk, &ada, id).await, Stage::Withdrawn);
}

#[tokio::test]
async fn an_incomplete_application_is_kept_and_not_handed_in() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let service = &desk.service;
    let id = service.start_application(&ada, &access()).await.unwrap();
    assert_eq!(service.start_application(&ada, &access()).await.unwrap(), id, "one draft");
    let half = [("research_question".to_owned(), "Why?".to_owned())].into();
    service.save_draft(&ada, id, half).await.unwrap();
    let errors = match service.submit(&ada, id, &desk.policies()).await {
        Err(ServiceError::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    };
    assert!(errors.iter().any(|error| error.field == "research_description"), "{errors:?}");
    let page = service.application_for_applicant(&ada, id).await.unwrap();
    assert_eq!(page.answers["research_question"], "Why?");
    let complete = crate::desk::answers(&desk.program());
    service.save_draft(&ada, id, complete).await.unwrap();
    let unaccepted = service.submit(&ada, id, &[]).await;
    assert!(matches!(unaccepted, Err(ServiceError::Invalid(_))), "policies are accepted first");
    let application = service.store().application(id).await.unwrap().unwrap();
    assert_eq!(application.state, State::Draft);
}

#[tokio::test]
async fn an_award_above_the_typical_maximum_needs_a_second_officer() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let id = desk.submitted(&ada).await;
    desk.clock.put("2026-12-01");
    desk.service.run_due().await.unwrap();
    let verdict = |justification: Option<&str>| bursar_service::Verdict {
        outcome: bursar_award::Outcome::Award { amount: usd("1500") },
        reasons: "Large and good.".to_owned(),
        justification: justification.map(str::to_owned),
    };
    let service = &desk.service;
    let bare = service.decide(&officer, None, id, verdict(None)).await.unwrap_err();
    assert!(bare.to_string().contains("justification"), "{bare}");
    service.decide(&officer, None, id, verdict(Some("Eight labs take part."))).await.unwrap();
    desk.clock.put("2027-01-02");
    let december = RoundId::new("2026-12");
    let early = service.release_round(&officer, &access(), &december).await.unwrap_err();
    assert!(early.to_string().contains("wait for a second officer"), "{early}");
    let same = service.approve(&officer, None, id).await.unwrap_err();
    assert!(same.to_string().contains("one officer's approval twice"), "{same}");
    let stranger = desk.person("reviewer@lab.example", &[Role::Reviewer]).await;
    let outsider = service.approve(&stranger, None, id).await;
    assert!(matches!(outsider, Err(ServiceError::NotAllowed)), "{outsider:?}");
    // The administrator's token names whose word it is, and that is checked alike.
    let nameless = service.approve(&Viewer::Operator, None, id).await;
    assert!(matches!(nameless, Err(ServiceError::Invalid(_))), "{nameless:?}");
    for named in ["ada@lab.example", "reviewer@lab.example", "nobody@lab.example"] {
        let refused = service.approve(&Viewer::Operator, Some(named), id).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{named}: {refused:?}");
    }
    let proposer = service.approve(&Viewer::Operator, Some("officer@lab.example"), id).await;
    assert!(matches!(proposer, Err(ServiceError::Refused(_))), "{proposer:?}");
    desk.person("second@lab.example", &[Role::Officer]).await;
    service.approve(&Viewer::Operator, Some("Second@lab.example"), id).await.unwrap();
    let trail = service.store().audit_trail(100).await.unwrap();
    let line = trail.iter().find(|line| line.action == "application.approved").unwrap();
    assert_eq!(line.detail, "in the name of second@lab.example");
    assert_eq!(service.release_round(&officer, &access(), &december).await.unwrap(), 1);
    let page = service.application_for_applicant(&ada, id).await.unwrap();
    assert_eq!(page.status.award, Some(usd("1500")));
}

#[tokio::test]
async fn a_link_signs_in_once_and_looking_at_it_does_not_use_it() {
    let desk = Desk::new("2026-11-22").await;
    let service = &desk.service;
    service.request_sign_in("  New.Person@Lab.Example ").await.unwrap();
    let mail = service.store().mails(1).await.unwrap().remove(0);
    assert_eq!(mail.to, "new.person@lab.example");
    let link = mail.body.lines().find(|line| line.starts_with("http")).unwrap();
    let secret = link.rsplit('/').next().unwrap();
    for _ in 0..3 {
        let ready = service.look_at_sign_in(secret).await.unwrap();
        assert!(matches!(ready, bursar_service::Arrival::Ready { .. }));
    }
    let signed_in = service.sign_in(secret).await.unwrap();
    let cookie = signed_in.cookie.reveal().to_owned();
    let person = service.session(&cookie).await.unwrap().unwrap();
    assert_eq!(person.email, "new.person@lab.example");
    assert!(service.sign_in(secret).await.is_err(), "once");
    service.sign_out(&cookie).await.unwrap();
    assert_eq!(service.session(&cookie).await.unwrap(), None);
    for not_an_address in ["", "ada", "ada@", "@lab.example", "ada lab@x.y", "a@b"] {
        let refused = service.request_sign_in(not_an_address).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{not_an_address}");
    }
}

#[tokio::test]
async fn an_officer_never_decides_on_their_own_application() {
    let desk = Desk::new("2026-11-22").await;
    let both = desk.person("both@lab.example", &[Role::Officer, Role::Reviewer]).await;
    let id = desk.submitted(&both).await;
    desk.clock.put("2026-12-01");
    desk.service.run_due().await.unwrap();
    let page = desk.service.application_for_officer(&both, id).await;
    assert!(matches!(page, Err(ServiceError::NotAllowed)), "{page:?}");
    assert!(desk.service.review_queue(&both).await.unwrap().is_empty());
    // Nor do they see it in a list, a count or a sum.
    let other = desk.person("officer@lab.example", &[Role::Officer]).await;
    desk.award(&other, id, "800").await;
    let list = desk.service.applications_for_officer(&both, ApplicationFilter::default()).await;
    assert!(list.unwrap().is_empty());
    let round = RoundId::new("2026-12");
    let theirs = desk.service.round(&both, &access(), &round).await.unwrap();
    assert!(theirs.applications.is_empty());
    assert_eq!((theirs.decided, theirs.to_award), (0, usd("0")));
    let others = desk.service.round(&other, &access(), &round).await.unwrap();
    assert_eq!((others.decided, others.to_award), (1, usd("800")));
}
