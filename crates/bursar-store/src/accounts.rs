//! What can be asked about ways to sign in.

use async_trait::async_trait;
use bursar_award::Review;
use bursar_kernel::{AuditId, MailId, PersonId, Timestamp};

use crate::reads::ReadError;
use crate::rows::{AuditLine, LinkedIdentity, Mail, Passkey, SecretHash, Session};

/// What is written of ways to sign in, beside their rows.
#[derive(Clone, Debug)]
pub enum AccountWrite {
    /// A question was answered. Conflicts if it was answered before; those that nobody may answer
    /// any more are forgotten.
    UseChallenge {
        /// Which.
        hash: SecretHash,
        /// From then on no answer is taken anyway.
        expires_at: Timestamp,
    },
}

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
    /// A passkey by its name; also where it was removed.
    async fn passkey(&self, id: String) -> Result<Option<Passkey>, ReadError>;
    /// The passkeys of somebody, by name.
    async fn passkeys(&self, person: PersonId) -> Result<Vec<Passkey>, ReadError>;
    /// The reviews that somebody wrote, the first written first.
    async fn reviews_by(&self, reviewer: PersonId) -> Result<Vec<Review>, ReadError>;
    /// Mails to an address, latest first, before one if one is given.
    async fn mails_to(
        &self,
        email: String,
        before: Option<MailId>,
        limit: usize,
    ) -> Result<Vec<Mail>, ReadError>;
    /// Lines of the audit trail about what somebody did, and what was done to them; latest first,
    /// before one if one is given.
    async fn audit_of(
        &self,
        person: PersonId,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, ReadError>;
    /// The sessions of somebody that are not over at an instant, the latest first.
    async fn sessions(
        &self,
        person: PersonId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, ReadError>;
}
