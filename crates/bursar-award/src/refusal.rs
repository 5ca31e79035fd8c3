//! Why a command is refused: an enum to branch on, and a sentence that says what to do next.
//!
//! A refusal speaks of the applicant's [`Stage`], never of the state behind it, so it cannot tell
//! an applicant more than the status page does.

use std::fmt;

use bursar_kernel::{Timestamp, Usd};

use crate::state::Stage;

/// Why a command is refused. Displayed, it fits after "failed to" and ends with a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The application does not stand where this can be done.
    WrongStage {
        /// What was tried.
        action: Action,
        /// Where the application stands.
        stage: Stage,
    },
    /// It can be done, but only later.
    TooEarly {
        /// What was tried.
        action: Action,
        /// From when on.
        from: Timestamp,
    },
    /// A text that has to be there is empty.
    TextMissing(TextField),
    /// A text is too long.
    TextTooLong {
        /// Which text.
        field: TextField,
        /// Characters at the most.
        characters_max: usize,
    },
    /// An amount is zero or less.
    AmountNotPositive,
    /// The award is above what the program allows at all.
    AwardAboveMaximum {
        /// The most that can be awarded.
        max: Usd,
    },
    /// The award is above the typical maximum and no second officer has approved it.
    ApprovalMissing,
    /// No decision waits for a second officer.
    NothingToApprove,
    /// The officer who decides and the one who approves are one person.
    SecondApproverSame,
    /// A criterion has no score.
    ScoreMissing {
        /// The criterion, as it is read.
        criterion: String,
    },
    /// A score is not on its scale.
    ScoreOffScale {
        /// The criterion, as it is read.
        criterion: String,
        /// The best score; the least is 1.
        scale: u32,
    },
    /// A score is for something that the rubric does not have.
    CriterionUnknown {
        /// What was scored.
        criterion: String,
    },
    /// Somebody would review, decide or approve an application of their own.
    OwnApplication,
}

/// What can be tried with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Save its draft.
    SaveDraft,
    /// Hand it in.
    Submit,
    /// Take it back.
    Withdraw,
    /// Begin its review.
    BeginReview,
    /// Review it.
    Review,
    /// Decide it.
    Decide,
    /// Approve its decision as a second officer.
    Approve,
    /// Make its decision known.
    Release,
    /// Accept its award.
    AcceptAward,
    /// Turn its award down.
    DeclineAward,
    /// Turn its award into a grant.
    Deliver,
    /// Start another one from it.
    Resubmit,
}

/// A text that a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextField {
    /// A review's comment.
    Comment,
    /// A decision's reasons.
    Reasons,
    /// The justification of an award above the typical maximum.
    Justification,
}

impl Refusal {
    /// A stable word for the JSON door: `wrong_stage`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongStage { .. } => "wrong_stage",
            Self::TooEarly { .. } => "too_early",
            Self::TextMissing(_) => "text_missing",
            Self::TextTooLong { .. } => "text_too_long",
            Self::AmountNotPositive => "amount_not_positive",
            Self::AwardAboveMaximum { .. } => "award_above_maximum",
            Self::ApprovalMissing => "approval_missing",
            Self::NothingToApprove => "nothing_to_approve",
            Self::ScoreMissing { .. } => "score_missing",
            Self::ScoreOffScale { .. } => "score_off_scale",
            Self::CriterionUnknown { .. } => "criterion_unknown",
            Self::SecondApproverSame => "second_approver_same",
            Self::OwnApplication => "own_application",
        }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongStage { action, stage } => {
                let (verb, stage, hint) = (action.verb(), stage.phrase(), action.hint());
                write!(f, "{verb} that is {stage}\nhint: {hint}")
            }
            Self::TooEarly { action, from } => {
                let verb = action.verb();
                write!(f, "{verb} before {from}\nhint: try again at or after that instant")
            }
            Self::TextMissing(field) => {
                let (field, hint) = (field.name(), field.hint());
                write!(f, "go on without the {field}\nhint: {hint}")
            }
            Self::TextTooLong { field, characters_max } => {
                let field = field.name();
                writeln!(f, "keep more than {characters_max} characters of {field}")?;
                write!(f, "hint: shorten the {field}")
            }
            Self::AmountNotPositive => f.write_str(
                "take an amount that is not above zero\nhint: give an amount such as `1000`",
            ),
            Self::AwardAboveMaximum { max } => write!(
                f,
                "award more than the program's maximum of ${max}\nhint: award ${max} or less"
            ),
            Self::ApprovalMissing => f.write_str(
                "release an award above the typical maximum on one officer's word\n\
                 hint: ask a second officer to approve it on its page",
            ),
            Self::NothingToApprove => f.write_str(
                "approve a decision that waits for nobody\n\
                 hint: only an award above the typical maximum is approved, and once",
            ),
            Self::ScoreMissing { criterion } => write!(
                f,
                "take a review without a score for `{criterion}`\nhint: score every criterion"
            ),
            Self::ScoreOffScale { criterion, scale } => write!(
                f,
                "take a score for `{criterion}` that is not on its scale\n\
                 hint: give a whole number from 1 to {scale}"
            ),
            Self::CriterionUnknown { criterion } => write!(
                f,
                "take a score for `{criterion}`, which the rubric does not have\n\
                 hint: leave it out"
            ),
            Self::SecondApproverSame => f.write_str(
                "take one officer's approval twice\nhint: ask another officer to approve it",
            ),
            Self::OwnApplication => f.write_str(
                "let somebody judge an application of their own\nhint: ask somebody else to",
            ),
        }
    }
}

impl Action {
    /// What a sentence says before "that is ...": `submit an application`.
    const fn verb(self) -> &'static str {
        match self {
            Self::SaveDraft => "change an application",
            Self::Submit => "submit an application",
            Self::Withdraw => "withdraw an application",
            Self::BeginReview => "begin the review of an application",
            Self::Review => "review an application",
            Self::Decide => "decide an application",
            Self::Approve => "approve the decision on an application",
            Self::Release => "release the decision on an application",
            Self::AcceptAward => "accept the award of an application",
            Self::DeclineAward => "turn down the award of an application",
            Self::Deliver => "deliver the award of an application",
            Self::Resubmit => "start anew from an application",
        }
    }

    /// When it can be done, and what else there is.
    const fn hint(self) -> &'static str {
        match self {
            Self::SaveDraft => "only a draft can be changed; start a new application instead",
            Self::Submit => "only a draft can be submitted; start a new application instead",
            Self::Withdraw => "an application can be withdrawn until its decision is released",
            Self::BeginReview => "a review begins once, after the application is submitted",
            Self::Review => "reviews are taken from the beginning of the round until the decision",
            Self::Decide => "a decision is made once the review has begun, before the release",
            Self::Approve => {
                "an award is approved after one officer proposed it, before the release"
            }
            Self::Release => "decide it first; a decision is released once",
            Self::AcceptAward | Self::DeclineAward => {
                "an award is answered once, after its release; look at its status"
            }
            Self::Deliver => "an award is delivered once, after the applicant accepted it",
            Self::Resubmit => "wait for the answer, or withdraw the application first",
        }
    }
}

impl TextField {
    /// Its name in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Reasons => "reasons",
            Self::Justification => "justification",
        }
    }

    /// What to write there.
    const fn hint(self) -> &'static str {
        match self {
            Self::Comment => "say in a sentence what the recommendation rests on",
            Self::Reasons => "say in a sentence why, in words that the applicant may read",
            Self::Justification => "say why the award is above the typical maximum",
        }
    }
}
