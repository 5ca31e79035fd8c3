//! What is to show an affiliation, and verdicts that a person is asked to look at.

use async_trait::async_trait;
use bursar_award::appeals::Appeal;
use bursar_award::claims::Claim;
use bursar_kernel::{AppealId, ApplicationId, ClaimId, PersonId, ProgramId};

use crate::reads::ReadError;
use crate::rows::SecretHash;

/// What can be asked about them. Not found is `None`.
#[async_trait]
pub trait ClaimReads: Send + Sync {
    /// A claim.
    async fn claim(&self, id: ClaimId) -> Result<Option<Claim>, ReadError>;
    /// The claim that a sponsor's letter leads to.
    async fn claim_by_secret(&self, hash: SecretHash) -> Result<Option<Claim>, ReadError>;
    /// What somebody has claimed, in order.
    async fn claims_of(&self, person: PersonId) -> Result<Vec<Claim>, ReadError>;
    /// What was claimed with an application, in order.
    async fn claims_with(&self, application: ApplicationId) -> Result<Vec<Claim>, ReadError>;
    /// An appeal.
    async fn appeal(&self, id: AppealId) -> Result<Option<Appeal>, ReadError>;
    /// The appeal that a letter leads to.
    async fn appeal_by_secret(&self, hash: SecretHash) -> Result<Option<Appeal>, ReadError>;
    /// What an address has asked, the latest first.
    async fn appeals_of(&self, email: String) -> Result<Vec<Appeal>, ReadError>;
    /// What was asked about a program in a state, the latest first, at the most so many; in every
    /// state where none is named.
    async fn appeals(
        &self,
        program: ProgramId,
        state: Option<&'static str>,
        limit: usize,
    ) -> Result<Vec<Appeal>, ReadError>;
}
