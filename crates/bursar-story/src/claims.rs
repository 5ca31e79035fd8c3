//! What is to show an affiliation, and verdicts that a person is asked to look at.

use std::collections::BTreeMap;

use bursar_award::appeals::{Appeal, AppealState, Said};
use bursar_award::claims::{Claim, ClaimState, Proof};
use bursar_kernel::{AppealId, ApplicationId, ClaimId, PersonId, ProgramId};
use bursar_store::{ClaimReads, Commit, CommitError, Expect, Row, Write};

use super::world::Desk;

/// Writes claims and appeals into an engine that has none, changes them, and reads them back.
pub async fn claims(store: &(impl Commit + ClaimReads)) {
    let desk = Desk::new(31);
    of_claims(store, &desk).await;
    of_appeals(store, &desk).await;
}

async fn put(store: &impl Commit, desk: &Desk, write: Write) -> Result<(), CommitError> {
    store.commit(desk.batch().with(write)).await.map(|_| ())
}

async fn of_claims(store: &(impl Commit + ClaimReads), desk: &Desk) {
    let (person, other) = (PersonId::new(desk.now, [1; 10]), PersonId::new(desk.now, [2; 10]));
    let claim = |number: u8, person, secret_hash| Claim {
        id: ClaimId::new(desk.now, [number; 10]),
        person,
        application: ApplicationId::new(desk.now, [number; 10]),
        program: ProgramId::new("access"),
        what: Proof::Sponsor {
            name: "Grace ''; -- 知".to_owned(),
            email: "grace@lab.example".to_owned(),
            institution: "A lab".to_owned(),
            relation: "My supervisor".to_owned(),
        },
        state: ClaimState::Waiting,
        made_at: desk.now,
        secret_hash,
        expires_at: Some(desk.in_hours(24)),
        version: 1,
    };
    let row = |claim: &Claim, expect| Write::Row(Row::Claim(Box::new(claim.clone())), expect);
    let conflict = |claim: &Claim| Err(CommitError::Conflict(format!("claim `{}`", claim.id)));
    let (one, two) = (claim(1, person, Some([1; 32])), claim(2, person, None));
    let three = Claim { what: Proof::Officer, ..claim(3, other, None) };
    for claim in [&one, &two, &three] {
        assert_eq!(store.claim(claim.id).await, Ok(None));
        assert_eq!(put(store, desk, row(claim, Expect::New)).await, Ok(()));
        assert_eq!(put(store, desk, row(claim, Expect::New)).await, conflict(claim));
        assert_eq!(store.claim(claim.id).await, Ok(Some(claim.clone())));
    }
    let same_secret = claim(4, other, one.secret_hash);
    assert_eq!(put(store, desk, row(&same_secret, Expect::New)).await, conflict(&same_secret));
    assert_eq!(store.claim_by_secret([1; 32]).await, Ok(Some(one.clone())));
    assert_eq!(store.claim_by_secret([9; 32]).await, Ok(None));
    let accepted = ClaimState::Accepted { by: Some(other), at: desk.now, reason: "知".to_owned() };
    let accepted = Claim { state: accepted, version: 2, ..one };
    assert_eq!(put(store, desk, row(&accepted, Expect::Version(1))).await, Ok(()));
    assert_eq!(put(store, desk, row(&accepted, Expect::Version(1))).await, conflict(&accepted));
    assert_eq!(store.claims_of(person).await, Ok(vec![accepted.clone(), two]));
    assert_eq!(store.claims_with(accepted.application).await, Ok(vec![accepted]));
}

async fn of_appeals(store: &(impl Commit + ClaimReads), desk: &Desk) {
    let program = ProgramId::new("access");
    let appeal = |number: u8, program: &str| Appeal {
        id: AppealId::new(desk.now, [number; 10]),
        program: ProgramId::new(program),
        program_version: 1,
        email: "ada ''; --@home.example".to_owned(),
        person: None,
        answers: BTreeMap::from([("role".to_owned(), "知".to_owned())]),
        verdict: "ineligible".to_owned(),
        said: vec![Said { officer: None, at: desk.now, text: "But".to_owned() }],
        state: AppealState::Unproven,
        made_at: desk.now,
        secret_hash: [number; 32],
        version: 1,
    };
    let row = |appeal: &Appeal, expect| Write::Row(Row::Appeal(Box::new(appeal.clone())), expect);
    let conflict = |appeal: &Appeal| Err(CommitError::Conflict(format!("appeal `{}`", appeal.id)));
    let (one, two) = (appeal(1, "access"), appeal(2, "other"));
    for appeal in [&one, &two] {
        assert_eq!(store.appeal(appeal.id).await, Ok(None));
        assert_eq!(put(store, desk, row(appeal, Expect::New)).await, Ok(()));
        assert_eq!(put(store, desk, row(appeal, Expect::New)).await, conflict(appeal));
        assert_eq!(store.appeal_by_secret(appeal.secret_hash).await, Ok(Some(appeal.clone())));
    }
    assert_eq!(store.appeals_of(one.email.clone()).await, Ok(vec![two, one.clone()]));
    assert_eq!(store.appeals_of("nobody".to_owned()).await, Ok(vec![]));
    let open = Appeal { state: AppealState::Open, secret_hash: [7; 32], version: 2, ..one.clone() };
    assert_eq!(store.appeals(program.clone(), Some("open"), 9).await, Ok(vec![]));
    assert_eq!(put(store, desk, row(&open, Expect::Version(1))).await, Ok(()));
    assert_eq!(put(store, desk, row(&open, Expect::Version(1))).await, conflict(&open));
    assert_eq!(store.appeal_by_secret(one.secret_hash).await, Ok(None), "the link is another");
    assert_eq!(store.appeals(program.clone(), Some("open"), 9).await, Ok(vec![open.clone()]));
    assert_eq!(store.appeals(program.clone(), None, 9).await, Ok(vec![open]));
    assert_eq!(store.appeals(program, None, 0).await, Ok(vec![]));
}
