//! Who may hand in, coming back after a decline and after a grant, and the day of delivery.

use std::collections::BTreeMap;

use bursar_award::Outcome;
use bursar_kernel::{ApplicationId, GrantId, Role, RoundId};
use bursar_policy::Viewer;
use bursar_service::{Occasion, ServiceError, Stage, Verdict};

use crate::desk::{Desk, access, answers, instant, said, scores, usd};

/// A complete draft with some answers replaced.
async fn draft(desk: &Desk, viewer: &Viewer, changes: &[(&str, &str)]) -> ApplicationId {
    let id = desk.service.start_application(viewer, &access()).await.unwrap();
    let mut complete = answers(&desk.program());
    for (field, answer) in changes {
        complete.insert((*field).to_owned(), (*answer).to_owned());
    }
    desk.service.save_draft(viewer, id, complete).await.unwrap();
    id
}

#[tokio::test]
async fn what_the_rules_exclude_cannot_be_handed_in_and_what_they_flag_can() {
    let desk = Desk::new("2026-11-22").await;
    let refused = async |changes: &[(&str, &str)]| {
        let who = desk.person("ada@lab.example", &[]).await;
        let id = draft(&desk, &who, changes).await;
        match desk.service.submit(&who, id, &desk.policies()).await {
            Err(ServiceError::Refused(text)) => text,
            other => panic!("{changes:?}: {other:?}"),
        }
    };
    let company = refused(&[("role", "company")]).await;
    assert!(company.contains("Companies and startups are not eligible"), "{company}");
    assert!(company.contains("\nhint: Look for a startup program"), "{company}");
    let chatbot = refused(&[("purpose", "chatbot")]).await;
    assert!(chatbot.contains("chatbot or assistant for one's own organisation"), "{chatbot}");
    refused(&[("country", "elsewhere")]).await;
    refused(&[("role", "nonprofit"), ("purpose", "operations")]).await;

    let alone = desk.person("alone@home.example", &[]).await;
    let id = draft(&desk, &alone, &[("role", "individual"), ("area", "other")]).await;
    let page = desk.service.submit(&alone, id, &desk.policies()).await.unwrap();
    assert_eq!(page.status.stage, Stage::Submitted);
    let versions: Vec<_> = page.status.accepted_policies.iter().map(|one| &*one.version).collect();
    assert_eq!(versions, ["2025-10-29", "2022-11-14"], "the editions that were shown");
}

#[tokio::test]
async fn a_review_scores_every_criterion() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let reviewer = desk.person("reviewer@lab.example", &[Role::Reviewer]).await;
    let id = desk.submitted(&ada).await;
    desk.clock.put("2026-12-01");
    desk.service.run_due().await.unwrap();
    desk.assigned(&reviewer, id).await;
    let send = async |scores: BTreeMap<String, u32>| {
        let says = said("Worth it", scores);
        desk.service.submit_review(&reviewer, id, says).await
    };
    let mut some = scores(&desk.program());
    some.remove("method");
    let refused = send(some).await.unwrap_err().to_string();
    assert!(refused.contains("`Method`"), "{refused}");
    send(scores(&desk.program())).await.unwrap();
    let (_, mine, _) = desk.service.application_for_reviewer(&reviewer, id).await.unwrap();
    assert_eq!(mine.unwrap().scores, scores(&desk.program()));
}

/// The round of an application is reviewed, decided and released.
async fn judged(desk: &Desk, id: ApplicationId, outcome: Outcome, days: (&str, &str)) {
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    desk.clock.put(days.0);
    desk.service.run_due().await.unwrap();
    let reasons = "Say how the raters agree.".to_owned();
    let verdict = Verdict { outcome, reasons, justification: None };
    desk.service.decide(&officer, None, id, verdict).await.unwrap();
    desk.clock.put(days.1);
    let round = RoundId::new(&days.0[..7]);
    desk.service.release_round(&officer, &access(), &round).await.unwrap();
}

#[tokio::test]
async fn a_declined_application_comes_back_as_often_as_it_likes_with_its_answers() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let mut id = desk.submitted(&ada).await;
    let mut rounds =
        [("2026-12-01", "2027-01-01"), ("2027-03-01", "2027-04-01"), ("2027-06-01", "2027-07-01")]
            .into_iter();
    for days in rounds.by_ref() {
        judged(&desk, id, Outcome::Decline, days).await;
        let declined = desk.service.application_for_applicant(&ada, id).await.unwrap();
        assert_eq!(declined.status.stage, Stage::Declined);
        let counted = declined.priority.unwrap();
        assert_eq!((counted.total, counted.of), (2, 3));
        let next = desk.service.start_application(&ada, &access()).await.unwrap();
        let page = desk.service.application_for_applicant(&ada, next).await.unwrap();
        assert_eq!(page.status.resubmission_of, Some(id));
        assert_eq!(page.answers, declined.answers, "prefilled");
        assert_eq!(page.earlier.as_ref(), Some(&declined.answers), "and to be compared");
        assert_eq!((page.occasion, page.progress), (Occasion::First, None));
        desk.service.submit(&ada, next, &desk.policies()).await.unwrap();
        id = next;
    }
    let mails = desk.service.store().mails(100).await.unwrap();
    let letter = mails.iter().find(|mail| mail.body.contains("no award this time")).unwrap();
    for part in [
        "Say how the raters agree.",
        "Funding is limited. (2 points of priority)",
        "as often as you like, on any day",
        "More detail helps",
        "http://portal.example/programs/openai-researcher-access",
    ] {
        assert!(letter.body.contains(part), "{part} is not in\n{}", letter.body);
    }
}

/// A grant that was applied for, accepted and not delivered yet; released on 1 January 2027.
async fn accepted(desk: &Desk, who: &Viewer) -> (ApplicationId, GrantId) {
    let id = desk.submitted(who).await;
    let outcome = Outcome::Award { amount: usd("800") };
    judged(desk, id, outcome, ("2026-12-01", "2027-01-01")).await;
    (id, bursar_applying::accept_award(&desk.service, who, id).await.unwrap())
}

#[tokio::test]
async fn an_officer_sets_the_day_within_the_range_and_the_job_keeps_it() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let (id, grant) = accepted(&desk, &ada).await;
    let service = &desk.service;
    let range = async || service.application_for_applicant(&ada, id).await.unwrap().delivery;
    assert_eq!(range().await, Some((instant("2027-01-29"), instant("2027-02-12"))));

    let set = async |viewer: &Viewer, day: &str| {
        service.set_delivery_day(viewer, grant, day.parse().unwrap()).await
    };
    assert!(matches!(set(&ada, "2027-02-03").await, Err(ServiceError::NotAllowed)));
    for outside in ["2027-01-28", "2027-02-13", "2028-02-03"] {
        match set(&officer, outside).await {
            Err(ServiceError::Invalid(errors)) => {
                let text = "The day must be from 29 January 2027 to 12 February 2027";
                assert_eq!(errors[0].message, text);
            }
            other => panic!("{outside}: {other:?}"),
        }
    }
    set(&officer, "2027-02-10").await.unwrap();
    set(&officer, "2027-02-03").await.unwrap();
    let day = instant("2027-02-03");
    assert_eq!(range().await, Some((day, day)));
    desk.clock.put("2027-02-02T23:59:59.999Z");
    assert_eq!(service.run_due().await.unwrap().delivered, 0, "not before its day");
    desk.clock.put("2027-02-03");
    assert_eq!(service.run_due().await.unwrap().delivered, 1);
    let page = service.grant(&ada, grant).await.unwrap();
    assert_eq!(page.grant.delivered_at, Some(day));
    assert_eq!(page.grant.expires_at, Some(instant("2028-02-03")), "the term from that instant");
    let mails = desk.mails().await;
    assert_eq!(mails.iter().filter(|subject| subject.contains("is set")).count(), 2);
    assert_eq!(mails.iter().filter(|subject| subject.contains("is here")).count(), 1);

    // Nothing moves what has arrived.
    let after = set(&officer, "2027-02-10").await;
    assert!(matches!(after, Err(ServiceError::Refused(_))), "{after:?}");
    let page = service.grant(&ada, grant).await.unwrap();
    assert_eq!(page.grant.expires_at, Some(instant("2028-02-03")));
}

#[tokio::test]
async fn after_a_grant_the_form_asks_what_came_of_it_and_the_books_say_their_part() {
    let desk = Desk::new("2026-11-22").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    let officer = desk.person("officer@lab.example", &[Role::Officer]).await;
    let (_, grant) = accepted(&desk, &ada).await;
    desk.clock.put("2027-01-29");
    desk.service.run_due().await.unwrap();

    let service = &desk.service;
    let next = service.start_application(&ada, &access()).await.unwrap();
    let page = service.application_for_applicant(&ada, next).await.unwrap();
    assert_eq!(page.occasion, Occasion::AfterGrant);
    let line = page.progress.unwrap().to_string();
    assert_eq!(line, "Of $800.00 granted, $0.00 was spent in 0 calls.");
    match service.submit(&ada, next, &desk.policies()).await {
        Err(ServiceError::Invalid(errors)) => {
            let text = "Enter what the research has come to so far";
            assert_eq!((&*errors[0].field, &*errors[0].message), ("progress", text));
        }
        other => panic!("{other:?}"),
    }
    let mut answered = page.answers;
    answered.insert("progress".to_owned(), "All 200 prompts are rated.".to_owned());
    service.save_draft(&ada, next, answered).await.unwrap();
    service.submit(&ada, next, &desk.policies()).await.unwrap();
    let seen = service.application_for_officer(&officer, next).await.unwrap();
    assert_eq!(seen.application.answers["progress"], "All 200 prompts are rated.");
    assert_eq!(seen.application.progress, seen.progress, "kept with the application");
    assert_eq!(seen.progress.unwrap().grant, grant);
    assert!(seen.earlier.is_some());
}

#[tokio::test]
async fn credit_of_29_february_ends_on_28_february() {
    let desk = Desk::new("2028-02-29").await;
    let grant = desk.grant("ada@lab.example", "5").await;
    let page = desk.service.grant(&Viewer::Operator, grant).await.unwrap();
    assert_eq!(page.grant.expires_at, Some(instant("2029-02-28")));
}
