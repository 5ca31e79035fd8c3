//! The routes of who spends a grant.

use bursar_api_types::{
    ChangeParticipant, InviteParticipant, ParticipantLine, Participants, RemoveParticipant,
};
use bursar_kernel::{GrantId, ParticipantId};
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError};

impl Client {
    /// Who spends a grant.
    pub async fn participants(&self, grant: GrantId) -> Result<Participants, ClientError> {
        self.get(&format!("/api/grants/{grant}/people")).await
    }

    /// Invites somebody.
    pub async fn invite_participant(
        &self,
        grant: GrantId,
        wanted: &InviteParticipant,
    ) -> Result<ParticipantLine, ClientError> {
        self.post(&format!("/api/grants/{grant}/people"), wanted).await
    }

    /// Sends an invitation again.
    pub async fn send_invitation_again(
        &self,
        grant: GrantId,
        id: ParticipantId,
    ) -> Result<ParticipantLine, ClientError> {
        let path = format!("/api/grants/{grant}/people/{id}/again");
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }

    /// Changes what somebody may do.
    pub async fn change_participant(
        &self,
        grant: GrantId,
        id: ParticipantId,
        wanted: &ChangeParticipant,
    ) -> Result<ParticipantLine, ClientError> {
        self.put(&format!("/api/grants/{grant}/people/{id}"), wanted).await
    }

    /// Takes somebody out, or an invitation back.
    pub async fn remove_participant(
        &self,
        grant: GrantId,
        id: ParticipantId,
        wanted: &RemoveParticipant,
    ) -> Result<ParticipantLine, ClientError> {
        let version = wanted.version.map(|version| format!("version={version}"));
        let keys_to = wanted.keys_to.map(|person| format!("keys_to={person}"));
        let query: Vec<String> = version.into_iter().chain(keys_to).collect();
        let path = format!("/api/grants/{grant}/people/{id}?{}", query.join("&"));
        self.read(self.send(Method::DELETE, &path, Bytes::new()).await?)
    }
}
