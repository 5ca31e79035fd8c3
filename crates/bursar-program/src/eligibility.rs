//! Whether somebody qualifies, as far as answers tell, and who goes first among equals.

use std::collections::BTreeMap;

use bursar_kernel::Program;
use bursar_kernel::program::{FieldKind, FormField, Verdict};

use jiff::civil::Date;

use crate::answers::dollars;
use crate::evidence::{self, Evidence, WayToShow};
use crate::files;

/// Where somebody stands. The order is from the best to what decides over all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// They qualify.
    Eligible,
    /// They may submit, and an officer looks at it.
    Flagged,
    /// The rules do not say: something is not answered, or no rule is about the answer.
    Unsaid,
    /// They do not qualify.
    Ineligible,
}

impl Standing {
    /// The name that JSON uses: `eligible`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::Flagged => "flagged",
            Self::Unsaid => "unsaid",
            Self::Ineligible => "ineligible",
        }
    }
}

/// What one answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The question.
    pub field: String,
    /// The question as it is read.
    pub question: String,
    /// The answer as it is read; `None` where there is none.
    pub answer: Option<String>,
    /// What it means.
    pub standing: Standing,
    /// Why.
    pub reason: String,
    /// What would change it.
    pub advice: Option<String>,
    /// What would have to be shown for the answer to be eligible, where that changes it.
    pub evidence: Option<Needed>,
}

/// What has to be shown for an answer to be eligible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// The level.
    pub level: usize,
    /// Whether it is reached.
    pub is_shown: bool,
    /// What would reach it.
    pub ways: Vec<WayToShow>,
}

/// Where somebody stands, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Where they stand in all.
    pub standing: Standing,
    /// What each answer means, in the order of the form.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// What stands against them, the gravest first.
    pub fn against(&self) -> Vec<&Finding> {
        let is_against = |finding: &&Finding| finding.standing != Standing::Eligible;
        let mut against: Vec<&Finding> = self.findings.iter().filter(is_against).collect();
        against.sort_by_key(|finding| std::cmp::Reverse(finding.standing));
        against
    }
}

/// What counts in an applicant's favour among equals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Points {
    /// How much in all.
    pub total: u32,
    /// How much there could be.
    pub of: u32,
    /// Why, each with its points.
    pub reasons: Vec<(String, u32)>,
}

/// The questions that the rules are about, in the order of the form: nothing else is asked of
/// somebody who wants to know where they stand.
pub fn questions(program: &Program) -> Vec<&FormField> {
    let rules = &program.eligibility.rules;
    program.form.iter().filter(|field| rules.iter().any(|rule| rule.field == field.id)).collect()
}

/// Where somebody stands. Never a yes by default: what no rule is about, and what is not answered,
/// is unsaid.
pub fn check(program: &Program, answers: &BTreeMap<String, String>) -> Outcome {
    check_with(program, answers, &Evidence::default())
}

/// Where somebody stands with what they have shown.
pub fn check_with(
    program: &Program,
    answers: &BTreeMap<String, String>,
    shown: &Evidence,
) -> Outcome {
    let mut findings = Vec::new();
    for field in questions(program) {
        let answer = answers.get(&field.id).map(|answer| answer.trim()).unwrap_or_default();
        let before = findings.len();
        for rule in &program.eligibility.rules {
            if rule.field == field.id && rule.answers.iter().any(|meant| meant == answer) {
                let needed = needed(program, rule.evidence, shown);
                let standing = match rule.verdict {
                    Verdict::Eligible | Verdict::Flagged
                        if needed.as_ref().is_some_and(|needed| needed.is_shown) =>
                    {
                        Standing::Eligible
                    }
                    Verdict::Eligible if needed.is_some() => Standing::Flagged,
                    Verdict::Eligible => Standing::Eligible,
                    Verdict::Flagged => Standing::Flagged,
                    Verdict::Ineligible => Standing::Ineligible,
                };
                findings.push(Finding {
                    standing,
                    reason: rule.reason.clone(),
                    advice: rule.advice.clone(),
                    evidence: needed,
                    ..unsaid(field, answer)
                });
            }
        }
        if findings.len() == before {
            findings.push(unsaid(field, answer));
        }
    }
    let standing = findings.iter().map(|finding| finding.standing).max();
    Outcome { standing: standing.unwrap_or(Standing::Unsaid), findings }
}

fn needed(program: &Program, level: Option<usize>, shown: &Evidence) -> Option<Needed> {
    let (level, terms) = level.zip(program.eligibility.evidence.as_ref())?;
    let (is_shown, ways) = (shown.reaches(level), evidence::ways(terms, level));
    Some(Needed { level, is_shown, ways })
}

/// What counts in an applicant's favour.
pub fn priority(program: &Program, answers: &BTreeMap<String, String>) -> Points {
    let mut points = Points::default();
    for priority in &program.eligibility.priorities {
        points.of = points.of.saturating_add(priority.points);
        let answer = answers.get(&priority.field);
        if answer.is_some_and(|answer| priority.answers.contains(answer)) {
            points.total = points.total.saturating_add(priority.points);
            points.reasons.push((priority.reason.clone(), priority.points));
        }
    }
    points
}

fn unsaid(field: &FormField, answer: &str) -> Finding {
    let reason = if answer.is_empty() {
        "This is not answered yet.".to_owned()
    } else {
        "The rules do not say what this answer means.".to_owned()
    };
    Finding {
        field: field.id.clone(),
        question: field.label.clone(),
        answer: (!answer.is_empty()).then(|| in_words(field, answer)),
        standing: Standing::Unsaid,
        reason,
        advice: None,
        evidence: None,
    }
}

/// An answer as a person reads it: an option by its label, an amount with its currency, files by
/// their names.
pub fn in_words(field: &FormField, answer: &str) -> String {
    match &field.kind {
        FieldKind::Choice { options } | FieldKind::Choices { options, most: _ } => {
            let label = |value: &str| {
                let found = options.iter().find(|(known, _)| known == value);
                found.map_or(value, |(_, label)| label).to_owned()
            };
            answer.lines().map(label).collect::<Vec<_>>().join("\n")
        }
        FieldKind::Amount => answer.parse().map_or_else(|_| answer.to_owned(), dollars),
        FieldKind::Date { .. } => answer
            .parse::<Date>()
            .map_or_else(|_| answer.to_owned(), |day| day.strftime("%-d %B %Y").to_string()),
        FieldKind::Attachment { .. } => {
            let names: Vec<String> = files::listed(answer).iter().map(files::in_words).collect();
            names.join("\n")
        }
        FieldKind::Line { .. }
        | FieldKind::Text { .. }
        | FieldKind::Number { .. }
        | FieldKind::Email
        | FieldKind::Web
        | FieldKind::Orcid
        | FieldKind::Institution => answer.to_owned(),
    }
}
