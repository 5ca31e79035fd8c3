//! Scores: taken whole or not at all, added up in whole numbers, and old reviews without any.

use std::collections::BTreeMap;

use bursar_award::{
    Application, NewReview, Progress, Recommendation, Review, SubmitReview, feedback, mean, review,
    score,
};
use bursar_kernel::program::Criterion;
use bursar_kernel::{GrantId, ReviewId, Usd};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::world::{SECOND, after, begin_review, day, person, submission};

fn criterion(id: &str, weight: u32, scale: u32) -> Criterion {
    let asks = "Is it good?".to_owned();
    Criterion { id: id.to_owned(), label: id.to_uppercase(), asks, weight, scale }
}

fn rubric() -> Vec<Criterion> {
    vec![criterion("question", 50, 5), criterion("method", 30, 5), criterion("budget", 20, 3)]
}

fn scores(given: &[(&str, u32)]) -> BTreeMap<String, u32> {
    given.iter().map(|(id, score)| ((*id).to_owned(), *score)).collect()
}

fn check(given: &[(&str, u32)], expected: Expect) {
    let application = after(vec![(1, submission()), (60, begin_review())]);
    let sent = SubmitReview {
        id: ReviewId::new(day(61), [5; 10]),
        reviewer: person(SECOND),
        says: NewReview {
            recommendation: Recommendation::Award,
            comment: "good".to_owned(),
            for_officer: String::new(),
            scores: scores(given),
        },
    };
    let told = match review(&application, &rubric(), None, sent, day(61)) {
        Ok(review) => {
            score(&rubric(), &review.scores).map_or("none".to_owned(), |score| score.to_string())
        }
        Err(refusal) => refusal.to_string(),
    };
    expected.assert_eq(&told);
}

#[test]
fn applicants_are_told_each_mean_of_the_reviews_that_scored_all() {
    let reviews = [
        scores(&[("question", 5), ("method", 4), ("budget", 3)]),
        scores(&[("question", 4), ("method", 4), ("budget", 1)]),
        scores(&[("question", 2), ("method", 3), ("budget", 2)]),
        // From before the budget was asked for.
        scores(&[("question", 1), ("method", 1)]),
    ];
    let told = feedback(&rubric(), reviews.iter());
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["QUESTION: 3.7 of 5", "METHOD: 3.7 of 5", "BUDGET: 2.0 of 3"]);
    assert!(feedback(&rubric(), [].iter()).is_empty());
}

#[test]
fn every_criterion_is_scored_on_its_scale_and_nothing_else() {
    check(&[("question", 5), ("method", 5), ("budget", 3)], expect!["100.0"]);
    check(&[("question", 1), ("method", 1), ("budget", 1)], expect!["22.7"]);
    check(&[("question", 4), ("method", 3), ("budget", 2)], expect!["71.3"]);
    check(
        &[("question", 4), ("budget", 2)],
        expect![[r#"
            take a review without a score for `METHOD`
            hint: score every criterion"#]],
    );
    check(
        &[("question", 4), ("method", 6), ("budget", 2)],
        expect![[r#"
            take a score for `METHOD` that is not on its scale
            hint: give a whole number from 1 to 5"#]],
    );
    check(
        &[("question", 0), ("method", 3), ("budget", 2)],
        expect![[r#"
            take a score for `QUESTION` that is not on its scale
            hint: give a whole number from 1 to 5"#]],
    );
    check(
        &[("question", 4), ("method", 3), ("budget", 2), ("charm", 5)],
        expect![[r#"
            take a score for `charm`, which the rubric does not have
            hint: leave it out"#]],
    );
}

#[test]
fn the_mean_is_of_those_who_scored_and_is_rounded_once() {
    let of = |reviews: &[BTreeMap<String, u32>]| {
        mean(&rubric(), reviews.iter()).map_or("none".to_owned(), |mean| mean.to_string())
    };
    let low = scores(&[("question", 1), ("method", 1), ("budget", 1)]);
    let high = scores(&[("question", 5), ("method", 5), ("budget", 3)]);
    assert_eq!(of(&[]), "none");
    assert_eq!(of(&[scores(&[])]), "none");
    assert_eq!(of(&[low.clone(), scores(&[])]), "22.7");
    assert_eq!(of(&[low, high]), "61.3");
    assert_eq!(score(&[], &scores(&[])), None, "no rubric, no score");
}

proptest! {
    #[test]
    fn a_better_score_never_comes_to_less(
        weights in proptest::collection::vec((1_u32..101, 2_u32..11), 1..8),
        draws in proptest::collection::vec(any::<u32>(), 8),
        better in 0_usize..8,
    ) {
        let rubric: Vec<Criterion> = weights
            .iter()
            .enumerate()
            .map(|(index, (weight, scale))| criterion(&format!("c{index}"), *weight, *scale))
            .collect();
        let drawn = rubric.iter().zip(&draws);
        let mut given: BTreeMap<String, u32> =
            drawn.map(|(one, draw)| (one.id.clone(), 1 + draw % one.scale)).collect();
        let before = score(&rubric, &given).unwrap();
        prop_assert!(before.0 <= 1_000);
        let raised = &rubric[better % rubric.len()];
        given.insert(raised.id.clone(), raised.scale);
        prop_assert!(before <= score(&rubric, &given).unwrap());
    }
}

#[test]
fn what_was_stored_before_there_was_a_rubric_is_still_read() {
    let application = after(vec![(1, submission()), (60, begin_review())]);
    let mut json = serde_json::to_value(&application).unwrap();
    let fields = json.as_object_mut().unwrap();
    assert!(fields.remove("after_grant").is_some() && fields.remove("progress").is_some());
    assert_eq!(serde_json::from_value::<Application>(json).unwrap(), application);

    let old = format!(
        r#"{{"id":"{}","application":"{}","reviewer":"{}","recommendation":"award",
            "comment":"good","submitted_at":"2026-03-03T00:00:00Z","version":1}}"#,
        ReviewId::new(day(61), [5; 10]),
        application.id,
        person(SECOND)
    );
    let old: Review = serde_json::from_str(&old).unwrap();
    assert_eq!(score(&rubric(), &old.scores), None);
}

#[test]
fn progress_reads_as_a_line() {
    let line = |models: &[&str], calls| {
        let progress = Progress {
            grant: GrantId::new(day(0), [8; 10]),
            title: "A study".to_owned(),
            amount: Usd::from_dollars(1_000).unwrap(),
            spent: "312.4".parse().unwrap(),
            calls,
            models: models.iter().map(|model| bursar_kernel::ModelId::new(*model)).collect(),
            expires_at: None,
        };
        progress.to_string()
    };
    assert_eq!(line(&[], 0), "Of $1000.00 granted, $312.40 was spent in 0 calls.");
    assert_eq!(line(&["a"], 1), "Of $1000.00 granted, $312.40 was spent in 1 call to a.");
    let many = line(&["a", "b", "c", "d", "e", "f", "g"], 9);
    assert!(many.ends_with("9 calls to a, b, c, d, e and 2 more models."), "{many}");
    assert!(line(&["a", "b", "c"], 9).ends_with("to a, b and c."));
}
