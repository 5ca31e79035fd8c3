//! A program: an offer of credit with rules, as one file says it.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::ids::{ModelId, ProgramId, UpstreamGroup};
use crate::lot::TransferPolicy;
use crate::money::Usd;
use crate::study::StudyKind;
use crate::tier::Tiers;

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

/// How long credit lives: a number of calendar months from the instant of delivery. Hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Calendar months.
    pub months: u32,
}

/// When applications are reviewed, in one time zone.
///
/// An application submitted before a review begins goes to that review's round; one sent later goes
/// to the next.
#[derive(Clone, Debug)]
pub struct ReviewCalendar {
    /// How often.
    pub cadence: Cadence,
    /// The zone in which days and months begin and end.
    pub zone: TimeZone,
}

/// How often applications are reviewed. There is at most one review in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// All through these months of each year, 1 to 12, ascending.
    Months(Vec<i8>),
    /// In each month, from a certain weekday on: the first Monday, say.
    MonthlyOn {
        /// Which of the month's: 1 to 4.
        week: i8,
        /// The weekday.
        weekday: Weekday,
        /// How many days a review takes, 1 to 27.
        days: i8,
    },
}

impl ReviewCalendar {
    /// The months in which reviews begin, 1 to 12, ascending.
    pub fn months(&self) -> Vec<i8> {
        match &self.cadence {
            Cadence::Months(months) => months.clone(),
            Cadence::MonthlyOn { .. } => (1..=12).collect(),
        }
    }

    /// When reviews begin, as people say it after `each`: `March, June, September and December`,
    /// `first Monday of the month`.
    pub fn in_words(&self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        const WEEKS: [&str; 4] = ["first", "second", "third", "fourth"];
        let nth = |names: &[&'static str], number: i8| {
            let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            place.and_then(|place| names.get(place).copied()).unwrap_or_default()
        };
        match &self.cadence {
            Cadence::Months(months) => {
                let names: Vec<&str> = months.iter().map(|month| nth(&MONTHS, *month)).collect();
                match names.split_last() {
                    Some((last, rest)) if !rest.is_empty() => {
                        format!("{} and {last}", rest.join(", "))
                    }
                    Some(_) | None => names.concat(),
                }
            }
            Cadence::MonthlyOn { week, weekday, .. } => {
                format!("{} {} of the month", nth(&WEEKS, *week), weekday_name(*weekday))
            }
        }
    }
}

const fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// How long after the decision credit arrives, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadTime {
    /// At the earliest.
    pub days_min: u32,
    /// At the latest.
    pub days_max: u32,
}

impl LeadTime {
    /// As people say it: `4 to 6 weeks`.
    pub fn in_words(self) -> String {
        let Self { days_min, days_max } = self;
        if days_min % 7 == 0 && days_max % 7 == 0 && days_min < days_max {
            return format!("{} to {} weeks", days_min / 7, days_max / 7);
        }
        if days_min == days_max {
            return format!("{days_min} days");
        }
        format!("{days_min} to {days_max} days")
    }
}

/// A question of the application form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name in the answers: `research_question`.
    pub id: String,
    /// The question as the applicant reads it.
    pub label: String,
    /// What messages call the answer, in the middle of a sentence: `research question`.
    pub name: String,
    /// What to say when it is left out: `Enter your research question`.
    pub missing: String,
    /// A line of help under it.
    pub hint: Option<String>,
    /// What an answer looks like.
    pub kind: FieldKind,
    /// Whether it may be left out.
    pub optional: bool,
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line {
        /// Characters at the most.
        characters_max: usize,
    },
    /// Paragraphs of text.
    Text {
        /// Words at the most.
        words_max: usize,
    },
    /// One of a list.
    Choice {
        /// The options, as value and label.
        options: Vec<(String, String)>,
    },
    /// An amount of dollars.
    Amount,
}

/// Something an applicant accepts before submitting; its version is recorded with the acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its short name: `usage`.
    pub id: String,
    /// Its title on the page.
    pub title: String,
    /// Where to read it.
    pub url: String,
    /// Which edition is accepted, usually a date.
    pub version: String,
    /// What accepting it means, in a sentence.
    pub statement: String,
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

/// What the guide page says beyond what the rules above already say.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Guide {
    /// Rows of the "at a glance" table that no rule computes, as name and text.
    pub at_a_glance: Vec<(String, String)>,
    /// What the credit is good for.
    pub covers: Vec<String>,
    /// What happens when, as moment and text.
    pub timeline: Vec<(String, String)>,
    /// Who qualifies.
    pub eligible: Vec<String>,
    /// Who does not.
    pub not_eligible: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<String>,
    /// The limits.
    pub limits: Vec<String>,
    /// Advice, each piece with the tool that does what it says.
    pub advice: Vec<Advice>,
    /// Questions and answers.
    pub questions: Vec<(String, String)>,
}

/// A piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What to do.
    pub text: String,
    /// What does it here.
    pub tool: Option<Tool>,
}

/// What does what a piece of advice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The check of whether somebody qualifies.
    Eligibility,
    /// The advice on a proposal.
    ProposalCheck,
    /// The application form.
    Form,
    /// From a day to a round, and back.
    Planner,
    /// The check of a payment card.
    Card,
    /// An application that follows a declined one.
    Resubmission,
    /// How long a grant lasts, and what would be lost.
    Forecast,
}

/// Where the parts of a proposal stand in the form.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ProposalFields {
    /// What the study asks.
    pub question: Option<String>,
    /// How it goes about it.
    pub method: Option<String>,
    /// What it needs the API for.
    pub need: Option<String>,
    /// Whether funding is limited.
    pub funding: Option<String>,
}

/// One thing that reviewers score, from 1 to the top of its scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Its short name: `method`.
    pub id: String,
    /// Its name on a page.
    pub label: String,
    /// What the reviewer asks of the application.
    pub asks: String,
    /// How much it counts beside the others.
    pub weight: u32,
    /// The best score, 2 to 10.
    pub scale: u32,
}

/// What may follow a decline, and what a further grant takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reapplication {
    /// How often a declined application may come back; `None` is without limit.
    pub resubmissions_max: Option<u32>,
    /// Whether a new application after a grant has to report its progress.
    pub progress_needed: bool,
}

/// Who qualifies: what each answer of the form means, in the words the applicant reads.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Eligibility {
    /// What certain answers mean for whether somebody qualifies.
    pub rules: Vec<EligibilityRule>,
    /// What certain answers mean for who goes first among equals.
    pub priorities: Vec<Priority>,
    /// Whom to ask where the rules leave a doubt, in a sentence.
    pub ask: Option<String>,
}

/// What certain answers to one question mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibilityRule {
    /// The question, which is a choice.
    pub field: String,
    /// The answers that it is about, as values.
    pub answers: Vec<String>,
    /// What they mean.
    pub verdict: Verdict,
    /// Why, in a sentence to the applicant.
    pub reason: String,
    /// What would change it, or whom to ask.
    pub advice: Option<String>,
}

/// What an answer means for whether somebody qualifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They do.
    Eligible,
    /// They may submit, and an officer looks at it.
    Flagged,
    /// They do not.
    Ineligible,
}

/// An answer that counts in an applicant's favour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The question, which is a choice.
    pub field: String,
    /// The answers that count, as values.
    pub answers: Vec<String>,
    /// How much they count.
    pub points: u32,
    /// Why, as the reasons of a decision show it.
    pub reason: String,
}

/// Where applicants may be based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countries {
    /// ISO 3166-1 alpha-2 codes with their names, in the order of the names.
    pub supported: Vec<(String, String)>,
    /// Where the list comes from.
    pub source: String,
    /// The day it was taken.
    pub as_of: Date,
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
