//! The processes that share the store: what each does to hear of the others, and what becomes of
//! what one had borrowed when it is heard of no more.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bursar_kernel::{Actor, LeaseId, NodeId};
use bursar_lease::Moment;
use bursar_ledger::{Command, LeaseCommand, Refusal};
use bursar_store::{Batch, Change, CommitError, LeaseFilter, ReadError, Write};
use tracing::{error, info, warn};

use crate::Calls;

/// How often a process asks what has changed. A key that is revoked at another stops here within
/// this time and a read.
const LISTEN_EVERY: Duration = Duration::from_millis(100);
/// How often a process says that it lives, and looks who else does.
const BEAT_EVERY_MS: u64 = 500;
/// How long a process is waited for that does not say so. What it has borrowed lasts as long, so
/// that little is spent by whoever is cut off and comes back.
const DEAD_AFTER_MS: u64 = 8_000;
/// A process that was not listening for so long itself, or that the store did not answer, has seen
/// nobody's silence: it begins to count anew.
const DEAF_AFTER_MS: u64 = 2_000;

/// A place among the processes that share a store.
pub struct InTouch {
    calls: Arc<Calls>,
    /// The latest change that is known here.
    heard: u64,
    listened_at: Moment,
    beat_at: Moment,
    /// How often others had said that they live, and when that last grew.
    seen: HashMap<NodeId, (u64, Moment)>,
    is_out_of_touch: bool,
}

/// Why a process did not hear of the others.
#[derive(Debug, thiserror::Error)]
pub enum OutOfTouch {
    /// The store does not answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store does not write.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Calls {
    /// Takes a place among the processes that share the store, before anything is read from it that
    /// is kept in memory. Where the store is not shared there is nothing to hear; a place is taken
    /// all the same.
    pub async fn join(self: &Arc<Self>) -> Result<InTouch, OutOfTouch> {
        let now = self.borrower.moment();
        let beat = self.peers_batch().with(Write::Beat(self.borrower.node()));
        self.store.commit(beat).await?;
        Ok(InTouch {
            heard: self.store.last_change().await?,
            calls: Arc::clone(self),
            listened_at: now,
            beat_at: now,
            seen: HashMap::new(),
            is_out_of_touch: false,
        })
    }

    /// Leaves the processes that share the store, after all that was borrowed has gone back.
    pub async fn leave(&self) -> Result<(), OutOfTouch> {
        let leave = self.peers_batch().with(Write::Leave(self.borrower.node()));
        self.store.commit(leave).await?;
        Ok(())
    }

    /// Whether this process sees to what time drives: of those that share the store, the oldest.
    pub fn leads(&self) -> bool {
        self.leads.load(Ordering::Relaxed)
    }

    fn peers_batch(&self) -> Batch {
        Batch::new(Actor::Job("gateway".to_owned()), self.now())
    }
}

impl InTouch {
    /// Listens for as long as it is polled.
    pub async fn listen(mut self) {
        loop {
            let now = self.calls.borrower.moment();
            match self.listen_once(now).await {
                Ok(()) => {
                    if std::mem::take(&mut self.is_out_of_touch) {
                        info!("the store answers again");
                    }
                }
                Err(error) => {
                    self.seen.clear();
                    if !std::mem::replace(&mut self.is_out_of_touch, true) {
                        warn!(%error, "out of touch with the store: no call begins until it answers");
                    }
                }
            }
            tokio::time::sleep(LISTEN_EVERY).await;
        }
    }

    /// Takes in what has changed, says that this process lives, and looks who else does.
    async fn listen_once(&mut self, now: Moment) -> Result<(), OutOfTouch> {
        if DEAF_AFTER_MS <= now.since(self.listened_at) {
            self.seen.clear();
        }
        self.listened_at = now;
        let changes = self.calls.store.changes(self.heard).await?;
        for (number, change) in changes {
            self.take_in(number, change);
        }
        if BEAT_EVERY_MS <= now.since(self.beat_at) {
            let beat = self.calls.peers_batch().with(Write::Beat(self.calls.borrower.node()));
            self.calls.store.commit(beat).await?;
            self.beat_at = now;
            self.look_around(now).await?;
        }
        self.calls.borrower.heard(now);
        Ok(())
    }

    fn take_in(&mut self, number: u64, change: Option<Change>) {
        let directory = &self.calls.directory;
        match change {
            // What lies between is no longer remembered, or of a kind that is not known here.
            _ if number != self.heard.saturating_add(1) => directory.forget_all(),
            None => directory.forget_all(),
            Some(Change::Key(key)) => directory.forget_key(key),
            Some(Change::Grant(grant)) => directory.forget_grant(grant),
            Some(Change::Holder(holder)) => directory.forget_holder(holder),
            Some(Change::Recall(lease)) => self.calls.borrower.recall(lease),
        }
        self.heard = number;
    }

    async fn look_around(&mut self, now: Moment) -> Result<(), OutOfTouch> {
        let own = self.calls.borrower.node();
        // Leases first: whoever has one by then has taken a place before.
        let leases = if self.calls.leads() {
            self.calls.store.leases(LeaseFilter::GoingOn).await?
        } else {
            Vec::new()
        };
        let peers = self.calls.store.peers().await?;
        self.seen.retain(|node, _| peers.iter().any(|peer| peer.node == *node));
        let mut live = Vec::with_capacity(peers.len());
        let mut dead = Vec::new();
        for peer in peers {
            let (beats, at) = self.seen.entry(peer.node).or_insert((peer.beats, now));
            if *beats != peer.beats {
                (*beats, *at) = (peer.beats, now);
            }
            let is_dead = peer.node != own && DEAD_AFTER_MS <= now.since(*at);
            if is_dead { dead.push(peer.node) } else { live.push(peer.node) }
        }
        self.calls.borrower.share_with(u32::try_from(live.len()).unwrap_or(u32::MAX));
        let leads = live.first() == Some(&own);
        self.calls.leads.store(leads, Ordering::Relaxed);
        if !leads {
            return Ok(());
        }
        for node in dead.iter().copied() {
            warn!(node.id = %node, "node `{node}` is heard of no more: what it borrowed is ended");
            self.calls.store.commit(self.calls.peers_batch().with(Write::Leave(node))).await?;
        }
        for state in leases {
            let (node, lease) = (state.lease.node, state.lease.id);
            if node != own && !live.contains(&node) {
                self.calls.fence(lease).await?;
            }
        }
        Ok(())
    }
}

impl Calls {
    /// Ends a lease: what its node may have spent and did not write goes to suspense.
    async fn fence(&self, lease: LeaseId) -> Result<(), CommitError> {
        let fence = Command::Lease(LeaseCommand::Fence { lease });
        match self.store.commit(self.peers_batch().with(fence)).await {
            Ok(_) => {
                warn!(lease.id = %lease, "ended lease `{lease}` of a node that is gone");
                Ok(())
            }
            // Somebody else ended it meanwhile.
            Err(CommitError::Refused(Refusal::LeaseEnded(_))) => Ok(()),
            Err(refused @ CommitError::Refused(_)) => {
                error!(lease.id = %lease, error = %refused, "the book does not end `{lease}`");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
