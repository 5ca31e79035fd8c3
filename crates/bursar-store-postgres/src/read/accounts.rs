//! What can be asked about ways to sign in.

use async_trait::async_trait;
use bursar_award::Review;
use bursar_kernel::{Actor, AuditId, MailId, PersonId, Timestamp};
use bursar_store::rows::{AuditLine, Erasure, LinkedIdentity, Mail, Passkey, SecretHash, Session};
use bursar_store::{AccountReads, ReadError};

use super::rows::{Conditions, body, many};
use super::tables::{AUDIT, MAIL, SESSION, audit_line, mail, session};
use crate::PostgresStore;
use crate::codec::{Id, millis, to_json};
use crate::statement::values;

const IDENTITY: &str = "SELECT body FROM identity";
const PASSKEY: &str = "SELECT body FROM passkey";
const ERASURE: &str = "SELECT body FROM erasure";
const REVIEW: &str = "SELECT body FROM review";
const MAILS_TO: &str = "WHERE recipient = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
// Each half goes along an index of its own.
const AUDIT_OF: &str = "WHERE id IN (
     (SELECT id FROM audit_line WHERE actor = $1 AND id < $3 ORDER BY id DESC LIMIT $4)
     UNION
     (SELECT id FROM audit_line WHERE subject = $2 AND id < $3 ORDER BY id DESC LIMIT $4))
     ORDER BY id DESC LIMIT $4";
const GOING_ON: &str = "WHERE person = $1 AND ended_at IS NULL AND $2 < expires_at
     ORDER BY created_at DESC, id DESC LIMIT $3";

#[async_trait]
impl AccountReads for PostgresStore {
    async fn identity(
        &self,
        issuer: String,
        subject: String,
    ) -> Result<Option<LinkedIdentity>, ReadError> {
        let this = Conditions::default().and("issuer =", Some(issuer));
        let this = this.and("subject =", Some(subject));
        Ok(many(self, IDENTITY, this, "", body).await?.into_iter().next())
    }

    async fn identities(&self, person: PersonId) -> Result<Vec<LinkedIdentity>, ReadError> {
        let theirs = Conditions::default().and("person =", Some(Id(person.to_bytes())));
        many(self, IDENTITY, theirs, "ORDER BY issuer, subject", body).await
    }

    async fn passkey(&self, id: String) -> Result<Option<Passkey>, ReadError> {
        let this = Conditions::default().and("id =", Some(id));
        Ok(many(self, PASSKEY, this, "", body).await?.into_iter().next())
    }

    async fn passkeys(&self, person: PersonId) -> Result<Vec<Passkey>, ReadError> {
        let theirs = Conditions::default().and("person =", Some(Id(person.to_bytes())));
        many(self, PASSKEY, theirs, "ORDER BY id", body).await
    }

    async fn reviews_by(&self, reviewer: PersonId) -> Result<Vec<Review>, ReadError> {
        let theirs = Conditions::default().and("reviewer =", Some(Id(reviewer.to_bytes())));
        many(self, REVIEW, theirs, "ORDER BY id", body).await
    }

    async fn mails_to(
        &self,
        email: String,
        before: Option<MailId>,
        limit: usize,
    ) -> Result<Vec<Mail>, ReadError> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let before = Id(before.map_or([0xff; 16], MailId::to_bytes));
        self.ask(&format!("{MAIL} {MAILS_TO}"), &values![email, before, rows], mail).await
    }

    async fn audit_of(
        &self,
        person: PersonId,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<Vec<AuditLine>, ReadError> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let before = Id(before.map_or([0xff; 16], AuditId::to_bytes));
        let actor = to_json(&Actor::Person(person)).map_err(|why| ReadError(why.to_string()))?;
        let values = values![actor, person.to_string(), before, rows];
        self.ask(&format!("{AUDIT} {AUDIT_OF}"), &values, audit_line).await
    }

    async fn erasure(&self, person: PersonId) -> Result<Option<Erasure>, ReadError> {
        let theirs = Conditions::default().and("person =", Some(Id(person.to_bytes())));
        Ok(many(self, ERASURE, theirs, "", body).await?.into_iter().next())
    }

    async fn erasure_by_secret(&self, hash: SecretHash) -> Result<Option<Erasure>, ReadError> {
        let this = Conditions::default().and("secret_hash =", Some(hash.to_vec()));
        Ok(many(self, ERASURE, this, "", body).await?.into_iter().next())
    }

    async fn erasures_due(&self, now: Timestamp) -> Result<Vec<Erasure>, ReadError> {
        let due = Conditions::default().and_that(Some("state IN ('confirmed', 'parting')"));
        let due = due.and("due_at <=", Some(millis(now)));
        many(self, ERASURE, due, "ORDER BY due_at, person", body).await
    }

    async fn sessions(
        &self,
        person: PersonId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, ReadError> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("{SESSION} {GOING_ON}");
        let values = values![Id(person.to_bytes()), millis(now), rows];
        self.ask(&sql, &values, session).await
    }
}
