//! What has happened to an application: its history, kept as JSON.

use std::collections::BTreeMap;

use bursar_kernel::{
    ApplicationId, Estimate, GrantId, PersonId, ProgramId, RoundId, Timestamp, Usd,
};
use serde::{Deserialize, Serialize};

use crate::application::{AcceptedPolicy, Decision, Feedback, Screening};
use crate::progress::Progress;

/// One thing that happened. Who did it is in the audit trail; a decision names its officers itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The draft was begun.
    Started(Started),
    /// The draft was edited. History says which questions were touched and by whom, and not what
    /// was typed: a draft is nobody's but its writers', and what they handed in is
    /// [`Event::Submitted`].
    DraftEdited {
        /// The questions.
        fields: Vec<String>,
        /// What changed; on its way to the draft only, and never kept.
        #[serde(skip)]
        changes: BTreeMap<String, Option<String>>,
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// The applicant accepted policies before submitting, or took that back.
    PoliciesAccepted {
        /// Which.
        policies: Vec<AcceptedPolicy>,
        /// When.
        at: Timestamp,
    },
    /// The draft was saved, as earlier releases wrote it: whole.
    DraftSaved {
        /// All answers so far.
        answers: BTreeMap<String, String>,
        /// When.
        at: Timestamp,
    },
    /// The draft was given an estimate of its study, or lost it.
    EstimateSet {
        /// The estimate.
        estimate: Option<Estimate>,
        /// When.
        at: Timestamp,
    },
    /// It was handed in.
    Submitted {
        /// The answers.
        answers: BTreeMap<String, String>,
        /// How much the applicant asks for.
        requested: Option<Usd>,
        /// What the study costs at the prices of that day, where the draft had an estimate.
        #[serde(default)]
        estimate: Option<Estimate>,
        /// What the applicant accepted.
        policies: Vec<AcceptedPolicy>,
        /// The round it goes to.
        round: RoundId,
        /// What the grant that it follows had come to, if it follows one.
        #[serde(default)]
        progress: Option<Progress>,
        /// When.
        at: Timestamp,
    },
    /// The applicant took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Its round's review began.
    ReviewBegun {
        /// When.
        at: Timestamp,
    },
    /// An officer said whether it is eligible.
    Screened {
        /// What, with its instant.
        screening: Screening,
    },
    /// An officer took the decision back: it stands where it stood before.
    DecisionTakenBack {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// An officer decided, or decided anew.
    Decided {
        /// What, with its instant.
        decision: Decision,
    },
    /// A second officer approved the decision.
    Approved {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// The decision was made known.
    Released {
        /// Until when the award can be answered, or the place on the waiting list holds.
        #[serde(default)]
        open_until: Option<Timestamp>,
        /// What each criterion came to, where the program tells.
        #[serde(default)]
        feedback: Vec<Feedback>,
        /// When.
        at: Timestamp,
    },
    /// An award came back, and was offered to whoever waited.
    Offered {
        /// Until when it can be answered.
        open_until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Whoever had not answered the award was reminded of it.
    AnswerReminded {
        /// When.
        at: Timestamp,
    },
    /// The waiting list was closed, and no award had come back.
    WaitEnded {
        /// When.
        at: Timestamp,
    },
    /// Nobody answered the award in time.
    AwardLapsed {
        /// When.
        at: Timestamp,
    },
    /// The applicant accepted the award.
    AwardAccepted {
        /// From when on it may be delivered.
        deliver_from: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// The applicant turned the award down.
    AwardDeclined {
        /// When.
        at: Timestamp,
    },
    /// The award became a grant.
    Delivered {
        /// Which.
        grant: GrantId,
        /// When: the instant from which the grant's term runs.
        at: Timestamp,
    },
}

impl Event {
    /// When it happened.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Started(started) => started.at,
            Self::Decided { decision } => decision.at,
            Self::Screened { screening } => screening.at,
            Self::DraftSaved { at, .. }
            | Self::DraftEdited { at, .. }
            | Self::PoliciesAccepted { at, .. }
            | Self::EstimateSet { at, .. }
            | Self::Submitted { at, .. }
            | Self::Withdrawn { at }
            | Self::ReviewBegun { at }
            | Self::DecisionTakenBack { at, .. }
            | Self::Approved { at, .. }
            | Self::Released { at, .. }
            | Self::Offered { at, .. }
            | Self::AnswerReminded { at }
            | Self::WaitEnded { at }
            | Self::AwardLapsed { at }
            | Self::AwardAccepted { at, .. }
            | Self::AwardDeclined { at }
            | Self::Delivered { at, .. } => *at,
        }
    }

    /// The name that columns, JSON and lists use: `award_accepted`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::DraftSaved { .. } => "draft_saved",
            Self::DraftEdited { .. } => "draft_edited",
            Self::PoliciesAccepted { .. } => "policies_accepted",
            Self::EstimateSet { .. } => "estimate_set",
            Self::Submitted { .. } => "submitted",
            Self::Withdrawn { .. } => "withdrawn",
            Self::ReviewBegun { .. } => "review_begun",
            Self::Screened { .. } => "screened",
            Self::DecisionTakenBack { .. } => "decision_taken_back",
            Self::Decided { .. } => "decided",
            Self::Approved { .. } => "approved",
            Self::Released { .. } => "released",
            Self::Offered { .. } => "offered",
            Self::AnswerReminded { .. } => "answer_reminded",
            Self::WaitEnded { .. } => "wait_ended",
            Self::AwardLapsed { .. } => "award_lapsed",
            Self::AwardAccepted { .. } => "award_accepted",
            Self::AwardDeclined { .. } => "award_declined",
            Self::Delivered { .. } => "delivered",
        }
    }
}

/// The beginning of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The application's name.
    pub id: ApplicationId,
    /// The program it applies to.
    pub program: ProgramId,
    /// The edition of the program's rules that it is pinned to.
    pub program_version: u32,
    /// Who applies.
    pub applicant: PersonId,
    /// Answers to begin with: those of the application it follows.
    pub answers: BTreeMap<String, String>,
    /// The estimate to begin with: that of the application it follows.
    #[serde(default)]
    pub estimate: Option<Estimate>,
    /// The earlier application that it follows.
    pub resubmission_of: Option<ApplicationId>,
    /// The grant that it follows.
    #[serde(default)]
    pub after_grant: Option<GrantId>,
    /// When.
    pub at: Timestamp,
}
