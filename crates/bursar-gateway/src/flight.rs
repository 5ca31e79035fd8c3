//! Calls in flight: counted, limited, and waited for when the server stops.

use std::sync::Arc;
use std::time::Duration;

use bursar_kernel::limits::CALLS_IN_FLIGHT_MAX;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::errors::Failure;

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

    /// How many calls are in flight, those whose clients have left included.
    pub fn in_flight(&self) -> usize {
        self.tasks.len()
    }

    /// Runs a call to its end in a task of its own, which nobody can stop by leaving.
    pub(crate) fn run<F>(&self, call: F) -> Result<(), Failure>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Failure::too_many_calls())?;
        self.tasks.spawn(async move {
            call.await;
            drop(place);
        });
        Ok(())
    }
}
