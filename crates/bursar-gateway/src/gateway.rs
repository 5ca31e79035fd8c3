//! What every handler has at hand.

use std::sync::Arc;

use bursar_calls::{Caller, Calls};
use tokio::sync::Semaphore;

use crate::errors::Pages;
use crate::flight::InFlight;
use crate::upstream::Provider;

/// What every handler has at hand: callers and money, the upstreams, the calls in flight.
pub(crate) struct Gateway {
    pub(crate) calls: Arc<Calls>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) portal_url: String,
    pub(crate) in_flight: InFlight,
    /// Files that are on their way through.
    pub(crate) uploads: Arc<Semaphore>,
}

impl Gateway {
    /// The pages of a caller.
    pub(crate) fn pages<'a>(&'a self, caller: &'a Caller) -> Pages<'a> {
        Pages { portal_url: &self.portal_url, caller }
    }
}
