//! What can be asked about what is stopped.

use async_trait::async_trait;

use crate::reads::ReadError;
use crate::rows::{Stop, Stoppable};

/// What can be asked about what is stopped. Not found is `None`.
#[async_trait]
pub trait StopReads: Send + Sync {
    /// The last word on something: stopped, or started again.
    async fn stop(&self, of: Stoppable) -> Result<Option<Stop>, ReadError>;
    /// The upstreams that are stopped now, by name.
    async fn stopped_upstreams(&self) -> Result<Vec<Stop>, ReadError>;
}
