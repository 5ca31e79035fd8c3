//! Those who take part in an application beside the one who began it.

use bursar_kernel::{ApplicationId, MemberId, MemberRole, PersonId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long an invitation can be answered: a mail that waits over a holiday still works.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(24 * 21);
/// Invitations that an application may have open or taken at a time.
pub const MEMBERS_MAX: usize = 10;

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It waits for an answer.
    Invited,
    /// It was accepted: somebody takes part.
    Accepted,
    /// It was declined.
    Declined,
    /// It was taken back, or whoever accepted it was taken out or left.
    Removed,
}

impl MemberState {
    /// The name that columns and JSON use: `accepted`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Removed => "removed",
        }
    }
}

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
    pub state: MemberState,
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

/// Why an invitation cannot be made or answered. Displayed, it fits after "failed to" and ends with
/// a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberRefusal {
    /// There are as many as there can be.
    #[error(
        "invite more than {MEMBERS_MAX} people\nhint: take somebody out, or take an invitation back"
    )]
    Full,
    /// Whoever began the application takes part anyway.
    #[error("invite the one who applies\nhint: invite somebody else")]
    Applicant,
    /// They were invited, and it is not over.
    #[error("invite somebody twice\nhint: take the first invitation back to send another")]
    Twice,
    /// It was answered, or taken back.
    #[error("answer this invitation again\nhint: ask whoever invited you for another")]
    Over,
    /// It has expired.
    #[error("answer an invitation that has expired\nhint: ask whoever invited you for another")]
    Expired,
}

impl Member {
    /// Whether it still counts: somebody takes part, or may yet.
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.state {
            MemberState::Accepted => true,
            MemberState::Invited => now < self.expires_at,
            MemberState::Declined | MemberState::Removed => false,
        }
    }

    /// What somebody may do here now.
    pub fn role_of(&self, person: PersonId) -> Option<MemberRole> {
        let takes_part = self.state == MemberState::Accepted && self.person == Some(person);
        takes_part.then_some(self.role)
    }

    /// The invitation, answered by somebody.
    pub fn answered(
        &self,
        by: PersonId,
        applicant: PersonId,
        accepts: bool,
        now: Timestamp,
    ) -> Result<Self, MemberRefusal> {
        if self.state != MemberState::Invited {
            return Err(MemberRefusal::Over);
        }
        if self.expires_at <= now {
            return Err(MemberRefusal::Expired);
        }
        if accepts && by == applicant {
            return Err(MemberRefusal::Applicant);
        }
        Ok(Self {
            state: if accepts { MemberState::Accepted } else { MemberState::Declined },
            person: Some(by),
            answered_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }

    /// The row once they are taken out, or the invitation is taken back; `None` if that is done.
    pub fn removed(&self, now: Timestamp) -> Option<Self> {
        let is_there = matches!(self.state, MemberState::Invited | MemberState::Accepted);
        is_there.then(|| Self {
            state: MemberState::Removed,
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
) -> Result<(), MemberRefusal> {
    if email == applicant_email {
        return Err(MemberRefusal::Applicant);
    }
    let open: Vec<&Member> = members.iter().filter(|member| member.is_open(now)).collect();
    if open.iter().any(|member| member.email == email) {
        return Err(MemberRefusal::Twice);
    }
    if MEMBERS_MAX <= open.len() {
        return Err(MemberRefusal::Full);
    }
    Ok(())
}
