//! A round's panel from its plan to the last reminder, over a database.

use bursar_award::assignment::{AssignmentState, WhyNot};
use bursar_award::panel::ConflictSource;
use bursar_kernel::Role;
use bursar_reviewing::{
    Answer, WhatIf, add, answer, ask_for_date, desk, invitation, invite, lift, panel, pin, plan,
    ranking, release, remind_due, reviewers, set_due, step_back,
};
use bursar_service::ServiceError;
use bursar_store::AssignmentFilter;

use crate::house::{House, access, at, id_of, round, said};

fn decline(why: WhyNot, note: &str) -> Answer {
    Answer::Decline { why, note: note.to_owned() }
}

#[tokio::test]
async fn a_round_is_planned_by_what_reviewers_know_and_without_conflicts() {
    let house = House::new();
    let service = &house.service;
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let one = house.applies("ada@north.example", "alignment", "North University").await;
    let two = house.applies("eve@south.example", "fairness", "South University").await;
    let knows = house.reviewer("a@reviews.example", &["alignment"]).await;
    let same = house.reviewer("b@reviews.example", &["alignment"]).await;
    house.says(&same, &["alignment"], "north university; until 2026-01-31").await;
    let other = house.reviewer("c@reviews.example", &["fairness"]).await;
    house.reviewer("d@north.example", &["alignment"]).await;
    house.begins().await;

    let planned = plan(service, &officer, &access(), &round(), 1).await.unwrap();
    assert_eq!((planned.added, planned.dropped, planned.short.len()), (4, 0, 0));
    let page = panel(service, &officer, &access(), &round()).await.unwrap();
    // Both were begun at the same moment of a standing clock: either may stand first.
    let row = page.rows.iter().find(|row| row.application == one).unwrap();
    let of_one: Vec<_> = row.lines.iter().map(|line| line.assignment.reviewer).collect();
    // Whoever left North University less than three years ago is kept away, and whoever has an
    // address there.
    assert_eq!(of_one.len(), 2);
    assert!(of_one.contains(&id_of(&knows)) && of_one.contains(&id_of(&other)));
    let because: Vec<_> = row.lines.iter().map(|line| &*line.assignment.because).collect();
    assert!(because.iter().any(|why| why.contains("Alignment")), "{because:?}");
    let seen = reviewers(service, &officer, one).await.unwrap();
    let reasons: Vec<_> = seen.conflicts.iter().map(|one| &*one.reason).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons.iter().any(|why| why.contains("was at North University")), "{reasons:?}");
    assert!(reasons.iter().any(|why| why.contains("`north.example`")), "{reasons:?}");
    assert!(seen.candidates.is_empty(), "{:?}", seen.candidates);

    // The same again changes nothing; nobody outside knows of the plan.
    let again = plan(service, &officer, &access(), &round(), 1).await.unwrap();
    assert_eq!((again.added, again.dropped), (0, 0));
    assert!(desk(service, &knows).await.unwrap().invitations.is_empty());
    assert!(matches!(invitation(service, &knows, one).await, Err(ServiceError::NotFound(_))));
    assert!(house.letters("a@reviews.example").await.is_empty());

    // By hand: nobody with a conflict, unless it is set aside; nobody twice.
    let refused = add(service, &officer, one, id_of(&same)).await.unwrap_err();
    assert!(
        matches!(&refused, ServiceError::Invalid(wrong)
        if wrong[0].message.contains("cannot review it: was at North University")),
        "{refused:?}"
    );
    assert!(add(service, &officer, one, id_of(&knows)).await.is_err());
    let aside = pin(service, &officer, one, id_of(&same), false, "A guest for a week").await;
    add(service, &officer, one, id_of(&same)).await.unwrap();
    // Taken back, it is a conflict again: nobody is invited against it.
    lift(service, &officer, aside.unwrap()).await.unwrap();
    let refused = invite(service, &officer, &access(), &round()).await.unwrap_err().to_string();
    assert!(refused.contains("conflict of interest with: was at North University"), "{refused}");
    let planned = plan(service, &officer, &access(), &round(), 1).await.unwrap();
    assert_eq!((planned.added, planned.dropped), (0, 1));

    let invited = invite(service, &officer, &access(), &round()).await.unwrap();
    assert_eq!(invited.reviews, 4);
    let letters = house.letters("a@reviews.example").await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(invite(service, &officer, &access(), &round()).await.is_err(), "all are asked");
    let two_is_full = reviewers(service, &officer, two).await.unwrap();
    assert_eq!(two_is_full.lines.len(), 2);
}

/// A house whose first application is planned to both of its reviewers, who are asked.
async fn asked()
-> (House, bursar_policy::Viewer, [bursar_policy::Viewer; 3], bursar_kernel::ApplicationId) {
    let house = House::new();
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let one = house.applies("ada@north.example", "alignment", "North University").await;
    let first = house.reviewer("a@reviews.example", &["alignment"]).await;
    let second = house.reviewer("b@reviews.example", &["alignment"]).await;
    house.begins().await;
    plan(&house.service, &officer, &access(), &round(), 1).await.unwrap();
    invite(&house.service, &officer, &access(), &round()).await.unwrap();
    let third = house.reviewer("c@reviews.example", &["fairness"]).await;
    (house, officer, [first, second, third], one)
}

#[tokio::test]
async fn a_reviewer_reads_what_they_agreed_to_and_nothing_else() {
    let (house, officer, [first, second, third], one) = asked().await;
    let service = &house.service;
    assert_eq!(desk(service, &first).await.unwrap().invitations.len(), 1);
    assert!(matches!(
        service.application_for_reviewer(&first, one).await,
        Err(ServiceError::NotFound(_))
    ));
    answer(service, &first, one, Answer::Accept).await.unwrap();
    service.application_for_reviewer(&first, one).await.unwrap();
    let nobody = answer(service, &third, one, Answer::Accept).await;
    assert!(matches!(nobody, Err(ServiceError::NotFound(_))), "{nobody:?}");

    // A conflict needs its reason, and is for good.
    let silent = answer(service, &second, one, decline(WhyNot::Conflict, " ")).await;
    assert!(matches!(silent, Err(ServiceError::Invalid(_))), "{silent:?}");
    let because = decline(WhyNot::Conflict, "We share a grant");
    answer(service, &second, one, because).await.unwrap();
    assert!(matches!(invitation(service, &second, one).await, Err(ServiceError::NotFound(_))));
    let seen = reviewers(service, &officer, one).await.unwrap();
    assert!(seen.conflicts[0].reason.contains("We share a grant"));
    assert!(!seen.conflicts[0].can_be_set_aside, "nobody overrules it");
    let aside = pin(service, &officer, one, id_of(&second), false, "It is not so bad").await;
    assert!(matches!(aside, Err(ServiceError::Invalid(_))), "{aside:?}");
    assert_eq!(seen.candidates.len(), 1, "{:?}", seen.candidates);
    add(service, &officer, one, seen.candidates[0].person).await.unwrap();
    assert_eq!(seen.candidates[0].person, id_of(&third));

    // What was written does not count once its writer has stepped back.
    let scores = service.program(&access()).unwrap().rubric.iter();
    let scores = scores.map(|criterion| (criterion.id.clone(), 1)).collect();
    service.submit_review(&first, one, said("Worth it", scores)).await.unwrap();
    assert_eq!(service.application_for_officer(&officer, one).await.unwrap().reviews.len(), 1);
    assert!(step_back(service, &first, one, "").await.is_err());
    step_back(service, &first, one, "A student of mine has joined them").await.unwrap();
    assert!(service.application_for_officer(&officer, one).await.unwrap().reviews.is_empty());
    assert!(service.review_queue(&first).await.unwrap().is_empty());
    assert!(service.application_for_reviewer(&first, one).await.is_err());
    let page = panel(service, &officer, &access(), &round()).await.unwrap();
    assert_eq!(page.rows[0].missing, 1);
}

#[tokio::test]
async fn an_officer_with_a_conflict_learns_nothing() {
    let (house, officer, _, one) = asked().await;
    let service = &house.service;
    let both = house.person("both@office.example", &[Role::Officer]).await;
    let written =
        pin(service, &officer, one, id_of(&both), true, "A former student").await.unwrap();
    let page = panel(service, &both, &access(), &round()).await.unwrap();
    assert!(page.rows.is_empty());
    assert!(page.reviewers.iter().all(|row| row.load == 0));
    assert!(service.round(&both, &access(), &round()).await.unwrap().applications.is_empty());
    assert!(reviewers(service, &both, one).await.is_err());
    assert!(matches!(lift(service, &both, written).await, Err(ServiceError::NotFound(_))));
    let line = service.store().assignments(AssignmentFilter::default()).await.unwrap().remove(0);
    let released = release(service, &both, line.id, "no").await;
    assert!(matches!(released, Err(ServiceError::NotFound(_))), "{released:?}");
    lift(service, &officer, written).await.unwrap();
    assert_eq!(panel(service, &both, &access(), &round()).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn dates_are_asked_for_and_reminders_come_once() {
    let (house, officer, [first, second, _], one) = asked().await;
    let service = &house.service;
    assert_eq!(remind_due(service).await.unwrap(), 0);
    answer(service, &first, one, Answer::Accept).await.unwrap();
    house.put("2026-12-05");
    assert_eq!(remind_due(service).await.unwrap(), 1, "one has not answered");
    assert_eq!(remind_due(service).await.unwrap(), 0);
    answer(service, &second, one, Answer::Accept).await.unwrap();
    ask_for_date(service, &first, one, at("2026-12-29"), "A conference").await.unwrap();
    let late = ask_for_date(service, &first, one, at("2027-01-05"), "A conference").await;
    assert!(late.unwrap_err().to_string().contains("after the round's review is over"));
    let seen = reviewers(service, &officer, one).await.unwrap();
    let asking = seen.lines.iter().find(|line| line.assignment.asked.is_some()).unwrap();
    set_due(service, &officer, asking.assignment.id, Some(at("2026-12-29"))).await.unwrap();
    let letters = house.letters("a@reviews.example").await;
    assert!(letters[0].starts_with("The date of a review"), "{letters:?}");

    // The other's is due on the 22nd: a week before, and once after a month without anybody.
    house.put("2026-12-15");
    assert_eq!(remind_due(service).await.unwrap(), 1);
    let scores = service.program(&access()).unwrap().rubric.iter();
    let scores = scores.map(|criterion| (criterion.id.clone(), 1)).collect();
    service.submit_review(&second, one, said("Worth it", scores)).await.unwrap();
    house.put("2026-12-31");
    assert_eq!(remind_due(service).await.unwrap(), 1, "the review that is in is in");
    assert_eq!(remind_due(service).await.unwrap(), 0);
    assert_eq!(house.letters("b@reviews.example").await.len(), 3, "asked, reminded twice");

    // Released, with a word why; nobody is asked again for the same.
    assert!(release(service, &officer, asking.assignment.id, "").await.is_err());
    release(service, &officer, asking.assignment.id, "We have enough").await.unwrap();
    let seen = reviewers(service, &officer, one).await.unwrap();
    assert!(seen.candidates.iter().all(|one| one.person != id_of(&first)));
    let released =
        seen.lines.iter().find(|line| line.assignment.reviewer == id_of(&first)).unwrap();
    assert_eq!(released.assignment.state.name(), "released");
    assert!(released.assignment.state != AssignmentState::Accepted);
    let rows = service.store().conflicts_of(id_of(&first)).await.unwrap();
    assert!(rows.iter().all(|row| row.source != ConflictSource::Declared));
}

#[tokio::test]
async fn a_round_is_ranked_by_what_counts_and_the_pool_draws_the_line() {
    let house = House::new();
    let service = &house.service;
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let mut ids = Vec::new();
    for email in ["ada@north.example", "eve@south.example", "kim@west.example"] {
        ids.push(house.applies(email, "alignment", email).await);
    }
    let severe = house.reviewer("a@reviews.example", &["alignment"]).await;
    let kind = house.reviewer("b@reviews.example", &["alignment"]).await;
    house.begins().await;
    service
        .fund(&bursar_policy::Viewer::Operator, &access(), "1600".parse().unwrap())
        .await
        .unwrap();
    plan(service, &officer, &access(), &round(), 1).await.unwrap();
    invite(service, &officer, &access(), &round()).await.unwrap();
    let rubric = service.program(&access()).unwrap().rubric.clone();
    let send = async |reviewer: &bursar_policy::Viewer, id, score: u32| {
        answer(service, reviewer, id, Answer::Accept).await.unwrap();
        let scores = rubric.iter().map(|criterion| (criterion.id.clone(), score)).collect();
        service.submit_review(reviewer, id, said("Read", scores)).await.unwrap();
    };
    // One gives a point less than the other, always; the first is best and the last is worst.
    for (id, score) in ids.iter().zip([4, 3, 2]) {
        send(&severe, *id, score - 1).await;
        send(&kind, *id, score + 1).await;
    }
    let ask = async |what_if| {
        let found = ranking(service, &officer, &access(), &round(), what_if).await.unwrap();
        let order: Vec<_> = found.rows.iter().map(|row| row.application.id).collect();
        assert_eq!(order, ids);
        (found.rows.iter().filter(|row| row.verdict.is_funded()).count(), found)
    };
    // Each asks for $750: the pool pays for two.
    let (funded, found) = ask(WhatIf::default()).await;
    assert_eq!((funded, found.pool), (2, "1600".parse().unwrap()));
    let severity: Vec<_> = found.reviewers.iter().map(|(_, one)| one.severity.unwrap()).collect();
    assert!(severity[0] > 5.0 && severity[1] < -5.0, "{severity:?}");
    let pool = Some("800".parse().unwrap());
    assert_eq!(ask(WhatIf { pool, seed: None }).await.0, 1);
    let short = WhatIf { pool, seed: Some("short".to_owned()) };
    let refused = ranking(service, &officer, &access(), &round(), short).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Invalid(_)), "{refused:?}");

    // Whoever steps back is out of the ranking, and an officer with a conflict sees a list without.
    step_back(service, &kind, ids[0], "We wrote together").await.unwrap();
    let found = ranking(service, &officer, &access(), &round(), WhatIf::default()).await.unwrap();
    let scores = found.rows.iter().find(|row| row.application.id == ids[0]).unwrap();
    assert_eq!(scores.standing.scores, 1);
    let both = house.person("both@office.example", &[Role::Officer]).await;
    pin(service, &officer, ids[1], id_of(&both), true, "A friend").await.unwrap();
    let found = ranking(service, &both, &access(), &round(), WhatIf::default()).await.unwrap();
    assert!(found.rows.iter().all(|row| row.application.id != ids[1]));
    assert_eq!(found.rows.len(), 2);
}
