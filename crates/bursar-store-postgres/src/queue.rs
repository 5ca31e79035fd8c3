//! The two lanes to the writer: what settles calls goes ahead of everything else.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bursar_kernel::limits::WRITES_WAITING_MAX;
use bursar_store::{Batch, Commit, CommitError, Receipt};
use tokio::sync::{Notify, oneshot};

use crate::open::PostgresStore;

/// Batches in one transaction. Each costs two or three journeys to the database while others wait
/// for their turn; past so many, the durable commit that they share is no longer what takes long.
const BATCHES_PER_COMMIT_MAX: usize = 64;

/// A batch and whom to tell what became of it.
pub(crate) struct Job {
    pub(crate) batch: Batch,
    pub(crate) reply: oneshot::Sender<Result<Receipt, CommitError>>,
}

/// Jobs for one transaction.
pub(crate) struct Group {
    pub(crate) jobs: Vec<Job>,
    /// Whether all of them settle calls; none does otherwise.
    pub(crate) settles: bool,
}

/// The lanes.
#[derive(Default)]
pub(crate) struct Queue {
    lanes: Mutex<Lanes>,
    arrived: Notify,
}

#[derive(Default)]
struct Lanes {
    /// Bounded by the number of open holds, each of which lands here once.
    settlements: VecDeque<Job>,
    others: VecDeque<Job>,
    closed: bool,
    /// Whether the last group settled calls, so that the others have their turn.
    settled_last: bool,
}

impl Queue {
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) -> Result<(), CommitError> {
        let mut lanes = self.lanes();
        if lanes.closed {
            return Err(CommitError::Unavailable("it is closed".to_owned()));
        }
        if job.batch.goes_ahead() {
            lanes.settlements.push_back(job);
        } else if lanes.others.len() < WRITES_WAITING_MAX {
            lanes.others.push_back(job);
        } else {
            return Err(CommitError::Unavailable("too many writes wait".to_owned()));
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// The next group. Waits for a job to arrive; `None` once the queue is closed and empty.
    pub(crate) async fn take(&self) -> Option<Group> {
        loop {
            if let Ok(group) = self.lanes().take() {
                return group;
            }
            // A job that has arrived since has left its notice.
            self.arrived.notified().await;
        }
    }

    /// Refuses new jobs; those that wait are still written.
    pub(crate) fn close(&self) {
        self.lanes().closed = true;
        self.arrived.notify_one();
    }
}

/// Nothing waits, and something may come.
struct Empty;

impl Lanes {
    /// Settlements and others in turn where both wait; a settlement waits for one group at most.
    fn take(&mut self) -> Result<Option<Group>, Empty> {
        let settles = match (self.settlements.is_empty(), self.others.is_empty()) {
            (true, true) => return if self.closed { Ok(None) } else { Err(Empty) },
            (false, true) => true,
            (true, false) => false,
            (false, false) => !self.settled_last,
        };
        self.settled_last = settles;
        let lane = if settles { &mut self.settlements } else { &mut self.others };
        let jobs = lane.drain(..lane.len().min(BATCHES_PER_COMMIT_MAX)).collect();
        Ok(Some(Group { jobs, settles }))
    }
}

#[async_trait]
impl Commit for PostgresStore {
    async fn commit(&self, batch: Batch) -> Result<Receipt, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(Job { batch, reply })?;
        answer.await.unwrap_or_else(|_| Err(CommitError::Unavailable("it stopped".to_owned())))
    }
}
