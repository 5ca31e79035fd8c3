//! Requests that may be sent twice: a key is taken once, its answer is kept once, and both are
//! forgotten in time.

use bursar_kernel::NodeId;

use super::world::Desk;
use bursar_store::rows::{IdempotencyKey, SealedAnswer};
use bursar_store::{Commit, CommitError, Expect, RepeatReads, Row, Write};

async fn put(
    store: &impl Commit,
    desk: &Desk,
    row: &IdempotencyKey,
    expect: Expect,
) -> Result<(), CommitError> {
    let row = Row::IdempotencyKey(Box::new(row.clone()));
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

/// Writes keys to an engine that is still empty, reads them back and forgets them.
pub async fn idempotency(store: &(impl Commit + RepeatReads)) {
    let mut desk = Desk::new(7);
    let [mine, other] = [(); 2].map(|()| NodeId::new(desk.now, desk.chance.entropy()));
    let mut keys = Vec::new();
    for number in 1..=3_u8 {
        desk.now = desk.in_hours(1);
        let (hash, asked) = ([number; 32], [0xff; 32]);
        let key =
            IdempotencyKey { hash, asked, node: mine, since: desk.now, answer: None, version: 1 };
        assert_eq!(put(store, &desk, &key, Expect::New).await, Ok(()));
        let taken = IdempotencyKey { node: other, ..key.clone() };
        let again = put(store, &desk, &taken, Expect::New).await;
        assert!(matches!(again, Err(CommitError::Conflict(_))), "a key is taken once");
        keys.push(key);
    }
    let body = vec![0, 1, 255, 0, 39];
    let answer = Some(SealedAnswer { status: 201, body });
    desk.now = desk.in_hours(1);
    let answered = IdempotencyKey { since: desk.now, answer, version: 2, ..keys[1].clone() };
    assert_eq!(put(store, &desk, &answered, Expect::Version(1)).await, Ok(()));
    let twice = put(store, &desk, &answered, Expect::Version(1)).await;
    assert!(matches!(twice, Err(CommitError::Conflict(_))), "an answer is kept once");
    keys[1] = answered;
    for key in &keys {
        assert_eq!(store.idempotency_key(key.hash).await, Ok(Some(key.clone())));
    }
    assert_eq!(store.idempotency_key([9; 32]).await, Ok(None));
    let before = |at: usize| store.idempotency_keys_before(keys[at].since);
    assert_eq!((before(0).await, before(2).await, before(1).await), (Ok(0), Ok(1), Ok(2)));

    // A key whose time is over is taken anew, by another and for something else.
    let (asked, since) = ([1; 32], desk.in_hours(1));
    let anew = IdempotencyKey { asked, node: other, since, version: 2, ..keys[2].clone() };
    assert_eq!(put(store, &desk, &anew, Expect::Version(1)).await, Ok(()));
    assert_eq!(store.idempotency_key(anew.hash).await, Ok(Some(anew)));

    let forget = Write::ForgetIdempotencyKeys(keys[1].since);
    assert!(store.commit(desk.batch().with(forget)).await.is_ok());
    let left = [store.idempotency_key([1; 32]).await, store.idempotency_key([2; 32]).await];
    assert_eq!(left, [Ok(None), Ok(Some(keys[1].clone()))]);
    assert_eq!(put(store, &desk, &keys[0], Expect::New).await, Ok(()), "it is free again");
}
