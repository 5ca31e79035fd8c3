//! What a round came to: told, exported and tried once more, over a database.

use std::collections::{BTreeMap, BTreeSet};

use bursar_award::Outcome;
use bursar_kernel::{ApplicationId, Role, Usd};
use bursar_policy::Viewer;
use bursar_reviewing::{
    Answer, OnceMore, RoundReport, answer, export, invite, once_more, pin, plan, report,
};
use bursar_service::{ServiceError, Verdict};

use crate::house::{House, access, id_of, round, said};

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// A round in review: eight applications of two areas, of two universities, each read by both
/// reviewers. The first of each area scores best.
struct Reviewed {
    house: House,
    officer: Viewer,
    reviewers: [Viewer; 2],
    applications: Vec<ApplicationId>,
}

impl Reviewed {
    async fn new() -> Self {
        let house = House::new();
        house.service.fund(&Viewer::Operator, &access(), usd("10000")).await.unwrap();
        let officer = house.person("officer@office.example", &[Role::Officer]).await;
        let mut applications = Vec::new();
        for number in 0..8_u8 {
            let area = if number < 6 { "alignment" } else { "fairness" };
            let from = if number < 5 { "North University" } else { "=South College" };
            let email = format!("person{number}@applicants.example");
            applications.push(house.applies(&email, area, from).await);
        }
        let one = house.reviewer("one@reviews.example", &["alignment"]).await;
        let two = house.reviewer("two@reviews.example", &["fairness"]).await;
        house.begins().await;
        plan(&house.service, &officer, &access(), &round(), 1).await.unwrap();
        invite(&house.service, &officer, &access(), &round()).await.unwrap();
        let reviewed = Self { house, officer, reviewers: [one, two], applications };
        reviewed.are_reviewed().await;
        reviewed
    }

    async fn are_reviewed(&self) {
        let service = &self.house.service;
        let rubric = service.program(&access()).unwrap().rubric.clone();
        for (number, id) in self.applications.iter().enumerate() {
            for reviewer in &self.reviewers {
                answer(service, reviewer, *id, Answer::Accept).await.unwrap();
                let scores: BTreeMap<String, u32> = rubric
                    .iter()
                    .enumerate()
                    .map(|(place, criterion)| {
                        // The first criterion has its own order, so that its weight matters.
                        let points = if place == 0 { number } else { 7 - number };
                        let most = u32::try_from(points).unwrap() * criterion.scale / 7;
                        (criterion.id.clone(), most.max(1))
                    })
                    .collect();
                let says = said("Read with care.", scores);
                service.submit_review(reviewer, *id, says).await.unwrap();
            }
        }
    }

    async fn decides(&self, number: usize, award: Option<&str>) {
        let outcome = match award {
            Some(amount) => Outcome::Award { amount: usd(amount) },
            None => Outcome::Decline,
        };
        let reasons = "A clear question.".to_owned();
        let verdict = Verdict { outcome, reasons, justification: None };
        let (service, id) = (&self.house.service, self.applications[number]);
        service.decide(&self.officer, None, id, verdict).await.unwrap();
    }

    async fn report(&self) -> RoundReport {
        report(&self.house.service, &self.officer, &access(), &round()).await.unwrap()
    }
}

#[tokio::test]
async fn a_report_counts_what_was_decided_and_leaves_out_what_is_small() {
    let reviewed = Reviewed::new().await;
    let found = reviewed.report().await;
    assert_eq!((found.applications, found.decided.all(), found.withdrawn), (8, 0, 0));
    assert_eq!((found.asked, found.awarded, found.pool), (usd("6000"), usd("0"), usd("10000")));
    assert!(found.to_decision.is_none());
    let done: Vec<_> = found.reviewers.iter().map(|(name, one)| (&**name, one.done)).collect();
    assert_eq!(done, [("one@reviews.example", 8), ("two@reviews.example", 8)]);

    reviewed.house.put("2026-12-11");
    for number in 0..8 {
        reviewed.decides(number, (number < 6).then_some("500")).await;
    }
    let found = reviewed.report().await;
    assert_eq!((found.decided.accepted, found.decided.declined), (6, 2));
    assert_eq!((found.awarded, found.to_release), (usd("3000"), None));
    let took = found.to_decision.unwrap();
    assert_eq!((took.count, took.median.as_hours()), (8, 19 * 24));
    // Two declined are few: no table has figures.
    let area = found.groups.iter().find(|table| table.attribute == "area").unwrap();
    assert!(area.acceptance.groups.iter().all(|group| group.count.is_none()), "{area:?}");
    assert!(area.note.as_ref().unwrap().contains("2 of 2 groups"), "{area:?}");
    // Whose institution is left out is not named either.
    let table = found.groups.iter().find(|table| table.attribute == "affiliation").unwrap();
    assert_eq!(table.acceptance.groups, []);
    assert!(table.note.is_some());
}

#[tokio::test]
async fn what_an_officer_is_not_free_to_judge_is_in_no_report_export_or_simulation() {
    let reviewed = Reviewed::new().await;
    let service = &reviewed.house.service;
    let other = reviewed.house.person("other@office.example", &[Role::Officer]).await;
    reviewed.decides(0, Some("900")).await;
    let kept = reviewed.applications[0];
    pin(service, &other, kept, id_of(&reviewed.officer), true, "Wrote it too").await.unwrap();
    let found = reviewed.report().await;
    assert_eq!((found.applications, found.decided.all(), found.awarded), (7, 0, usd("0")));
    let done: Vec<_> = found.reviewers.iter().map(|(_, one)| one.done).collect();
    assert_eq!(done, [7, 7]);
    let officer = &reviewed.officer;
    let rows = export(service, officer, &access(), &round()).await.unwrap().rows;
    assert_eq!(rows.len(), 7);
    let wanted = OnceMore::default();
    let tried = once_more(service, officer, &access(), &round(), wanted).await.unwrap();
    assert!(tried.rows.iter().all(|(.., row)| row.application != kept));
    for reviewer in &reviewed.reviewers {
        let refused = report(service, reviewer, &access(), &round()).await;
        assert!(matches!(refused, Err(ServiceError::NotAllowed)));
        let refused = export(service, reviewer, &access(), &round()).await;
        assert!(matches!(refused, Err(ServiceError::NotAllowed)));
    }
}

#[tokio::test]
async fn an_export_has_no_names_and_tells_an_outcome_once_it_is_released() {
    let reviewed = Reviewed::new().await;
    let service = &reviewed.house.service;
    for number in 0..8 {
        reviewed.decides(number, (number < 6).then_some("500")).await;
    }
    let officer = &reviewed.officer;
    let early = export(service, officer, &access(), &round()).await.unwrap();
    assert!(early.rows.iter().all(|row| row.outcome.is_none() && row.awarded.is_none()));
    reviewed.house.put("2027-01-05");
    service.release_round(officer, &access(), &round()).await.unwrap();
    let found = export(service, officer, &access(), &round()).await.unwrap();
    let outcomes: Vec<_> = found.rows.iter().filter(|row| row.outcome == Some("award")).collect();
    assert_eq!(outcomes.len(), 6);

    let people = service.store().people().await.unwrap();
    let text = serde_json::to_string(&found).unwrap() + &found.csv();
    for person in people {
        assert!(!text.contains(&person.email), "{}", person.email);
        assert!(!text.contains(&person.id.to_string()));
    }
    for word in ["What does", "Read with care", "A clear question", "A sentence", "South"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(reviewed.applications.iter().all(|id| !text.contains(&id.to_string())));

    // Two exports have no name in common.
    let again = export(service, officer, &access(), &round()).await.unwrap();
    let names = |rows: &[bursar_reviewing::ExportedRow]| -> BTreeSet<String> {
        let reviewers = |row: &bursar_reviewing::ExportedRow| {
            let reviewers = row.reviews.iter().map(|one| one.reviewer.to_string());
            reviewers.chain([row.application.to_string()]).collect::<Vec<_>>()
        };
        rows.iter().flat_map(reviewers).collect()
    };
    assert_eq!(names(&found.rows).len(), 10);
    assert!(names(&found.rows).is_disjoint(&names(&again.rows)));

    let csv = found.csv();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!((lines.len(), lines[9]), (10, ""));
    assert!(lines[0].starts_with("application,outcome,asked_usd,awarded_usd,answer_"));
    assert!(lines[0].contains(",review_2_reviewer,review_2_"), "{}", lines[0]);
    let columns = lines[0].split(',').count();
    assert!(lines[..9].iter().all(|line| line.split(',').count() == columns), "{csv}");
}

#[tokio::test]
async fn a_round_is_tried_by_other_weights_another_pool_and_other_reviewers() {
    let reviewed = Reviewed::new().await;
    let service = &reviewed.house.service;
    let tried = async |wanted: OnceMore| {
        once_more(service, &reviewed.officer, &access(), &round(), wanted).await
    };
    let some = OnceMore { pool: Some(usd("2250")), seed: 7, ..OnceMore::default() };
    let funded = |found: &bursar_reviewing::Once| -> BTreeSet<ApplicationId> {
        let funded = found.rows.iter().filter(|(.., row)| row.funded);
        funded.map(|(.., row)| row.application).collect()
    };
    let first = |numbers: std::ops::Range<usize>| -> BTreeSet<ApplicationId> {
        reviewed.applications[numbers].iter().copied().collect()
    };
    let found = tried(some.clone()).await.unwrap();
    assert_eq!((found.pool, found.awarded), (usd("2250"), (usd("2250"), usd("0"))));
    assert_eq!(funded(&found), first(0..3));
    // Nothing is decided: in fact there is money for all.
    assert_eq!((found.changes(), found.draws), (5, 100));
    assert!(found.rows.iter().all(|(title, ..)| title.starts_with("What does")));
    // Both reviewers say the same, so every draw does.
    assert_eq!(found.agreement_per_mille, Some(1_000));
    assert_eq!(tried(some.clone()).await.unwrap().rows, found.rows);

    let rubric = &service.program(&access()).unwrap().rubric;
    let only_first = rubric.iter().enumerate();
    let weights: BTreeMap<String, u32> =
        only_first.map(|(place, one)| (one.id.clone(), u32::from(place == 0))).collect();
    let turned = tried(OnceMore { weights: weights.clone(), ..some.clone() }).await.unwrap();
    assert_eq!(funded(&turned), first(5..8));

    let without = vec!["one@reviews.example".to_owned()];
    let each = OnceMore { each_reviewer: true, draws: Some(0), ..some.clone() };
    let each = tried(OnceMore { without, ..each }).await.unwrap();
    let names: Vec<_> = each.reviewers.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["two@reviews.example"]);
    assert_eq!((each.reviewers[0].lose.len(), each.agreement_per_mille), (3, None));

    let strange = BTreeMap::from([("charm".to_owned(), 3)]);
    let nothing = weights.keys().map(|id| (id.clone(), 0)).collect();
    let heavy = weights.keys().map(|id| (id.clone(), 101)).collect();
    for wrong in [
        OnceMore { weights: strange, ..some.clone() },
        OnceMore { weights: nothing, ..some.clone() },
        OnceMore { weights: heavy, ..some.clone() },
        OnceMore { without: vec!["nobody@x.example".to_owned()], ..some.clone() },
        OnceMore { reviews: Some(0), ..some.clone() },
    ] {
        let refused = tried(wrong.clone()).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{wrong:?}");
    }
    let much = tried(OnceMore { draws: Some(1_000_000), ..some }).await.unwrap_err().to_string();
    assert!(much.contains("weigh 16 scores 1000001 times"), "{much}");
}
