//! Sealed secrets: put there, exchanged, taken out, and read back as they were written.

use bursar_kernel::Actor;
use bursar_store::rows::{SealedBytes, SealedSecret};
use bursar_store::{Change, Commit, CommitError, Expect, NodeReads, Row, SealedReads, Write};

use super::world::Desk;

/// Puts two secrets into an engine that is still empty, exchanges one and takes it out.
pub async fn sealed(store: &(impl Commit + SealedReads + NodeReads)) {
    let mut desk = Desk::new(21);
    assert_eq!(store.sealed_secrets().await, Ok(Vec::new()));
    let (one, other) = (desk.sealed("upstream/zürich ''; --", "aa"), desk.sealed("upstream/b", ""));
    assert_eq!((one.upstream(), other.upstream()), (Some("zürich ''; --"), Some("b")));
    for row in [&one, &other] {
        assert_eq!(store.sealed_secret(row.purpose.clone()).await, Ok(None));
        assert_eq!(put(store, &desk, row, Expect::New).await, Ok(()));
        assert_eq!(put(store, &desk, row, Expect::New).await, conflict(row));
        assert_eq!(store.sealed_secret(row.purpose.clone()).await, Ok(Some(row.clone())));
    }
    assert_eq!(store.sealed_secrets().await, Ok(vec![other.clone(), one.clone()]));
    let told = store.last_change().await.expect("the store answers");
    desk.now = desk.in_hours(1);
    let exchanged = SealedSecret { version: 2, ..desk.sealed(&one.purpose, "bb") };
    assert_eq!(put(store, &desk, &exchanged, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, &desk, &exchanged, Expect::Version(1)).await, conflict(&exchanged));
    let out = SealedSecret { sealed: None, version: 3, ..exchanged };
    assert_eq!(put(store, &desk, &out, Expect::Version(2)).await, Ok(()));
    assert_eq!(store.sealed_secrets().await, Ok(vec![other, out]));
    let heard = store.changes(told).await.expect("the store answers");
    let heard: Vec<Option<Change>> = heard.into_iter().map(|(_, change)| change).collect();
    assert_eq!(heard, [Some(Change::Sealed); 2]);
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    row: &SealedSecret,
    expect: Expect,
) -> Result<(), CommitError> {
    let write = Write::Row(Row::SealedSecret(Box::new(row.clone())), expect);
    store.commit(desk.batch().with(write)).await.map(|_| ())
}

fn conflict(row: &SealedSecret) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("sealed secret `{}`", row.purpose)))
}

impl Desk {
    fn sealed(&self, purpose: &str, bytes: &str) -> SealedSecret {
        let sealed = SealedBytes {
            key: "0a1b2c3d".to_owned(),
            bytes: bytes.to_owned(),
            fingerprint: "0011223344".to_owned(),
        };
        SealedSecret {
            purpose: purpose.to_owned(),
            sealed: Some(sealed),
            by: Actor::Operator,
            at: self.now,
            version: 1,
        }
    }
}
