//! What can be asked about who takes part, questions, files and kept forms.

use async_trait::async_trait;
use bursar_award::asking::Question;
use bursar_award::members::Member;
use bursar_kernel::{ApplicationId, MemberId, PersonId, QuestionId};
use bursar_store::rows::{KeptForm, SecretHash};
use bursar_store::{ApplyingReads, ReadError};
use rusqlite::{Error, Row};

use super::rows::{Conditions, body, many, one};
use crate::SqliteStore;
use crate::codec::instant;

const MEMBER: &str = "SELECT body FROM member";
const QUESTION: &str = "SELECT body FROM question";
const PART: &str = "SELECT bytes FROM application_file";
const KEPT: &str = "SELECT secret_hash, sealed, expires_at FROM kept_form";

fn bytes(row: &Row<'_>) -> Result<Vec<u8>, Error> {
    row.get(0)
}

fn kept(row: &Row<'_>) -> Result<KeptForm, Error> {
    Ok(KeptForm { secret_hash: row.get(0)?, sealed: row.get(1)?, expires_at: instant(row, 2)? })
}

#[async_trait]
impl ApplyingReads for SqliteStore {
    async fn members(&self, application: ApplicationId) -> Result<Vec<Member>, ReadError> {
        let of = Conditions::default().and("application =", Some(application.to_bytes()));
        many(self, MEMBER, of, "ORDER BY id", body).await
    }

    async fn member(&self, id: MemberId) -> Result<Option<Member>, ReadError> {
        one(self, MEMBER, "id = ?1", id.to_bytes(), body).await
    }

    async fn member_by_secret(&self, hash: SecretHash) -> Result<Option<Member>, ReadError> {
        one(self, MEMBER, "secret_hash = ?1", hash, body).await
    }

    async fn memberships(&self, person: PersonId) -> Result<Vec<Member>, ReadError> {
        let of = Conditions::default().and("person =", Some(person.to_bytes()));
        let of = of.and_that(Some("state = 'accepted'"));
        many(self, MEMBER, of, "ORDER BY id DESC", body).await
    }

    async fn questions(&self, application: ApplicationId) -> Result<Vec<Question>, ReadError> {
        let of = Conditions::default().and("application =", Some(application.to_bytes()));
        many(self, QUESTION, of, "ORDER BY id", body).await
    }

    async fn question(&self, id: QuestionId) -> Result<Option<Question>, ReadError> {
        one(self, QUESTION, "id = ?1", id.to_bytes(), body).await
    }

    async fn file_part(
        &self,
        application: ApplicationId,
        hash: SecretHash,
        number: u32,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let this = Conditions::default()
            .and("application =", Some(application.to_bytes()))
            .and("hash =", Some(hash))
            .and("number =", Some(number));
        Ok(many(self, PART, this, "", bytes).await?.into_iter().next())
    }

    async fn kept_form(&self, hash: SecretHash) -> Result<Option<KeptForm>, ReadError> {
        one(self, KEPT, "secret_hash = ?1", hash, kept).await
    }
}
