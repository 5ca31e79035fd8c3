//! How long a call is worked on: to its time limit while its client stays, for a bounded time
//! after.

use std::pin::Pin;
use std::time::Duration;

use bursar_kernel::limits::{ABANDONED_READ_SECONDS_MAX, CALL_SECONDS_MAX};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a call is worked on.
pub(crate) struct Patience {
    /// One timer for the whole call: it is set once, and again when its client leaves.
    time_is_up: Pin<Box<Sleep>>,
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
            time_is_up: Box::pin(sleep(Duration::from_secs(seconds))),
            client_left: client_left.clone(),
            abandoned: false,
        };
        (patience, client_left.drop_guard())
    }

    /// Works until done or out of time. When the client leaves meanwhile, the work goes on.
    ///
    /// The work is pinned by whoever has it: taken in here, it would take its room twice.
    pub(crate) async fn within<T>(
        &mut self,
        mut work: impl Future<Output = T> + Unpin,
    ) -> Result<T, TimeIsUp> {
        // Time first: an upstream that never stops talking is no reason to listen on.
        self.is_abandoned();
        if self.deadline() <= Instant::now() {
            return Err(TimeIsUp);
        }
        loop {
            tokio::select! {
                // What is done at once needs no timer.
                biased;
                done = &mut work => return Ok(done),
                () = self.client_left.cancelled(), if !self.abandoned => self.abandon(),
                () = &mut self.time_is_up => return Err(TimeIsUp),
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
            () = &mut self.time_is_up => {}
        }
        self.abandon();
        false
    }

    /// What tells that the client has left, to whoever cannot ask.
    pub(crate) fn departure(&self) -> CancellationToken {
        self.client_left.clone()
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
        let deadline = Instant::now() + Duration::from_secs(ABANDONED_READ_SECONDS_MAX);
        self.time_is_up.as_mut().reset(deadline);
    }

    fn deadline(&self) -> Instant {
        self.time_is_up.deadline()
    }
}

#[cfg(test)]
mod tests {
    //! Time is turned, never slept through.

    use std::future::{pending, ready};

    use super::*;

    async fn seconds_until_time_is_up(patience: &mut Patience) -> u64 {
        let began = Instant::now();
        assert_eq!(patience.within(pending::<()>()).await, Err(TimeIsUp));
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_that_hangs_is_given_up_at_the_time_limit() {
        let (mut patience, _presence) = Patience::begin();
        assert_eq!(seconds_until_time_is_up(&mut patience).await, 600);
        assert!(!patience.is_abandoned());
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_that_hangs_after_its_client_has_left_is_given_up_sooner() {
        let (mut patience, presence) = Patience::begin();
        drop(presence);
        assert_eq!(seconds_until_time_is_up(&mut patience).await, 120);
        assert!(patience.is_abandoned());
    }

    #[tokio::test(start_paused = true)]
    async fn an_upstream_that_never_stops_talking_is_given_up_too() {
        let (mut patience, presence) = Patience::begin();
        drop(presence);
        let mut seconds = 0_u64;
        while patience.within(ready(())).await.is_ok() {
            tokio::time::advance(Duration::from_secs(1)).await;
            seconds += 1;
        }
        assert_eq!(seconds, 120);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_takes_what_it_is_offered_counts_as_gone() {
        let (mut patience, _presence) = Patience::begin();
        let began = Instant::now();
        assert!(!patience.offer(pending::<()>()).await);
        assert_eq!(began.elapsed().as_secs(), 600);
        assert!(patience.is_abandoned());
        assert_eq!(seconds_until_time_is_up(&mut patience).await, 120);
    }
}
