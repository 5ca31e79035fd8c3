//! A verdict on eligibility that a person is asked to look at.

use std::collections::BTreeMap;

use bursar_kernel::{AppealId, PersonId, ProgramId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How long an address can be shown to be somebody's before the appeal is forgotten.
pub const PROVEN_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Appeals of one address within a day, whatever became of them.
pub const ASKED_A_DAY_MAX: usize = 3;
/// Characters of what is written.
pub const TEXT_CHARACTERS_MAX: usize = 4_000;
/// Times that one side can write: more belongs into a letter.
pub const WRITTEN_MAX: usize = 20;

/// A verdict that a person is asked to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Its name.
    pub id: AppealId,
    /// The program.
    pub program: ProgramId,
    /// The edition of it that gave the verdict.
    pub program_version: u32,
    /// Who asks: letters go there.
    pub email: String,
    /// Their account, where they had one.
    pub person: Option<PersonId>,
    /// What they had answered.
    pub answers: BTreeMap<String, String>,
    /// What the rules had said: `flagged`.
    pub verdict: String,
    /// What was written, in order.
    pub said: Vec<Said>,
    /// Where it stands.
    pub state: AppealState,
    /// When it was made.
    pub made_at: Timestamp,
    /// The hash of the secret that leads to it.
    pub secret_hash: [u8; 32],
    /// Grows by one with each change.
    pub version: u64,
}

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The officer; nobody where whoever asks did.
    pub officer: Option<Officer>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// An officer: a person, or the administrator's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Who; nobody for the token.
    pub person: Option<PersonId>,
}

/// Where an appeal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppealState {
    /// Nobody has shown yet that the address is theirs: officers do not see it.
    Unproven,
    /// It waits for an officer.
    Open,
    /// It waits for whoever asks.
    Asked,
    /// They may apply until an instant, whatever the rules say.
    Overruled {
        /// Until when.
        until: Timestamp,
    },
    /// The rules hold.
    Upheld,
}

impl AppealState {
    /// The name that columns and JSON use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unproven => "unproven",
            Self::Open => "open",
            Self::Asked => "asked",
            Self::Overruled { .. } => "overruled",
            Self::Upheld => "upheld",
        }
    }
}

/// What an officer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppealAnswer {
    /// They may apply until an instant.
    Overrule {
        /// Until when.
        until: Timestamp,
    },
    /// The rules hold.
    Uphold,
    /// More has to be known.
    AskMore,
}

/// Why an appeal cannot be made or answered. Displayed, it fits after "failed to" and ends with a
/// hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppealRefusal {
    /// One waits already.
    #[error("ask twice at a time\nhint: you will get a letter about what you have asked")]
    Waits,
    /// There were as many within a day as there can be.
    #[error("ask more than {ASKED_A_DAY_MAX} times within a day\nhint: try again tomorrow")]
    TooMany,
    /// It is decided, or waits for somebody else.
    #[error("answer what does not wait for you\nhint: its page says where it stands")]
    NotYours,
    /// Too late to show that the address is somebody's.
    #[error("send what was not sent within a day\nhint: ask again")]
    TooLate,
    /// The day of an exception is over.
    #[error("let an exception end in the past\nhint: choose a later day")]
    Past,
}

impl Appeal {
    /// Whether it stands in the way of another one.
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.state {
            AppealState::Unproven => now.duration_since(self.made_at) < PROVEN_WITHIN,
            AppealState::Open | AppealState::Asked => true,
            AppealState::Overruled { .. } | AppealState::Upheld => false,
        }
    }

    /// Until when its holder may apply whatever the rules say.
    pub fn exception(&self, now: Timestamp) -> Option<Timestamp> {
        match self.state {
            AppealState::Overruled { until } if now < until => Some(until),
            AppealState::Overruled { .. }
            | AppealState::Unproven
            | AppealState::Open
            | AppealState::Asked
            | AppealState::Upheld => None,
        }
    }

    /// The appeal once its address is shown to be theirs.
    pub fn sent(&self, now: Timestamp) -> Result<Self, AppealRefusal> {
        if self.state != AppealState::Unproven {
            return Err(AppealRefusal::NotYours);
        }
        if !self.is_open(now) {
            return Err(AppealRefusal::TooLate);
        }
        Ok(self.with(AppealState::Open, None))
    }

    /// The appeal with an officer's answer. What they ask more of waits for its answer; what is
    /// decided stays.
    pub fn answered(
        &self,
        officer: Option<PersonId>,
        answer: AppealAnswer,
        text: String,
        now: Timestamp,
    ) -> Result<Self, AppealRefusal> {
        if !matches!(self.state, AppealState::Open | AppealState::Asked) {
            return Err(AppealRefusal::NotYours);
        }
        let state = match answer {
            AppealAnswer::Overrule { until } if until <= now => return Err(AppealRefusal::Past),
            AppealAnswer::Overrule { until } => AppealState::Overruled { until },
            AppealAnswer::Uphold => AppealState::Upheld,
            AppealAnswer::AskMore => AppealState::Asked,
        };
        let officer = Some(Officer { person: officer });
        Ok(self.with(state, Some(Said { officer, at: now, text })))
    }

    /// The appeal with what its holder writes to an officer who asked more.
    pub fn replied(&self, text: String, now: Timestamp) -> Result<Self, AppealRefusal> {
        if self.state != AppealState::Asked || WRITTEN_MAX <= self.said.len() {
            return Err(AppealRefusal::NotYours);
        }
        Ok(self.with(AppealState::Open, Some(Said { officer: None, at: now, text })))
    }

    fn with(&self, state: AppealState, said: Option<Said>) -> Self {
        let mut next = self.clone();
        next.state = state;
        next.said.extend(said);
        next.version = self.version.saturating_add(1);
        next
    }
}

/// Whether an address may ask once more. Of a program: one at a time; of all: so many a day.
pub fn may_appeal(
    made: &[Appeal],
    program: &ProgramId,
    now: Timestamp,
) -> Result<(), AppealRefusal> {
    let open = |appeal: &&Appeal| appeal.program == *program && appeal.is_open(now);
    if made.iter().any(|appeal| open(&appeal)) {
        return Err(AppealRefusal::Waits);
    }
    let day = SignedDuration::from_hours(24);
    let recent = made.iter().filter(|appeal| now.duration_since(appeal.made_at) < day).count();
    if ASKED_A_DAY_MAX <= recent { Err(AppealRefusal::TooMany) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn appeal() -> Appeal {
        Appeal {
            id: AppealId::from_bytes([1; 16]),
            program: ProgramId::new("p"),
            program_version: 1,
            email: "ada@home.example".to_owned(),
            person: None,
            answers: BTreeMap::new(),
            verdict: "ineligible".to_owned(),
            said: vec![Said { officer: None, at: at(0), text: "But I teach.".to_owned() }],
            state: AppealState::Unproven,
            made_at: at(0),
            secret_hash: [2; 32],
            version: 1,
        }
    }

    #[test]
    fn officers_see_what_is_proven_and_decide_once() {
        let more = AppealAnswer::AskMore;
        let unproven = appeal();
        let text = || "Why?".to_owned();
        assert_eq!(unproven.answered(None, more, text(), at(1)), Err(AppealRefusal::NotYours));
        assert_eq!(unproven.sent(at(24)), Err(AppealRefusal::TooLate));
        let open = unproven.sent(at(1)).expect("in time");
        assert_eq!(open.sent(at(1)), Err(AppealRefusal::NotYours));
        assert_eq!(open.replied(text(), at(2)), Err(AppealRefusal::NotYours));
        let asked = open.answered(None, more, text(), at(2)).expect("it waits");
        let again = asked.replied("So.".to_owned(), at(3)).expect("it was asked");
        assert_eq!((again.state, again.said.len(), again.version), (AppealState::Open, 3, 4));
        let past = AppealAnswer::Overrule { until: at(4) };
        assert_eq!(again.answered(None, past, text(), at(4)), Err(AppealRefusal::Past));
        let until = AppealAnswer::Overrule { until: at(9) };
        let yes = again.answered(None, until, text(), at(4)).expect("it waits");
        assert_eq!((yes.exception(at(8)), yes.exception(at(9))), (Some(at(9)), None));
        assert_eq!(yes.answered(None, more, text(), at(5)), Err(AppealRefusal::NotYours));
    }

    #[test]
    fn nobody_asks_without_end() {
        let program = ProgramId::new("p");
        assert_eq!(may_appeal(&[appeal()], &program, at(1)), Err(AppealRefusal::Waits));
        assert_eq!(may_appeal(&[appeal()], &ProgramId::new("q"), at(1)), Ok(()));
        let open = appeal().sent(at(1)).expect("in time");
        assert_eq!(
            may_appeal(std::slice::from_ref(&open), &program, at(999)),
            Err(AppealRefusal::Waits)
        );
        let text = "No.".to_owned();
        let upheld = open.answered(None, AppealAnswer::Uphold, text, at(2)).expect("it waits");
        let many = vec![upheld; ASKED_A_DAY_MAX];
        assert_eq!(may_appeal(&many, &program, at(3)), Err(AppealRefusal::TooMany));
        assert_eq!(may_appeal(&many, &program, at(24)), Ok(()));
    }
}
