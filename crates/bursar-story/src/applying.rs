//! Who takes part in an application, what is asked about it, its files, and kept forms.

use bursar_award::asking::Question;
use bursar_award::invitation::InvitationState;
use bursar_award::members::Member;
use bursar_kernel::{ApplicationId, MemberId, MemberRole, PersonId, QuestionId};
use bursar_store::rows::KeptForm;
use bursar_store::{ApplyingReads, ApplyingWrite, Commit, CommitError, Expect, Row, Write};

use super::world::Desk;

/// Invites, asks, keeps files and forms in an engine that is still empty, and reads them back.
pub async fn applying(store: &(impl Commit + ApplyingReads)) {
    let mut desk = Desk::new(23);
    members(store, &mut desk).await;
    questions(store, &mut desk).await;
    files(store, &desk).await;
    forms(store, &mut desk).await;
}

async fn put(store: &impl Commit, desk: &Desk, write: impl Into<Write>) -> Result<(), CommitError> {
    store.commit(desk.batch().with(write)).await.map(|_| ())
}

fn of(desk: &Desk, number: u8) -> ApplicationId {
    ApplicationId::new(desk.now, [number; 10])
}

async fn members(store: &(impl Commit + ApplyingReads), desk: &mut Desk) {
    let (application, other) = (of(desk, 1), of(desk, 2));
    let person = PersonId::new(desk.now, [9; 10]);
    let member = |number: u8, application| Member {
        id: MemberId::new(desk.now, [number; 10]),
        application,
        email: "grace ''; -- 知@lab.example".to_owned(),
        role: MemberRole::Edit,
        state: InvitationState::Invited,
        person: None,
        secret_hash: [number; 32],
        invited_by: PersonId::new(desk.now, [8; 10]),
        invited_at: desk.now,
        expires_at: desk.in_hours(24),
        answered_at: None,
        removed_at: None,
        version: 1,
    };
    let row = |member: &Member, expect| Write::Row(Row::Member(Box::new(member.clone())), expect);
    let conflict = |member: &Member| Err(CommitError::Conflict(format!("member `{}`", member.id)));
    let (one, two) = (member(1, application), member(2, other));
    for member in [&one, &two] {
        assert_eq!(store.member(member.id).await, Ok(None));
        assert_eq!(put(store, desk, row(member, Expect::New)).await, Ok(()));
        assert_eq!(put(store, desk, row(member, Expect::New)).await, conflict(member));
        assert_eq!(store.member_by_secret(member.secret_hash).await, Ok(Some(member.clone())));
    }
    let same_secret = Member { secret_hash: one.secret_hash, ..member(3, other) };
    assert_eq!(put(store, desk, row(&same_secret, Expect::New)).await, conflict(&same_secret));
    assert_eq!(store.members(application).await, Ok(vec![one.clone()]));
    assert_eq!(store.memberships(person).await, Ok(vec![]));
    let accepted = Member {
        state: InvitationState::Accepted,
        person: Some(person),
        answered_at: Some(desk.now),
        version: 2,
        ..one.clone()
    };
    assert_eq!(put(store, desk, row(&accepted, Expect::Version(1))).await, Ok(()));
    assert_eq!(put(store, desk, row(&accepted, Expect::Version(1))).await, conflict(&accepted));
    assert_eq!(store.memberships(person).await, Ok(vec![accepted.clone()]));
    let removed = Member { state: InvitationState::Removed, version: 3, ..accepted };
    assert_eq!(put(store, desk, row(&removed, Expect::Version(2))).await, Ok(()));
    assert_eq!(store.memberships(person).await, Ok(vec![]), "who is out takes part no more");
    assert_eq!(store.members(application).await, Ok(vec![removed.clone()]), "the row stays");
    assert_eq!(store.member(removed.id).await, Ok(Some(removed)));
}

async fn questions(store: &(impl Commit + ApplyingReads), desk: &mut Desk) {
    let application = of(desk, 1);
    let asked = Question {
        id: QuestionId::new(desk.now, [1; 10]),
        application,
        text: "How many raters?\n知 ''; --".to_owned(),
        asked_by: None,
        asked_at: desk.now,
        due: jiff::civil::date(2027, 1, 15),
        answer: None,
        answered_by: None,
        answered_at: None,
        withdrawn_at: None,
        version: 1,
    };
    let row = |row: &Question, expect| Write::Row(Row::Question(Box::new(row.clone())), expect);
    let conflict = || Err(CommitError::Conflict(format!("question `{}`", asked.id)));
    assert_eq!(store.question(asked.id).await, Ok(None));
    assert_eq!(put(store, desk, row(&asked, Expect::New)).await, Ok(()));
    assert_eq!(put(store, desk, row(&asked, Expect::New)).await, conflict());
    let answered = Question {
        answer: Some("Three.".to_owned()),
        answered_at: Some(desk.now),
        version: 2,
        ..asked.clone()
    };
    assert_eq!(put(store, desk, row(&answered, Expect::Version(1))).await, Ok(()));
    assert_eq!(put(store, desk, row(&answered, Expect::Version(1))).await, conflict());
    assert_eq!(store.questions(application).await, Ok(vec![answered.clone()]));
    assert_eq!(store.question(asked.id).await, Ok(Some(answered)));
    assert_eq!(store.questions(of(desk, 2)).await, Ok(vec![]));
}

async fn files(store: &(impl Commit + ApplyingReads), desk: &Desk) {
    let (mine, next) = (of(desk, 1), of(desk, 2));
    let (plan, picture) = ([1; 32], [2; 32]);
    let part = |hash, number, bytes: &[u8]| ApplyingWrite::FilePart {
        application: mine,
        hash,
        number,
        bytes: bytes.to_vec(),
    };
    let all: Vec<u8> = (0..=255).collect();
    for write in [part(plan, 0, &all), part(plan, 1, b"\0end"), part(picture, 0, b"x")] {
        assert_eq!(put(store, desk, write.clone()).await, Ok(()));
        assert_eq!(put(store, desk, write).await, Ok(()), "what is there already is the same");
    }
    let read = |application, hash, number| store.file_part(application, hash, number);
    assert_eq!(read(mine, plan, 0).await, Ok(Some(all.clone())));
    assert_eq!(read(mine, plan, 1).await, Ok(Some(b"\0end".to_vec())));
    assert_eq!(read(mine, plan, 2).await, Ok(None));
    assert_eq!(read(next, plan, 0).await, Ok(None), "what is another's is not there");
    let copy = ApplyingWrite::CopyFiles { from: mine, to: next };
    assert_eq!(put(store, desk, copy.clone()).await, Ok(()));
    assert_eq!(put(store, desk, copy).await, Ok(()));
    let forget = |application, hash| ApplyingWrite::ForgetFiles { application, hash };
    assert_eq!(put(store, desk, forget(mine, Some(picture))).await, Ok(()));
    assert_eq!(read(mine, picture, 0).await, Ok(None));
    assert_eq!(read(mine, plan, 0).await, Ok(Some(all.clone())));
    assert_eq!(read(next, picture, 0).await, Ok(Some(b"x".to_vec())));
    assert_eq!(put(store, desk, forget(mine, None)).await, Ok(()));
    assert_eq!(read(mine, plan, 1).await, Ok(None));
    assert_eq!(read(next, plan, 0).await, Ok(Some(all)));
}

async fn forms(store: &(impl Commit + ApplyingReads), desk: &mut Desk) {
    let form = |number: u8, hours| KeptForm {
        secret_hash: [number; 32],
        sealed: vec![number, 0, 255],
        expires_at: desk.in_hours(hours),
    };
    let keep = |form: &KeptForm| ApplyingWrite::KeepForm(form.clone());
    let (soon, later) = (form(1, 1), form(2, 9));
    let again = KeptForm { sealed: vec![7], ..later.clone() };
    for form in [&soon, &later, &again] {
        assert_eq!(put(store, desk, keep(form)).await, Ok(()));
    }
    assert_eq!(store.kept_form([1; 32]).await, Ok(Some(soon)));
    assert_eq!(store.kept_form([2; 32]).await, Ok(Some(again.clone())), "the last one counts");
    let last = form(3, 9);
    desk.now = desk.in_hours(1);
    assert_eq!(put(store, desk, keep(&last)).await, Ok(()));
    assert_eq!(store.kept_form([1; 32]).await, Ok(None), "it has expired");
    assert_eq!(store.kept_form([2; 32]).await, Ok(Some(again)));
    assert_eq!(put(store, desk, ApplyingWrite::ForgetForm([2; 32])).await, Ok(()));
    assert_eq!(store.kept_form([2; 32]).await, Ok(None));
}
