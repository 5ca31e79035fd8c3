//! The processes that share the store: what each does to hear of the others, and what becomes of
//! what one had borrowed when it is heard of no more.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bursar_kernel::{Actor, Cap, LeaseId, NodeId};
use bursar_lease::Moment;
use bursar_ledger::{Command, LeaseCommand, Refusal};
use bursar_policy::Borrower;
use bursar_store::{
    Batch, CHANGES_AT_A_TIME, Change, CommitError, LeaseFilter, Peer, RateWrite, ReadError, Write,
};
use tracing::{error, info, warn};

use crate::Calls;

/// How often a process asks what has changed. A key that is revoked at another stops here within
/// this time and a read.
const LISTEN_EVERY: Duration = Duration::from_millis(100);
/// How often a process says that it lives, and looks who else does.
const BEAT_EVERY: Duration = Duration::from_millis(500);
/// A store that answers and does not write for so long is one to hear nothing from.
const WRITES_WITHIN_MS: u64 = 5_000;
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
    /// When the store last wrote that this process lives.
    beat_at: Arc<Mutex<Moment>>,
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
    /// It answers, and has not written for too long: it may be one whose place another has taken.
    #[error("the store answers, and does not write")]
    DoesNotWrite,
}

impl Calls {
    /// Takes a place among the processes that share the store, before anything is read from it that
    /// is kept in memory.
    pub async fn join(self: &Arc<Self>) -> Result<InTouch, OutOfTouch> {
        let now = self.borrower.moment();
        self.store.commit(self.beat()).await?;
        Ok(InTouch {
            heard: self.store.last_change().await?,
            calls: Arc::clone(self),
            beat_at: Arc::new(Mutex::new(now)),
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

    fn beat(&self) -> Batch {
        self.peers_batch().with(Write::Beat(self.borrower.node()))
    }

    /// Says that this process lives after it did not for so long that others may have taken it for
    /// dead, and ended what it had of rate limits: it ends that itself, whether they have or not,
    /// before any call goes on it.
    async fn begin_anew(&self) -> Result<(), CommitError> {
        let ended = Write::Rate(RateWrite::End(Borrower::Node(self.borrower.node())));
        self.store.commit(self.beat().with(ended)).await?;
        self.paces.lose_all();
        Ok(())
    }

    fn peers_batch(&self) -> Batch {
        Batch::new(Actor::Job("gateway".to_owned()), self.now())
    }
}

impl InTouch {
    /// Listens, and says that this process lives, for as long as it is polled.
    pub async fn listen(self) {
        let beats = Beats { calls: Arc::clone(&self.calls), seen: HashMap::new(), looked_at: None };
        tokio::join!(beats.go_on(Arc::clone(&self.beat_at)), self.listen_on());
    }

    async fn listen_on(mut self) {
        loop {
            match self.listen_once().await {
                Ok(()) => {
                    if std::mem::take(&mut self.is_out_of_touch) {
                        info!("the store answers again");
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut self.is_out_of_touch, true) {
                        warn!(%error, "out of touch with the store: no call begins meanwhile");
                    }
                }
            }
            tokio::time::sleep(LISTEN_EVERY).await;
        }
    }

    /// Takes in what has changed.
    async fn listen_once(&mut self) -> Result<(), OutOfTouch> {
        let now = self.calls.borrower.moment();
        // Heard is only who has heard all of it.
        let mut is_more = true;
        while is_more {
            let changes = self.calls.store.changes(self.heard).await?;
            is_more = CHANGES_AT_A_TIME <= changes.len();
            for (number, change) in changes {
                self.take_in(number, change).await?;
            }
        }
        let beat_at = *self.beat_at.lock().unwrap_or_else(PoisonError::into_inner);
        if WRITES_WITHIN_MS <= now.since(beat_at) {
            return Err(OutOfTouch::DoesNotWrite);
        }
        self.calls.borrower.heard(now);
        Ok(())
    }

    /// What is stopped, and what calls cost, is read anew before it counts as heard: where that
    /// fails, it is heard again.
    async fn take_in(&mut self, number: u64, change: Option<Change>) -> Result<(), ReadError> {
        let directory = &self.calls.directory;
        match change {
            // What lies between is no longer remembered, or of a kind that is not known here.
            _ if number != self.heard.saturating_add(1) => self.take_in_anything().await?,
            None => self.take_in_anything().await?,
            Some(Change::Key(key)) => {
                directory.forget_key(key);
                // Its cap may be lower: nothing begins on what was borrowed of the one before. Who
                // lends is not waited for here, where others are listened to.
                let borrower = Arc::clone(&self.calls.borrower);
                tokio::spawn(async move { borrower.retire(Cap::Key(key)).await });
            }
            Some(Change::Study(study)) => {
                directory.forget_study(study);
                let borrower = Arc::clone(&self.calls.borrower);
                tokio::spawn(async move { borrower.retire(Cap::Study(study)).await });
            }
            Some(Change::Grant(grant)) => directory.forget_grant(grant),
            Some(Change::Holder(holder)) => directory.forget_holder(holder),
            Some(Change::Stops) => {
                directory.forget_all();
                self.calls.learn_what_is_stopped().await?;
            }
            Some(Change::Prices) => self.calls.learn_prices().await?,
            Some(Change::Sealed) => self.calls.learn_upstream_keys().await?,
            Some(Change::Rates(holder)) => self.calls.paces.give_back_of(holder),
            Some(Change::Recall(lease)) => self.calls.borrower.recall(lease),
        }
        self.heard = number;
        Ok(())
    }

    /// Anything may have changed.
    async fn take_in_anything(&self) -> Result<(), ReadError> {
        self.calls.directory.forget_all();
        let borrower = Arc::clone(&self.calls.borrower);
        tokio::spawn(async move { borrower.retire_all().await });
        self.calls.learn_prices().await?;
        self.calls.learn_upstream_keys().await?;
        self.calls.learn_what_is_stopped().await
    }
}

/// What a process does to be seen, and to see who else lives.
struct Beats {
    calls: Arc<Calls>,
    /// How often others had said that they live, and when that last grew.
    seen: HashMap<NodeId, (u64, Moment)>,
    looked_at: Option<Moment>,
}

impl Beats {
    async fn go_on(mut self, beat_at: Arc<Mutex<Moment>>) {
        loop {
            let now = self.calls.borrower.moment();
            let before = *beat_at.lock().unwrap_or_else(PoisonError::into_inner);
            let seen = async {
                if WRITES_WITHIN_MS <= now.since(before) {
                    self.calls.begin_anew().await?;
                } else {
                    self.calls.store.commit(self.calls.beat()).await?;
                }
                *beat_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
                self.look_around().await
            };
            if let Err(error) = seen.await {
                warn!(%error, "the store does not hear that this process lives");
            }
            tokio::time::sleep(BEAT_EVERY).await;
        }
    }

    async fn look_around(&mut self) -> Result<(), OutOfTouch> {
        let now = self.calls.borrower.moment();
        let is_deaf = self.looked_at.is_none_or(|at| DEAF_AFTER_MS <= now.since(at));
        let own = self.calls.borrower.node();
        // Leases first: whoever has one by then has taken a place before.
        let leases = if self.calls.leads() {
            self.calls.store.leases(LeaseFilter::GoingOn).await?
        } else {
            Vec::new()
        };
        let peers = self.calls.store.peers().await?;
        self.looked_at = Some(now);
        if is_deaf {
            self.seen.clear();
        }
        let (live, dead) = self.tell_apart(&peers, now);
        self.calls.borrower.share_with(u32::try_from(live.len()).unwrap_or(u32::MAX));
        let leads = live.first() == Some(&own);
        self.calls.leads.store(leads, Ordering::Relaxed);
        if !leads {
            return Ok(());
        }
        for node in dead {
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

    /// Who lives, and of whom nothing was heard for too long.
    fn tell_apart(&mut self, peers: &[Peer], now: Moment) -> (Vec<NodeId>, Vec<NodeId>) {
        let own = self.calls.borrower.node();
        self.seen.retain(|node, _| peers.iter().any(|peer| peer.node == *node));
        let (mut live, mut dead) = (Vec::with_capacity(peers.len()), Vec::new());
        for Peer { node, beats } in peers {
            let (before, at) = self.seen.entry(*node).or_insert((*beats, now));
            if before != beats {
                (*before, *at) = (*beats, now);
            }
            let is_live = *node == own || now.since(*at) < DEAD_AFTER_MS;
            if is_live { live.push(*node) } else { dead.push(*node) }
        }
        (live, dead)
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
