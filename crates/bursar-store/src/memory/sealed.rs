//! Sealed secrets.

use async_trait::async_trait;

use super::MemoryStore;
use crate::reads::ReadError;
use crate::rows::SealedSecret;
use crate::sealed::SealedReads;

#[async_trait]
impl SealedReads for MemoryStore {
    async fn sealed_secrets(&self) -> Result<Vec<SealedSecret>, ReadError> {
        Ok(self.state().sealed.values().cloned().collect())
    }

    async fn sealed_secret(&self, purpose: String) -> Result<Option<SealedSecret>, ReadError> {
        Ok(self.state().sealed.get(&purpose).cloned())
    }
}
