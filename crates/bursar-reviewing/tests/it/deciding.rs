//! A round from its line to the last award that comes back, over a database.

use bursar_award::{Outcome, State};
use bursar_kernel::program::{AwardCap, AwardTier, LineTerms};
use bursar_kernel::{ApplicationId, BasisPoints, Role, Usd};
use bursar_policy::Viewer;
use bursar_reviewing::{
    Answer, ByLine, Reasons, WhatIf, Written, answer, approve_round, decide_by_line, invite, pin,
    plan, proposal, screen, similar, to_approve,
};
use bursar_service::{NewReview, Recommendation, ServiceError, Verdict};

use crate::house::{House, access, id_of, round, said};

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn reasons() -> Reasons {
    let text = str::to_owned;
    Reasons { award: text("Good"), waitlist: text("Close"), decline: text("Not yet") }
}

/// A house of four applications that ask for $750 each, the first the best, and two officers. Every
/// award takes both; it can be answered for thirty days, and who waits does so for ninety.
async fn scored() -> (House, [Viewer; 2], Vec<ApplicationId>) {
    scored_by(LineTerms::default()).await
}

async fn scored_by(line: LineTerms) -> (House, [Viewer; 2], Vec<ApplicationId>) {
    let house = House::with(|program| {
        program.line = line;
        program.panel = None;
        program.award.second_approver = true;
        program.award.answer_days = Some(30);
        program.award.waiting_days = Some(90);
    });
    let service = &house.service;
    let officers = [
        house.person("officer@office.example", &[Role::Officer]).await,
        house.person("second@office.example", &[Role::Officer]).await,
    ];
    let mut ids = Vec::new();
    for email in ["a@north.example", "b@south.example", "c@west.example", "d@east.example"] {
        let institution = if email.starts_with(['a', 'b']) { "North University" } else { email };
        ids.push(house.applies(email, "alignment", institution).await);
    }
    let readers = [
        house.person("r1@reviews.example", &[Role::Reviewer]).await,
        house.person("r2@reviews.example", &[Role::Reviewer]).await,
    ];
    house.begins().await;
    service.fund(&Viewer::Operator, &access(), usd("800")).await.unwrap();
    let rubric = service.program(&access()).unwrap().rubric.clone();
    for reader in &readers {
        for (id, score) in ids.iter().zip([4_u32, 3, 2, 1]) {
            let scores = rubric.iter().map(|criterion| (criterion.id.clone(), score)).collect();
            let recommendation = Recommendation::Unsure;
            let says = NewReview { recommendation, ..said("Read", scores) };
            service.submit_review(reader, *id, says).await.unwrap();
        }
    }
    (house, officers, ids)
}

fn by_place() -> ByLine {
    ByLine { with_band: true, waiting: 2, ..ByLine::default() }
}

async fn decided() -> (House, [Viewer; 2], Vec<ApplicationId>) {
    let (house, officers, ids) = scored().await;
    let service = &house.service;
    let (program, round) = (access(), round());
    let shown = proposal(service, &officers[0], &program, &round, &by_place()).await.unwrap();
    let said = reasons();
    let at = (&program, &round);
    let how = by_place();
    let written =
        decide_by_line(service, &officers[0], None, at, &how, (&said, &shown.stamp)).await.unwrap();
    assert_eq!(written, Written { awards: 1, waiting: 2, declines: 1 });
    (house, officers, ids)
}

#[tokio::test]
async fn a_round_is_decided_as_it_was_shown_or_not_at_all() {
    let (house, [officer, second], ids) = scored().await;
    let service = &house.service;
    let (program, round) = (access(), round());
    let at = (&program, &round);
    let how = by_place();
    let shown = proposal(service, &officer, &program, &round, &how).await.unwrap();
    let outcomes: Vec<_> = shown.lines.iter().map(|line| line.outcome.clone().unwrap()).collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Award { amount: usd("750") },
            Outcome::Waitlist { amount: usd("750"), place: 2 },
            Outcome::Waitlist { amount: usd("750"), place: 3 },
            Outcome::Decline,
        ]
    );
    // Reasons that somebody will read are asked for, and only those.
    let silent = Reasons { waitlist: " ".to_owned(), ..reasons() };
    let stamp = shown.stamp;
    let refused = decide_by_line(service, &officer, None, at, &how, (&silent, &stamp)).await;
    assert!(
        matches!(&refused, Err(ServiceError::Invalid(wrong)) if wrong.len() == 1
            && wrong[0].field == "reasons-waitlist"),
        "{refused:?}"
    );
    // Another pool is another proposal, and so is a decision that somebody made meanwhile.
    let pool = Some(usd("1600"));
    let other = ByLine { what_if: WhatIf { pool, seed: None }, ..by_place() };
    let refused = decide_by_line(service, &officer, None, at, &other, (&reasons(), &stamp)).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
    let verdict = Verdict {
        outcome: Outcome::Decline,
        reasons: "Withdrawn by mail".to_owned(),
        justification: None,
    };
    service.decide(&second, None, ids[1], verdict).await.unwrap();
    let refused = decide_by_line(service, &officer, None, at, &how, (&reasons(), &stamp)).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
    assert_eq!(service.round(&officer, &program, &round).await.unwrap().decided, 1);

    // What an officer has said stands; the places of the others are theirs.
    let shown = proposal(service, &officer, &program, &round, &how).await.unwrap();
    assert_eq!(shown.lines.len(), 3);
    let said = (&reasons(), &*shown.stamp);
    let written = decide_by_line(service, &officer, None, at, &how, said).await.unwrap();
    assert_eq!(written, Written { awards: 1, waiting: 2, declines: 0 });
    let nothing = proposal(service, &officer, &program, &round, &how).await.unwrap();
    let said = (&reasons(), &*nothing.stamp);
    let refused = decide_by_line(service, &officer, None, at, &how, said).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    let researcher = house.person("a@north.example", &[]).await;
    assert!(proposal(service, &researcher, &program, &round, &how).await.is_err());
}

#[tokio::test]
async fn a_program_caps_institutions_and_awards_by_score() {
    let half = AwardTier { from: 0, share: BasisPoints::percent(50), most: Some(usd("300")) };
    let one = AwardCap { awards: Some(1), amount: None };
    let terms = LineTerms { per_institution: one, tiers: vec![half], ..LineTerms::default() };
    let (house, [officer, _], _) = scored_by(terms).await;
    let service = &house.service;
    let how = ByLine { waiting: 0, ..by_place() };
    let shown = proposal(service, &officer, &access(), &round(), &how).await.unwrap();
    let outcomes: Vec<_> = shown.lines.iter().map(|line| line.outcome.clone().unwrap()).collect();
    let award = Outcome::Award { amount: usd("300") };
    // The second is of the same institution as the first; the pool of $800 pays for two more than
    // one, and not for three.
    assert_eq!(outcomes, [award, Outcome::Decline, award, Outcome::Decline]);
    let why: Vec<_> = shown.ranking.rows.iter().map(|row| &*row.verdict.words).collect();
    assert!(why[1].contains("one institution has 1 award at the most"), "{why:?}");
}

#[tokio::test]
async fn two_officers_stand_behind_each_award() {
    let (house, [officer, second], ids) = decided().await;
    let service = &house.service;
    let (program, round) = (access(), round());
    let at_round = (&program, &round);
    let own = to_approve(service, &officer, None, (&program, &round)).await.unwrap();
    assert_eq!((own.applications.len(), own.own), (0, 3), "an award and two that wait for one");
    let refused = approve_round(service, &officer, None, at_round, &own.stamp).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    house.put("2027-01-02");
    let refused = service.release_round(&officer, &program, &round).await.unwrap_err().to_string();
    assert!(refused.contains("3 of the awards wait for a second officer"), "{refused}");

    let shown = to_approve(service, &second, None, (&program, &round)).await.unwrap();
    assert_eq!((shown.applications.len(), shown.own), (3, 0));
    // Decided anew after it was shown: what is approved is what was read.
    service.take_back_decision(&officer, None, ids[2]).await.unwrap();
    let refused = approve_round(service, &second, None, at_round, &shown.stamp).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
    let shown = to_approve(service, &second, None, (&program, &round)).await.unwrap();
    let approved = approve_round(service, &second, None, at_round, &shown.stamp).await.unwrap();
    assert_eq!(approved, 2);
    assert_eq!(service.release_round(&officer, &program, &round).await.unwrap(), 3);
}

/// The same round, approved and released.
async fn released() -> (House, Viewer, Vec<ApplicationId>) {
    let (house, [officer, second], ids) = decided().await;
    let service = &house.service;
    let (program, round) = (access(), round());
    let shown = to_approve(service, &second, None, (&program, &round)).await.unwrap();
    approve_round(service, &second, None, (&program, &round), &shown.stamp).await.unwrap();
    house.put("2027-01-02");
    service.release_round(&officer, &program, &round).await.unwrap();
    (house, officer, ids)
}

#[tokio::test]
async fn what_is_turned_down_goes_to_whoever_is_next() {
    let (house, officer, ids) = released().await;
    let service = &house.service;
    let ada = house.person("a@north.example", &[]).await;
    bursar_applying::decline_award(service, &ada, ids[0]).await.unwrap();
    assert_eq!(service.run_due().await.unwrap().offers, 1);
    assert_eq!(service.run_due().await.unwrap().offers, 0, "once");
    assert_eq!(service.load_application(ids[1]).await.unwrap().state, State::AwardOffered);
    assert_eq!(service.load_application(ids[2]).await.unwrap().state, State::Waitlisted);
    assert_eq!(service.program_money(&officer, &access()).await.unwrap().pool, usd("50"));
}

#[tokio::test]
async fn what_nobody_answers_goes_to_whoever_is_next() {
    let (house, officer, ids) = released().await;
    let service = &house.service;
    let (program, round) = (access(), round());
    let state = async |id| service.load_application(id).await.unwrap().state;
    let free = async || service.program_money(&officer, &program).await.unwrap().pool;
    assert_eq!(state(ids[0]).await, State::AwardOffered);
    assert_eq!(state(ids[1]).await, State::Waitlisted);
    assert_eq!(free().await, usd("50"));
    let letters = async |email| house.letters(email).await;
    assert!(letters("b@south.example").await[0].contains("was reviewed"));

    // A week before the day one letter, and nobody waiting hears of it.
    house.put("2027-01-26");
    assert_eq!(service.run_due().await.unwrap().offers, 1);
    assert_eq!(service.run_due().await.unwrap().offers, 0);
    assert!(letters("a@north.example").await[0].contains("waits for an answer"));
    // The end of the thirtieth day is the end of 1 February.
    house.put("2027-02-01");
    assert_eq!(service.run_due().await.unwrap().offers, 0);
    house.put("2027-02-02");
    assert_eq!(service.run_due().await.unwrap().offers, 2, "one lapses, one is offered");
    assert_eq!(state(ids[0]).await, State::AwardLapsed);
    assert_eq!(state(ids[1]).await, State::AwardOffered);
    assert_eq!(state(ids[2]).await, State::Waitlisted);
    assert_eq!(free().await, usd("50"), "promised once, not twice");
    assert!(letters("b@south.example").await[0].starts_with("An award from"));

    // An officer can offer before anything comes back, if the pool pays.
    let refused = service.offer_waiting(&officer, ids[2]).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    service.fund(&Viewer::Operator, &program, usd("700")).await.unwrap();
    assert_eq!(service.run_due().await.unwrap().offers, 0, "the pool is not theirs alone");
    service.offer_waiting(&officer, ids[2]).await.unwrap();
    assert_eq!((state(ids[2]).await, free().await), (State::AwardOffered, usd("0")));
    assert!(service.offer_waiting(&officer, ids[2]).await.is_err(), "once");
    let waiting = service.waiting_list(&officer, &program, &round).await.unwrap();
    assert!(waiting.0.is_empty());
}

#[tokio::test]
async fn a_waiting_list_is_closed_on_its_day() {
    let (house, officer, ids) = released().await;
    let service = &house.service;
    let (program, round) = (access(), round());
    let kept = service.waiting_list(&officer, &program, &round).await.unwrap().0;
    let order: Vec<_> = kept.iter().map(|one| (one.application.id, one.place)).collect();
    assert_eq!(order, [(ids[1], 2), (ids[2], 3)]);
    // Nothing runs for months: what lapsed goes to nobody whose place has ended.
    house.put("2027-06-01");
    assert_eq!(service.run_due().await.unwrap().offers, 3);
    for id in &ids[1..3] {
        let one = service.load_application(*id).await.unwrap();
        assert_eq!(one.state, State::Declined);
        assert_eq!(one.decision.unwrap().outcome, Outcome::Decline);
    }
    assert!(house.letters("c@west.example").await[0].contains("is closed"));
    assert_eq!(service.program_money(&officer, &program).await.unwrap().pool, usd("800"));
}

#[tokio::test]
async fn what_is_not_eligible_is_declined_before_the_review_and_never_funded() {
    let house = House::new();
    let service = &house.service;
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let one = house.applies("a@north.example", "alignment", "North University").await;
    let two = house.applies("b@south.example", "alignment", "South University").await;
    let silent = screen(service, &officer, None, one, false, " ".to_owned()).await;
    assert!(matches!(silent, Err(ServiceError::Refused(_))), "the rules say otherwise: {silent:?}");
    let why = "It is a company".to_owned();
    screen(service, &officer, None, one, false, why.clone()).await.unwrap();
    let verdict = |outcome| Verdict { outcome, reasons: why.clone(), justification: None };
    let early = service.decide(&officer, None, one, verdict(Outcome::Award { amount: usd("5") }));
    assert!(matches!(early.await, Err(ServiceError::Refused(_))), "no award before the review");
    service.decide(&officer, None, one, verdict(Outcome::Decline)).await.unwrap();
    let applicant = house.person("a@north.example", &[]).await;
    let page = service.application_for_applicant(&applicant, one).await.unwrap();
    assert_eq!(page.status.stage, bursar_service::Stage::Submitted, "nobody outside hears");
    house.begins().await;
    assert_eq!(service.load_application(one).await.unwrap().state, State::Decided);
    // Taken back, it is reviewed like any other, and the officer's word keeps it below the line.
    service.take_back_decision(&officer, None, one).await.unwrap();
    service.run_due().await.unwrap();
    assert_eq!(service.load_application(one).await.unwrap().state, State::InReview);
    let shown = proposal(service, &officer, &access(), &round(), &by_place()).await.unwrap();
    let of = |id| shown.lines.iter().find(|line| line.application == id).unwrap();
    assert_eq!(of(one).outcome, Ok(Outcome::Decline));
    assert!(of(two).outcome.as_ref().unwrap_err().contains("nobody has scored it"));
}

#[tokio::test]
async fn what_is_said_twice_is_found_and_an_officer_with_a_conflict_does_not_see_it() {
    let house = House::new();
    let service = &house.service;
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let second = house.person("second@office.example", &[Role::Officer]).await;
    let text = "We plant forty known defects in code of three models and ask each model to review \
                its own code and that of the others until somebody finds the defects again";
    let one = house.says_in_full("a@north.example", text).await;
    let two = house.says_in_full("b@south.example", text).await;
    let other = house.applies("c@west.example", "alignment", "West University").await;
    let (_, found) = similar(service, &officer, one).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].application.id, found[0].same_people), (two, false));
    assert!(found[0].passages[0].1.contains("forty known defects"), "{:?}", found[0].passages);
    assert!(similar(service, &officer, other).await.unwrap().1.is_empty());
    house.begins().await;
    pin(service, &officer, two, id_of(&second), true, "A friend").await.unwrap();
    assert!(similar(service, &second, one).await.unwrap().1.is_empty());
    assert!(similar(service, &second, two).await.is_err());
}

#[tokio::test]
async fn applicants_read_what_reviewers_scored_where_the_program_tells() {
    let house = House::with(|program| {
        let panel = program.panel.as_mut().unwrap();
        (panel.feedback, panel.reviews) = (true, 1);
    });
    let service = &house.service;
    let officer = house.person("officer@office.example", &[Role::Officer]).await;
    let one = house.applies("ada@north.example", "alignment", "North University").await;
    let reader = house.reviewer("a@reviews.example", &["alignment"]).await;
    house.begins().await;
    plan(service, &officer, &access(), &round(), 1).await.unwrap();
    invite(service, &officer, &access(), &round()).await.unwrap();
    answer(service, &reader, one, Answer::Accept).await.unwrap();
    let rubric = service.program(&access()).unwrap().rubric.clone();
    let scores = rubric.iter().map(|criterion| (criterion.id.clone(), 2)).collect();
    let recommendation = Recommendation::Decline;
    let says = NewReview { recommendation, ..said("Read", scores) };
    service.submit_review(&reader, one, says).await.unwrap();
    let no =
        Verdict { outcome: Outcome::Decline, reasons: "Not yet".to_owned(), justification: None };
    service.decide(&officer, None, one, no).await.unwrap();
    let ada = house.person("ada@north.example", &[]).await;
    let before = service.application_for_applicant(&ada, one).await.unwrap();
    assert!(before.status.feedback.is_empty(), "not before the release");
    house.put("2027-01-02");
    service.release_round(&officer, &access(), &round()).await.unwrap();
    let after = service.application_for_applicant(&ada, one).await.unwrap();
    assert_eq!(after.status.feedback.len(), rubric.len());
    let line = format!("{}: 2.0 of {}", rubric[0].label, rubric[0].scale);
    assert_eq!(after.status.feedback[0].to_string(), line);
    let mails = service.store().mails(50).await.unwrap();
    let letter = mails.iter().find(|mail| mail.to == "ada@north.example").unwrap();
    assert!(letter.body.contains(&line), "{}", letter.body);
}
