//! For whom a program is.

use jiff::civil::Date;

use super::evidence::EvidenceTerms;

/// Who qualifies: what each answer of the form means, in the words the applicant reads.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Eligibility {
    /// What certain answers mean for whether somebody qualifies.
    pub rules: Vec<EligibilityRule>,
    /// What certain answers mean for who goes first among equals.
    pub priorities: Vec<Priority>,
    /// Whom to ask where the rules leave a doubt, in a sentence.
    pub ask: Option<String>,
    /// What has to be shown; `None` where the program goes by answers alone.
    pub evidence: Option<EvidenceTerms>,
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
    /// The level of evidence with which such an answer is eligible; without it, it is flagged.
    pub evidence: Option<usize>,
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
