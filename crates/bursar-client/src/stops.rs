//! The routes of what can be stopped.

pub use bursar_store::rows::Stoppable;

use crate::{Client, ClientError, segment};
use bursar_api::types::{StopState, TurnStop, Upstreams};

impl Client {
    /// Stops something, or starts it again.
    pub async fn turn(&self, of: &Stoppable, to: &TurnStop) -> Result<StopState, ClientError> {
        self.put(&format!("/api/{}s/{}/stop", of.kind(), segment(&of.name())), to).await
    }

    /// The upstreams, and whether they are stopped.
    pub async fn upstreams(&self) -> Result<Upstreams, ClientError> {
        self.get("/api/upstreams").await
    }
}
