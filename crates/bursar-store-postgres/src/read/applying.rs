//! What can be asked about who takes part, questions, files and kept forms.

use async_trait::async_trait;
use bursar_award::asking::Question;
use bursar_award::members::Member;
use bursar_kernel::{ApplicationId, MemberId, PersonId, QuestionId};
use bursar_store::rows::{KeptForm, SecretHash};
use bursar_store::{ApplyingReads, ReadError};
use tokio_postgres::Row;

use super::rows::{Conditions, body, many, one};
use crate::PostgresStore;
use crate::codec::{Id, hash, instant};
use crate::error::DbError;

const MEMBER: &str = "SELECT body FROM member";
const QUESTION: &str = "SELECT body FROM question";
const PART: &str = "SELECT bytes FROM application_file";
const KEPT: &str = "SELECT secret_hash, sealed, expires_at FROM kept_form";

fn bytes(row: &Row) -> Result<Vec<u8>, DbError> {
    Ok(row.try_get(0)?)
}

fn kept(row: &Row) -> Result<KeptForm, DbError> {
    Ok(KeptForm {
        secret_hash: hash(row, 0)?,
        sealed: row.try_get(1)?,
        expires_at: instant(row, 2)?,
    })
}

#[async_trait]
impl ApplyingReads for PostgresStore {
    async fn members(&self, application: ApplicationId) -> Result<Vec<Member>, ReadError> {
        let of = Conditions::default().and("application =", Some(Id(application.to_bytes())));
        many(self, MEMBER, of, "ORDER BY id", body).await
    }

    async fn member(&self, id: MemberId) -> Result<Option<Member>, ReadError> {
        one(self, MEMBER, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn member_by_secret(&self, hash: SecretHash) -> Result<Option<Member>, ReadError> {
        one(self, MEMBER, "secret_hash = $1", hash.to_vec(), body).await
    }

    async fn memberships(&self, person: PersonId) -> Result<Vec<Member>, ReadError> {
        let of = Conditions::default().and("person =", Some(Id(person.to_bytes())));
        let of = of.and_that(Some("state = 'accepted'"));
        many(self, MEMBER, of, "ORDER BY id DESC", body).await
    }

    async fn questions(&self, application: ApplicationId) -> Result<Vec<Question>, ReadError> {
        let of = Conditions::default().and("application =", Some(Id(application.to_bytes())));
        many(self, QUESTION, of, "ORDER BY id", body).await
    }

    async fn question(&self, id: QuestionId) -> Result<Option<Question>, ReadError> {
        one(self, QUESTION, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn file_part(
        &self,
        application: ApplicationId,
        hash: SecretHash,
        number: u32,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let this = Conditions::default()
            .and("application =", Some(Id(application.to_bytes())))
            .and("hash =", Some(hash.to_vec()))
            .and("number =", Some(i64::from(number)));
        Ok(many(self, PART, this, "", bytes).await?.into_iter().next())
    }

    async fn kept_form(&self, hash: SecretHash) -> Result<Option<KeptForm>, ReadError> {
        one(self, KEPT, "secret_hash = $1", hash.to_vec(), kept).await
    }
}
