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
    /// The award was to be answered before.
    OfferOver {
        /// When it came to its end.
        ended: Timestamp,
    },
    /// The program keeps no waiting list.
    NoWaitingList,
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
    /// A review was changed as often as its history is kept for.
    ReviewChangedTooOften {
        /// How often that is.
        changes_max: usize,
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
    /// Say whether it is eligible.
    Screen,
    /// Decide it.
    Decide,
    /// Take its decision back.
    TakeBackDecision,
    /// Approve its decision as a second officer.
    Approve,
    /// Make its decision known.
    Release,
    /// Offer an award that came back to it.
    Offer,
    /// Remind whoever has not answered its award.
    RemindToAnswer,
    /// End its place on the waiting list.
    EndWait,
    /// End its award, which nobody answered.
    Lapse,
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
    /// What a reviewer tells officers alone.
    ForOfficer,
    /// A decision's reasons.
    Reasons,
    /// Why an officer says otherwise than the rules.
    ScreeningReason,
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
            Self::OfferOver { .. } => "offer_over",
            Self::NoWaitingList => "no_waiting_list",
            Self::NothingToApprove => "nothing_to_approve",
            Self::ScoreMissing { .. } => "score_missing",
            Self::ScoreOffScale { .. } => "score_off_scale",
            Self::CriterionUnknown { .. } => "criterion_unknown",
            Self::ReviewChangedTooOften { .. } => "review_changed_too_often",
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
                "release an award that takes two officers on one officer's word\n\
                 hint: ask a second officer to approve it on its page",
            ),
            Self::OfferOver { ended } => write!(
                f,
                "accept an award that was to be answered before {ended}\n\
                 hint: ask the program's officers, or apply again"
            ),
            Self::NoWaitingList => f.write_str(
                "put an application on a waiting list that the program does not keep\n\
                 hint: award or decline it, or write `waiting_days` in the program's [award]",
            ),
            Self::NothingToApprove => f.write_str(
                "approve a decision that waits for nobody\n\
                 hint: an award that takes a second officer is approved once",
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
            Self::ReviewChangedTooOften { changes_max } => write!(
                f,
                "change a review more than {changes_max} times\n\
                 hint: tell an officer of the program what else you would change"
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
            Self::Screen => "screen an application",
            Self::Decide => "decide an application",
            Self::TakeBackDecision => "take back the decision on an application",
            Self::Approve => "approve the decision on an application",
            Self::Release => "release the decision on an application",
            Self::Offer => "offer an award to an application",
            Self::RemindToAnswer => "send a reminder of the award of an application",
            Self::EndWait => "take an application off the waiting list",
            Self::Lapse => "end the award of an application",
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
            Self::Withdraw => {
                "an application can be withdrawn until its decision is released, and while it is \
                 on the waiting list"
            }
            Self::BeginReview => "a review begins once, after the application is submitted",
            Self::Review => "reviews are taken from the beginning of the round until the decision",
            Self::Screen => "an application is screened once it is submitted, until its decision",
            Self::Decide => {
                "a decision is made once the review has begun, before the release; until the \
                 review begins an application can be declined"
            }
            Self::TakeBackDecision => "a decision is taken back before its release",
            Self::Approve => {
                "an award is approved after one officer proposed it, before the release"
            }
            Self::Release => "decide it first; a decision is released once",
            Self::Offer | Self::EndWait => "only what is on the waiting list has a turn",
            Self::RemindToAnswer => "one reminder comes before the day, and none behind it",
            Self::Lapse => "an award that was to be answered by a day ends once, unanswered",
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
            Self::ForOfficer => "note for the officer",
            Self::Reasons => "reasons",
            Self::ScreeningReason => "reason",
            Self::Justification => "justification",
        }
    }

    /// What to write there.
    const fn hint(self) -> &'static str {
        match self {
            Self::Comment => "say in a sentence what the recommendation rests on",
            Self::ForOfficer => "say in a sentence what the officer is to know",
            Self::Reasons => "say in a sentence why, in words that the applicant may read",
            Self::ScreeningReason => "say why it is otherwise than the program's rules say",
            Self::Justification => "say why the award is above the typical maximum",
        }
    }
}
