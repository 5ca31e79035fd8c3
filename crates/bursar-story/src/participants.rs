//! Who spends a grant beside its holder, and whose a key and its calls are.

use std::collections::BTreeSet;

use bursar_award::invitation::InvitationState;
use bursar_award::participants::{Part, Participant};
use bursar_kernel::{GrantId, GrantRole, ParticipantId, PersonId, StudyId};
use bursar_store::{Commit, CommitError, Expect, ParticipantReads, Row, Write};

use super::world::Desk;

/// Invites to two grants in an engine that is still empty, and reads them back.
pub async fn participants(store: &(impl Commit + ParticipantReads)) {
    let mut desk = Desk::new(29);
    let (grant, other) = (of(&desk, 1), of(&desk, 2));
    let (one, two) = (invited(&desk, 1, grant), invited(&desk, 2, other));
    for row in [&one, &two] {
        assert_eq!(store.participant(row.id).await, Ok(None));
        assert_eq!(put(store, &desk, row, Expect::New).await, Ok(()));
        assert_eq!(put(store, &desk, row, Expect::New).await, conflict(row));
        assert_eq!(store.participant(row.id).await, Ok(Some(row.clone())));
        assert_eq!(store.participant_by_secret(row.secret_hash).await, Ok(Some(row.clone())));
    }
    assert_eq!(store.participants(grant).await, Ok(vec![one.clone()]));
    assert_eq!(store.participants_at(EMAIL.to_owned()).await, Ok(vec![two.clone(), one.clone()]));
    assert_eq!(store.participants_at("ada@lab.example".to_owned()).await, Ok(vec![]));
    once(store, &desk, &one).await;

    desk.now = desk.in_hours(1);
    let person = PersonId::new(desk.now, [9; 10]);
    let accepted =
        one.answered((person, EMAIL), desk.holder, true, desk.now).expect("it waits for them");
    assert_eq!(put(store, &desk, &accepted, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, &desk, &accepted, Expect::Version(1)).await, conflict(&accepted));
    assert_eq!(store.participations(person).await, Ok(vec![accepted.clone()]));
    let removed = accepted.removed(desk.now).expect("they take part");
    assert_eq!(put(store, &desk, &removed, Expect::Version(2)).await, Ok(()));
    assert_eq!(store.participations(person).await, Ok(vec![removed.clone()]), "the row stays");
    let again = Participant { id: name(&desk, 5), secret_hash: [5; 32], ..one.clone() };
    assert_eq!(put(store, &desk, &again, Expect::New).await, Ok(()), "and they may come back");
    assert_eq!(store.participants(grant).await, Ok(vec![removed, again]));
}

/// What conflicts, on any engine, whether or not it can be asked.
pub(super) async fn written(store: &impl Commit, desk: &Desk) {
    let one = invited(desk, 1, of(desk, 1));
    assert_eq!(put(store, desk, &one, Expect::Version(1)).await, conflict(&one));
    assert_eq!(put(store, desk, &one, Expect::New).await, Ok(()));
    once(store, desk, &one).await;
    let removed = one.removed(desk.now).expect("it waits");
    assert_eq!(put(store, desk, &removed, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, desk, &removed, Expect::Version(1)).await, conflict(&removed));
    let again = Participant { id: name(desk, 5), secret_hash: [5; 32], ..one };
    assert_eq!(put(store, desk, &again, Expect::New).await, Ok(()));
}

const EMAIL: &str = "grace ''; -- 知@lab.example";

/// Nobody is invited to a grant twice at a time, and no two letters have one link.
async fn once(store: &impl Commit, desk: &Desk, one: &Participant) {
    let twice = Participant { id: name(desk, 3), secret_hash: [3; 32], ..one.clone() };
    assert_eq!(put(store, desk, &twice, Expect::New).await, conflict(&twice));
    let email = "ada@lab.example".to_owned();
    let same_secret = Participant { id: name(desk, 4), email, ..one.clone() };
    assert_eq!(put(store, desk, &same_secret, Expect::New).await, conflict(&same_secret));
}

fn of(desk: &Desk, number: u8) -> GrantId {
    GrantId::new(desk.now, [number; 10])
}

fn name(desk: &Desk, number: u8) -> ParticipantId {
    ParticipantId::new(desk.now, [number; 10])
}

fn invited(desk: &Desk, number: u8, grant: GrantId) -> Participant {
    let studies = BTreeSet::from([StudyId::new(desk.now, [number; 10])]);
    Participant {
        id: name(desk, number),
        grant,
        email: EMAIL.to_owned(),
        part: Part { role: GrantRole::Member, studies: Some(studies) },
        state: InvitationState::Invited,
        person: None,
        secret_hash: [number; 32],
        invited_by: Some(desk.holder),
        invited_at: desk.now,
        expires_at: desk.in_hours(24),
        answered_at: None,
        removed_at: None,
        version: 1,
    }
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    row: &Participant,
    expect: Expect,
) -> Result<(), CommitError> {
    let write = Write::Row(Row::Participant(Box::new(row.clone())), expect);
    store.commit(desk.batch().with(write)).await.map(|_| ())
}

fn conflict(row: &Participant) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("participant `{}`", row.id)))
}
