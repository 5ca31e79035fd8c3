//! Reviews: who may send one, when, and how a later one takes the place of an earlier.

use std::collections::BTreeMap;

use bursar_award::{Command, Recommendation, Refusal, Review, SubmitReview, review};
use bursar_kernel::{PersonId, ReviewId};
use expect_test::{Expect, expect};

use crate::world::{APPLICANT, SECOND, after, award, begin_review, day, person, submission};

fn sent(reviewer: PersonId, comment: &str) -> SubmitReview {
    SubmitReview {
        id: ReviewId::new(day(61), [5; 10]),
        reviewer,
        recommendation: Recommendation::Award,
        comment: comment.to_owned(),
        scores: BTreeMap::new(),
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
    let again = SubmitReview {
        id: ReviewId::new(day(70), [6; 10]),
        recommendation: Recommendation::Unsure,
        ..sent(person(SECOND), "on second thoughts")
    };
    let second = review(&application, &[], Some(&first), again, day(70)).unwrap();
    assert_eq!((second.id, second.version), (first.id, 2));
    assert_eq!(second.submitted_at, day(70));
    let json = serde_json::to_string(&second).unwrap();
    assert_eq!(serde_json::from_str::<Review>(&json).unwrap(), second);
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
