//! What is to show that somebody belongs where they say: somebody's word, a document, an officer's.

use bursar_kernel::program::EvidenceKind;
use bursar_kernel::{ApplicationId, ClaimId, PersonId, ProgramId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long somebody who was named has to answer.
pub const SPONSOR_ANSWERS_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 21);
/// Claims of somebody's that can wait at a time: each is a letter to a stranger, or a document that
/// somebody has to read.
pub const WAITING_MAX: usize = 3;
/// Claims that somebody can make within a day.
pub const MADE_A_DAY_MAX: usize = 6;
/// Characters of a reason, and of what is said with a claim.
pub const REASON_CHARACTERS_MAX: usize = 2_000;

/// Something that is to show what somebody says of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its name.
    pub id: ClaimId,
    /// Who is to be shown to belong there.
    pub person: PersonId,
    /// The application that it was made with.
    pub application: ApplicationId,
    /// Its program: officers of it read the claim.
    pub program: ProgramId,
    /// What it is.
    pub what: Proof,
    /// Where it stands.
    pub state: ClaimState,
    /// When it was made.
    pub made_at: Timestamp,
    /// The hash of the secret in a sponsor's letter.
    pub secret_hash: Option<[u8; 32]>,
    /// Until when somebody who was named can answer.
    pub expires_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

/// What a claim rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Somebody's word.
    Sponsor {
        /// Their name.
        name: String,
        /// Their mail address, at an institution.
        email: String,
        /// The institution, as the list names it, or its domain.
        institution: String,
        /// What the applicant is to them, in the applicant's words.
        relation: String,
    },
    /// A document, which lies among the application's files.
    Document {
        /// The file as `bursar_program::files` writes one.
        file: String,
        /// What it shows, in the applicant's words.
        says: String,
    },
    /// An officer's own word.
    Officer,
}

/// Where a claim stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// It waits for whom it has to convince.
    Waiting,
    /// It is believed.
    Accepted {
        /// The officer; nobody where a sponsor confirmed it.
        by: Option<PersonId>,
        /// Since when.
        at: Timestamp,
        /// Why, or what the sponsor added.
        reason: String,
    },
    /// It is not.
    Refused {
        /// The officer; nobody where a sponsor denied it.
        by: Option<PersonId>,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// Whoever made it took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

impl ClaimState {
    /// The name that columns and JSON use.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// Why a claim cannot be made or answered. Displayed, it fits after "failed to" and ends with a
/// hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefusal {
    /// As many wait as can.
    #[error(
        "show more than {WAITING_MAX} things at a time\nhint: wait for an answer, or take one back"
    )]
    Full,
    /// As many were made within a day as can be.
    #[error("show more than {MADE_A_DAY_MAX} things within a day\nhint: try again tomorrow")]
    TooMany,
    /// It was answered, or taken back.
    #[error("answer what is answered or was taken back\nhint: nothing is left to do here")]
    Closed,
    /// Its time is over.
    #[error("answer after three weeks\nhint: ask whoever named you to name you again")]
    TooLate,
}

impl Claim {
    /// By what it shows it.
    pub const fn kind(&self) -> EvidenceKind {
        match self.what {
            Proof::Sponsor { .. } => EvidenceKind::Sponsor,
            Proof::Document { .. } => EvidenceKind::Document,
            Proof::Officer => EvidenceKind::Officer,
        }
    }

    /// Whether it waits for an answer that can still come.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == ClaimState::Waiting && self.expires_at.is_none_or(|end| now < end)
    }

    /// Since when it is believed.
    pub const fn shown_since(&self) -> Option<Timestamp> {
        match self.state {
            ClaimState::Accepted { at, .. } => Some(at),
            ClaimState::Waiting | ClaimState::Refused { .. } | ClaimState::Withdrawn { .. } => None,
        }
    }

    /// The claim once somebody has said whether they believe it: an officer, or the sponsor.
    pub fn answered(
        &self,
        by: Option<PersonId>,
        accepts: bool,
        reason: String,
        now: Timestamp,
    ) -> Result<Self, ClaimRefusal> {
        if self.state != ClaimState::Waiting {
            return Err(ClaimRefusal::Closed);
        }
        if !self.is_open(now) {
            return Err(ClaimRefusal::TooLate);
        }
        let state = if accepts {
            ClaimState::Accepted { by, at: now, reason }
        } else {
            ClaimState::Refused { by, at: now, reason }
        };
        Ok(self.in_state(state))
    }

    /// The claim once it is taken back: one that waits, or one that an officer believes no more.
    pub fn withdrawn(&self, now: Timestamp) -> Result<Self, ClaimRefusal> {
        match self.state {
            ClaimState::Waiting => Ok(self.in_state(ClaimState::Withdrawn { at: now })),
            ClaimState::Accepted { .. }
            | ClaimState::Refused { .. }
            | ClaimState::Withdrawn { .. } => Err(ClaimRefusal::Closed),
        }
    }

    fn in_state(&self, state: ClaimState) -> Self {
        // The link in a sponsor's letter leads to what became of it, and answers nothing any more.
        Self { state, version: self.version.saturating_add(1), ..self.clone() }
    }
}

/// Whether one more claim may be made.
pub fn may_claim(made: &[Claim], now: Timestamp) -> Result<(), ClaimRefusal> {
    let own = || made.iter().filter(|claim| claim.what != Proof::Officer);
    if WAITING_MAX <= own().filter(|claim| claim.is_open(now)).count() {
        return Err(ClaimRefusal::Full);
    }
    let day = SignedDuration::from_hours(24);
    let recent = own().filter(|claim| now.duration_since(claim.made_at) < day).count();
    if MADE_A_DAY_MAX <= recent { Err(ClaimRefusal::TooMany) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn claim() -> Claim {
        Claim {
            id: ClaimId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
            application: ApplicationId::from_bytes([3; 16]),
            program: ProgramId::new("p"),
            what: Proof::Sponsor {
                name: "Grace".to_owned(),
                email: "grace@uni.example".to_owned(),
                institution: "Uni".to_owned(),
                relation: "My supervisor".to_owned(),
            },
            state: ClaimState::Waiting,
            made_at: at(0),
            secret_hash: Some([4; 32]),
            expires_at: Some(at(0) + SPONSOR_ANSWERS_WITHIN),
            version: 1,
        }
    }

    #[test]
    fn a_claim_is_answered_once_and_in_time() {
        let claim = claim();
        let yes = claim.answered(None, true, String::new(), at(1)).expect("it is open");
        assert_eq!((yes.shown_since(), yes.version), (Some(at(1)), 2));
        assert_eq!(yes.answered(None, false, String::new(), at(2)), Err(ClaimRefusal::Closed));
        assert_eq!(yes.withdrawn(at(2)), Err(ClaimRefusal::Closed));
        let late = at(24 * 21);
        assert_eq!(claim.answered(None, true, String::new(), late), Err(ClaimRefusal::TooLate));
        let no = claim.answered(None, false, "No".to_owned(), at(1)).expect("it is open");
        assert_eq!((no.shown_since(), no.state.name()), (None, "refused"));
        let gone = claim.withdrawn(at(1)).expect("it is open");
        assert_eq!(gone.answered(None, true, String::new(), at(2)), Err(ClaimRefusal::Closed));
    }

    #[test]
    fn nobody_claims_without_end() {
        let waiting = vec![claim(); WAITING_MAX];
        assert_eq!(may_claim(&waiting, at(1)), Err(ClaimRefusal::Full));
        assert_eq!(may_claim(&waiting, at(24 * 21)), Ok(()), "those are over");
        let gone = claim().withdrawn(at(1)).expect("it is open");
        let many = vec![gone; MADE_A_DAY_MAX];
        assert_eq!(may_claim(&many, at(23)), Err(ClaimRefusal::TooMany));
        assert_eq!(may_claim(&many, at(24)), Ok(()));
    }
}
