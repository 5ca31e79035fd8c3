//! How the upstreams are, for whoever runs the gateway. Never tells a credential or an address.

use std::sync::Arc;

use bursar_kernel::{Timestamp, UpstreamGroup};
use bursar_upstream::{Provider, Standing};

use crate::gateway::Gateway;

/// How the upstreams are. Clones look at the same ones.
#[derive(Clone)]
pub struct UpstreamStates {
    gateway: Arc<Gateway>,
}

/// How an upstream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamState {
    /// Its name in the configuration.
    pub name: String,
    /// Whose credit it honours.
    pub group: UpstreamGroup,
    /// Its share of the group's calls.
    pub weight: u32,
    /// Whether it takes calls.
    pub standing: UpstreamStanding,
}

/// Whether an upstream takes calls, as this server has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamStanding {
    /// It does.
    In,
    /// Somebody has stopped it: it takes nothing until it is started again.
    Stopped,
    /// It was left alone, and the next call will see whether it has recovered.
    Due {
        /// Why it was left alone: fits after "it".
        why: &'static str,
    },
    /// It is left alone.
    Out {
        /// Why: fits after "it".
        why: &'static str,
        /// Until when.
        until: Timestamp,
    },
}

impl UpstreamStates {
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway }
    }

    /// How each of them is now, group by group.
    pub fn all(&self) -> Vec<UpstreamState> {
        let now = self.gateway.calls.now();
        let upstreams = self.gateway.upstreams();
        let state = |provider: &Arc<Provider>| UpstreamState {
            name: provider.name.clone(),
            group: provider.group.clone(),
            weight: provider.weight,
            standing: match provider.standing(now) {
                _ if provider.is_stopped() => UpstreamStanding::Stopped,
                Standing::In => UpstreamStanding::In,
                Standing::Due(trouble) => UpstreamStanding::Due { why: trouble.words() },
                Standing::Out(trouble, until) => {
                    UpstreamStanding::Out { why: trouble.words(), until }
                }
            },
        };
        upstreams.all().map(state).collect()
    }
}
