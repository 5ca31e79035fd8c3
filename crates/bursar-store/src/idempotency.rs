//! What can be asked about requests that may be sent twice.

use async_trait::async_trait;
use bursar_kernel::Timestamp;

use crate::reads::ReadError;
use crate::rows::{IdempotencyKey, SecretHash};

/// What can be asked about requests that may be sent twice. Not found is `None`.
#[async_trait]
pub trait RepeatReads: Send + Sync {
    /// What is kept under a key's hash.
    async fn idempotency_key(&self, hash: SecretHash) -> Result<Option<IdempotencyKey>, ReadError>;
    /// How many keys are kept that were begun, or answered, before an instant.
    async fn idempotency_keys_before(&self, before: Timestamp) -> Result<u64, ReadError>;
}
