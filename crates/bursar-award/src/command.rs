//! What somebody wants done with an application, as the service hands it in.

use std::collections::BTreeMap;

use bursar_kernel::program::AwardTerms;
use bursar_kernel::{
    ApplicationId, Estimate, GrantId, PersonId, ProgramId, RoundId, Timestamp, Usd,
};

use crate::application::{AcceptedPolicy, Feedback, Outcome};
use crate::progress::Progress;
use crate::refusal::Action;

/// The first step: a new draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The new application's name.
    pub id: ApplicationId,
    /// The program it applies to.
    pub program: ProgramId,
    /// The edition of the program's rules in force.
    pub program_version: u32,
    /// Who applies.
    pub applicant: PersonId,
    /// The grant that it follows, if the person has had one.
    pub after_grant: Option<GrantId>,
}

/// Every step after the first. The service has checked that the person may take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Somebody who may saves the draft, whole or half done.
    SaveDraft {
        /// What changes: new answers, and `None` where one is taken out.
        changes: BTreeMap<String, Option<String>>,
        /// Who.
        by: PersonId,
    },
    /// The applicant accepts policies, or takes that back, before submitting.
    AcceptPolicies {
        /// What is accepted.
        policies: Vec<AcceptedPolicy>,
    },
    /// The applicant says what the study costs, or takes that out.
    SetEstimate {
        /// The estimate.
        estimate: Option<Estimate>,
    },
    /// The applicant hands it in.
    Submit(Submit),
    /// The applicant takes it back.
    Withdraw,
    /// The round's review begins.
    BeginReview {
        /// When the round's review begins, by the program's calendar.
        review_begins: Timestamp,
    },
    /// An officer says whether it is eligible.
    Screen(Screen),
    /// An officer decides, or decides anew.
    Decide(Decide),
    /// An officer takes the decision back, which nobody outside has heard of.
    TakeBackDecision {
        /// The officer.
        by: PersonId,
    },
    /// A second officer approves the decision.
    Approve {
        /// The second officer.
        by: PersonId,
    },
    /// The decision is made known.
    Release {
        /// When the round's decisions are there, by the program's calendar: nobody hears before.
        decided_from: Timestamp,
        /// Until when the award can be answered, or the place on the waiting list holds.
        open_until: Option<Timestamp>,
        /// What each criterion came to, where the program tells.
        feedback: Vec<Feedback>,
    },
    /// An award that came back is offered to whoever waits.
    Offer {
        /// Until when it can be answered.
        open_until: Option<Timestamp>,
    },
    /// Whoever has not answered the award is reminded of it, once.
    RemindToAnswer,
    /// The waiting list is closed.
    EndWait,
    /// Nobody has answered the award in time.
    Lapse,
    /// The applicant accepts the award.
    AcceptAward {
        /// From when on it may be delivered: the program's lead time after the release.
        deliver_from: Timestamp,
    },
    /// The applicant turns the award down.
    DeclineAward,
    /// The accepted award becomes a grant.
    Deliver {
        /// The new grant's name.
        grant: GrantId,
    },
}

impl Command {
    /// What kind of command it is, as a refusal names it.
    pub const fn action(&self) -> Action {
        match self {
            Self::SaveDraft { .. } | Self::SetEstimate { .. } | Self::AcceptPolicies { .. } => {
                Action::SaveDraft
            }
            Self::Submit(_) => Action::Submit,
            Self::Withdraw => Action::Withdraw,
            Self::BeginReview { .. } => Action::BeginReview,
            Self::Screen(_) => Action::Screen,
            Self::Decide(_) => Action::Decide,
            Self::TakeBackDecision { .. } => Action::TakeBackDecision,
            Self::Approve { .. } => Action::Approve,
            Self::Release { .. } => Action::Release,
            Self::Offer { .. } => Action::Offer,
            Self::RemindToAnswer => Action::RemindToAnswer,
            Self::EndWait => Action::EndWait,
            Self::Lapse => Action::Lapse,
            Self::AcceptAward { .. } => Action::AcceptAward,
            Self::DeclineAward => Action::DeclineAward,
            Self::Deliver { .. } => Action::Deliver,
        }
    }
}

/// What an applicant hands in. The service has checked it against the program's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// The answers.
    pub answers: BTreeMap<String, String>,
    /// How much credit is asked for, where the form asks.
    pub requested: Option<Usd>,
    /// What the study costs at today's prices, where the draft has an estimate.
    pub estimate: Option<Estimate>,
    /// What the applicant accepts.
    pub policies: Vec<AcceptedPolicy>,
    /// The round it goes to, by the program's calendar.
    pub round: RoundId,
    /// What the grant that it follows has come to, by the books.
    pub progress: Option<Progress>,
}

/// What an officer says of whether an application is eligible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The officer.
    pub by: PersonId,
    /// Whether it is.
    pub is_eligible: bool,
    /// Whether the program's rules say otherwise: that takes a reason.
    pub overrules: bool,
    /// Why.
    pub reason: String,
}

/// What an officer decides, and under which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decide {
    /// The officer.
    pub by: PersonId,
    /// Award, decline, or a place on the waiting list.
    pub outcome: Outcome,
    /// Why, in words that the applicant will read.
    pub reasons: String,
    /// Why the award is above the typical maximum, where it is.
    pub justification: Option<String>,
    /// How much the program awards, in the edition the application is pinned to.
    pub terms: AwardTerms,
}
