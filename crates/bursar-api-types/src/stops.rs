//! What is stopped, and started again.

use bursar_kernel::Timestamp;
use bursar_operator::UpstreamKey;
use bursar_store::rows::{Stop, Stoppable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something to be stopped, or started again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnStop {
    /// Whether it is stopped from now on.
    pub stopped: bool,
    /// Why: those whose calls stop read it, and it stands in the audit trail.
    #[schema(example = "A key of it was found on the web.")]
    pub reason: String,
}

/// Whether something is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StopState {
    /// `program`, `grant` or `upstream`.
    #[schema(example = "grant")]
    pub kind: String,
    /// Which one.
    #[schema(example = "grant_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub name: String,
    /// Whether it is stopped now.
    pub stopped: bool,
    /// Why it was stopped, or started again; absent if it was never stopped.
    pub reason: Option<String>,
    /// When; absent if it was never stopped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// A key for an upstream.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUpstreamKey {
    /// The key, as the provider issued it. It is sealed, and never shown again.
    #[schema(example = "the provider's own")]
    pub key: String,
}

impl std::fmt::Debug for SetUpstreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetUpstreamKey(..)")
    }
}

/// The sealed key of an upstream, with nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpstreamKeyLine {
    /// The upstream.
    #[schema(example = "openai")]
    pub upstream: String,
    /// What tells whether two keys are the same: ten hexadecimal digits.
    #[schema(example = "0f1e2d3c4b")]
    pub fingerprint: String,
    /// The name of the master key that it is sealed under.
    #[schema(example = "0a1b2c3d")]
    pub master_key: String,
    /// Whether the server that answers opens it.
    pub opens: bool,
    /// When it was put there.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The sealed keys of upstreams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpstreamKeys {
    /// By upstream. One that is not here has its configuration's key.
    pub keys: Vec<UpstreamKeyLine>,
}

/// What became of keys that were to be sealed anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resealed {
    /// How many were not under the newest master key.
    pub resealed: usize,
}

/// The upstreams of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upstreams {
    /// By name: those of its configuration, and all that are stopped.
    pub upstreams: Vec<StopState>,
}

impl StopState {
    /// Where something stands.
    pub fn new(of: &Stoppable, stop: Option<Stop>) -> Self {
        Self {
            kind: of.kind().to_owned(),
            name: of.name(),
            stopped: stop.as_ref().is_some_and(|stop| stop.is_stopped),
            at: stop.as_ref().map(|stop| stop.at),
            reason: stop.map(|stop| stop.reason),
        }
    }

    /// What somebody said last.
    pub fn of(stop: Stop) -> Self {
        Self::new(&stop.of.clone(), Some(stop))
    }
}

impl From<UpstreamKey> for UpstreamKeyLine {
    fn from(key: UpstreamKey) -> Self {
        let UpstreamKey { upstream, fingerprint, master_key, opens, at } = key;
        Self { upstream, fingerprint, master_key, opens, at }
    }
}
