//! Those who spend a grant beside the one who holds it.

use std::collections::BTreeSet;

use bursar_kernel::{GrantId, GrantRole, ParticipantId, PersonId, StudyId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::invitation::{InvitationRefusal, InvitationState};

/// How long an invitation can be answered. Two weeks: it opens a purse, so it lies about for less
/// long than an invitation to write an application does, and it can be sent again at any time.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(24 * 14);
/// How long after a letter another one can be sent: nobody's mailbox is filled from here.
pub const SENT_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// People of a grant, and open invitations to it, at a time: a laboratory, and then some.
pub const PARTICIPANTS_MAX: usize = 50;

/// What somebody may do in a grant, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What they may do.
    pub role: GrantRole,
    /// The studies that a member belongs to; `None` is the whole grant, and all that another role
    /// knows.
    pub studies: Option<BTreeSet<StudyId>>,
}

impl Part {
    /// A part in the whole grant.
    pub const fn whole(role: GrantRole) -> Self {
        Self { role, studies: None }
    }

    /// Whether keys of a study, or of none, are within it.
    pub fn reaches(&self, study: Option<StudyId>) -> bool {
        match &self.studies {
            None => true,
            Some(studies) => study.is_some_and(|study| studies.contains(&study)),
        }
    }

    /// Whether somebody with this part may have a key of a study, or of none.
    pub fn keeps_key(&self, study: Option<StudyId>) -> bool {
        match self.role {
            GrantRole::Manager => true,
            GrantRole::Member => self.reaches(study),
            GrantRole::ReadOnly => false,
        }
    }
}

/// Somebody who was invited to spend a grant. Rows stay: keys, calls and the audit trail name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Its name.
    pub id: ParticipantId,
    /// The grant.
    pub grant: GrantId,
    /// Where the invitation went, in lower case. Nobody else accepts it.
    pub email: String,
    /// What they may do, and where.
    #[serde(flatten)]
    pub part: Part,
    /// Where it stands.
    pub state: InvitationState,
    /// Who answered it.
    pub person: Option<PersonId>,
    /// The hash of the secret in the latest letter's link.
    pub secret_hash: [u8; 32],
    /// Who invited them; `None` where it was the installation's own token.
    pub invited_by: Option<PersonId>,
    /// When, last.
    pub invited_at: Timestamp,
    /// From when on it cannot be answered any more.
    pub expires_at: Timestamp,
    /// When it was accepted or declined.
    pub answered_at: Option<Timestamp>,
    /// When it was taken back, or they were taken out or left.
    pub removed_at: Option<Timestamp>,
    /// Grows by one with each change, and with each key that they get: so whoever is taken out
    /// meanwhile gets none.
    pub version: u64,
}

impl Participant {
    /// Whether it still counts: somebody takes part, or may yet.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.is_open(self.expires_at, now)
    }

    /// What somebody may do here now.
    pub fn part_of(&self, person: PersonId) -> Option<&Part> {
        let takes_part = self.state == InvitationState::Accepted && self.person == Some(person);
        takes_part.then_some(&self.part)
    }

    /// The invitation, answered by somebody who has shown that an address is theirs.
    pub fn answered(
        &self,
        by: (PersonId, &str),
        holder: PersonId,
        accepts: bool,
        now: Timestamp,
    ) -> Result<Self, InvitationRefusal> {
        let state = self.state.answered(accepts, self.expires_at, now)?;
        let (person, email) = by;
        if person == holder {
            return Err(InvitationRefusal::Holder);
        }
        if email != self.email {
            return Err(InvitationRefusal::OtherAddress);
        }
        Ok(Self { state, person: Some(person), answered_at: Some(now), ..self.touched() })
    }

    /// The invitation, sent again with a new link: the old one is dead.
    pub fn renewed(
        &self,
        secret_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Self, InvitationRefusal> {
        if self.state != InvitationState::Invited {
            return Err(InvitationRefusal::Over);
        }
        if now < self.invited_at + SENT_AGAIN_AFTER {
            return Err(InvitationRefusal::TooSoon);
        }
        let expires_at = now + INVITATION_LIFE;
        Ok(Self { secret_hash, invited_at: now, expires_at, ..self.touched() })
    }

    /// With another part; `None` once they are out.
    pub fn changed(&self, part: Part) -> Option<Self> {
        self.state.is_there().then(|| Self { part, ..self.touched() })
    }

    /// The row once they are taken out, or the invitation is taken back; `None` if that is done.
    pub fn removed(&self, now: Timestamp) -> Option<Self> {
        let (state, removed_at) = (InvitationState::Removed, Some(now));
        self.state.is_there().then(|| Self { state, removed_at, ..self.touched() })
    }

    /// The same row, one version on: whatever else was decided on the present one fails.
    #[must_use]
    pub fn touched(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }
}

/// Whether somebody may be invited, beside those who were.
pub fn may_invite(
    others: &[Participant],
    holder_email: &str,
    email: &str,
    now: Timestamp,
) -> Result<(), InvitationRefusal> {
    let open = others.iter().filter(|other| other.is_open(now));
    let host = (holder_email, InvitationRefusal::Holder);
    crate::invitation::may_invite(
        open.map(|other| other.email.as_str()),
        host,
        email,
        PARTICIPANTS_MAX,
    )
}

#[cfg(test)]
mod tests {
    //! An invitation's life.

    use super::*;
    use crate::invitation::InvitationRefusal::{Expired, Holder, OtherAddress, Over};

    fn at(days: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days)
    }

    fn person(number: u8) -> PersonId {
        PersonId::from_bytes([number; 16])
    }

    fn study(number: u8) -> StudyId {
        StudyId::from_bytes([number; 16])
    }

    fn invited() -> Participant {
        Participant {
            id: ParticipantId::from_bytes([1; 16]),
            grant: GrantId::from_bytes([2; 16]),
            email: "grace@lab.example".to_owned(),
            part: Part::whole(GrantRole::Member),
            state: InvitationState::Invited,
            person: None,
            secret_hash: [3; 32],
            invited_by: Some(person(1)),
            invited_at: at(0),
            expires_at: at(0) + INVITATION_LIFE,
            answered_at: None,
            removed_at: None,
            version: 1,
        }
    }

    const GRACE: &str = "grace@lab.example";

    #[test]
    fn an_invitation_is_answered_once_in_time_by_whom_it_went_to() {
        let row = invited();
        let answer =
            |row: &Participant, by, email, at| row.answered((by, email), person(1), true, at);
        let accepted = answer(&row, person(2), GRACE, at(13)).unwrap();
        assert_eq!((accepted.state, accepted.version), (InvitationState::Accepted, 2));
        assert_eq!(accepted.part_of(person(2)), Some(&Part::whole(GrantRole::Member)));
        assert_eq!(accepted.part_of(person(3)), None);
        assert_eq!(row.part_of(person(2)), None, "nobody takes part before they accept");
        assert_eq!(answer(&row, person(2), GRACE, at(14)), Err(Expired));
        assert_eq!(answer(&row, person(2), "mallory@lab.example", at(1)), Err(OtherAddress));
        assert_eq!(answer(&row, person(1), GRACE, at(1)), Err(Holder));
        assert_eq!(answer(&accepted, person(2), GRACE, at(2)), Err(Over));
        let declined = row.answered((person(2), GRACE), person(1), false, at(1)).unwrap();
        assert_eq!(declined.part_of(person(2)), None);
        assert_eq!(answer(&declined, person(2), GRACE, at(2)), Err(Over));
    }

    #[test]
    fn an_invitation_can_be_sent_again_until_it_is_answered() {
        let again = invited().renewed([9; 32], at(20)).unwrap();
        assert_eq!((again.expires_at, again.version), (at(34), 2));
        assert_eq!(again.secret_hash, [9; 32], "the first letter's link is dead");
        let accepted = again.answered((person(2), GRACE), person(1), true, at(33)).unwrap();
        assert_eq!(accepted.renewed([8; 32], at(35)), Err(Over));
        let soon = again.renewed([8; 32], at(20) + SignedDuration::from_mins(59));
        assert_eq!(soon, Err(InvitationRefusal::TooSoon));
        let removed = accepted.removed(at(40)).unwrap();
        assert_eq!(removed.part_of(person(2)), None);
        assert_eq!(removed.removed(at(41)), None);
        assert_eq!(removed.changed(Part::whole(GrantRole::Manager)), None);
        assert_eq!(removed.removed_at, Some(at(40)));
    }

    #[test]
    fn whoever_is_invited_or_takes_part_is_not_invited_again() {
        let may = |others: &[Participant], email: &str, at| {
            may_invite(others, "ada@lab.example", email, at)
        };
        let row = invited();
        assert_eq!(may(&[], GRACE, at(1)), Ok(()));
        assert_eq!(may(&[], "ada@lab.example", at(1)), Err(Holder));
        let twice = Err(InvitationRefusal::Twice);
        assert_eq!(may(std::slice::from_ref(&row), GRACE, at(1)), twice);
        assert_eq!(may(std::slice::from_ref(&row), GRACE, at(14)), Ok(()), "it has expired");
        let many: Vec<Participant> = (0..PARTICIPANTS_MAX)
            .map(|number| Participant { email: format!("{number}@lab.example"), ..row.clone() })
            .collect();
        assert_eq!(may(&many, GRACE, at(1)), Err(InvitationRefusal::Full(50)));
        assert_eq!(may(&many, GRACE, at(14)), Ok(()));
    }

    #[test]
    fn a_part_reaches_the_keys_of_its_studies_alone() {
        let of = |role, studies: &[u8]| Part {
            role,
            studies: Some(studies.iter().map(|number| study(*number)).collect()),
        };
        let whole = Part::whole(GrantRole::Member);
        assert!(whole.keeps_key(None) && whole.keeps_key(Some(study(1))));
        let one = of(GrantRole::Member, &[1]);
        assert!(one.keeps_key(Some(study(1))));
        assert!(!one.keeps_key(Some(study(2))));
        assert!(!one.keeps_key(None), "a key without a study spends the whole grant");
        assert!(!Part::whole(GrantRole::ReadOnly).keeps_key(Some(study(1))));
        assert!(Part::whole(GrantRole::Manager).keeps_key(None));
    }
}
