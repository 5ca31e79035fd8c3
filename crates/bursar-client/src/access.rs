//! The routes of limited models, of tiers and of cards.

use bursar_kernel::{AccessRequestId, GrantId};
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError, segment};
use bursar_api_types::{
    AccessRequestLine, AccessRequests, AnswerAccess, AskForModel, CardState, GrantLine,
    ModelStandings, NameTier, TierLine,
};

impl Client {
    /// The models as they stand to a grant.
    pub async fn grant_models(&self, grant: GrantId) -> Result<ModelStandings, ClientError> {
        self.get(&format!("/api/grants/{grant}/models")).await
    }

    /// Requests for limited models.
    pub async fn access_requests(&self) -> Result<AccessRequests, ClientError> {
        self.get("/api/access").await
    }

    /// One request for a limited model.
    pub async fn access_request(
        &self,
        id: AccessRequestId,
    ) -> Result<AccessRequestLine, ClientError> {
        self.get(&format!("/api/access/{id}")).await
    }

    /// Asks for a limited model.
    pub async fn ask_for_model(
        &self,
        wanted: &AskForModel,
    ) -> Result<AccessRequestLine, ClientError> {
        self.post("/api/access", wanted).await
    }

    /// Answers a request.
    pub async fn answer_access_request(
        &self,
        id: AccessRequestId,
        given: &AnswerAccess,
    ) -> Result<AccessRequestLine, ClientError> {
        self.post(&format!("/api/access/{id}/answer"), given).await
    }

    /// Takes a request back.
    pub async fn withdraw_access_request(
        &self,
        id: AccessRequestId,
    ) -> Result<AccessRequestLine, ClientError> {
        let path = format!("/api/access/{id}/withdraw");
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }

    /// A grant's tier, with its limits.
    pub async fn tier(&self, grant: GrantId) -> Result<TierLine, ClientError> {
        self.get(&format!("/api/grants/{grant}/tier")).await
    }

    /// Names a tier for a grant.
    pub async fn name_tier(
        &self,
        grant: GrantId,
        wanted: &NameTier,
    ) -> Result<GrantLine, ClientError> {
        self.put(&format!("/api/grants/{grant}/tier"), wanted).await
    }

    /// Somebody's card and its checks, by mail address.
    pub async fn card(&self, email: &str) -> Result<CardState, ClientError> {
        self.get(&format!("/api/people/{}/card", segment(email))).await
    }
}
