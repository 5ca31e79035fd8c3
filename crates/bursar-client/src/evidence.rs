//! What shows an affiliation, and verdicts that officers are asked to look at.

use bursar_api_types::{
    AddressLine, AnswerAppeal, AnswerClaim, AppealLine, Appeals, EvidenceDetail, LookUpAddress,
    Vouch,
};
use bursar_kernel::{AppealId, ApplicationId, ClaimId, ProgramId};

use crate::{Client, ClientError, segment};

impl Client {
    /// What an applicant has shown.
    pub async fn evidence(&self, of: ApplicationId) -> Result<EvidenceDetail, ClientError> {
        self.get(&format!("/api/applications/{of}/evidence")).await
    }

    /// Gives an officer's own word.
    pub async fn vouch(
        &self,
        of: ApplicationId,
        wanted: &Vouch,
    ) -> Result<EvidenceDetail, ClientError> {
        self.post(&format!("/api/applications/{of}/evidence"), wanted).await
    }

    /// Says whether what was claimed is believed.
    pub async fn answer_claim(
        &self,
        of: ApplicationId,
        claim: ClaimId,
        wanted: &AnswerClaim,
    ) -> Result<EvidenceDetail, ClientError> {
        self.put(&format!("/api/applications/{of}/claims/{claim}"), wanted).await
    }

    /// What lists say of an address.
    pub async fn look_up_address(
        &self,
        program: &ProgramId,
        wanted: &LookUpAddress,
    ) -> Result<AddressLine, ClientError> {
        self.post(&format!("/api/programs/{}/address", segment(program.as_str())), wanted).await
    }

    /// Verdicts that officers are asked to look at.
    pub async fn appeals(&self) -> Result<Appeals, ClientError> {
        self.get("/api/appeals").await
    }

    /// One of them.
    pub async fn appeal(&self, id: AppealId) -> Result<AppealLine, ClientError> {
        self.get(&format!("/api/appeals/{id}")).await
    }

    /// Answers whoever asks.
    pub async fn answer_appeal(
        &self,
        id: AppealId,
        wanted: &AnswerAppeal,
    ) -> Result<AppealLine, ClientError> {
        self.put(&format!("/api/appeals/{id}/answer"), wanted).await
    }
}
