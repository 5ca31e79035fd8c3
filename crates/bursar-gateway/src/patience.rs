//! How long a call is worked on: to its time limit while its client stays, for a bounded time
//! after.

use std::time::Duration;

use bursar_kernel::limits::{ABANDONED_READ_SECONDS_MAX, CALL_SECONDS_MAX};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a call is worked on.
pub(crate) struct Patience {
    deadline: Instant,
    client_left: CancellationToken,
    abandoned: bool,
}

/// What the client's side of a call keeps: dropped, it tells the call that its client has left.
pub(crate) type Presence = DropGuard;

/// The call's time was over before the work was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeIsUp;

impl Patience {
    /// The patience for a call that begins now, and its client's side of it.
    pub(crate) fn begin() -> (Self, Presence) {
        let client_left = CancellationToken::new();
        let seconds = u64::try_from(CALL_SECONDS_MAX).unwrap_or(0);
        let patience = Self {
            deadline: Instant::now() + Duration::from_secs(seconds),
            client_left: client_left.clone(),
            abandoned: false,
        };
        (patience, client_left.drop_guard())
    }

    /// Works until done or out of time. When the client leaves meanwhile, the work goes on.
    pub(crate) async fn within<T>(&mut self, work: impl Future<Output = T>) -> Result<T, TimeIsUp> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = self.client_left.cancelled(), if !self.abandoned => self.abandon(),
                () = sleep_until(self.deadline) => return Err(TimeIsUp),
            }
        }
    }

    /// Waits for a client to take something. `false` if it left, or never took it.
    pub(crate) async fn offer<T>(&mut self, taking: impl Future<Output = T>) -> bool {
        if self.is_abandoned() {
            return false;
        }
        let left = self.client_left.clone();
        tokio::select! {
            biased;
            () = left.cancelled() => {}
            _ = taking => return true,
            () = sleep_until(self.deadline) => {}
        }
        self.abandon();
        false
    }

    /// Whether the client has left.
    pub(crate) fn is_abandoned(&mut self) -> bool {
        if !self.abandoned && self.client_left.is_cancelled() {
            self.abandon();
        }
        self.abandoned
    }

    /// Nobody waits for the answer any more: what is left of it is read to learn what it cost.
    fn abandon(&mut self) {
        self.abandoned = true;
        self.deadline = Instant::now() + Duration::from_secs(ABANDONED_READ_SECONDS_MAX);
    }
}
