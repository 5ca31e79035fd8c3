//! What every handler has at hand.

use std::sync::Arc;

use bursar_calls::{Caller, Calls};
use bursar_kernel::limits::UPLOADS_AT_A_TIME_MAX;
use bursar_sessions::Places;
use bursar_telemetry::Spans;
use bursar_upstream::Upstreams;
use tokio::sync::Semaphore;

use crate::flight::InFlight;
use bursar_failures::Pages;

/// What every handler has at hand: callers and money, the upstreams, the calls in flight.
pub(crate) struct Gateway {
    pub(crate) calls: Arc<Calls>,
    upstreams: Arc<Upstreams>,
    pub(crate) portal_url: String,
    pub(crate) in_flight: InFlight,
    /// What is told of calls, where an operator has a collector for them.
    pub(crate) spans: Option<Spans>,
    /// Files that are on their way through.
    pub(crate) uploads: Arc<Semaphore>,
    /// Realtime sessions that are open.
    pub(crate) sessions: Places,
}

impl Gateway {
    pub(crate) fn new(
        calls: Arc<Calls>,
        upstreams: Upstreams,
        portal_url: String,
        in_flight: InFlight,
        spans: Option<Spans>,
    ) -> Self {
        let uploads = Arc::new(Semaphore::new(UPLOADS_AT_A_TIME_MAX));
        let (upstreams, sessions) = (Arc::new(upstreams), Places::default());
        Self { calls, upstreams, portal_url, in_flight, spans, uploads, sessions }
    }

    /// The upstreams that there are now. A call asks once, and keeps what it got to its end: so
    /// they can be exchanged under it.
    pub(crate) fn upstreams(&self) -> Arc<Upstreams> {
        Arc::clone(&self.upstreams)
    }

    /// The pages of a caller.
    pub(crate) fn pages<'a>(&'a self, caller: &'a Caller) -> Pages<'a> {
        Pages { portal_url: &self.portal_url, caller }
    }
}
