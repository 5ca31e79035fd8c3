//! Reviews as they are written: nobody but their writer knows of a draft.

use std::collections::BTreeMap;

use bursar_award::Outcome;
use bursar_kernel::{ApplicationId, Role};
use bursar_policy::Viewer;
use bursar_reviewing::{
    Answer, Fields, WhatIf, add, answer, desk, invite, panel, past_reviews, pin, plan, ranking,
    save_review, send_review, step_back, tally, writing,
};
use bursar_service::{ServiceError, Verdict};

use crate::house::{House, access, id_of, round};

/// An officer, and a reviewer who has agreed to an application that is in review.
async fn agreed() -> (House, Viewer, Viewer, ApplicationId) {
    let house = House::new();
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let id = house.applies("ada@north.example", "alignment", "North University").await;
    let reviewer = house.reviewer("a@reviews.example", &["alignment"]).await;
    house.begins().await;
    plan(&house.service, &officer, &access(), &round(), 1).await.unwrap();
    invite(&house.service, &officer, &access(), &round()).await.unwrap();
    answer(&house.service, &reviewer, id, Answer::Accept).await.unwrap();
    (house, officer, reviewer, id)
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect()
}

/// All that is needed, with the same score throughout.
fn whole(house: &House, score: &str) -> Fields {
    let rubric = &house.service.program(&access()).unwrap().rubric;
    let scores = rubric.iter().map(|one| (format!("score-{}", one.id), score.to_owned()));
    scores.chain(fields(&[("recommendation", "award"), ("comment", "Sound")])).collect()
}

#[tokio::test]
async fn no_list_count_or_ranking_knows_of_a_draft() {
    let (house, officer, reviewer, id) = agreed().await;
    let service = &house.service;
    let seen = async || {
        let what_if = WhatIf::default();
        let ranked = ranking(service, &officer, &access(), &round(), what_if).await.unwrap();
        let page = panel(service, &officer, &access(), &round()).await.unwrap();
        let one = service.application_for_officer(&officer, id).await.unwrap();
        format!("{ranked:?} {page:?} {one:?}")
    };
    let before = seen().await;
    let typed = whole(&house, "4");
    let kept = save_review(service, &reviewer, id, &typed, "").await.unwrap();
    assert!(kept.is_changed && kept.conflicts.is_empty());
    assert!(!save_review(service, &reviewer, id, &typed, "").await.unwrap().is_changed);
    assert_eq!(seen().await, before);
    assert_eq!(desk(service, &reviewer).await.unwrap().drafts, [id].into());
    let mine = writing(service, &reviewer, id).await.unwrap();
    assert_eq!((mine.fields(), mine.sent), (typed.clone(), None));
    // Others do not even find the application; an officer is no reviewer.
    let other = house.reviewer("b@reviews.example", &["alignment"]).await;
    for viewer in [&other, &officer, &Viewer::Nobody] {
        let found = writing(service, viewer, id).await;
        assert!(matches!(found, Err(ServiceError::NotFound(_))), "{found:?}");
    }

    send_review(service, &reviewer, id, &BTreeMap::new(), "").await.unwrap();
    assert_ne!(seen().await, before, "what was in the draft is sent in");
    assert!(desk(service, &reviewer).await.unwrap().drafts.is_empty());
    step_back(service, &reviewer, id, "A student of mine has joined them").await.unwrap();
    assert!(writing(service, &reviewer, id).await.is_err());
}

#[tokio::test]
async fn a_draft_of_a_change_leads_back_to_what_was_sent_in() {
    let (house, _, reviewer, id) = agreed().await;
    let service = &house.service;
    send_review(service, &reviewer, id, &whole(&house, "4"), "").await.unwrap();
    let program = service.program(&access()).unwrap();
    let shown = writing(service, &reviewer, id).await.unwrap().shown_with(program);
    // A form in which all of it was taken out is a draft too, and not none.
    save_review(service, &reviewer, id, &Fields::new(), &shown).await.unwrap();
    let emptied = writing(service, &reviewer, id).await.unwrap();
    assert!(emptied.draft.is_some() && emptied.fields().values().all(String::is_empty));
    let wrong = send_review(service, &reviewer, id, &Fields::new(), "").await.unwrap_err();
    let ServiceError::Invalid(wrong) = wrong else { panic!("{wrong:?}") };
    let wrong: Vec<String> = wrong.into_iter().map(|error| error.field).collect();
    let scores = program.rubric.iter().map(|one| format!("score-{}", one.id));
    let rest = ["recommendation", "comment"].map(str::to_owned);
    assert_eq!(wrong, scores.chain(rest).collect::<Vec<_>>());
    // Typed in again as it was sent in, there is nothing left to send.
    save_review(service, &reviewer, id, &whole(&house, "4"), "").await.unwrap();
    assert!(writing(service, &reviewer, id).await.unwrap().draft.is_none());

    let changed = fields(&[("comment", "Sounder\r\nstill"), ("score-none", "3"), ("csrf", "x")]);
    save_review(service, &reviewer, id, &changed, "").await.unwrap();
    let draft = writing(service, &reviewer, id).await.unwrap().draft.unwrap();
    assert_eq!(draft.fields["comment"], "Sounder\nstill");
    assert!(!draft.fields.contains_key("score-none") && !draft.fields.contains_key("csrf"));
    let rows = service.store().review_drafts(Some(id_of(&reviewer)), None).await.unwrap();
    assert_eq!(rows.len(), 1, "one row, however often it is saved and sent in");
}

#[tokio::test]
async fn a_draft_has_room_for_two_long_texts_and_no_more() {
    let (house, _, reviewer, id) = agreed().await;
    let service = &house.service;
    let long = "知".repeat(10_001);
    let typed = fields(&[("comment", &long), ("for_officer", &long)]);
    save_review(service, &reviewer, id, &typed, "").await.unwrap();
    let wrong = send_review(service, &reviewer, id, &whole(&house, "4"), "").await.unwrap_err();
    let told = format!("{wrong:?}");
    assert!(told.contains("Shorten it to 10000 characters"), "{told}");
    let more = fields(&[("comment", &"知".repeat(50_000))]);
    let wrong = save_review(service, &reviewer, id, &more, "").await.unwrap_err();
    assert!(matches!(wrong, ServiceError::Invalid(_)), "{wrong:?}");
    let kept = writing(service, &reviewer, id).await.unwrap();
    assert_eq!(kept.fields()["comment"], "Sound", "what was saved before is there");
}

#[tokio::test]
async fn a_letter_counts_what_counted_and_nothing_else() {
    let (house, officer, reviewer, id) = agreed().await;
    let service = &house.service;
    let second = house.reviewer("b@reviews.example", &["alignment"]).await;
    add(service, &officer, id, id_of(&second)).await.unwrap();
    invite(service, &officer, &access(), &round()).await.unwrap();
    answer(service, &second, id, Answer::Accept).await.unwrap();
    for one in [&reviewer, &second] {
        send_review(service, one, id, &whole(&house, "4"), "").await.unwrap();
        assert!(past_reviews(service, one).await.unwrap().is_empty(), "it is still in review");
    }
    step_back(service, &second, id, "A student of mine has joined them").await.unwrap();
    let reasons = "Not now.".to_owned();
    let verdict = Verdict { outcome: Outcome::Decline, reasons, justification: None };
    service.decide(&officer, None, id, verdict).await.unwrap();
    let past = past_reviews(service, &reviewer).await.unwrap();
    let titles: Vec<&str> = past.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["What does ada@north.example ask?"]);
    assert_eq!(tally(&past, None, None).len(), 1);
    assert!(past_reviews(service, &second).await.unwrap().is_empty(), "it does not count");
    assert!(past_reviews(service, &officer).await.is_err(), "an officer is no reviewer");
    // A conflict that is written down later takes the title, and the count with it.
    pin(service, &officer, id, id_of(&reviewer), true, "A former student").await.unwrap();
    assert!(past_reviews(service, &reviewer).await.unwrap().is_empty());
}
