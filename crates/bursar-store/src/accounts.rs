//! What can be asked about ways to sign in.

use async_trait::async_trait;
use bursar_kernel::{PersonId, Timestamp};

use crate::reads::ReadError;
use crate::rows::{LinkedIdentity, Session};

/// What can be asked about ways to sign in. Not found is `None`.
#[async_trait]
pub trait AccountReads: Send + Sync {
    /// Who somebody is at an issuer, by its own name for them; also where it was removed.
    async fn identity(
        &self,
        issuer: String,
        subject: String,
    ) -> Result<Option<LinkedIdentity>, ReadError>;
    /// The identities that are ways into somebody's account, by issuer and subject.
    async fn identities(&self, person: PersonId) -> Result<Vec<LinkedIdentity>, ReadError>;
    /// The sessions of somebody that are not over at an instant, the latest first.
    async fn sessions(
        &self,
        person: PersonId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, ReadError>;
}
