//! What is stopped.

use async_trait::async_trait;

use super::MemoryStore;
use crate::reads::ReadError;
use crate::rows::{Stop, Stoppable};
use crate::stops::StopReads;

#[async_trait]
impl StopReads for MemoryStore {
    async fn stop(&self, of: Stoppable) -> Result<Option<Stop>, ReadError> {
        Ok(self.state().stops.get(&(of.kind(), of.name())).cloned())
    }

    async fn stopped_upstreams(&self) -> Result<Vec<Stop>, ReadError> {
        let state = self.state();
        let stopped = state
            .stops
            .values()
            .filter(|stop| stop.is_stopped && matches!(stop.of, Stoppable::Upstream(_)));
        Ok(stopped.cloned().collect())
    }
}
