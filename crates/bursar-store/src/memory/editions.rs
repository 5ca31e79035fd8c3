//! Editions of programs.

use async_trait::async_trait;

use super::MemoryStore;
use crate::editions::EditionReads;
use crate::reads::ReadError;
use crate::rows::Edition;

#[async_trait]
impl EditionReads for MemoryStore {
    async fn editions(&self) -> Result<Vec<Edition>, ReadError> {
        Ok(self.state().editions.values().cloned().collect())
    }
}
