//! Whether upstreams are stopped, as every call reads it: a flag each, and nothing is locked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bursar_store::ReadError;
use bursar_store::rows::{Stop, Stoppable};

use crate::Calls;

/// Whether something is stopped. Clones say the same.
#[derive(Clone, Debug, Default)]
pub struct Switch(Arc<AtomicBool>);

impl Switch {
    /// Whether it is stopped now.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// What says so, for whoever knows nothing of calls.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    fn set(&self, is_stopped: bool) {
        self.0.store(is_stopped, Ordering::Release);
    }
}

/// The upstreams by name: those of this server's configuration, and all that were ever stopped.
#[derive(Default)]
pub(crate) struct Switches {
    by_name: Mutex<BTreeMap<String, Upstream>>,
    /// One look at a time: what was read earlier never overwrites what was read later.
    learning: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Upstream {
    switch: Switch,
    /// Whether this server's configuration has it.
    is_here: bool,
}

impl Switches {
    fn by_name(&self) -> MutexGuard<'_, BTreeMap<String, Upstream>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, stopped: &[Stop]) {
        let mut by_name = self.by_name();
        for stop in stopped {
            if let Stoppable::Upstream(name) = &stop.of {
                by_name.entry(name.clone()).or_default();
            }
        }
        for (name, upstream) in by_name.iter() {
            let is_it = |stop: &Stop| matches!(&stop.of, Stoppable::Upstream(of) if of == name);
            upstream.switch.set(stopped.iter().any(is_it));
        }
    }
}

impl Calls {
    /// What says whether an upstream of this server's configuration is stopped.
    pub fn upstream(&self, name: &str) -> Switch {
        let mut by_name = self.switches.by_name();
        let upstream = by_name.entry(name.to_owned()).or_default();
        upstream.is_here = true;
        upstream.switch.clone()
    }

    /// The names of the upstreams of this server's configuration.
    pub fn upstream_names(&self) -> Vec<String> {
        let by_name = self.switches.by_name();
        let here = by_name.iter().filter(|(_, upstream)| upstream.is_here);
        here.map(|(name, _)| name.clone()).collect()
    }

    /// Looks which upstreams are stopped. Before the first call, and whenever that may have
    /// changed.
    pub async fn learn_what_is_stopped(&self) -> Result<(), ReadError> {
        let _one_at_a_time = self.switches.learning.lock().await;
        let stopped = self.store.stopped_upstreams().await?;
        self.switches.set(&stopped);
        Ok(())
    }
}
