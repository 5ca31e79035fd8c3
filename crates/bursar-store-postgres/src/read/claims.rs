//! What can be asked about claims and appeals.

use async_trait::async_trait;
use bursar_award::appeals::Appeal;
use bursar_award::claims::Claim;
use bursar_kernel::{AppealId, ApplicationId, ClaimId, PersonId, ProgramId};
use bursar_store::rows::SecretHash;
use bursar_store::{ClaimReads, ReadError};

use super::rows::{Conditions, body, many, one};
use crate::PostgresStore;
use crate::codec::Id;

const CLAIM: &str = "SELECT body FROM claim";
const APPEAL: &str = "SELECT body FROM appeal";

#[async_trait]
impl ClaimReads for PostgresStore {
    async fn claim(&self, id: ClaimId) -> Result<Option<Claim>, ReadError> {
        one(self, CLAIM, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn claim_by_secret(&self, hash: SecretHash) -> Result<Option<Claim>, ReadError> {
        one(self, CLAIM, "secret_hash = $1", hash.to_vec(), body).await
    }

    async fn claims_of(&self, person: PersonId) -> Result<Vec<Claim>, ReadError> {
        let of = Conditions::default().and("person =", Some(Id(person.to_bytes())));
        many(self, CLAIM, of, "ORDER BY id", body).await
    }

    async fn claims_with(&self, application: ApplicationId) -> Result<Vec<Claim>, ReadError> {
        let of = Conditions::default().and("application =", Some(Id(application.to_bytes())));
        many(self, CLAIM, of, "ORDER BY id", body).await
    }

    async fn appeal(&self, id: AppealId) -> Result<Option<Appeal>, ReadError> {
        one(self, APPEAL, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn appeal_by_secret(&self, hash: SecretHash) -> Result<Option<Appeal>, ReadError> {
        one(self, APPEAL, "secret_hash = $1", hash.to_vec(), body).await
    }

    async fn appeals_of(&self, email: String) -> Result<Vec<Appeal>, ReadError> {
        let of = Conditions::default().and("email =", Some(email));
        many(self, APPEAL, of, "ORDER BY id DESC", body).await
    }

    async fn appeals(
        &self,
        program: ProgramId,
        state: Option<&'static str>,
        limit: usize,
    ) -> Result<Vec<Appeal>, ReadError> {
        let of = Conditions::default().and("program =", Some(program.as_str().to_owned()));
        let mut found =
            many(self, APPEAL, of.and("state =", state), "ORDER BY id DESC", body).await?;
        found.truncate(limit);
        Ok(found)
    }
}
