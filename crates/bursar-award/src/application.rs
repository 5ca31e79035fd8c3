//! One application, and how an event changes it.

use std::collections::BTreeMap;

use bursar_kernel::{
    ApplicationId, Estimate, GrantId, PersonId, ProgramId, RoundId, Timestamp, Usd,
};
use serde::{Deserialize, Serialize};

use crate::event::{Event, Started};
use crate::progress::Progress;
use crate::state::State;

/// One application, from its first draft to its grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its name.
    pub id: ApplicationId,
    /// The program it applies to.
    pub program: ProgramId,
    /// The edition of the program's rules that it is pinned to.
    pub program_version: u32,
    /// Who applies.
    pub applicant: PersonId,
    /// Where it stands.
    pub state: State,
    /// The round it is reviewed in, once submitted.
    pub round: Option<RoundId>,
    /// What the applicant answered, by the names of the form's fields.
    pub answers: BTreeMap<String, String>,
    /// How much credit the applicant asks for, where the form asks.
    pub requested: Option<Usd>,
    /// What the study costs, as the applicant counted it; at the prices of the day on which it was
    /// handed in.
    #[serde(default)]
    pub estimate: Option<Estimate>,
    /// What the applicant accepted before submitting; in a draft, so far.
    pub accepted_policies: Vec<AcceptedPolicy>,
    /// The earlier application of the same person that this one follows.
    pub resubmission_of: Option<ApplicationId>,
    /// The grant of the same person that this one follows, whose progress it reports.
    #[serde(default)]
    pub after_grant: Option<GrantId>,
    /// What that grant had come to when this one was handed in, by the books.
    #[serde(default)]
    pub progress: Option<Progress>,
    /// When the draft was begun.
    pub created_at: Timestamp,
    /// When the draft was edited last; `None` for one that nobody has edited.
    #[serde(default)]
    pub edited_at: Option<Timestamp>,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// What an officer says of whether it is eligible. For officers only.
    #[serde(default)]
    pub screening: Option<Screening>,
    /// What was decided. Secret until `released_at`.
    pub decision: Option<Decision>,
    /// When the decision was made known to the applicant.
    pub released_at: Option<Timestamp>,
    /// What each criterion came to, where the program tells its applicants.
    #[serde(default)]
    pub feedback: Vec<Feedback>,
    /// When the award was offered, where that was after the release: from the waiting list.
    #[serde(default)]
    pub offered_at: Option<Timestamp>,
    /// Until when the award can be answered, or a place on the waiting list holds; `None` is
    /// without end.
    #[serde(default)]
    pub open_until: Option<Timestamp>,
    /// When whoever has not answered the award was reminded of it.
    #[serde(default)]
    pub reminded_at: Option<Timestamp>,
    /// When the applicant accepted the award.
    pub accepted_at: Option<Timestamp>,
    /// From when on the accepted award may be delivered.
    pub deliver_from: Option<Timestamp>,
    /// The grant that the award became.
    pub grant: Option<GrantId>,
    /// How many events have happened to it: one more with each, for optimistic locking. Unreleased
    /// decisions count too, so an applicant never gets to see it.
    pub version: u64,
}

/// Something the applicant accepted, in the edition that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedPolicy {
    /// The policy's short name: `usage`.
    pub id: String,
    /// Its edition.
    pub version: String,
    /// When it was accepted.
    pub at: Timestamp,
}

/// What an officer says of whether an application is eligible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// The officer.
    pub by: PersonId,
    /// Whether it is.
    pub is_eligible: bool,
    /// Why; empty where it is what the rules say.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What reviewers' scores for one criterion came to on the average.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// The criterion, as it is read.
    pub criterion: String,
    /// The mean, in tenths of a point.
    pub tenths: u32,
    /// The best score; the least is 1.
    pub scale: u32,
}

impl std::fmt::Display for Feedback {
    /// `The method: 3.5 of 5`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, tenth) = (self.tenths / 10, self.tenths % 10);
        write!(f, "{}: {whole}.{tenth} of {}", self.criterion, self.scale)
    }
}

/// What an officer decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The officer who decided.
    pub by: PersonId,
    /// The second officer who approved it, where one did.
    pub approved_by: Option<PersonId>,
    /// Award or decline.
    pub outcome: Outcome,
    /// Why, in words that the applicant reads once it is released.
    pub reasons: String,
    /// Why the award is above the typical maximum. For officers only.
    pub justification: Option<String>,
    /// Whether it counts only once a second officer has approved it.
    #[serde(default)]
    pub needs_approval: bool,
    /// Whether it was declined before its review began.
    #[serde(default)]
    pub at_desk: bool,
    /// When.
    pub at: Timestamp,
}

impl Decision {
    /// Whether it waits for a second officer's approval.
    pub const fn waits_for_approval(&self) -> bool {
        self.needs_approval && self.approved_by.is_none()
    }
}

/// Award or decline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Credit is offered.
    Award {
        /// How much, above zero.
        amount: Usd,
    },
    /// No credit.
    Decline,
    /// No credit now: an award of the round that comes back goes to whoever waits.
    Waitlist {
        /// How much would be offered, above zero.
        amount: Usd,
        /// The place on the round's list, from 1; equals go by identifier.
        place: u32,
    },
}

impl Outcome {
    /// The award's amount, if it is one.
    pub const fn amount(self) -> Option<Usd> {
        match self {
            Self::Award { amount } => Some(amount),
            Self::Decline | Self::Waitlist { .. } => None,
        }
    }

    /// What it gives, or would if its turn came.
    pub const fn at_most(self) -> Option<Usd> {
        match self {
            Self::Award { amount } | Self::Waitlist { amount, .. } => Some(amount),
            Self::Decline => None,
        }
    }

    /// The name that JSON and forms use: `award`, `decline`, `waitlist`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Award { .. } => "award",
            Self::Decline => "decline",
            Self::Waitlist { .. } => "waitlist",
        }
    }
}

impl Application {
    /// The draft that a start makes.
    pub fn new(started: Started) -> Self {
        Self {
            id: started.id,
            program: started.program,
            program_version: started.program_version,
            applicant: started.applicant,
            state: State::Draft,
            round: None,
            answers: started.answers,
            requested: None,
            estimate: started.estimate,
            accepted_policies: Vec::new(),
            resubmission_of: started.resubmission_of,
            after_grant: started.after_grant,
            progress: None,
            created_at: started.at,
            edited_at: None,
            submitted_at: None,
            screening: None,
            decision: None,
            released_at: None,
            feedback: Vec::new(),
            offered_at: None,
            open_until: None,
            reminded_at: None,
            accepted_at: None,
            deliver_from: None,
            grant: None,
            version: 1,
        }
    }

    /// The application that a whole history makes. `None` if the history does not begin with a
    /// start; a history that no series of decisions makes is a bug, and panics.
    pub fn replay(history: &[Event]) -> Option<Self> {
        let (first, rest) = history.split_first()?;
        let Event::Started(started) = first else {
            return None;
        };
        let mut application = Self::new(started.clone());
        for event in rest {
            application.apply(event);
        }
        Some(application)
    }

    /// Takes in an event that [`decide`](crate::decide()) made of this very version.
    ///
    /// An event that does not follow from the present state is a bug of the caller, and panics.
    pub fn apply(&mut self, event: &Event) {
        let next = self.after(event);
        assert!(
            next.is_some_and(|next| self.state.next().contains(&next)),
            "an application that is {:?} cannot take in {event:?}",
            self.state
        );
        let Some(next) = next else { return };
        match event {
            Event::Started(_)
            | Event::Withdrawn { .. }
            | Event::ReviewBegun { .. }
            | Event::AwardDeclined { .. }
            | Event::AwardLapsed { .. } => {}
            Event::DraftSaved { answers, at: _ } => self.answers.clone_from(answers),
            Event::DraftEdited { changes, at, .. } => {
                self.edited_at = Some(*at);
                for (field, answer) in changes {
                    match answer {
                        Some(answer) => self.answers.insert(field.clone(), answer.clone()),
                        None => self.answers.remove(field),
                    };
                }
            }
            Event::PoliciesAccepted { policies, at: _ } => {
                self.accepted_policies.clone_from(policies);
            }
            Event::EstimateSet { estimate, at: _ } => self.estimate.clone_from(estimate),
            Event::Submitted { answers, requested, estimate, policies, round, progress, at } => {
                self.answers.clone_from(answers);
                self.requested = *requested;
                self.estimate.clone_from(estimate);
                self.accepted_policies.clone_from(policies);
                self.round = Some(round.clone());
                self.progress.clone_from(progress);
                self.submitted_at = Some(*at);
            }
            Event::Screened { screening } => self.screening = Some(screening.clone()),
            Event::Decided { decision } => self.decision = Some(decision.clone()),
            Event::DecisionTakenBack { .. } => self.decision = None,
            Event::Approved { by, at: _ } => {
                if let Some(decision) = &mut self.decision {
                    decision.approved_by = Some(*by);
                }
            }
            Event::Released { open_until, feedback, at } => {
                self.released_at = Some(*at);
                self.feedback.clone_from(feedback);
                self.open_until = *open_until;
            }
            Event::Offered { open_until, at } => {
                self.offered_at = Some(*at);
                self.open_until = *open_until;
                self.turn(|amount| Outcome::Award { amount });
            }
            Event::AnswerReminded { at } => self.reminded_at = Some(*at),
            Event::WaitEnded { at: _ } => self.turn(|_| Outcome::Decline),
            Event::AwardAccepted { deliver_from, at } => {
                self.accepted_at = Some(*at);
                self.deliver_from = Some(*deliver_from);
            }
            Event::Delivered { grant, at: _ } => self.grant = Some(*grant),
        }
        self.state = next;
        self.version = self.version.saturating_add(1);
    }

    /// Where an event leads; `None` if it cannot happen to an application that exists.
    fn after(&self, event: &Event) -> Option<State> {
        match event {
            Event::Started(_) => None,
            Event::DraftSaved { .. }
            | Event::DraftEdited { .. }
            | Event::PoliciesAccepted { .. }
            | Event::EstimateSet { .. } => Some(State::Draft),
            Event::Submitted { .. } => Some(State::Submitted),
            Event::Withdrawn { .. } => Some(State::Withdrawn),
            // Where it stands says nothing of who is eligible.
            Event::Screened { .. } => Some(self.state),
            Event::ReviewBegun { .. } => Some(State::InReview),
            Event::DecisionTakenBack { .. } => {
                let at_desk = self.decision.as_ref().is_some_and(|decision| decision.at_desk);
                Some(if at_desk { State::Submitted } else { State::InReview })
            }
            Event::Decided { .. } | Event::Approved { .. } => Some(State::Decided),
            Event::Released { .. } => {
                self.decision.as_ref().map(|decision| match decision.outcome {
                    Outcome::Award { .. } => State::AwardOffered,
                    Outcome::Decline => State::Declined,
                    Outcome::Waitlist { .. } => State::Waitlisted,
                })
            }
            Event::Offered { .. } | Event::AnswerReminded { .. } => Some(State::AwardOffered),
            Event::WaitEnded { .. } => Some(State::Declined),
            Event::AwardLapsed { .. } => Some(State::AwardLapsed),
            Event::AwardAccepted { .. } => Some(State::Accepted),
            Event::AwardDeclined { .. } => Some(State::AwardDeclined),
            Event::Delivered { .. } => Some(State::Granted),
        }
    }

    /// What becomes of a place on the waiting list.
    fn turn(&mut self, into: impl FnOnce(Usd) -> Outcome) {
        if let Some(decision) = &mut self.decision
            && let Outcome::Waitlist { amount, .. } = decision.outcome
        {
            decision.outcome = into(amount);
        }
    }

    /// When the award was offered, if one was.
    pub fn award_offered_at(&self) -> Option<Timestamp> {
        self.released_award().and(self.offered_at.or(self.released_at))
    }

    /// The award that the applicant has been told of.
    pub fn released_award(&self) -> Option<Usd> {
        self.released_decision().and_then(|decision| decision.outcome.amount())
    }

    /// The decision, once it is released: what pages and mail for the applicant may read.
    pub fn released_decision(&self) -> Option<&Decision> {
        self.released_at.and(self.decision.as_ref())
    }
}
