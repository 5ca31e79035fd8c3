//! Ways to sign in, read back.

use bursar_award::Review;
use bursar_kernel::Actor;
use bursar_store::rows::{
    AuditLine, Erasure, ErasureState, LinkedIdentity, Mail, Passkey, Session,
};
use bursar_store::{AccountReads, AccountWrite, Commit, CommitError, Expect, Row, Write};

use super::world::Desk;

/// Links identities, removes one and signs browsers in, in an engine that is still empty.
pub async fn accounts(store: &(impl Commit + AccountReads)) {
    let mut desk = Desk::new(29);
    let (ada, eve) = (desk.person("ada@example.edu").id, desk.person("eve@example.edu").id);
    let identity = |issuer: &str, subject: &str| LinkedIdentity {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        person: Some(ada),
        provider: "home".to_owned(),
        email: Some("ada@example.edu".to_owned()),
        orcid: Some("0000-0002-1825-0097".to_owned()),
        at: desk.now,
        version: 1,
    };
    // One name at two issuers is two people.
    let (first, second) =
        (identity("https://b", "O'Brien 知"), identity("https://a", "O'Brien 知"));
    for row in [&first, &second] {
        assert_eq!(find(store, row).await, None);
        put(store, &desk, row, Expect::New).await.expect("written");
        let again = put(store, &desk, row, Expect::New).await;
        assert!(matches!(again, Err(CommitError::Conflict(_))), "{again:?}");
        assert_eq!(find(store, row).await.as_ref(), Some(row));
    }
    assert_eq!(store.identities(ada).await, Ok(vec![second.clone(), first.clone()]));
    assert_eq!(store.identities(eve).await, Ok(Vec::new()));
    let removed = LinkedIdentity { person: None, version: 2, ..first };
    put(store, &desk, &removed, Expect::Version(1)).await.expect("written");
    assert!(put(store, &desk, &removed, Expect::Version(1)).await.is_err(), "an old version");
    assert_eq!(find(store, &removed).await, Some(removed));
    assert_eq!(store.identities(ada).await, Ok(vec![second]));
    passkeys(store, &mut desk).await;
    own(store, &mut desk).await;
    erasures(store, &mut desk).await;
    sessions(store, &mut desk).await;
}

/// What is somebody's own is found by whose it is, page by page.
async fn own(store: &(impl Commit + AccountReads), desk: &mut Desk) {
    let (ada, eve) = (desk.person("ada@example.edu").id, desk.person("eve@example.edu").id);
    let (mut reviews, mut mails, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..5 {
        desk.now = desk.in_hours(1);
        let (draft, _) = desk.application();
        let review = Review { reviewer: ada, ..desk.review(draft.id) };
        let other = desk.review(draft.id);
        let to = "ada@own.example".to_owned();
        let (mail, foreign) = (Mail { to, ..desk.mail() }, desk.mail());
        let line = match number % 2 {
            0 => AuditLine { actor: Actor::Person(ada), ..desk.audit_line() },
            _ => AuditLine { subject: ada.to_string(), ..desk.audit_line() },
        };
        let foreign_line = AuditLine { actor: Actor::Person(eve), ..desk.audit_line() };
        let rows = [Row::Review(review.clone()), Row::Review(other)];
        let rows = rows.into_iter().chain([Row::Mail(mail.clone()), Row::Mail(foreign)]);
        let rows = rows.chain([Row::Audit(line.clone()), Row::Audit(foreign_line)]);
        let batch = rows.fold(desk.batch(), |batch, row| batch.with(Write::Row(row, Expect::New)));
        store.commit(batch).await.expect("written");
        reviews.push(review);
        mails.insert(0, mail);
        lines.insert(0, line);
    }
    assert_eq!(store.reviews_by(ada).await, Ok(reviews));
    let to = || "ada@own.example".to_owned();
    assert_eq!(store.mails_to(to(), None, 3).await.as_deref(), Ok(&mails[..3]));
    assert_eq!(store.mails_to(to(), Some(mails[2].id), 3).await.as_deref(), Ok(&mails[3..]));
    assert_eq!(store.audit_of(ada, None, 3).await.as_deref(), Ok(&lines[..3]));
    assert_eq!(store.audit_of(ada, Some(lines[2].id), 3).await.as_deref(), Ok(&lines[3..]));
}

/// Wishes to be forgotten are found by their person, their letter and their day.
async fn erasures(store: &(impl Commit + AccountReads), desk: &mut Desk) {
    let (ada, eve) = (desk.person("ada@example.edu").id, desk.person("eve@example.edu").id);
    let wish = |person, byte| Erasure {
        person,
        secret_hash: [byte; 32],
        returns_credit: true,
        state: ErasureState::Asked,
        asked_at: desk.now,
        due_at: desk.in_hours(1),
        parting: None,
        version: 1,
    };
    let put = async |row: &Erasure, expect| {
        let row = Row::Erasure(Box::new(row.clone()));
        store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
    };
    let (hers, others) = (wish(ada, 1), wish(eve, 2));
    assert_eq!(store.erasure(ada).await, Ok(None));
    put(&hers, Expect::New).await.expect("written");
    assert!(put(&hers, Expect::New).await.is_err(), "the last of each person");
    assert!(put(&wish(eve, 1), Expect::New).await.is_err(), "a letter of its own");
    put(&others, Expect::New).await.expect("written");
    assert_eq!(store.erasure(ada).await, Ok(Some(hers.clone())));
    assert_eq!(store.erasure_by_secret([2; 32]).await, Ok(Some(others)));
    assert_eq!(store.erasure_by_secret([3; 32]).await, Ok(None));
    let day = hers.due_at;
    assert_eq!(store.erasures_due(day).await, Ok(Vec::new()), "nobody confirmed one");
    let confirmed = Erasure { state: ErasureState::Confirmed, version: 2, ..hers };
    put(&confirmed, Expect::Version(1)).await.expect("written");
    assert!(put(&confirmed, Expect::Version(1)).await.is_err(), "an old version");
    assert_eq!(store.erasures_due(desk.now).await, Ok(Vec::new()), "not yet");
    assert_eq!(store.erasures_due(day).await, Ok(vec![confirmed.clone()]));
    let done = Erasure { state: ErasureState::Done, version: 3, ..confirmed };
    put(&done, Expect::Version(2)).await.expect("written");
    assert_eq!(store.erasures_due(day).await, Ok(Vec::new()));
}

async fn passkeys(store: &(impl Commit + AccountReads), desk: &mut Desk) {
    let (ada, eve) = (desk.person("ada@example.edu").id, desk.person("eve@example.edu").id);
    let passkey = |id: &str| Passkey {
        id: id.to_owned(),
        person: Some(ada),
        name: "Ada's 電話".to_owned(),
        public_key: "pQEC".to_owned(),
        count: u32::MAX,
        can_be_copied: true,
        created_at: desk.now,
        last_used_at: None,
        version: 1,
    };
    let put = async |row: &Passkey, expect| {
        let row = Row::Passkey(Box::new(row.clone()));
        store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
    };
    let (first, second) = (passkey("b_-"), passkey("B_-"));
    assert_eq!(store.passkey("b_-".to_owned()).await, Ok(None));
    for row in [&first, &second] {
        put(row, Expect::New).await.expect("written");
        assert!(put(row, Expect::New).await.is_err(), "it is there already");
    }
    assert_eq!(store.passkeys(ada).await, Ok(vec![second.clone(), first.clone()]));
    assert_eq!(store.passkeys(eve).await, Ok(Vec::new()));
    let removed = Passkey { person: None, last_used_at: Some(desk.now), version: 2, ..first };
    put(&removed, Expect::Version(1)).await.expect("written");
    assert!(put(&removed, Expect::Version(1)).await.is_err(), "an old version");
    assert_eq!(store.passkey("b_-".to_owned()).await, Ok(Some(removed)));
    assert_eq!(store.passkeys(ada).await, Ok(vec![second]));
    challenges(store, desk).await;
}

/// A question is answered once, for as long as it may be answered at all.
async fn challenges(store: &impl Commit, desk: &mut Desk) {
    let expires_at = desk.in_hours(1);
    let answer = async |desk: &Desk, number: u8| {
        let once = AccountWrite::UseChallenge { hash: [number; 32], expires_at };
        store.commit(desk.batch().with(once)).await
    };
    answer(desk, 1).await.expect("written");
    answer(desk, 2).await.expect("another is not this one");
    let again = answer(desk, 1).await;
    assert!(matches!(again, Err(CommitError::Conflict(_))), "{again:?}");
    desk.now = expires_at;
    answer(desk, 3).await.expect("written");
    answer(desk, 1).await.expect("it was forgotten, and nobody takes an answer to it");
}

async fn sessions(store: &(impl Commit + AccountReads), desk: &mut Desk) {
    let mut sessions = Vec::new();
    let begun = desk.session();
    for number in 0..3_u8 {
        desk.now = desk.in_hours(1);
        let secret_hash = [number; 32];
        let session = Session { secret_hash, person: begun.person, ..desk.session() };
        let row = Row::Session(session.clone());
        store.commit(desk.batch().with(Write::Row(row, Expect::New))).await.expect("written");
        sessions.insert(0, session);
    }
    let person = begun.person;
    let now = desk.now;
    assert_eq!(store.sessions(person, now, 2).await.as_deref(), Ok(&sessions[..2]));
    let end = Write::EndSession(sessions[1].secret_hash);
    store.commit(desk.batch().with(end)).await.expect("written");
    sessions.remove(1);
    assert_eq!(store.sessions(person, now, 9).await.as_ref(), Ok(&sessions));
    let last = sessions[0].expires_at;
    assert_eq!(store.sessions(person, last, 9).await, Ok(Vec::new()));
}

async fn find(store: &impl AccountReads, row: &LinkedIdentity) -> Option<LinkedIdentity> {
    let found = store.identity(row.issuer.clone(), row.subject.clone()).await;
    found.expect("the store answers")
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    row: &LinkedIdentity,
    expect: Expect,
) -> Result<(), CommitError> {
    let row = Row::Identity(Box::new(row.clone()));
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}
