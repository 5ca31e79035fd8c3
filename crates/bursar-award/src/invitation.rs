//! An invitation to take part in something: what an application's and a grant's have in common.

use bursar_kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It waits for an answer.
    Invited,
    /// It was accepted: somebody takes part.
    Accepted,
    /// It was declined.
    Declined,
    /// It was taken back, or whoever accepted it was taken out or left.
    Removed,
}

impl InvitationState {
    /// The name that columns and JSON use: `accepted`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Removed => "removed",
        }
    }

    /// Whether somebody takes part, or may yet: an invitation counts until it expires.
    pub fn is_open(self, expires_at: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Accepted => true,
            Self::Invited => now < expires_at,
            Self::Declined | Self::Removed => false,
        }
    }

    /// What it becomes once it is answered.
    pub fn answered(
        self,
        accepts: bool,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, InvitationRefusal> {
        if self != Self::Invited {
            return Err(InvitationRefusal::Over);
        }
        if expires_at <= now {
            return Err(InvitationRefusal::Expired);
        }
        Ok(if accepts { Self::Accepted } else { Self::Declined })
    }

    /// Whether there is something to take back, or somebody to take out.
    pub const fn is_there(self) -> bool {
        matches!(self, Self::Invited | Self::Accepted)
    }
}

/// Why an invitation cannot be made or answered. Displayed, it fits after "failed to" and ends with
/// a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationRefusal {
    /// There are as many as there can be.
    #[error("invite more than {0} people\nhint: take somebody out, or take an invitation back")]
    Full(usize),
    /// Whoever began the application takes part anyway.
    #[error("invite the one who applies\nhint: invite somebody else")]
    Applicant,
    /// Whoever holds the grant spends it anyway.
    #[error("invite the one who holds the grant\nhint: invite somebody else")]
    Holder,
    /// They were invited, and it is not over.
    #[error("invite somebody twice\nhint: take the first invitation back to send another")]
    Twice,
    /// It was answered, or taken back.
    #[error("answer this invitation again\nhint: ask whoever invited you for another")]
    Over,
    /// It has expired.
    #[error("answer an invitation that has expired\nhint: ask whoever invited you for another")]
    Expired,
    /// It was sent a moment ago.
    #[error("send an invitation again so soon\nhint: it may be on its way; wait an hour")]
    TooSoon,
    /// It went to another address.
    #[error(
        "answer an invitation to somebody else\n\
         hint: sign in with the address that the letter went to"
    )]
    OtherAddress,
}

/// Whether somebody may be invited beside those who are `open`: their addresses. `host` is the
/// address of whoever has all of it, and what they are refused with.
pub(crate) fn may_invite<'a>(
    open: impl Iterator<Item = &'a str>,
    host: (&str, InvitationRefusal),
    email: &str,
    most: usize,
) -> Result<(), InvitationRefusal> {
    if email == host.0 {
        return Err(host.1);
    }
    let mut count = 0_usize;
    for other in open {
        if other == email {
            return Err(InvitationRefusal::Twice);
        }
        count = count.saturating_add(1);
    }
    if most <= count { Err(InvitationRefusal::Full(most)) } else { Ok(()) }
}
