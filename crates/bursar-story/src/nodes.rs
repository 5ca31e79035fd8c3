//! Processes that share a store: who lives, and what each has to hear.

use bursar_kernel::{LeaseId, NodeId};

use super::world::Desk;
use bursar_store::{Batch, Change, Commit, Expect, NodeReads, Peer, Row, Write};

/// Lets two processes live and leave, and reads back what changed meanwhile.
pub async fn nodes(store: &(impl Commit + NodeReads)) {
    let mut desk = Desk::new(9);
    let [first, second] = [1_u8, 2].map(|number| NodeId::from_bytes([number; 16]));
    for node in [second, first, first] {
        put(store, desk.batch().with(Write::Beat(node))).await;
    }
    let both = vec![Peer { node: first, beats: 2 }, Peer { node: second, beats: 1 }];
    assert_eq!(store.peers().await, Ok(both));
    put(store, desk.batch().with(Write::Leave(first))).await;
    // Who was taken for dead and is not begins anew.
    put(store, desk.batch().with(Write::Leave(first)).with(Write::Beat(first))).await;
    put(store, desk.batch().with(Write::Leave(second))).await;
    assert_eq!(store.peers().await, Ok(vec![Peer { node: first, beats: 1 }]));

    let before = store.last_change().await.expect("the store answers");
    assert_eq!(store.changes(before).await, Ok(Vec::new()));
    let grant = desk.grant();
    let (key, request) = (desk.key(grant.id), desk.access_request(grant.id, "gpt-5"));
    let (grant_id, study) = (grant.id, desk.study(grant.id));
    let lease = LeaseId::from_bytes([3; 16]);
    let told = [
        (Change::Grant(grant.id), Write::Row(Row::Grant(Box::new(grant)), Expect::New)),
        (Change::Study(study.id), Write::Row(Row::Study(Box::new(study)), Expect::New)),
        (Change::Key(key.id), Write::Row(Row::Key(Box::new(key)), Expect::New)),
        (
            Change::Grant(request.grant),
            Write::Row(Row::AccessRequest(Box::new(request)), Expect::New),
        ),
        (Change::Recall(lease), Write::Recall(lease)),
    ];
    let (changes, writes): (Vec<Change>, Vec<Write>) = told.into_iter().unzip();
    let mut batch = desk.batch();
    batch.writes.extend(writes);
    put(store, batch).await;
    let heard: Vec<(u64, Option<Change>)> =
        (before.saturating_add(1)..).zip(changes.into_iter().map(Some)).collect();
    assert_eq!(store.changes(before).await, Ok(heard.clone()));
    let after = before.saturating_add(2);
    assert_eq!(store.changes(after).await, Ok(heard.into_iter().skip(2).collect()));
    assert_eq!(store.last_change().await, Ok(before.saturating_add(5)));
    // What does not happen is not told.
    let again = desk.key(grant_id);
    let twice = || Write::Row(Row::Key(Box::new(again.clone())), Expect::New);
    let refused = store.commit(desk.batch().with(twice()).with(twice())).await;
    assert!(refused.is_err());
    assert_eq!(store.last_change().await, Ok(before.saturating_add(5)));
}

async fn put(store: &impl Commit, batch: Batch) {
    store.commit(batch).await.expect("the store writes");
}
