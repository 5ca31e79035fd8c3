//! Ways to sign in, read back.

use bursar_store::rows::{LinkedIdentity, Session};
use bursar_store::{AccountReads, Commit, CommitError, Expect, Row, Write};

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
    sessions(store, &mut desk).await;
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
