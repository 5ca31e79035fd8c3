//! Those who take part in an application beside the one who began it.

use bursar_kernel::{ApplicationId, MemberId, MemberRole, PersonId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::invitation::{InvitationRefusal, InvitationState};

/// How long an invitation can be answered: a mail that waits over a holiday still works.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(24 * 21);
/// Invitations that an application may have open or taken at a time.
pub const MEMBERS_MAX: usize = 10;

/// Somebody who was invited to take part. Rows stay, so that conflicts of interest can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub id: MemberId,
    /// The application.
    pub application: ApplicationId,
    /// Where the invitation went, in lower case.
    pub email: String,
    /// What they may do.
    pub role: MemberRole,
    /// Where it stands.
    pub state: InvitationState,
    /// Who accepted it.
    pub person: Option<PersonId>,
    /// The hash of the secret in the letter's link.
    pub secret_hash: [u8; 32],
    /// Who invited them.
    pub invited_by: PersonId,
    /// When.
    pub invited_at: Timestamp,
    /// From when on it cannot be answered any more.
    pub expires_at: Timestamp,
    /// When it was accepted or declined.
    pub answered_at: Option<Timestamp>,
    /// When they were taken out, or left.
    pub removed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

impl Member {
    /// Whether it still counts: somebody takes part, or may yet.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.is_open(self.expires_at, now)
    }

    /// What somebody may do here now.
    pub fn role_of(&self, person: PersonId) -> Option<MemberRole> {
        let takes_part = self.state == InvitationState::Accepted && self.person == Some(person);
        takes_part.then_some(self.role)
    }

    /// The invitation, answered by somebody.
    pub fn answered(
        &self,
        by: PersonId,
        applicant: PersonId,
        accepts: bool,
        now: Timestamp,
    ) -> Result<Self, InvitationRefusal> {
        let state = self.state.answered(accepts, self.expires_at, now)?;
        if accepts && by == applicant {
            return Err(InvitationRefusal::Applicant);
        }
        Ok(Self {
            state,
            person: Some(by),
            answered_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }

    /// The row once they are taken out, or the invitation is taken back; `None` if that is done.
    pub fn removed(&self, now: Timestamp) -> Option<Self> {
        self.state.is_there().then(|| Self {
            state: InvitationState::Removed,
            removed_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }
}

/// Whether somebody may be invited, beside those who were.
pub fn may_invite(
    members: &[Member],
    applicant_email: &str,
    email: &str,
    now: Timestamp,
) -> Result<(), InvitationRefusal> {
    let open = members.iter().filter(|member| member.is_open(now));
    let host = (applicant_email, InvitationRefusal::Applicant);
    crate::invitation::may_invite(
        open.map(|member| member.email.as_str()),
        host,
        email,
        MEMBERS_MAX,
    )
}
