//! Who reviews what, who must not, and what reviewers say of themselves.

use std::collections::{BTreeMap, BTreeSet};

use bursar_award::assignment::{Assignment, AssignmentState, WhyNot};
use bursar_award::panel::{Belonged, Conflict, ConflictSource, Profile};
use bursar_award::review_draft::ReviewDraft;
use bursar_award::{Application, Review};
use bursar_kernel::{ApplicationId, AssignmentId, ConflictId, PersonId, RoundId};
use bursar_store::{AssignmentFilter, Commit, CommitError, Expect, PanelReads, Row, Write};

use super::world::Desk;

/// Writes a round's panel into an engine that is still empty, changes it, and reads it back.
pub async fn panels(store: &(impl Commit + PanelReads)) {
    let mut desk = Desk::new(32);
    let round = RoundId::new("2027-03");
    let (mut one, first) = desk.application();
    let (mut other, second) = desk.application();
    one.round = Some(round.clone());
    other.round = Some(RoundId::new("2027-06"));
    for (application, event) in [(&one, first), (&other, second)] {
        let row = Row::Application(Box::new(application.clone()), vec![event]);
        assert_eq!(put(store, &desk, row, Expect::New).await, Ok(()));
    }
    assignments(store, &desk, &round, (one.id, other.id)).await;
    conflicts(store, &desk, &round, (&one, &other)).await;
    profiles(store, &desk).await;
    let review = desk.review(one.id);
    let elsewhere = Review { reviewer: review.reviewer, ..desk.review(other.id) };
    for review in [&review, &elsewhere] {
        let row = Row::Review(review.clone());
        assert_eq!(put(store, &desk, row, Expect::New).await, Ok(()));
    }
    assert_eq!(store.reviews_in(desk.program(), round).await, Ok(vec![review]));
    drafts(store, &desk, (one.id, other.id)).await;
}

async fn drafts(
    store: &(impl Commit + PanelReads),
    desk: &Desk,
    (one, other): (ApplicationId, ApplicationId),
) {
    let (ada, eve) = (PersonId::new(desk.now, [1; 10]), PersonId::new(desk.now, [2; 10]));
    let draft = |application, reviewer, comment: &str| ReviewDraft {
        application,
        reviewer,
        fields: BTreeMap::from([("comment".to_owned(), comment.to_owned())]),
        saved_at: desk.now,
        version: 1,
    };
    let row = |one: &ReviewDraft| Row::ReviewDraft(Box::new(one.clone()));
    let mut all = [draft(one, ada, "'; --"), draft(one, eve, ""), draft(other, ada, "知\r\n")];
    for one in &all {
        assert_eq!(put(store, desk, row(one), Expect::New).await, Ok(()));
        let twice = put(store, desk, row(one), Expect::New).await;
        let name = format!("review draft `{} {}`", one.application, one.reviewer);
        assert_eq!(twice, Err(CommitError::Conflict(name)));
    }
    all[1] = all[1].clone().emptied();
    assert_eq!(put(store, desk, row(&all[1]), Expect::Version(1)).await, Ok(()));
    assert!(put(store, desk, row(&all[1]), Expect::Version(1)).await.is_err());
    all.sort_by_key(|draft| (draft.application, draft.reviewer));
    let cases = [
        (None, None),
        (Some(ada), None),
        (None, Some(one)),
        (Some(eve), Some(one)),
        (Some(eve), Some(other)),
    ];
    for (reviewer, application) in cases {
        let mut expected = all.to_vec();
        expected.retain(|draft| reviewer.is_none_or(|it| it == draft.reviewer));
        expected.retain(|draft| application.is_none_or(|it| it == draft.application));
        assert_eq!(store.review_drafts(reviewer, application).await, Ok(expected));
    }
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    row: Row,
    expect: Expect,
) -> Result<(), CommitError> {
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

async fn assignments(
    store: &(impl Commit + PanelReads),
    desk: &Desk,
    round: &RoundId,
    (one, other): (ApplicationId, ApplicationId),
) {
    let (ada, eve) = (PersonId::new(desk.now, [1; 10]), PersonId::new(desk.now, [2; 10]));
    let assignment = |number: u8, application, reviewer| Assignment {
        id: AssignmentId::new(desk.now, [number; 10]),
        application,
        reviewer,
        program: desk.program(),
        round: round.clone(),
        state: AssignmentState::Proposed,
        because: "knows \"evaluation\"; 知 '; --".to_owned(),
        due_at: desk.in_hours(24),
        asked: None,
        made_at: desk.now,
        invited_at: None,
        answered_at: None,
        reminded: None,
        version: 1,
    };
    let row = |one: &Assignment| Row::Assignment(Box::new(one.clone()));
    let all = [assignment(1, one, ada), assignment(2, one, eve), assignment(3, other, ada)];
    for one in &all {
        assert_eq!(store.assignment(one.id).await, Ok(None));
        assert_eq!(put(store, desk, row(one), Expect::New).await, Ok(()));
        assert_eq!(store.assignment(one.id).await, Ok(Some(one.clone())));
    }
    // A reviewer is asked once for an application, until that is over.
    let again = assignment(4, one, ada);
    let twice = Err(CommitError::Conflict(format!("assignment `{}`", again.id)));
    assert_eq!(put(store, desk, row(&again), Expect::New).await, twice);
    let declined = Assignment {
        state: AssignmentState::Declined { why: WhyNot::Time, note: "Away".to_owned() },
        version: 2,
        ..all[0].clone()
    };
    assert_eq!(put(store, desk, row(&declined), Expect::Version(1)).await, Ok(()));
    let stale = put(store, desk, row(&declined), Expect::Version(1)).await;
    assert_eq!(stale, Err(CommitError::Conflict(format!("assignment `{}`", declined.id))));
    assert_eq!(put(store, desk, row(&again), Expect::New).await, Ok(()));
    let [_, second, third] = all;
    let every = [declined, second, third, again];
    let any = AssignmentFilter::default();
    let of_round = Some((desk.program(), round.clone()));
    let cases: [(AssignmentFilter, &[usize]); 6] = [
        (any.clone(), &[0, 1, 2, 3]),
        (AssignmentFilter { application: Some(one), ..any.clone() }, &[0, 1, 3]),
        (AssignmentFilter { reviewer: Some(ada), open: true, ..any.clone() }, &[2, 3]),
        (AssignmentFilter { round: of_round.clone(), open: true, ..any.clone() }, &[1, 2, 3]),
        (AssignmentFilter { round: of_round, reviewer: Some(eve), ..any.clone() }, &[1]),
        (AssignmentFilter { round: Some((desk.program(), RoundId::new("never"))), ..any }, &[]),
    ];
    for (which, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|place| every[*place].clone()).collect();
        assert_eq!(store.assignments(which.clone()).await, Ok(expected), "{which:?}");
    }
}

async fn conflicts(
    store: &(impl Commit + PanelReads),
    desk: &Desk,
    round: &RoundId,
    (one, other): (&Application, &Application),
) {
    let person = PersonId::new(desk.now, [1; 10]);
    let conflict = |number: u8, application: &Application| Conflict {
        id: ConflictId::new(desk.now, [number; 10]),
        application: application.id,
        person,
        source: ConflictSource::Pinned,
        because: "They wrote a book together ''; 知".to_owned(),
        made_by: desk.holder,
        made_at: desk.now,
        lifted_at: None,
        version: 1,
    };
    let row = |one: &Conflict| Row::Conflict(Box::new(one.clone()));
    let (here, there) = (conflict(1, one), conflict(2, other));
    for one in [&here, &there] {
        assert_eq!(put(store, desk, row(one), Expect::New).await, Ok(()));
        assert_eq!(store.conflict(one.id).await, Ok(Some(one.clone())));
    }
    let lifted = here.lifted(desk.now).expect("it was pinned");
    assert_eq!(put(store, desk, row(&lifted), Expect::Version(1)).await, Ok(()));
    let stale = put(store, desk, row(&lifted), Expect::Version(1)).await;
    assert_eq!(stale, Err(CommitError::Conflict(format!("conflict `{}`", lifted.id))));
    assert_eq!(store.conflicts_of(person).await, Ok(vec![lifted.clone(), there]));
    assert_eq!(store.conflicts_of(desk.holder).await, Ok(vec![]));
    assert_eq!(store.conflicts_in(desk.program(), round.clone()).await, Ok(vec![lifted]));
}

async fn profiles(store: &(impl Commit + PanelReads), desk: &Desk) {
    let person = PersonId::new(desk.now, [1; 10]);
    let row = |one: &Profile| Row::Profile(Box::new(one.clone()));
    let first = Profile {
        topics: BTreeMap::from([(desk.program(), BTreeSet::from(["alignment".to_owned()]))]),
        load_max: Some(4),
        institutions: vec![Belonged {
            name: "Университет ''; --".to_owned(),
            ror: Some("03yrm5c26".to_owned()),
            until: Some(jiff::civil::date(2024, 5, 31)),
        }],
        coauthors: BTreeSet::from(["eve@lab.example".to_owned()]),
        version: 1,
        ..Profile::empty(person)
    };
    assert_eq!(store.profile(person).await, Ok(None));
    assert_eq!(put(store, desk, row(&first), Expect::New).await, Ok(()));
    let second = Profile { load_max: None, version: 2, ..first.clone() };
    assert_eq!(put(store, desk, row(&second), Expect::Version(1)).await, Ok(()));
    let stale = put(store, desk, row(&second), Expect::Version(1)).await;
    assert_eq!(stale, Err(CommitError::Conflict(format!("profile `{person}`"))));
    assert_eq!(store.profile(person).await, Ok(Some(second.clone())));
    assert_eq!(store.profiles().await, Ok(vec![second]));
}
