//! What can be asked about who takes part in grants.

use async_trait::async_trait;
use bursar_award::participants::Participant;
use bursar_kernel::{GrantId, ParticipantId, PersonId};

use crate::reads::ReadError;
use crate::rows::SecretHash;

/// What can be asked about them, wherever they stand: whoever asks looks. Not found is `None`.
#[async_trait]
pub trait ParticipantReads: Send + Sync {
    /// Those who were ever invited to a grant, in order.
    async fn participants(&self, grant: GrantId) -> Result<Vec<Participant>, ReadError>;
    /// One of them.
    async fn participant(&self, id: ParticipantId) -> Result<Option<Participant>, ReadError>;
    /// The one whom a letter's secret invites.
    async fn participant_by_secret(
        &self,
        hash: SecretHash,
    ) -> Result<Option<Participant>, ReadError>;
    /// What somebody has answered, latest first.
    async fn participations(&self, person: PersonId) -> Result<Vec<Participant>, ReadError>;
    /// What was sent to an address, latest first.
    async fn participants_at(&self, email: String) -> Result<Vec<Participant>, ReadError>;
}
