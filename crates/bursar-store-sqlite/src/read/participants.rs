//! What can be asked about who takes part in grants.

use async_trait::async_trait;
use bursar_award::participants::Participant;
use bursar_kernel::{GrantId, ParticipantId, PersonId};
use bursar_store::rows::SecretHash;
use bursar_store::{ParticipantReads, ReadError};

use super::rows::{Conditions, body, many, one};
use crate::SqliteStore;

const PARTICIPANT: &str = "SELECT body FROM participant";

#[async_trait]
impl ParticipantReads for SqliteStore {
    async fn participants(&self, grant: GrantId) -> Result<Vec<Participant>, ReadError> {
        let of = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, PARTICIPANT, of, "ORDER BY id", body).await
    }

    async fn participant(&self, id: ParticipantId) -> Result<Option<Participant>, ReadError> {
        one(self, PARTICIPANT, "id = ?1", id.to_bytes(), body).await
    }

    async fn participant_by_secret(
        &self,
        hash: SecretHash,
    ) -> Result<Option<Participant>, ReadError> {
        one(self, PARTICIPANT, "secret_hash = ?1", hash, body).await
    }

    async fn participations(&self, person: PersonId) -> Result<Vec<Participant>, ReadError> {
        let of = Conditions::default().and("person =", Some(person.to_bytes()));
        many(self, PARTICIPANT, of, "ORDER BY id DESC", body).await
    }

    async fn participants_at(&self, email: String) -> Result<Vec<Participant>, ReadError> {
        let of = Conditions::default().and("email =", Some(email));
        many(self, PARTICIPANT, of, "ORDER BY id DESC", body).await
    }
}
