//! Reviews: who may send one, when, and how a later one takes the place of an earlier.

use std::collections::BTreeMap;

use bursar_award::{
    Command, NewReview, REVIEW_CHANGES_MAX, Recommendation, Refusal, Review, SubmitReview, review,
};
use bursar_kernel::{PersonId, ReviewId};
use expect_test::{Expect, expect};

use crate::world::{APPLICANT, SECOND, after, award, begin_review, day, person, submission};

fn sent(reviewer: PersonId, comment: &str) -> SubmitReview {
    SubmitReview {
        id: ReviewId::new(day(61), [5; 10]),
        reviewer,
        says: NewReview {
            recommendation: Recommendation::Award,
            comment: comment.to_owned(),
            for_officer: String::new(),
            scores: BTreeMap::new(),
        },
    }
}

fn check(steps: usize, sent: SubmitReview, expected: Expect) {
    let mut life = vec![(1, submission()), (60, begin_review()), (61, Command::Decide(award(100)))];
    life.truncate(steps);
    let told = match review(&after(life), &[], None, sent, day(62)) {
        Ok(review) => format!("taken: {}", review.comment),
        Err(refusal) => refusal.to_string(),
    };
    expected.assert_eq(&told);
}

#[test]
fn a_review_needs_an_application_in_review_another_person_and_a_comment() {
    check(
        1,
        sent(person(SECOND), "good"),
        expect![[r#"
            review an application that is submitted
            hint: reviews are taken from the beginning of the round until the decision"#]],
    );
    check(2, sent(person(SECOND), "  good "), expect!["taken: good"]);
    check(
        2,
        sent(person(SECOND), " "),
        expect![[r#"
        go on without the comment
        hint: say in a sentence what the recommendation rests on"#]],
    );
    check(
        2,
        sent(person(APPLICANT), "mine"),
        expect![[r#"
        let somebody judge an application of their own
        hint: ask somebody else to"#]],
    );
    check(
        3,
        sent(person(SECOND), "too late"),
        expect![[r#"
            review an application that is submitted
            hint: reviews are taken from the beginning of the round until the decision"#]],
    );
}

#[test]
fn a_later_review_keeps_the_name_and_counts_up() {
    let application = after(vec![(1, submission()), (60, begin_review())]);
    let first = review(&application, &[], None, sent(person(SECOND), "good"), day(61)).unwrap();
    let SubmitReview { reviewer, says, .. } = sent(person(SECOND), "on second thoughts");
    let says = NewReview {
        recommendation: Recommendation::Unsure,
        for_officer: " ask about the data ".to_owned(),
        ..says
    };
    let again = SubmitReview { id: ReviewId::new(day(70), [6; 10]), reviewer, says };
    let second = review(&application, &[], Some(&first), again.clone(), day(70)).unwrap();
    assert_eq!((second.id, second.version), (first.id, 2));
    assert_eq!((second.submitted_at, &*second.for_officer), (day(70), "ask about the data"));
    let [before] = second.earlier.as_slice() else { panic!("one is kept") };
    assert_eq!((before.comment.as_str(), before.submitted_at), ("good", day(61)));
    assert_eq!(before.recommendation, Recommendation::Award);
    let same = review(&application, &[], Some(&second), again, day(71)).unwrap();
    assert_eq!(same, second, "what says the same is no change");
    let shown = second.clone().for_reviewers();
    assert!(shown.for_officer.is_empty() && shown.earlier.is_empty(), "{shown:?}");
    let json = serde_json::to_string(&second).unwrap();
    assert_eq!(serde_json::from_str::<Review>(&json).unwrap(), second);
}

#[test]
fn what_was_said_is_kept_in_order_and_has_an_end() {
    let application = after(vec![(1, submission()), (60, begin_review())]);
    let says = |number: usize| sent(person(SECOND), &format!("version {number}"));
    let mut last = review(&application, &[], None, says(0), day(61)).unwrap();
    for number in 1..=REVIEW_CHANGES_MAX {
        last = review(&application, &[], Some(&last), says(number), day(62)).unwrap();
    }
    let said: Vec<&str> = last.earlier.iter().map(|one| one.comment.as_str()).collect();
    let expected: Vec<String> = (0..REVIEW_CHANGES_MAX).map(|it| format!("version {it}")).collect();
    assert_eq!(said, expected);
    let more = review(&application, &[], Some(&last), says(1_000), day(63)).unwrap_err();
    assert_eq!(more.code(), "review_changed_too_often");
    let same = says(REVIEW_CHANGES_MAX);
    assert_eq!(review(&application, &[], Some(&last), same, day(63)), Ok(last));
}

#[test]
#[should_panic(expected = "the same reviewer's own only")]
fn nobody_replaces_somebody_elses_review() {
    let application = after(vec![(1, submission()), (60, begin_review())]);
    let first = review(&application, &[], None, sent(person(SECOND), "good"), day(61)).unwrap();
    let result: Result<Review, Refusal> =
        review(&application, &[], Some(&first), sent(person(4), "bad"), day(62));
    drop(result);
}
