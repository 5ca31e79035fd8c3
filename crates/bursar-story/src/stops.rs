//! What is stopped and started again: one row each, whose last word is read back.

use bursar_kernel::{Actor, ProgramId};

use super::world::Desk;
use bursar_store::rows::{Stop, Stoppable};
use bursar_store::{Change, Commit, CommitError, Expect, NodeReads, Row, StopReads, Write};

/// Stops things of each kind in an engine that is still empty, and reads them back.
pub async fn stops(store: &(impl Commit + StopReads + NodeReads)) {
    let mut desk = Desk::new(19);
    let grant = desk.grant().id;
    let program = || Stoppable::Program(ProgramId::new("access"));
    let upstream = |name: &str| Stoppable::Upstream(name.to_owned());
    // One name, three kinds: none is mistaken for another.
    let all = [program(), Stoppable::Grant(grant), upstream("zürich ''; --"), upstream("access")];
    for of in &all {
        assert_eq!(store.stop(of.clone()).await, Ok(None));
        let stop = desk.stop(of.clone());
        assert_eq!(put(store, &desk, &stop, Expect::New).await, Ok(()));
        assert_eq!(put(store, &desk, &stop, Expect::New).await, conflict(&stop));
        assert_eq!(store.stop(of.clone()).await, Ok(Some(stop)));
    }
    let [_, _, far, near] = &all;
    let stopped = vec![desk.stop(near.clone()), desk.stop(far.clone())];
    assert_eq!(store.stopped_upstreams().await, Ok(stopped));

    desk.now = desk.in_hours(1);
    let started = Stop {
        is_stopped: false,
        reason: "Its invoice was paid; 知".to_owned(),
        version: 2,
        ..desk.stop(near.clone())
    };
    let told = store.last_change().await.expect("the store answers");
    assert_eq!(put(store, &desk, &started, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, &desk, &started, Expect::Version(1)).await, conflict(&started));
    assert_eq!(store.stop(near.clone()).await, Ok(Some(started)));
    let left = store.stopped_upstreams().await.expect("the store answers");
    assert_eq!(left.into_iter().map(|stop| stop.of).collect::<Vec<_>>(), std::slice::from_ref(far));
    // Others hear of each, and of which kind it is.
    let again = Stop { version: 2, ..desk.stop(Stoppable::Grant(grant)) };
    assert_eq!(put(store, &desk, &again, Expect::Version(1)).await, Ok(()));
    let heard = store.changes(told).await.expect("the store answers");
    let heard: Vec<Option<Change>> = heard.into_iter().map(|(_, change)| change).collect();
    assert_eq!(heard, [Some(Change::Stops), Some(Change::Grant(grant))]);
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    stop: &Stop,
    expect: Expect,
) -> Result<(), CommitError> {
    let row = Row::Stop(Box::new(stop.clone()));
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

fn conflict(stop: &Stop) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("stop `{} {}`", stop.of.kind(), stop.of.name())))
}

impl Desk {
    fn stop(&self, of: Stoppable) -> Stop {
        Stop {
            of,
            is_stopped: true,
            reason: "Its key was found on the web; O'Brien".to_owned(),
            by: Actor::Operator,
            at: self.now,
            version: 1,
        }
    }
}
