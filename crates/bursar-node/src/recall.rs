//! What is lent comes back: to whoever passes it on, or to another node that is short of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bursar_kernel::{Actor, Cap, LeaseId, LotId};
use bursar_ledger::Leased;
use bursar_store::{Batch, LeaseFilter, LeaseState, ReadError, Write};
use tracing::warn;

use crate::lending::Lender;
use crate::{Borrower, State};

/// How long whoever wants back what is lent waits for it. Calls in flight keep theirs.
const GIVEN_BACK_WITHIN: Duration = Duration::from_secs(2);
/// How often it is looked whether it has come.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(2);
/// How long a call waits for other nodes to give back what they do not need: they hear of it within
/// a hundred milliseconds, and it takes a commit.
pub(super) const ASKED_BACK_WITHIN: Duration = Duration::from_millis(400);
/// How often the store is asked whether others have given back.
const LOOK_WHETHER_BACK: Duration = Duration::from_millis(30);

/// Nothing is lent while it is kept.
pub struct Recalled<'a> {
    _lender: tokio::sync::MutexGuard<'a, Lender>,
}

impl Borrower {
    /// Brings back what is lent of a lot and not set aside, for somebody who wants to pass it on:
    /// here, and where the store is shared, at every node. This process lends nothing while the
    /// answer is kept; another may.
    pub async fn bring_back(self: &Arc<Self>, lot: LotId) -> Recalled<'_> {
        self.bring_back_each(&[Leased::Lot(lot)]).await
    }

    /// The same for lots, and the rights of caps, that are wanted together.
    pub async fn bring_back_each(self: &Arc<Self>, wanted: &[Leased]) -> Recalled<'_> {
        let lender = self.lender.lock().await;
        for of in wanted {
            if let Some(lease) = lender.lease_of(*of) {
                self.recall(lease);
                self.until(|state| state.node.has_given_back(lease)).await;
            }
            self.others_give_back(*of).await;
        }
        Recalled { _lender: lender }
    }

    async fn others_give_back(&self, of: Leased) {
        if self.is_shared {
            match self.others(of).await {
                Ok(others) => self.ask_back(&others, GIVEN_BACK_WITHIN).await,
                Err(error) => {
                    let account = of.account();
                    warn!(%error, "cannot tell what other nodes have of `{account}`");
                }
            }
        }
    }

    /// A cap was changed: no call begins here on what was borrowed of its rights before. Says which
    /// lease that was; calls in flight end on it.
    pub async fn retire(self: &Arc<Self>, cap: Cap) -> Option<LeaseId> {
        // At once, and again when no loan is on its way that was made before.
        self.retire_here(cap);
        let mut lender = self.lender.lock().await;
        let lease = lender.forget(Leased::Cap(cap));
        self.retire_here(cap);
        lease
    }

    /// The same for every cap, where it is not known which were changed.
    pub async fn retire_all(self: &Arc<Self>) {
        let caps = self.lock().node.caps();
        for cap in caps {
            self.retire(cap).await;
        }
    }

    fn retire_here(self: &Arc<Self>, cap: Cap) {
        let mut state = self.lock();
        state.node.retire(cap);
        self.pump(&mut state);
    }

    /// Brings back, after a cap was lowered, what is lent of its rights and not set aside:
    /// here, and where the store is shared, at every node.
    pub async fn bring_rights_back(self: &Arc<Self>, cap: Cap) {
        if let Some(lease) = self.retire(cap).await {
            self.until(|state| state.node.has_given_back(lease)).await;
        }
        self.others_give_back(Leased::Cap(cap)).await;
    }

    /// Brings everything back. Calls in flight keep theirs; without any, nothing is lent when it
    /// returns, and nothing is while the answer is kept.
    pub async fn bring_all_back(self: &Arc<Self>) -> Recalled<'_> {
        let lender = self.lender.lock().await;
        self.lock().node.drain();
        self.until(|state| state.node.is_empty() && !state.is_writing).await;
        Recalled { _lender: lender }
    }

    /// Somebody needs what is not set aside of a lease. It goes back with the next group.
    pub fn recall(self: &Arc<Self>, lease: LeaseId) {
        let mut state = self.lock();
        state.node.recall(lease);
        self.pump(&mut state);
    }

    /// Leases of other nodes which go on, of a lot or of a cap's rights.
    pub(super) async fn others(&self, of: Leased) -> Result<Vec<LeaseState>, ReadError> {
        let mut leases = self.store.leases(LeaseFilter::Of(of)).await?;
        leases.retain(|state| state.lease.node != self.node);
        Ok(leases)
    }

    /// Asks other nodes for what they have and do not need, and waits until it is back or for as
    /// long as it may take.
    pub(super) async fn ask_back(&self, leases: &[LeaseState], within: Duration) {
        let spare = |state: &&LeaseState| state.balance.available().is_positive();
        let mut asked: Vec<&LeaseState> = leases.iter().filter(spare).collect();
        let batch = Batch::new(Actor::Job("gateway".to_owned()), self.clock.now());
        let batch = asked.iter().fold(batch, |batch, state| {
            let write = Write::Recall(state.lease.id);
            batch.with(write)
        });
        if batch.writes.is_empty() {
            return;
        }
        if let Err(error) = self.store.commit(batch).await {
            warn!(%error, "cannot ask other nodes for what they have lent");
            return;
        }
        let began = Instant::now();
        while !asked.is_empty() && began.elapsed() < within {
            tokio::time::sleep(LOOK_WHETHER_BACK).await;
            let mut still = Vec::new();
            for state in asked {
                let account = self.store.balance(state.lease.account()).await;
                if account.is_ok_and(|account| account.available().is_positive()) {
                    still.push(state);
                }
            }
            asked = still;
        }
    }

    async fn until(self: &Arc<Self>, is_so: impl Fn(&State) -> bool) {
        let began = Instant::now();
        while began.elapsed() < GIVEN_BACK_WITHIN {
            {
                let mut state = self.lock();
                if is_so(&state) {
                    return;
                }
                self.pump(&mut state);
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }
}
