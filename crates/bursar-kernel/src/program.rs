//! A program: an offer of credit with rules, as one file says it.

mod form;
mod guide;
mod people;
mod review;

use crate::ids::{ModelId, ProgramId, UpstreamGroup};
use crate::lot::TransferPolicy;
use crate::money::Usd;
use crate::study::StudyKind;
use crate::tier::Tiers;

pub use form::{FieldKind, FormField, Policy, ProposalFields};
pub use guide::{Advice, Guide, Tool};
pub use people::{Countries, Eligibility, EligibilityRule, Priority, Verdict};
pub use review::{Cadence, Criterion, LeadTime, Reapplication, ReviewCalendar, Term};

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
    /// How much it awards.
    pub award: AwardTerms,
    /// How long the credit lives.
    pub term: Term,
    /// When applications are reviewed.
    pub review: ReviewCalendar,
    /// How long after the decision credit arrives.
    pub delivery: LeadTime,
    /// What an applicant is asked.
    pub form: Vec<FormField>,
    /// What an applicant accepts before submitting.
    pub policies: Vec<Policy>,
    /// What the credit opens.
    pub entitlements: Entitlements,
    /// Whether and to whom the credit may be passed on.
    pub transfer_policy: TransferPolicy,
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
        self.intake == Intake::Open
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardTerms {
    /// The typical maximum.
    pub typical_max: Usd,
    /// What an award above it takes; `None` where there is no above.
    pub above_typical: Option<AboveTypical>,
}

/// What an award above the typical maximum takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboveTypical {
    /// The most that can be awarded all the same.
    pub max: Usd,
    /// Whether a second officer has to approve.
    pub second_approver: bool,
}

/// What the credit opens.
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
