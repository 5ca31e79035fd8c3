//! What can be asked about ways to sign in.

use async_trait::async_trait;
use bursar_award::{Event, Review};
use bursar_kernel::{ApplicationId, AuditId, GrantId, MailId, PersonId, Timestamp};

use crate::reads::ReadError;
use crate::rows::{AuditLine, Erasure, LinkedIdentity, Mail, Passkey, SecretHash, Session};

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
    /// What is about a person and has no version goes, or is overwritten.
    Erase(Box<Erase>),
    /// What happened to an application is told anew, event by event, without what somebody wrote.
    RewriteHistory {
        /// Which.
        application: ApplicationId,
        /// All that happened, in order.
        history: Vec<Event>,
    },
    /// A mail goes, with what is known of its way and of its address.
    ForgetMail {
        /// Which.
        mail: MailId,
        /// To whom it went.
        email: String,
    },
}

/// What is about a person and has no version.
#[derive(Clone, Debug)]
pub struct Erase {
    /// Who: their sessions, passkeys, identities and card go.
    pub person: PersonId,
    /// Their mail address: sign-in links, mails and what is known of it go.
    pub email: String,
    /// Identifiers of what is theirs: words of lines of the audit trail about their ways to sign in
    /// and their requests go.
    pub subjects: Vec<String>,
    /// Their grants: words go from what these made in an upstream's account.
    pub grants: Vec<GrantId>,
    /// Words that stand in mails to others, in the audit trail and in what officers wrote.
    pub words: Vec<Reworded>,
}

/// Words that others stand in place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reworded {
    /// The words.
    pub what: String,
    /// What stands there from then on.
    pub with: String,
    /// Only in texts in which this stands as well.
    pub only_where: String,
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
    /// Somebody's wish to be forgotten: the last.
    async fn erasure(&self, person: PersonId) -> Result<Option<Erasure>, ReadError>;
    /// The one whose letter holds a secret.
    async fn erasure_by_secret(&self, hash: SecretHash) -> Result<Option<Erasure>, ReadError>;
    /// Those that were confirmed and are due by an instant, and those whose last letter is on its
    /// way; the longest due first.
    async fn erasures_due(&self, now: Timestamp) -> Result<Vec<Erasure>, ReadError>;
    /// The sessions of somebody that are not over at an instant, the latest first.
    async fn sessions(
        &self,
        person: PersonId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, ReadError>;
}
