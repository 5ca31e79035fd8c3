//! A round decided as its line says, a second officer's word on it, and who waits.

use bursar_api_types::{
    ApplicationDetail, ApproveRound, ApprovedRound, ByLineQuery, DecideByLine, DecidedByLine,
    ProposalDetail, ScreenApplication, TakeBackDecision, ToApproveDetail, WaitingList,
};
use bursar_kernel::{ApplicationId, ProgramId, RoundId};
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError, segment, with_query};

fn of_round(program: &ProgramId, round: &RoundId, what: &str) -> String {
    let (program, round) = (segment(program.as_str()), segment(round.as_str()));
    format!("/api/programs/{program}/rounds/{round}/{what}")
}

impl Client {
    /// What deciding a round as its line says would come to.
    pub async fn proposal(
        &self,
        program: &ProgramId,
        round: &RoundId,
        how: &ByLineQuery,
    ) -> Result<ProposalDetail, ClientError> {
        let asked = [
            how.pool.map(|pool| ("pool", pool.to_string())),
            how.seed.clone().map(|seed| ("seed", seed)),
            how.band.then(|| ("band", "true".to_owned())),
            (how.waiting != 0).then(|| ("waiting", how.waiting.to_string())),
        ];
        self.get(&with_query(&of_round(program, round, "proposal"), asked)).await
    }

    /// Records what a proposal says.
    pub async fn decide_by_line(
        &self,
        program: &ProgramId,
        round: &RoundId,
        wanted: &DecideByLine,
    ) -> Result<DecidedByLine, ClientError> {
        self.post(&of_round(program, round, "proposal"), wanted).await
    }

    /// What of a round waits for a second officer.
    pub async fn to_approve(
        &self,
        program: &ProgramId,
        round: &RoundId,
        officer: &str,
    ) -> Result<ToApproveDetail, ClientError> {
        let asked = [Some(("officer", officer.to_owned()))];
        self.get(&with_query(&of_round(program, round, "approval"), asked)).await
    }

    /// Approves what was shown.
    pub async fn approve_round(
        &self,
        program: &ProgramId,
        round: &RoundId,
        wanted: &ApproveRound,
    ) -> Result<ApprovedRound, ClientError> {
        self.post(&of_round(program, round, "approval"), wanted).await
    }

    /// Who waits for an award of a round to come back.
    pub async fn waiting_list(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<WaitingList, ClientError> {
        self.get(&of_round(program, round, "waiting-list")).await
    }

    /// An officer's word on whether an application is eligible.
    pub async fn screen(
        &self,
        id: ApplicationId,
        wanted: &ScreenApplication,
    ) -> Result<ApplicationDetail, ClientError> {
        self.post(&format!("/api/applications/{id}/screening"), wanted).await
    }

    /// Takes a decision back before anybody outside has heard of it.
    pub async fn take_back_decision(
        &self,
        id: ApplicationId,
        wanted: &TakeBackDecision,
    ) -> Result<ApplicationDetail, ClientError> {
        self.post(&format!("/api/applications/{id}/take-back"), wanted).await
    }

    /// Offers a waiting application its award.
    pub async fn offer_award(&self, id: ApplicationId) -> Result<ApplicationDetail, ClientError> {
        let path = format!("/api/applications/{id}/offer");
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }
}
