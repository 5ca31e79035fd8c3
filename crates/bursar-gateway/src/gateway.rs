//! What every handler has at hand.

use std::sync::Arc;

use bursar_calls::Calls;

use crate::flight::InFlight;
use crate::upstream::Provider;

/// What every handler has at hand: callers and money, the upstreams, the calls in flight.
pub(crate) struct Gateway {
    pub(crate) calls: Arc<Calls>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) portal_url: String,
    pub(crate) in_flight: InFlight,
}
