//! Who reviews what in a round.

use bursar_api_types::{
    AddReviewer, InvitedPanel, PanelDetail, PlanPanel, PlannedPanel, ReviewersDetail,
};
use bursar_kernel::{ApplicationId, ProgramId, RoundId};
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError, segment};

fn panel(program: &ProgramId, round: &RoundId) -> String {
    let (program, round) = (segment(program.as_str()), segment(round.as_str()));
    format!("/api/programs/{program}/rounds/{round}/panel")
}

impl Client {
    /// Who reviews what in a round.
    pub async fn panel(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<PanelDetail, ClientError> {
        self.get(&panel(program, round)).await
    }

    /// Plans who reviews what.
    pub async fn plan_panel(
        &self,
        program: &ProgramId,
        round: &RoundId,
        wanted: &PlanPanel,
    ) -> Result<PlannedPanel, ClientError> {
        self.post(&format!("{}/plan", panel(program, round)), wanted).await
    }

    /// Asks the reviewers whom the plan proposes.
    pub async fn invite_panel(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<InvitedPanel, ClientError> {
        let path = format!("{}/invite", panel(program, round));
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }

    /// Who reviews an application, who could, and who must not.
    pub async fn reviewers(&self, of: ApplicationId) -> Result<ReviewersDetail, ClientError> {
        self.get(&format!("/api/applications/{of}/reviewers")).await
    }

    /// Proposes a reviewer for an application.
    pub async fn add_reviewer(
        &self,
        of: ApplicationId,
        wanted: &AddReviewer,
    ) -> Result<ReviewersDetail, ClientError> {
        self.post(&format!("/api/applications/{of}/reviewers"), wanted).await
    }
}
