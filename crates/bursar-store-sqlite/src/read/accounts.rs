//! What can be asked about ways to sign in.

use async_trait::async_trait;
use bursar_kernel::{PersonId, Timestamp};
use bursar_store::rows::{LinkedIdentity, Passkey, Session};
use bursar_store::{AccountReads, ReadError};
use rusqlite::{Connection, params};

use super::rows::{Conditions, body, many};
use super::tables::{SESSION, session};
use crate::SqliteStore;
use crate::codec::millis;

const IDENTITY: &str = "SELECT body FROM identity";
const PASSKEY: &str = "SELECT body FROM passkey";
const GOING_ON: &str = "WHERE person = ?1 AND ended_at IS NULL AND ?2 < expires_at
     ORDER BY created_at DESC, id DESC LIMIT ?3";

#[async_trait]
impl AccountReads for SqliteStore {
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
        let theirs = Conditions::default().and("person =", Some(person.to_bytes()));
        many(self, IDENTITY, theirs, "ORDER BY issuer, subject", body).await
    }

    async fn passkey(&self, id: String) -> Result<Option<Passkey>, ReadError> {
        let this = Conditions::default().and("id =", Some(id));
        Ok(many(self, PASSKEY, this, "", body).await?.into_iter().next())
    }

    async fn passkeys(&self, person: PersonId) -> Result<Vec<Passkey>, ReadError> {
        let theirs = Conditions::default().and("person =", Some(person.to_bytes()));
        many(self, PASSKEY, theirs, "ORDER BY id", body).await
    }

    async fn sessions(
        &self,
        person: PersonId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>, ReadError> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = move |connection: &Connection| {
            let sql = format!("{SESSION} {GOING_ON}");
            let mut statement = connection.prepare_cached(&sql)?;
            let values = params![person.to_bytes(), millis(now), rows];
            statement.query_map(values, session)?.collect()
        };
        self.read(query).await
    }
}
