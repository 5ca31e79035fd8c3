//! Calls in flight: counted, limited, and waited for when the server stops.

use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bursar_kernel::limits::CALLS_IN_FLIGHT_MAX;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use bursar_failures::Failure;

/// The calls in flight. Clones share one count.
#[derive(Clone)]
pub struct InFlight {
    tasks: TaskTracker,
    places: Arc<Semaphore>,
}

impl Default for InFlight {
    fn default() -> Self {
        Self { tasks: TaskTracker::new(), places: Arc::new(Semaphore::new(CALLS_IN_FLIGHT_MAX)) }
    }
}

impl InFlight {
    /// Waits until no call is in flight, but not longer than `at_most`. Whether none is left: for
    /// those that are, the holds stay, and their `settle_by` puts them in suspense.
    ///
    /// To be called when the listener has stopped: calls that begin meanwhile are waited for too.
    pub async fn finished(&self, at_most: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(at_most, self.tasks.wait()).await.is_ok()
    }

    /// Whether calls that last are to end: somebody waits for the last of them.
    pub(crate) fn is_stopping(&self) -> bool {
        self.tasks.is_closed()
    }

    /// How many calls are in flight, those whose clients have left included.
    pub fn in_flight(&self) -> usize {
        self.tasks.len()
    }

    /// Takes a call's place among those in flight. The call runs where its answer is awaited, so
    /// that no thread has to wake another for it; nobody can stop it by leaving.
    pub(crate) fn begin<F>(&self, call: F) -> Result<Attended, Failure>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Failure::too_many_calls())?;
        let place = Place { _among: place, _counted: self.tasks.token() };
        Ok(Attended { call: Some((Box::pin(call), place)) })
    }

    /// Runs something to its end in a task of its own.
    pub(crate) fn run<F>(&self, work: F) -> Result<(), Failure>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.begin(work).map(drop)
    }

    /// Does something to its end, whether or not whoever awaits it stays.
    pub(crate) async fn to_its_end<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (client, answered) = oneshot::channel();
        self.run(async move {
            let _ = client.send(work.await);
        })?;
        answered.await.map_err(|_| Failure::bug())?
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call's place among those in flight, until it has ended.
struct Place {
    _among: OwnedSemaphorePermit,
    _counted: TaskTrackerToken,
}

/// A call that is worked on while its answer is awaited. Once it is not, because the answer has
/// begun or because whoever waited has left, the rest goes on in a task of its own.
pub(crate) struct Attended {
    call: Option<(Work, Place)>,
}

impl Attended {
    /// Works on the call until it has answered. `None` if it ended without an answer.
    pub(crate) async fn until<T>(mut self, mut answered: oneshot::Receiver<T>) -> Option<T> {
        poll_fn(|context| {
            if let Some((call, _)) = &mut self.call {
                let polled = panic::catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
                if !matches!(polled, Ok(Poll::Pending)) {
                    // A call that panicked is settled by its hold's own end.
                    self.call = None;
                }
            }
            Pin::new(&mut answered).poll(context)
        })
        .await
        .ok()
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        if let Some((call, place)) = self.call.take() {
            tokio::spawn(async move {
                call.await;
                drop(place);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    //! Calls whose clients leave, and calls that end without a word.

    use super::*;

    #[tokio::test]
    async fn a_call_whose_client_leaves_goes_on_to_its_end() {
        let in_flight = InFlight::default();
        let (ended, end) = oneshot::channel();
        let (_client, answered) = oneshot::channel::<()>();
        let call = in_flight.begin(async move {
            tokio::task::yield_now().await;
            let _ = ended.send("to its end");
        });
        let waiting = call.unwrap_or_else(|_| unreachable!("there is room")).until(answered);
        let left = tokio::time::timeout(Duration::ZERO, async { drop(waiting) }).await;
        assert_eq!((left, end.await), (Ok(()), Ok("to its end")));
        assert!(in_flight.finished(Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn what_is_left_of_a_call_goes_on_once_its_answer_has_begun() {
        let in_flight = InFlight::default();
        let (client, answered) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let call = in_flight.begin(async move {
            let _ = client.send("its answer");
            tokio::task::yield_now().await;
            let _ = ended.send("to its end");
        });
        let call = call.unwrap_or_else(|_| unreachable!("there is room"));
        assert_eq!(call.until(answered).await, Some("its answer"));
        assert_eq!(end.await, Ok("to its end"));
    }

    #[tokio::test]
    async fn a_call_that_panics_is_no_answer_and_takes_nobody_with_it() {
        let in_flight = InFlight::default();
        let (client, answered) = oneshot::channel::<()>();
        let call = in_flight.begin(async move {
            let _kept = client;
            panic!("a bug");
        });
        let call = call.unwrap_or_else(|_| unreachable!("there is room"));
        assert_eq!(call.until(answered).await, None);
        assert_eq!(in_flight.in_flight(), 0);
    }
}
