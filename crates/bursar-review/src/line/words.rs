//! The list in words.

use bursar_kernel::Usd;

use super::allot::{Allotted, Share};
use super::order::priority;
use super::{Candidate, Line, Terms, Verdict, Why};

pub(super) fn told(
    terms: &Terms,
    order: &[&Candidate],
    allotted: Allotted,
    band: &[usize],
    line: Option<(f64, f64)>,
) -> Line {
    let mut told = Line {
        line,
        band: band.iter().map(|place| order[*place].application).collect(),
        ..Line::default()
    };
    for (place, (candidate, share)) in order.iter().zip(&allotted.shares).enumerate() {
        let mut verdict = Verdict {
            application: candidate.application,
            place: place + 1,
            amount: share.amount,
            why: share.why,
            words: words(terms, candidate, share, band.contains(&place)),
            reserved: groups(terms, &share.reserved),
            running: told.awarded,
        };
        if verdict.is_funded() {
            let sum = told.awarded.checked_add(share.amount);
            told.awarded = sum.expect("awards are parts of the pool");
            verdict.running = told.awarded;
        }
        if verdict.waits() {
            told.waiting.push(candidate.application);
        }
        told.verdicts.push(verdict);
    }
    let reserves: Vec<(usize, Usd)> = allotted.reserves.iter().copied().enumerate().collect();
    told.left_reserved = groups(terms, &reserves);
    let left = allotted.reserves.iter().try_fold(allotted.free, |sum, part| sum.checked_add(*part));
    told.left = left.expect("they are parts of the pool");
    assert_eq!(
        told.awarded.checked_add(told.left),
        Some(terms.pool),
        "what is awarded and what is left make the pool"
    );
    told
}

fn groups(terms: &Terms, parts: &[(usize, Usd)]) -> Vec<(String, Usd)> {
    let parts = parts.iter().filter(|(_, part)| part.is_positive());
    parts.map(|(place, part)| (terms.reserves[*place].group.clone(), *part)).collect()
}

fn words(terms: &Terms, candidate: &Candidate, share: &Share, is_in_band: bool) -> String {
    let why = match share.why {
        Why::ByPlace => "funded by its place".to_owned(),
        Why::ByReserve => {
            let part = |(group, part): (String, Usd)| format!("${part} reserved for {group}");
            let parts: Vec<String> = groups(terms, &share.reserved).into_iter().map(part).collect();
            format!("funded with {}", parts.join(" and "))
        }
        Why::ByWord => format!("funded: an officer says so: {}", reason(candidate)),
        Why::Declined => format!("not funded: an officer says so: {}", reason(candidate)),
        Why::NoMoney { lacks } => format!("not funded: ${lacks} is missing"),
        Why::BehindLine => "not funded: the line is before it".to_owned(),
        Why::AwardsMax => {
            let most = terms.awards_max.unwrap_or(0);
            format!("not funded: the round has its {most} awards")
        }
        Why::PersonCap => {
            format!("not funded: one person has {}", terms.per_person.in_words())
        }
        Why::InstitutionCap => {
            format!("not funded: one institution has {}", terms.per_institution.in_words())
        }
        Why::BelowTiers => "not funded: its score is below every tier".to_owned(),
        Why::NoScore => "not funded: nobody scored it".to_owned(),
    };
    let settled = is_in_band && (!terms.priorities.is_empty() || !terms.draw.is_empty());
    match (is_in_band, terms.priorities.get(priority(terms, candidate))) {
        (false, _) => why,
        (true, Some(group)) => format!("{why}; in the tie band, first for {group}"),
        (true, None) if settled && !terms.draw.is_empty() => {
            format!("{why}; in the tie band, in the order of the draw")
        }
        (true, None) => format!("{why}; in the tie band"),
    }
}

fn reason(candidate: &Candidate) -> &str {
    candidate.word.as_ref().map_or("", |word| word.reason.as_str())
}

impl super::Cap {
    /// `2 awards at the most, and $1000.00 in all`.
    fn in_words(&self) -> String {
        let awards = self.awards.map(|most| {
            let unit = if most == 1 { "award" } else { "awards" };
            format!("{most} {unit}")
        });
        let amount = self.amount.map(|most| format!("${most} in all"));
        let parts: Vec<String> = [awards, amount].into_iter().flatten().collect();
        format!("{} at the most", parts.join(" and "))
    }
}
