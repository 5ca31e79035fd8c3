//! The two lanes to the writer: what settles calls goes ahead of everything else.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bursar_kernel::limits::{WRITES_PER_COMMIT_MAX, WRITES_WAITING_MAX};
use bursar_store::{Batch, Commit, CommitError, Receipt};
use tokio::sync::oneshot;

use crate::open::SqliteStore;

/// A batch and whom to tell what became of it.
pub(crate) struct Job {
    pub(crate) batch: Batch,
    pub(crate) reply: oneshot::Sender<Result<Receipt, CommitError>>,
}

/// The lanes.
#[derive(Default)]
pub(crate) struct Queue {
    lanes: Mutex<Lanes>,
    arrived: Condvar,
}

#[derive(Default)]
struct Lanes {
    /// Bounded by the number of open holds, each of which lands here once.
    settlements: VecDeque<Job>,
    others: VecDeque<Job>,
    closed: bool,
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

    /// The next jobs for one durable commit, settlements first. Waits for one to arrive; `None`
    /// once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<Vec<Job>> {
        let mut lanes = self.lanes();
        while lanes.settlements.is_empty() && lanes.others.is_empty() {
            if lanes.closed {
                return None;
            }
            lanes = self.arrived.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
        let settlements = lanes.settlements.len().min(WRITES_PER_COMMIT_MAX);
        let mut jobs: Vec<Job> = lanes.settlements.drain(..settlements).collect();
        let others = lanes.others.len().min(WRITES_PER_COMMIT_MAX.saturating_sub(jobs.len()));
        jobs.extend(lanes.others.drain(..others));
        Some(jobs)
    }

    /// Refuses new jobs; those that wait are still written.
    pub(crate) fn close(&self) {
        self.lanes().closed = true;
        self.arrived.notify_all();
    }
}

#[async_trait]
impl Commit for SqliteStore {
    async fn commit(&self, batch: Batch) -> Result<Receipt, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(Job { batch, reply })?;
        answer.await.unwrap_or_else(|_| Err(CommitError::Unavailable("it stopped".to_owned())))
    }
}
