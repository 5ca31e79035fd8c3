//! What every handler has at hand.

use std::sync::Arc;

use bursar_service::Service;

use crate::flight::Calls;
use crate::upstream::Provider;

/// What every handler has at hand: the use cases, the upstreams, the calls in flight.
pub(crate) struct Gateway {
    pub(crate) service: Arc<Service>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) portal_url: String,
    pub(crate) calls: Calls,
}
