//! What is shown, how well, until when, and what else would do.

use bursar_kernel::program::{EvidenceKind, EvidenceTerms};
use bursar_kernel::{Program, Timestamp};
use jiff::ToSpan as _;

/// Something that somebody has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// By what.
    pub kind: EvidenceKind,
    /// What it says: `ox.ac.uk (University of Oxford)`.
    pub says: String,
    /// Since when.
    pub since: Timestamp,
}

/// Something that was shown, as a program takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// It.
    pub shown: Shown,
    /// How well it shows it; `None` where the program does not accept such evidence.
    pub level: Option<usize>,
    /// Until when it is believed, and no longer.
    pub until: Timestamp,
    /// Whether it is believed now.
    pub holds: bool,
}

/// A way to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayToShow {
    /// By what.
    pub kind: EvidenceKind,
    /// How well that would show it.
    pub level: usize,
    /// For how many months it would be believed.
    pub months: u32,
}

/// What is shown, and what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What was shown, the best first.
    pub shown: Vec<Weighed>,
    /// How well it is shown now; `None` where it is not.
    pub level: Option<usize>,
}

impl Evidence {
    /// Whether a level is reached.
    pub fn reaches(&self, level: usize) -> bool {
        self.level.is_some_and(|reached| level <= reached)
    }
}

/// Weighs what was shown by a program's terms. A program without terms accepts none of it.
pub fn weigh(program: &Program, shown: Vec<Shown>, now: Timestamp) -> Evidence {
    let terms = program.eligibility.evidence.as_ref();
    let weighed = shown.into_iter().map(|shown| {
        let accepted = terms.and_then(|terms| terms.of(shown.kind));
        let months = accepted.map_or(0, |accepted| accepted.months);
        let until = months_after(program, shown.since, months);
        let holds = accepted.is_some() && shown.since <= now && now < until;
        Weighed { level: accepted.map(|accepted| accepted.level), until, holds, shown }
    });
    let mut shown: Vec<Weighed> = weighed.collect();
    shown.sort_by_key(|one| (std::cmp::Reverse((one.holds, one.level, one.until)), one.shown.kind));
    let level = shown.iter().filter(|one| one.holds).filter_map(|one| one.level).max();
    Evidence { shown, level }
}

/// Ways to reach a level, those that ask least of people first.
pub fn ways(terms: &EvidenceTerms, level: usize) -> Vec<WayToShow> {
    let enough = terms.accepts.iter().filter(|accepted| level <= accepted.level);
    let mut ways: Vec<WayToShow> = enough
        .map(|accepted| WayToShow {
            kind: accepted.kind,
            level: accepted.level,
            months: accepted.months,
        })
        .collect();
    ways.sort_by_key(|way| way.kind);
    ways
}

/// So many calendar months after an instant, on the program's clocks.
fn months_after(program: &Program, at: Timestamp, months: u32) -> Timestamp {
    let zoned = at.to_zoned(program.review.zone.clone());
    let later = zoned.checked_add(i64::from(months).months());
    later.map_or(Timestamp::MAX, |later| later.timestamp())
}

/// Ways in words, as the end of a sentence: `a mail address of an institution, or a document`.
pub fn in_words(ways: &[WayToShow]) -> String {
    let words: Vec<&str> = ways.iter().map(|way| way.kind.words()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{}, or {last}", rest.join(", ")),
        None => String::new(),
    }
}
