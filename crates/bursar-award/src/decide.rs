//! The rules: which command may be carried out now, and what happens then.

use std::collections::BTreeMap;

use bursar_kernel::limits::JUDGEMENT_CHARACTERS_MAX;
use bursar_kernel::program::AwardTerms;
use bursar_kernel::{ApplicationId, GrantId, PersonId, Timestamp};
use jiff::SignedDuration;

use crate::application::{Application, Decision, Outcome, Screening};
use crate::command::{Command, Decide, Screen, Start, Submit};
use crate::event::{Event, Started};
use crate::refusal::{Action, Refusal, TextField};
use crate::state::State;

/// How long before its day whoever has not answered an award is reminded.
pub const ANSWER_REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Begins an application. Whether the person may have another one is the program's to say.
pub fn start(start: Start, now: Timestamp) -> Started {
    Started {
        id: start.id,
        program: start.program,
        program_version: start.program_version,
        applicant: start.applicant,
        answers: BTreeMap::new(),
        estimate: None,
        resubmission_of: None,
        after_grant: start.after_grant,
        at: now,
    }
}

/// Begins an application from an earlier one of the same person that came to its end: after a
/// decline, or for a new grant. It starts with the earlier answers, under the rules now in force.
pub fn resubmit(
    earlier: &Application,
    id: ApplicationId,
    program_version: u32,
    after_grant: Option<GrantId>,
    now: Timestamp,
) -> Result<Started, Refusal> {
    if !earlier.state.is_final() {
        return Err(wrong_stage(earlier, Action::Resubmit));
    }
    Ok(Started {
        id,
        program: earlier.program.clone(),
        program_version,
        applicant: earlier.applicant,
        answers: earlier.answers.clone(),
        estimate: earlier.estimate.clone(),
        resubmission_of: Some(earlier.id),
        after_grant,
        at: now,
    })
}

/// What happens if a command is carried out now, or why it may not be.
///
/// Changes nothing: the events are applied once they are stored.
pub fn decide(
    application: &Application,
    command: Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let action = command.action();
    if !may(application.state, action) {
        return Err(wrong_stage(application, action));
    }
    let event = match command {
        Command::SaveDraft { changes, by } => {
            let fields = changes.keys().cloned().collect();
            Event::DraftEdited { fields, changes, by, at: now }
        }
        Command::AcceptPolicies { policies } => Event::PoliciesAccepted { policies, at: now },
        Command::SetEstimate { estimate } => Event::EstimateSet { estimate, at: now },
        Command::Submit(submitted) => submit(submitted, now)?,
        Command::Withdraw => Event::Withdrawn { at: now },
        Command::BeginReview { review_begins } => {
            not_before(review_begins, action, now)?;
            Event::ReviewBegun { at: now }
        }
        Command::Screen(screened) => screen(application, screened, now)?,
        Command::TakeBackDecision { by } => {
            if by == application.applicant {
                return Err(Refusal::OwnApplication);
            }
            Event::DecisionTakenBack { by, at: now }
        }
        Command::Decide(decided) => judge(application, decided, now)?,
        Command::Approve { by } => approve(application, by, now)?,
        Command::Release { decided_from, open_until, feedback } => {
            not_before(decided_from, action, now)?;
            if application.decision.as_ref().is_some_and(Decision::waits_for_approval) {
                return Err(Refusal::ApprovalMissing);
            }
            Event::Released { open_until, feedback, at: now }
        }
        Command::Offer { open_until } => Event::Offered { open_until, at: now },
        Command::RemindToAnswer => {
            let from = ends(application, action)? - ANSWER_REMINDED_BEFORE;
            not_before(from, action, now)?;
            if application.reminded_at.is_some() {
                return Err(wrong_stage(application, action));
            }
            Event::AnswerReminded { at: now }
        }
        Command::EndWait => {
            not_before(ends(application, action)?, action, now)?;
            Event::WaitEnded { at: now }
        }
        Command::Lapse => {
            not_before(ends(application, action)?, action, now)?;
            Event::AwardLapsed { at: now }
        }
        Command::AcceptAward { deliver_from } => {
            if let Some(ended) = application.open_until.filter(|ends| *ends <= now) {
                return Err(Refusal::OfferOver { ended });
            }
            Event::AwardAccepted { deliver_from, at: now }
        }
        Command::DeclineAward => Event::AwardDeclined { at: now },
        Command::Deliver { grant } => {
            // An accepted award always has the date; without it there is nothing to deliver.
            let deliver_from = application.deliver_from;
            not_before(deliver_from.ok_or(wrong_stage(application, action))?, action, now)?;
            Event::Delivered { grant, at: now }
        }
    };
    Ok(vec![event])
}

/// When what waits comes to its end; without one there is nothing to end.
fn ends(application: &Application, action: Action) -> Result<Timestamp, Refusal> {
    application.open_until.ok_or(wrong_stage(application, action))
}

/// Whether an action can be tried in a state at all.
///
/// What an applicant can do is the same from the submission to the release: if a withdrawal were
/// refused after the decision, the refusal would tell that there is one.
/// See `an_unreleased_decision_changes_nothing_an_applicant_can_see_or_do`.
const fn may(state: State, action: Action) -> bool {
    match action {
        Action::SaveDraft | Action::Submit => matches!(state, State::Draft),
        Action::Withdraw => {
            matches!(
                state,
                State::Draft
                    | State::Submitted
                    | State::InReview
                    | State::Decided
                    | State::Waitlisted
            )
        }
        Action::BeginReview => matches!(state, State::Submitted),
        Action::Review => matches!(state, State::InReview),
        Action::Screen => matches!(state, State::Submitted | State::InReview),
        Action::Decide => matches!(state, State::Submitted | State::InReview | State::Decided),
        Action::Approve | Action::TakeBackDecision | Action::Release => {
            matches!(state, State::Decided)
        }
        Action::Offer | Action::EndWait => matches!(state, State::Waitlisted),
        Action::AcceptAward | Action::DeclineAward | Action::RemindToAnswer | Action::Lapse => {
            matches!(state, State::AwardOffered)
        }
        Action::Deliver => matches!(state, State::Accepted),
        Action::Resubmit => state.is_final(),
    }
}

fn submit(submitted: Submit, now: Timestamp) -> Result<Event, Refusal> {
    if submitted.requested.is_some_and(|requested| !requested.is_positive()) {
        return Err(Refusal::AmountNotPositive);
    }
    Ok(Event::Submitted {
        answers: submitted.answers,
        requested: submitted.requested,
        estimate: submitted.estimate,
        policies: submitted.policies,
        round: submitted.round,
        progress: submitted.progress,
        at: now,
    })
}

fn screen(application: &Application, screened: Screen, now: Timestamp) -> Result<Event, Refusal> {
    if screened.by == application.applicant {
        return Err(Refusal::OwnApplication);
    }
    let reason = screened.reason.trim();
    let reason = if screened.overrules || !reason.is_empty() {
        text(TextField::ScreeningReason, reason)?
    } else {
        String::new()
    };
    let (by, is_eligible) = (screened.by, screened.is_eligible);
    Ok(Event::Screened { screening: Screening { by, is_eligible, reason, at: now } })
}

/// Before the review begins an application can be declined, and nothing else: what was declined
/// then is reviewed once that is taken back.
fn judge(application: &Application, decided: Decide, now: Timestamp) -> Result<Event, Refusal> {
    if decided.by == application.applicant {
        return Err(Refusal::OwnApplication);
    }
    let before = application.decision.as_ref().is_some_and(|decision| decision.at_desk);
    let at_desk = application.state == State::Submitted || before;
    if at_desk && decided.outcome != Outcome::Decline {
        return Err(wrong_stage(application, Action::Decide));
    }
    let reasons = text(TextField::Reasons, &decided.reasons)?;
    let justification = match decided.justification.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(justification) => Some(text(TextField::Justification, justification)?),
    };
    let decision = Decision {
        by: decided.by,
        approved_by: None,
        outcome: decided.outcome,
        reasons,
        justification,
        needs_approval: needs_approval(decided.outcome, &decided.terms),
        at_desk,
        at: now,
    };
    within_terms(&decision, &decided.terms)?;
    Ok(Event::Decided { decision })
}

/// Whether one officer's word is not enough: for each award, or above the typical maximum, where
/// the program says so.
fn needs_approval(outcome: Outcome, terms: &AwardTerms) -> bool {
    let Some(amount) = outcome.at_most() else { return false };
    let is_above = terms.typical_max < amount;
    terms.second_approver
        || is_above && terms.above_typical.as_ref().is_some_and(|above| above.second_approver)
}

/// A second officer's word. It is about the decision as it stands: another decision needs another.
fn approve(application: &Application, by: PersonId, now: Timestamp) -> Result<Event, Refusal> {
    let decision = application.decision.as_ref();
    let Some(decision) = decision.filter(|decision| decision.waits_for_approval()) else {
        return Err(Refusal::NothingToApprove);
    };
    if by == application.applicant {
        return Err(Refusal::OwnApplication);
    }
    if by == decision.by {
        return Err(Refusal::SecondApproverSame);
    }
    Ok(Event::Approved { by, at: now })
}

/// Whether a decision's award, if it is one, is within what the program awards.
fn within_terms(decision: &Decision, terms: &AwardTerms) -> Result<(), Refusal> {
    if matches!(decision.outcome, Outcome::Waitlist { .. }) && terms.waiting_days.is_none() {
        return Err(Refusal::NoWaitingList);
    }
    let Some(amount) = decision.outcome.at_most() else {
        return Ok(());
    };
    if !amount.is_positive() {
        return Err(Refusal::AmountNotPositive);
    }
    let typical_max = terms.typical_max;
    if amount <= typical_max {
        return Ok(());
    }
    let Some(above) = &terms.above_typical else {
        return Err(Refusal::AwardAboveMaximum { max: typical_max });
    };
    if above.max < amount {
        return Err(Refusal::AwardAboveMaximum { max: above.max });
    }
    if decision.justification.is_none() {
        return Err(Refusal::TextMissing(TextField::Justification));
    }
    Ok(())
}

fn not_before(from: Timestamp, action: Action, now: Timestamp) -> Result<(), Refusal> {
    if now < from { Err(Refusal::TooEarly { action, from }) } else { Ok(()) }
}

fn wrong_stage(application: &Application, action: Action) -> Refusal {
    Refusal::WrongStage { action, stage: application.state.stage() }
}

/// A text without the blanks around it, unless it is empty or too long.
pub(crate) fn text(field: TextField, text: &str) -> Result<String, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::TextMissing(field));
    }
    at_most(field, text)
}

/// A text without the blanks around it, which may be empty, unless it is too long.
pub(crate) fn at_most(field: TextField, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if JUDGEMENT_CHARACTERS_MAX < text.chars().count() {
        return Err(Refusal::TextTooLong { field, characters_max: JUDGEMENT_CHARACTERS_MAX });
    }
    Ok(text.to_owned())
}
