//! What a file says of evidence that cannot be meant.

use bursar_kernel::Program;
use bursar_kernel::program::{EvidenceKind, EvidenceTerms};

use super::Contradiction;

/// Months between two rounds at the most, where a program reviews in certain months: evidence that
/// lasts less can be shown with an application and be gone when it is reviewed.
fn wait_in_months(months: &[i8]) -> u32 {
    let mut longest = 0;
    for (place, month) in months.iter().enumerate() {
        let next = months.get(place + 1).copied().or(months.first().map(|first| first + 12));
        longest = longest.max(next.unwrap_or(*month) - month);
    }
    // Who hands in within a month of review waits for the next, which takes its own month.
    u32::try_from(longest).unwrap_or_default() + 1
}

pub(super) fn contradictions(program: &Program) -> Vec<Contradiction> {
    let Some(terms) = &program.eligibility.evidence else { return Vec::new() };
    let mut found = unreachable(program, terms);
    if let bursar_kernel::program::Cadence::Months(months) = &program.review.cadence {
        let wait = wait_in_months(months);
        for accepted in terms.accepts.iter().filter(|accepted| accepted.months < wait) {
            found.push(Contradiction {
                about: "eligibility.evidence.accept",
                message: format!(
                    "`{}` is believed for {}, and an application can wait {wait} months for its \
                     review",
                    accepted.kind.name(),
                    months_in_words(accepted.months),
                ),
                hint: format!("let `months` be {wait} at the least"),
            });
        }
    }
    found
}

fn unreachable(program: &Program, terms: &EvidenceTerms) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let best = terms.accepts.iter().map(|accepted| accepted.level).max();
    let rules = program.eligibility.rules.iter().filter_map(|rule| rule.evidence);
    let needed = [("eligibility.evidence.to_submit", terms.to_submit)].into_iter();
    let needed = needed.chain([("eligibility.evidence.to_award", terms.to_award)]);
    let needed = needed.chain(rules.map(|level| ("eligibility.rule", Some(level))));
    for (about, level) in needed {
        let Some(level) = level.filter(|level| best < Some(*level)) else { continue };
        found.push(Contradiction {
            about,
            message: format!("nothing that is accepted reaches \"{}\"", terms.label(level)),
            hint: "accept a kind of evidence of that level, or ask for less".to_owned(),
        });
    }
    let own = |kind| kind != EvidenceKind::Officer;
    let by_themselves = terms.accepts.iter().filter(|accepted| own(accepted.kind));
    let theirs = by_themselves.map(|accepted| accepted.level).max();
    if let Some(level) =
        terms.to_submit.filter(|level| theirs < Some(*level) && Some(*level) <= best)
    {
        found.push(Contradiction {
            about: "eligibility.evidence.to_submit",
            message: format!(
                "only an officer's word reaches \"{}\", and officers do not see drafts",
                terms.label(level)
            ),
            hint: "ask for less before submitting, or accept what applicants can show".to_owned(),
        });
    }
    if let (Some(submit), Some(award)) = (terms.to_submit, terms.to_award)
        && award < submit
    {
        found.push(Contradiction {
            about: "eligibility.evidence.to_award",
            message: "less has to be shown to be awarded than to hand in".to_owned(),
            hint: "leave `to_award` out, or let it be the higher level".to_owned(),
        });
    }
    found
}

fn months_in_words(months: u32) -> String {
    if months == 1 { "a month".to_owned() } else { format!("{months} months") }
}
