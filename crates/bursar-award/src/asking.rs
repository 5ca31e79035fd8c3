//! What an officer asks of those who apply, while the round goes on.

use bursar_kernel::{ApplicationId, PersonId, QuestionId, Timestamp};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::state::{Stage, State};

/// Characters of a question and of its answer.
pub const QUESTION_CHARACTERS_MAX: usize = 5_000;
/// Questions that an application may be asked at a time.
pub const QUESTIONS_OPEN_MAX: usize = 5;

/// A question of an officer's, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its name.
    pub id: QuestionId,
    /// The application.
    pub application: ApplicationId,
    /// What is asked.
    pub text: String,
    /// Who asks; `None` for the administrator's token.
    pub asked_by: Option<PersonId>,
    /// When.
    pub asked_at: Timestamp,
    /// The day by whose end an answer still counts for the round, in the program's zone.
    pub due: Date,
    /// The answer.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<PersonId>,
    /// When.
    pub answered_at: Option<Timestamp>,
    /// When the officer took it back.
    pub withdrawn_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

/// Why a question cannot be asked or answered. Displayed, it fits after "failed to" and ends with a
/// hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionRefusal {
    /// The application is not with the program.
    #[error(
        "ask about an application that is not under review\nhint: ask between the submission and \
         the release"
    )]
    NotOpen,
    /// There are as many as there can be.
    #[error(
        "ask more than {QUESTIONS_OPEN_MAX} questions at a time\nhint: wait for an answer, or take \
         one back"
    )]
    Full,
    /// It was answered, or taken back.
    #[error("change a question that is closed\nhint: ask another one")]
    Closed,
    /// The decision was released.
    #[error("answer after the decision\nhint: read the decision on the application's page")]
    TooLate,
}

impl Question {
    /// Whether it waits for an answer.
    pub const fn is_open(&self) -> bool {
        self.answer.is_none() && self.withdrawn_at.is_none()
    }

    /// The question with its answer. An answer after the due day is taken: the page says that it
    /// may come too late.
    pub fn answered(
        &self,
        by: PersonId,
        answer: String,
        state: State,
        now: Timestamp,
    ) -> Result<Self, QuestionRefusal> {
        if !self.is_open() {
            return Err(QuestionRefusal::Closed);
        }
        // Whether somebody has decided shows in nothing that an applicant can do.
        if state.stage() != Stage::Submitted {
            return Err(QuestionRefusal::TooLate);
        }
        Ok(Self {
            answer: Some(answer),
            answered_by: Some(by),
            answered_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }

    /// The question once it is taken back.
    pub fn withdrawn(&self, now: Timestamp) -> Result<Self, QuestionRefusal> {
        if !self.is_open() {
            return Err(QuestionRefusal::Closed);
        }
        Ok(Self {
            withdrawn_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }
}

/// Whether one more question may be asked.
pub fn may_ask(state: State, asked: &[Question]) -> Result<(), QuestionRefusal> {
    if state.stage() != Stage::Submitted {
        return Err(QuestionRefusal::NotOpen);
    }
    let open = asked.iter().filter(|question| question.is_open()).count();
    if QUESTIONS_OPEN_MAX <= open { Err(QuestionRefusal::Full) } else { Ok(()) }
}
