//! What can be asked about sealed secrets.

use async_trait::async_trait;

use crate::reads::ReadError;
use crate::rows::SealedSecret;

/// What can be asked about sealed secrets. Not found is `None`.
#[async_trait]
pub trait SealedReads: Send + Sync {
    /// All of them, by purpose: those that were taken out too.
    async fn sealed_secrets(&self) -> Result<Vec<SealedSecret>, ReadError>;
    /// The one of a purpose.
    async fn sealed_secret(&self, purpose: String) -> Result<Option<SealedSecret>, ReadError>;
}
