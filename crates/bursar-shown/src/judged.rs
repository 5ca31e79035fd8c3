//! From what the rules say of answers to what pages show of it.

use std::collections::BTreeMap;

use bursar_award::AcceptedPolicy;
use bursar_kernel::{ApplicationId, Program};
use bursar_program::changes::{self, changes};
use bursar_program::eligibility::{self, Standing};
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

/// What the rules say, to whoever asks.
pub fn screening(program: &Program, answers: &BTreeMap<String, String>) -> Screening {
    let outcome = eligibility::check(program, answers);
    let summary = match outcome.standing {
        Standing::Eligible => "Yes: by the program's rules you qualify.",
        Standing::Flagged => "You may apply, and an officer takes a closer look.",
        Standing::Unsaid => "The rules do not say yet: something is open below.",
        Standing::Ineligible => "No: the program's rules exclude this.",
    };
    let ask = program.eligibility.ask.clone();
    let ask = ask.unwrap_or_else(|| "the program's own contact.".to_owned());
    Screening { ask: Some((ask, program.official_page.clone())), ..told(outcome, summary) }
}

/// What the rules say, to an officer.
pub fn screening_for_officer(program: &Program, answers: &BTreeMap<String, String>) -> Screening {
    let outcome = eligibility::check(program, answers);
    let summary = match outcome.standing {
        Standing::Eligible => "Every answer is within the program's rules.",
        Standing::Flagged => "Flagged: look at the answers below before you decide.",
        Standing::Unsaid => "The rules do not say what some answer means: judge it yourself.",
        Standing::Ineligible => "By the program's rules this is not eligible.",
    };
    told(outcome, summary)
}

fn told(outcome: eligibility::Outcome, summary: &str) -> Screening {
    let findings = outcome.findings.into_iter().map(|finding| FindingShown {
        question: finding.question,
        answer: finding.answer.unwrap_or_default(),
        verdict: verdict(finding.standing),
        reason: finding.reason,
        advice: finding.advice,
    });
    Screening {
        verdict: verdict(outcome.standing),
        summary: summary.to_owned(),
        findings: findings.collect(),
        ask: None,
    }
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
