//! A program: an offer of credit with rules, as one file says it.

mod evidence;
mod form;
mod guide;
mod line;
mod people;
mod review;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{ModelId, ProgramId, UpstreamGroup};
use crate::lot::TransferPolicy;
use crate::money::Usd;
use crate::study::StudyKind;
use crate::tier::Tiers;

pub use evidence::{AcceptedEvidence, EvidenceKind, EvidenceTerms};
pub use form::{
    Audience, Audiences, Condition, FieldKind, FileType, FormField, Pattern, Policy,
    ProposalFields, Section,
};
pub use guide::{Advice, Guide, Tool};
pub use line::{AwardCap, AwardTier, LineTerms, Reserve};
pub use people::{Countries, Eligibility, EligibilityRule, Priority, Verdict};
pub use review::{
    Cadence, Call, Criterion, DecisionDays, Every, LeadTime, Panel, Reapplication, ReviewCalendar,
    Term, TermLength, TermStart,
};

/// An offer of credit with rules. Made by `bursar-program` from a file; what it holds is coherent.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its short name, and the name of its file.
    pub id: ProgramId,
    /// Which edition of the rules this is; applications are pinned to one.
    pub version: u32,
    /// Its name on a page.
    pub name: String,
    /// Who gives the credit.
    pub provider: String,
    /// The provider's own page about it.
    pub official_page: String,
    /// What it is for, in a sentence or two.
    pub summary: String,
    /// Where its facts come from, with a date.
    pub source: String,
    /// Whether it takes applications.
    pub intake: Intake,
    /// Whether it is on offer at present.
    pub offer: Offer,
    /// How much it awards.
    pub award: AwardTerms,
    /// How long the credit lives; `None` where nobody says.
    pub term: Option<Term>,
    /// When applications are reviewed.
    pub review: ReviewCalendar,
    /// How long after the decision credit arrives; `None` where nobody says.
    pub delivery: Option<LeadTime>,
    /// The parts of the form, in order; each has at least one question.
    pub sections: Vec<Section>,
    /// What an applicant is asked, in the order of the sections.
    pub form: Vec<FormField>,
    /// What an applicant accepts before submitting.
    pub policies: Vec<Policy>,
    /// What the credit opens.
    pub entitlements: Entitlements,
    /// Whether and to whom the credit may be passed on.
    pub transfer_policy: TransferPolicy,
    /// Whom the holder of a grant may invite to spend it with them.
    pub people: WalletPeople,
    /// What the guide page says.
    pub guide: Guide,
    /// The last part of the form's public address, `/form/…`.
    pub form_address: String,
    /// How long applying takes with everything at hand.
    pub minutes_to_apply: u32,
    /// The question whose answer justifies a request above the typical maximum.
    pub justification_field: Option<String>,
    /// The question that asks for the progress of an earlier grant; nobody else is asked it.
    pub progress_field: Option<String>,
    /// Where the parts of a proposal stand in the form, for advice on it.
    pub proposal: ProposalFields,
    /// What reviewers score.
    pub rubric: Vec<Criterion>,
    /// Who reviews what; `None` where every reviewer may take any application.
    pub panel: Option<Panel>,
    /// What holds beside the order of the scores where a round does not pay for everybody.
    pub line: LineTerms,
    /// What may follow a decline, and what a further grant takes.
    pub reapplication: Reapplication,
    /// Who qualifies, as data.
    pub eligibility: Eligibility,
    /// Subjects that the program is meant for, as value and label; outside them is flagged.
    pub areas: Vec<(String, String)>,
    /// Where applicants may be based.
    pub countries: Countries,
    /// How a payment card is checked; `None` where the program needs none.
    pub card: Option<CardCheck>,
    /// Kinds of studies that it is for, to begin an estimate from.
    pub studies: Vec<StudyKind>,
    /// How fast its credit may be spent, and what a faster tier takes.
    pub tiers: Tiers,
    /// What the transfer policy rests on.
    pub transfer_clause: TransferClause,
    /// Which of these facts nobody has confirmed, so that pages can say so.
    pub assumptions: Vec<Assumption>,
}

impl Program {
    /// Whether anybody may apply.
    pub fn takes_applications(&self) -> bool {
        self.intake == Intake::Open && self.offer.state == OfferState::Open
    }

    /// How long the credit lives, as people say it.
    pub fn term_in_words(&self) -> String {
        self.term.map_or_else(|| "not said".to_owned(), Term::in_words)
    }

    /// What a file has to say before its program can be run, and does not: its keys. A program
    /// that lacks something can still be listed beside others.
    pub fn lacks(&self) -> Vec<&'static str> {
        let applies = self.intake == Intake::Open;
        let unsaid = match &self.review.cadence {
            Cadence::Unsaid | Cadence::Rolling { decided: None, .. } => true,
            Cadence::Calls(calls) => calls.iter().any(|call| call.decided_by.is_none()),
            Cadence::Months(_) | Cadence::MonthlyOn { .. } | Cadence::Rolling { .. } => false,
        };
        let needed = [
            ("award.typical_max", !self.award.typical_max.is_positive()),
            ("term", self.term.is_none()),
            ("review", unsaid && applies),
            ("delivery", self.delivery.is_none() && applies),
            ("entitlements", self.entitlements.upstream_group.as_str().is_empty()),
            ("form", self.form.is_empty() && applies),
            ("policy", self.policies.is_empty() && applies),
        ];
        needed.into_iter().filter(|(_, lacking)| *lacking).map(|(key, _)| key).collect()
    }
}

/// Whom the holder of a grant may invite to spend it with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalletPeople {
    /// Nobody: the holder spends it alone.
    None,
    /// People of the holder's own institution. The default: a grant goes to somebody whose
    /// affiliation counted, and their group has the same one.
    #[default]
    SameInstitution,
    /// Anybody with a mail address.
    Anyone,
}

impl WalletPeople {
    /// Every one, from the strictest to the loosest.
    pub const ALL: [Self; 3] = [Self::None, Self::SameInstitution, Self::Anyone];

    /// Its name in files and JSON: `same_institution`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SameInstitution => "same_institution",
            Self::Anyone => "anyone",
        }
    }

    /// Who may spend a grant, as a line of a table says it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::None => "Its holder alone",
            Self::SameInstitution => {
                "Its holder, and people of the same institution whom they invite"
            }
            Self::Anyone => "Its holder, and people whom they invite",
        }
    }
}

/// Whether a program is on offer at present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Whether it is.
    pub state: OfferState,
    /// Why, or since when, in a sentence.
    pub note: Option<String>,
    /// The program that came in its place: its name, or its short name where it is listed here.
    pub successor: Option<String>,
}

/// Whether a program is on offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfferState {
    /// It is.
    #[default]
    Open,
    /// It is announced, and not open yet.
    Forecast,
    /// It was, and is meant to be again.
    Paused,
    /// It was, and will not be again.
    Discontinued,
}

impl OfferState {
    /// The name that files and JSON use: `paused`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Forecast => "forecast",
            Self::Paused => "paused",
            Self::Discontinued => "discontinued",
        }
    }
}

/// Whether a program takes applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// Anybody may apply.
    Open,
    /// Nobody applies: officers issue its credit.
    Officers,
}

/// How much a program awards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwardTerms {
    /// The typical maximum; zero where no dollars are awarded, but something else.
    pub typical_max: Usd,
    /// What an award above it takes; `None` where there is no above.
    pub above_typical: Option<AboveTypical>,
    /// What is awarded beside dollars, or instead: `up to 30,000 hours of an H100`.
    pub in_kind: Option<String>,
    /// Kinds of applicants with amounts of their own. The first that fits is an applicant's.
    pub kinds: Vec<ApplicantKind>,
    /// Awards of a round at the most; `None` is as many as the pool pays for.
    pub per_round_max: Option<u32>,
    /// Grants of one person at the most, ever; `None` is without limit.
    pub per_person_max: Option<u32>,
    /// Whether a second officer has to approve each award, whatever it comes to.
    pub second_approver: bool,
    /// Calendar days for which an award can be answered; `None` is without end.
    pub answer_days: Option<u32>,
    /// Calendar days for which a place on the waiting list holds; `None` where there is no list.
    pub waiting_days: Option<u32>,
}

impl AwardTerms {
    /// The terms for whoever gives these answers: those of their kind, or the program's own.
    #[must_use]
    pub fn of(&self, answers: &BTreeMap<String, String>) -> Self {
        let kind = self.kinds.iter().find(|kind| {
            answers.get(&kind.field).is_some_and(|answer| kind.answers.contains(answer))
        });
        let own = Self { kinds: Vec::new(), ..self.clone() };
        match kind {
            None => own,
            Some(kind) => Self {
                typical_max: kind.typical_max,
                above_typical: kind.above_typical.clone(),
                per_person_max: kind.per_person_max.or(self.per_person_max),
                ..own
            },
        }
    }

    /// The most that is awarded to anybody.
    pub fn most(&self) -> Usd {
        let of = |typical: Usd, above: &Option<AboveTypical>| {
            above.as_ref().map_or(typical, |above| above.max)
        };
        let kinds = self.kinds.iter().map(|kind| of(kind.typical_max, &kind.above_typical));
        kinds.fold(of(self.typical_max, &self.above_typical), Usd::max)
    }
}

/// A kind of applicants with amounts of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicantKind {
    /// What they are called on a page: `PhD students`.
    pub label: String,
    /// The question that tells them, which is a choice.
    pub field: String,
    /// Their answers to it, as values.
    pub answers: Vec<String>,
    /// The typical maximum.
    pub typical_max: Usd,
    /// What an award above it takes; `None` where there is no above.
    pub above_typical: Option<AboveTypical>,
    /// Grants of one person at the most, ever; `None` is as the program says.
    pub per_person_max: Option<u32>,
}

/// What an award above the typical maximum takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboveTypical {
    /// The most that can be awarded all the same.
    pub max: Usd,
    /// Whether a second officer has to approve.
    pub second_approver: bool,
}

/// What the credit opens. Of a program that is listed and not run, nothing: its group has no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlements {
    /// Which upstreams honour it.
    pub upstream_group: UpstreamGroup,
    /// Models that need a further approval even with credit.
    pub limited_models: Vec<ModelId>,
    /// Output tokens that a call may make when its client set no limit.
    pub output_tokens_default: u64,
}

/// How a payment card is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardCheck {
    /// Held on the card for a moment, never charged.
    pub hold: Usd,
    /// What a checked card is good for, in a sentence.
    pub purpose: String,
}

/// What a transfer policy rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferClause {
    /// What the provider's terms say, in our own words.
    pub says: String,
    /// Which terms, with a date.
    pub source: String,
    /// What a holder who will not use the credit can do instead.
    pub ways_on: Vec<String>,
}

/// A fact of the file that nobody has confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The key it is about, as a path: `review.zone`.
    pub about: String,
    /// Why it is what it is.
    pub because: String,
}
