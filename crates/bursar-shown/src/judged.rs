//! From what the rules say of answers to what pages show of it.

use std::collections::BTreeMap;

use bursar_award::AcceptedPolicy;
use bursar_kernel::{ApplicationId, Program};
use bursar_program::changes::{self, changes};
use bursar_program::eligibility::{self, Standing};
use bursar_program::evidence::{Evidence, in_words};
use bursar_program::proposal;
use bursar_ui::{Status, Tone};

use crate::shown;
use bursar_pages::screening::{Changed, FindingShown, Piece, PointShown, Screening};

/// A verdict in a word or two.
pub fn verdict(standing: Standing) -> Status {
    match standing {
        Standing::Eligible => Status::new(Tone::Good, "Eligible"),
        Standing::Flagged => Status::new(Tone::Warning, "Flagged"),
        Standing::Unsaid => Status::new(Tone::Neutral, "Not said"),
        Standing::Ineligible => Status::new(Tone::Bad, "Not eligible"),
    }
}

/// What the rules say, to whoever asks, with what they have shown.
pub fn screening(
    program: &Program,
    answers: &BTreeMap<String, String>,
    shown: &Evidence,
) -> Screening {
    let outcome = eligibility::check_with(program, answers, shown);
    let summary = match outcome.standing {
        Standing::Eligible => "Yes: by the program's rules you qualify.",
        Standing::Flagged => "You may apply, and an officer takes a closer look.",
        Standing::Unsaid => "The rules do not say yet: something is open below.",
        Standing::Ineligible => "No: the program's rules exclude this.",
    };
    let ask = program.eligibility.ask.clone();
    let ask = ask.unwrap_or_else(|| "the program's own contact.".to_owned());
    let told = told(program, outcome, shown, summary);
    Screening { ask: Some((ask, program.official_page.clone())), ..told }
}

/// What the rules say, to an officer, with what the applicant has shown.
pub fn screening_for_officer(
    program: &Program,
    answers: &BTreeMap<String, String>,
    shown: &Evidence,
) -> Screening {
    let outcome = eligibility::check_with(program, answers, shown);
    let summary = match outcome.standing {
        Standing::Eligible => "Every answer is within the program's rules.",
        Standing::Flagged => "Flagged: look at the answers below before you decide.",
        Standing::Unsaid => "The rules do not say what some answer means: judge it yourself.",
        Standing::Ineligible => "By the program's rules this is not eligible.",
    };
    told(program, outcome, shown, summary)
}

fn told(
    program: &Program,
    outcome: eligibility::Outcome,
    shown: &Evidence,
    summary: &str,
) -> Screening {
    let findings = outcome.findings.into_iter().map(|finding| FindingShown {
        question: finding.question.clone(),
        answer: finding.answer.clone().unwrap_or_default(),
        verdict: verdict(finding.standing),
        reason: reason(program, shown, &finding),
        advice: advice(program, shown, &finding),
    });
    Screening {
        verdict: verdict(outcome.standing),
        summary: summary.to_owned(),
        findings: findings.collect(),
        ask: None,
    }
}

/// Why, and by what it is shown, where it had to be.
fn reason(program: &Program, shown: &Evidence, finding: &eligibility::Finding) -> String {
    let needed = finding.evidence.as_ref().filter(|needed| needed.is_shown);
    let by = needed.zip(program.eligibility.evidence.as_ref()).and_then(|(needed, terms)| {
        let by = shown.shown.iter().find(|one| one.holds)?;
        Some(format!(" It is shown (\"{}\"): {}.", terms.label(needed.level), by.shown.says))
    });
    format!("{}{}", finding.reason, by.unwrap_or_default())
}

/// What would change a finding: what the rule says, and what would have to be shown.
fn advice(program: &Program, shown: &Evidence, finding: &eligibility::Finding) -> Option<String> {
    let terms = program.eligibility.evidence.as_ref();
    let needed = finding.evidence.as_ref().zip(terms);
    if needed.is_some_and(|(needed, _)| needed.is_shown) {
        return None;
    }
    let needed = needed.map(|(needed, terms)| {
        let have = shown.shown.iter().find(|one| one.holds);
        let have = have.map(|one| format!(" Shown so far: {}.", one.shown.says));
        let (label, ways) = (terms.label(needed.level), in_words(&needed.ways));
        let have = have.unwrap_or_default();
        format!("It is eligible once it is shown (\"{label}\"), by {ways}.{have}")
    });
    let said: Vec<String> = finding.advice.clone().into_iter().chain(needed).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// Advice on a proposal; in a draft, each piece with where to follow it.
pub fn points(
    program: &Program,
    answers: &BTreeMap<String, String>,
    draft: Option<ApplicationId>,
) -> Vec<PointShown> {
    let point = |point: proposal::Point| PointShown {
        about: point.about.to_owned(),
        found: point.found,
        says: point.says,
        change: match draft {
            Some(id) => Some(crate::address(program, id, &point.field)),
            None => Some(format!("#{}", point.field)),
        },
    };
    proposal::check(program, answers).into_iter().map(point).collect()
}

/// What an application says differently from the one that it follows.
pub fn changed(
    program: &Program,
    earlier: &BTreeMap<String, String>,
    answers: &BTreeMap<String, String>,
) -> Vec<Changed> {
    let piece = |piece| match piece {
        changes::Piece::Same(text) => Piece::Same(text),
        changes::Piece::Gone(text) => Piece::Gone(text),
        changes::Piece::New(text) => Piece::New(text),
    };
    let shown = changes(program, earlier, answers).into_iter().map(|change| Changed {
        question: change.question,
        pieces: change.pieces.into_iter().map(piece).collect(),
    });
    shown.collect()
}

/// The policies that were accepted, each with its edition and day.
pub fn accepted(program: &Program, policies: &[AcceptedPolicy]) -> Vec<String> {
    let line = |accepted: &AcceptedPolicy| {
        let policy = program.policies.iter().find(|policy| policy.id == accepted.id);
        let title = policy.map_or(&accepted.id, |policy| &policy.title);
        let day = shown::day(program, accepted.at);
        format!("{title}, edition {}, on {day}", accepted.version)
    };
    policies.iter().map(line).collect()
}
