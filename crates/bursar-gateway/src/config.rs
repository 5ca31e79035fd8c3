//! What a gateway is made of.

use std::sync::Arc;

use bursar_calls::Calls;
use bursar_telemetry::Spans;
use bursar_upstream::Upstream;

/// What a gateway is made of.
pub struct Config {
    /// Who calls, and what calls spend.
    pub calls: Arc<Calls>,
    /// The providers it forwards to; those in a program's group share its calls by their weights.
    pub upstreams: Vec<Upstream>,
    /// The address of the portal, without a trailing slash: where messages send people.
    pub portal_url: String,
    /// What is told of calls, if anybody is.
    pub spans: Option<Spans>,
}
