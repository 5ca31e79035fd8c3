//! A round once more: who would be funded by other points, another pool or fewer reviews, and how
//! often, so that an office sees how much of a line is the applications and how much is chance.
//!
//! Scores are weighed and the line is drawn as for the round itself. Reviews are left out by chance
//! that comes out of a seed: of each application some are kept, the same ones in whichever order
//! they were listed. Nothing here decides.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, PersonId, Usd};

use crate::line::{Candidate, Line, LineError, Terms, line};
use crate::scores::{Disagreement, LevelError, Score, ScoreError, fit};
use crate::scramble::scrambled;

/// What is tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What the round pays for, and how.
    pub terms: Terms,
    /// Of how many intervals each one holds what it is about: 0.8.
    pub confidence: f64,
    /// Reviewers whose scores are left out.
    pub without: BTreeSet<PersonId>,
    /// So many reviews of each application are kept; all where nothing is said.
    pub reviews: Option<usize>,
    /// How often reviews are drawn anew. A draw keeps `reviews` of each application, or all but
    /// one of those that have two or more where nothing is said.
    pub draws: u32,
    /// Whether to draw the line without each reviewer in turn.
    pub each_reviewer: bool,
    /// What chance comes out of.
    pub seed: u64,
}

impl Plan {
    /// How often scores are weighed for it, over so many reviewers.
    pub fn fits(&self, reviewers: usize) -> u64 {
        let each =
            if self.each_reviewer { u64::try_from(reviewers).unwrap_or(u64::MAX) } else { 0 };
        each.saturating_add(u64::from(self.draws)).saturating_add(1)
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simulation {
    /// The applications, in the order in which the line takes them.
    pub rows: Vec<Simulated>,
    /// What the awards come to.
    pub awarded: Usd,
    /// What is left of the pool.
    pub left: Usd,
    /// How many of a thousand pairs of a draw and a funded application agree: the application is
    /// funded by that draw too. `None` without a draw or without an award.
    pub agreement_per_mille: Option<u32>,
    /// What the line is without each reviewer, by identifier.
    pub reviewers: Vec<WithoutReviewer>,
}

/// An application in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Which one.
    pub application: ApplicationId,
    /// Its place, from 1.
    pub place: usize,
    /// Its score in points with severity taken out, of those reviews that were kept.
    pub points: Option<f64>,
    /// Whether it is funded.
    pub funded: bool,
    /// What it gets, or would.
    pub amount: Usd,
    /// Why, in words.
    pub words: String,
    /// In how many of the draws it is funded.
    pub drawn: u32,
}

/// The line without a reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutReviewer {
    /// Who.
    pub reviewer: PersonId,
    /// What is funded without them alone.
    pub gain: Vec<ApplicationId>,
    /// What is funded with them alone.
    pub lose: Vec<ApplicationId>,
}

/// Why a round cannot be tried once more.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulateError {
    /// The scores cannot be weighed.
    #[error(transparent)]
    Scores(#[from] ScoreError),
    /// There is no line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// An interval of no confidence.
    #[error(transparent)]
    Level(#[from] LevelError),
}

/// Tries a round once more. Points and intervals of the candidates are what the scores say, not
/// what they come with.
pub fn simulate(
    candidates: &[Candidate],
    scores: &[Score],
    plan: &Plan,
) -> Result<Simulation, SimulateError> {
    let scores: Vec<Score> =
        scores.iter().filter(|one| !plan.without.contains(&one.reviewer)).copied().collect();
    let by_application = by_application(&scores);
    let whole = match plan.reviews {
        Some(most) => drawn(&by_application, plan.seed, 0, |_| most),
        None => scores.clone(),
    };
    let (first, points) = drawn_line(candidates, &whole, plan)?;
    let funded = funded(&first);
    let mut times: BTreeMap<ApplicationId, u32> = BTreeMap::new();
    for draw in 1..=plan.draws {
        let keep = |have: usize| plan.reviews.unwrap_or(have.saturating_sub(1).max(1));
        let kept = drawn(&by_application, plan.seed, draw, keep);
        for application in self::funded(&drawn_line(candidates, &kept, plan)?.0) {
            *times.entry(application).or_default() += 1;
        }
    }
    let reviewers = if plan.each_reviewer {
        without_each(candidates, &whole, plan, &funded)?
    } else {
        Vec::new()
    };
    Ok(Simulation {
        agreement_per_mille: agreement(&funded, &times, plan.draws),
        rows: first
            .verdicts
            .iter()
            .map(|verdict| Simulated {
                application: verdict.application,
                place: verdict.place,
                points: points.get(&verdict.application).copied().flatten(),
                funded: verdict.is_funded(),
                amount: verdict.amount,
                words: verdict.words.clone(),
                drawn: times.get(&verdict.application).copied().unwrap_or(0),
            })
            .collect(),
        awarded: first.awarded,
        left: first.left,
        reviewers,
    })
}

type Points = BTreeMap<ApplicationId, Option<f64>>;

/// The line by some scores, and what each application has by them.
fn drawn_line(
    candidates: &[Candidate],
    scores: &[Score],
    plan: &Plan,
) -> Result<(Line, Points), SimulateError> {
    let ids: Vec<ApplicationId> = candidates.iter().map(|one| one.application).collect();
    let fit = fit(&ids, scores, Disagreement::default())?;
    let mut said = BTreeMap::new();
    for standing in &fit.applications {
        let interval = standing.interval(plan.confidence)?;
        said.insert(standing.application, (standing.adjusted, interval));
    }
    let scored: Vec<Candidate> = candidates
        .iter()
        .map(|one| {
            let (points, interval) = said.get(&one.application).copied().unwrap_or_default();
            Candidate { points, interval, ..one.clone() }
        })
        .collect();
    let points = scored.iter().map(|one| (one.application, one.points)).collect();
    Ok((line(&plan.terms, &scored)?, points))
}

fn funded(line: &Line) -> BTreeSet<ApplicationId> {
    let funded = line.verdicts.iter().filter(|verdict| verdict.is_funded());
    funded.map(|verdict| verdict.application).collect()
}

fn by_application(scores: &[Score]) -> BTreeMap<ApplicationId, Vec<Score>> {
    let mut all: BTreeMap<ApplicationId, Vec<Score>> = BTreeMap::new();
    for one in scores {
        all.entry(one.application).or_default().push(*one);
    }
    all
}

/// Some scores of each application: of those with the lowest numbers that the seed gives them.
fn drawn(
    all: &BTreeMap<ApplicationId, Vec<Score>>,
    seed: u64,
    draw: u32,
    keep: impl Fn(usize) -> usize,
) -> Vec<Score> {
    let turn = scrambled(scrambled(seed) ^ u64::from(draw));
    let number = |one: &Score| {
        let half = |bytes: [u8; 16]| {
            let [mut high, mut low] = [[0; 8]; 2];
            high.copy_from_slice(&bytes[..8]);
            low.copy_from_slice(&bytes[8..]);
            scrambled(u64::from_be_bytes(high)) ^ u64::from_be_bytes(low)
        };
        let pair = scrambled(half(one.application.to_bytes())) ^ half(one.reviewer.to_bytes());
        (scrambled(turn ^ scrambled(pair)), one.reviewer)
    };
    let mut kept = Vec::new();
    for scores in all.values() {
        let mut own = scores.clone();
        own.sort_by_key(number);
        own.truncate(keep(own.len()));
        kept.extend(own);
    }
    kept
}

fn without_each(
    candidates: &[Candidate],
    scores: &[Score],
    plan: &Plan,
    with: &BTreeSet<ApplicationId>,
) -> Result<Vec<WithoutReviewer>, SimulateError> {
    let reviewers: BTreeSet<PersonId> = scores.iter().map(|one| one.reviewer).collect();
    let mut found = Vec::with_capacity(reviewers.len());
    for reviewer in reviewers {
        let others: Vec<Score> =
            scores.iter().filter(|one| one.reviewer != reviewer).copied().collect();
        let without = funded(&drawn_line(candidates, &others, plan)?.0);
        found.push(WithoutReviewer {
            reviewer,
            gain: without.difference(with).copied().collect(),
            lose: with.difference(&without).copied().collect(),
        });
    }
    Ok(found)
}

fn agreement(
    funded: &BTreeSet<ApplicationId>,
    times: &BTreeMap<ApplicationId, u32>,
    draws: u32,
) -> Option<u32> {
    let pairs = u64::from(draws).checked_mul(u64::try_from(funded.len()).ok()?)?;
    let agree: u64 = funded.iter().filter_map(|one| times.get(one)).map(|n| u64::from(*n)).sum();
    let share = (agree * 2_000 + pairs).checked_div(2 * pairs)?;
    u32::try_from(share).ok()
}

#[cfg(test)]
mod tests;
