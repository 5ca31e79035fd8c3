//! From people and applications to places and costs.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, PersonId};

use super::flow::{NEVER, Network};
use super::{
    APPLICATIONS_MAX, COST_MAX, Kept, Mode, PAIRS_MAX, Problem, ProblemError, REVIEWERS_MAX,
    REVIEWS_MAX, Removed, Reviewer, WORK_MAX, Wanted, Why,
};
use crate::scramble::scrambled;

/// One unit of cost in the network. What lies below it is chance: of all lines together less than
/// one unit, so chance decides between plans of one cost and never against a cheaper one.
pub(super) const UNIT: i64 = 1 << 24;

/// A problem by places: reviewers and applications in the order of their identifiers.
pub(super) struct Prepared<'p> {
    pub(super) reviewers: Vec<&'p Reviewer>,
    pub(super) applications: Vec<&'p Wanted>,
    pub(super) network: Network,
    /// Lines that stay whatever is planned, by application.
    pub(super) fixed: Vec<Vec<usize>>,
    /// Lines of the earlier plan that may go.
    pub(super) loose: BTreeSet<(usize, usize)>,
    /// Lines that are gone before anything is planned.
    pub(super) removed: Vec<Removed>,
    /// What a pair costs by its topics, and whether it is forbidden.
    pub(super) pairs: Pairs,
    pub(super) costs: super::Costs,
}

/// What each pair costs by its topics.
pub(super) struct Pairs {
    reviewers: usize,
    costs: Vec<u32>,
}

/// A pair that a conflict forbids.
const FORBIDDEN: u32 = u32::MAX;

impl Pairs {
    /// What a pair costs by its topics; `None` where there is a conflict.
    pub(super) fn mismatch(&self, application: usize, reviewer: usize) -> Option<u32> {
        Some(self.costs[application * self.reviewers + reviewer]).filter(|cost| *cost != FORBIDDEN)
    }

    /// How many reviewers have no conflict with an application.
    pub(super) fn free(&self, application: usize) -> usize {
        let begin = application * self.reviewers;
        let row = &self.costs[begin..begin + self.reviewers];
        row.iter().filter(|cost| **cost != FORBIDDEN).count()
    }
}

/// Checks a problem and lays it out.
pub(super) fn prepare(problem: &Problem) -> Result<Prepared<'_>, ProblemError> {
    check_sizes(problem)?;
    let reviewers: BTreeMap<PersonId, &Reviewer> =
        problem.reviewers.iter().map(|reviewer| (reviewer.person, reviewer)).collect();
    let applications: BTreeMap<ApplicationId, &Wanted> =
        problem.applications.iter().map(|wanted| (wanted.application, wanted)).collect();
    check_once(problem, reviewers.len(), applications.len())?;
    let reviewer_places: BTreeMap<PersonId, usize> = reviewers.keys().copied().zip(0..).collect();
    let places: BTreeMap<ApplicationId, usize> = applications.keys().copied().zip(0..).collect();
    let reviewers: Vec<&Reviewer> = reviewers.into_values().collect();
    let applications: Vec<&Wanted> = applications.into_values().collect();
    let mut pairs = mismatches(problem, &reviewers, &applications);
    for (application, reviewer) in &problem.conflicts {
        if let (Some(application), Some(reviewer)) =
            (places.get(application), reviewer_places.get(reviewer))
        {
            pairs.costs[application * reviewers.len() + reviewer] = FORBIDDEN;
        }
    }
    let mut sorted = Sorted {
        fixed: vec![Vec::new(); applications.len()],
        loose: BTreeSet::new(),
        removed: Vec::new(),
    };
    for (line, has_begun) in once_each(&problem.kept) {
        let (application, reviewer) = line;
        let gone = |why| Removed { application, reviewer, why };
        match (places.get(&application), reviewer_places.get(&reviewer)) {
            (None, _) => sorted.removed.push(gone(Why::ApplicationGone)),
            (_, None) => sorted.removed.push(gone(Why::ReviewerGone)),
            (Some(a), Some(r)) if pairs.mismatch(*a, *r).is_none() => {
                sorted.removed.push(gone(Why::Conflict));
            }
            (Some(a), Some(r)) => match problem.mode {
                Mode::Adjust if !has_begun => {
                    sorted.loose.insert((*a, *r));
                }
                Mode::Adjust | Mode::Ensure => sorted.fixed[*a].push(*r),
            },
        }
    }
    let network = network(problem, &reviewers, &applications, &pairs, &sorted);
    let Sorted { fixed, loose, removed } = sorted;
    let costs = problem.costs;
    Ok(Prepared { reviewers, applications, network, fixed, loose, removed, pairs, costs })
}

/// Lines of an earlier plan by what may become of them.
struct Sorted {
    fixed: Vec<Vec<usize>>,
    loose: BTreeSet<(usize, usize)>,
    removed: Vec<Removed>,
}

/// Each line once; one that is listed as begun anywhere has begun.
fn once_each(kept: &[Kept]) -> BTreeMap<(ApplicationId, PersonId), bool> {
    let mut lines = BTreeMap::new();
    for Kept { application, reviewer, has_begun } in kept {
        *lines.entry((*application, *reviewer)).or_insert(false) |= *has_begun;
    }
    lines
}

fn check_sizes(problem: &Problem) -> Result<(), ProblemError> {
    let (reviewers, applications) = (problem.reviewers.len(), problem.applications.len());
    let fits = reviewers <= REVIEWERS_MAX
        && applications <= APPLICATIONS_MAX
        && reviewers * applications <= PAIRS_MAX;
    if !fits {
        return Err(ProblemError::TooLarge { applications, reviewers });
    }
    if let Some(wanted) = problem.applications.iter().find(|one| REVIEWS_MAX < one.reviews) {
        let (application, reviews) = (wanted.application, wanted.reviews);
        return Err(ProblemError::TooManyReviews { application, reviews });
    }
    let reviews: u64 = problem.applications.iter().map(|one| u64::from(one.reviews)).sum();
    let square = u64::try_from(reviewers * reviewers).unwrap_or(u64::MAX);
    if WORK_MAX < reviews.saturating_mul(square) {
        return Err(ProblemError::TooMuch { reviews, reviewers });
    }
    let costs = &problem.costs;
    let costs = [costs.mismatch, costs.balance, costs.removal, costs.bridge, costs.meeting];
    match costs.into_iter().find(|cost| COST_MAX < *cost) {
        Some(cost) => Err(ProblemError::CostTooHigh { cost }),
        None => Ok(()),
    }
}

fn check_once(problem: &Problem, people: usize, applications: usize) -> Result<(), ProblemError> {
    if people != problem.reviewers.len() {
        let mut seen = BTreeSet::new();
        let twice = problem.reviewers.iter().find(|one| !seen.insert(one.person));
        if let Some(twice) = twice {
            return Err(ProblemError::ReviewerTwice(twice.person));
        }
    }
    if applications != problem.applications.len() {
        let mut seen = BTreeSet::new();
        let twice = problem.applications.iter().find(|one| !seen.insert(one.application));
        if let Some(twice) = twice {
            return Err(ProblemError::ApplicationTwice(twice.application));
        }
    }
    Ok(())
}

/// What each pair costs by its topics: the share of the application's topics that the reviewer
/// does not know. An application without topics costs everybody nothing.
fn mismatches(problem: &Problem, reviewers: &[&Reviewer], applications: &[&Wanted]) -> Pairs {
    let topics: BTreeSet<&str> =
        applications.iter().flat_map(|one| one.topics.iter().map(String::as_str)).collect();
    let places: BTreeMap<&str, usize> = topics.into_iter().zip(0..).collect();
    let blocks = places.len().div_ceil(BLOCK);
    let bits = |topics: &BTreeSet<String>| {
        let mut bits = vec![0_u64; blocks];
        for place in topics.iter().filter_map(|topic| places.get(topic.as_str())) {
            bits[place / BLOCK] |= 1 << (place % BLOCK);
        }
        bits
    };
    let known: Vec<Vec<u64>> = reviewers.iter().map(|one| bits(&one.topics)).collect();
    let mut costs = Vec::with_capacity(applications.len() * reviewers.len());
    for application in applications {
        let wanted = bits(&application.topics);
        let all: u32 = wanted.iter().map(|block| block.count_ones()).sum();
        for known in &known {
            let both = wanted.iter().zip(known).map(|(a, b)| (a & b).count_ones());
            let unknown = all - both.sum::<u32>();
            let cost = problem.costs.mismatch.saturating_mul(unknown).checked_div(all);
            costs.push(cost.unwrap_or(0));
        }
    }
    Pairs { reviewers: reviewers.len(), costs }
}

/// Topics in one block.
const BLOCK: usize = 64;

fn network(
    problem: &Problem,
    reviewers: &[&Reviewer],
    applications: &[&Wanted],
    pairs: &Pairs,
    sorted: &Sorted,
) -> Network {
    let fixed = &sorted.fixed;
    let counted = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let wants = applications.iter().zip(fixed);
    let wants: Vec<u32> =
        wants.map(|(one, fixed)| one.reviews.saturating_sub(counted(fixed.len()))).collect();
    let mut has = vec![0_u32; reviewers.len()];
    for reviewer in fixed.iter().flatten() {
        has[*reviewer] += 1;
    }
    let room = reviewers.iter().zip(&has);
    let room = room.map(|(one, has)| one.max.saturating_sub(*has)).collect();
    let lines: i64 = wants.iter().copied().map(i64::from).sum();
    let chances = UNIT / (lines + 1);
    let removal = i64::from(problem.costs.removal) * UNIT;
    let mut costs = Vec::with_capacity(applications.len() * reviewers.len());
    for (place, application) in applications.iter().enumerate() {
        for (number, reviewer) in reviewers.iter().enumerate() {
            let cost = match pairs.mismatch(place, number) {
                Some(cost) if !fixed[place].contains(&number) => {
                    let chance = chance(problem.seed, application.application, reviewer.person);
                    let cost = i64::from(cost) * UNIT + chance.rem_euclid(chances);
                    let is_loose = sorted.loose.contains(&(place, number));
                    if is_loose { cost - removal } else { cost }
                }
                Some(_) | None => NEVER,
            };
            costs.push(cost);
        }
    }
    Network {
        applications: applications.len(),
        reviewers: reviewers.len(),
        costs,
        wants,
        has,
        room,
        balance: i64::from(problem.costs.balance) * UNIT,
    }
}

/// A number of a pair's own for each seed: not secret, and even enough to decide between equals.
fn chance(seed: u64, application: ApplicationId, person: PersonId) -> i64 {
    let mut state = seed;
    for bytes in [application.to_bytes(), person.to_bytes()] {
        for half in bytes.chunks_exact(8) {
            let word = half.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            state = scrambled(state ^ word);
        }
    }
    i64::try_from(state >> 1).unwrap_or(0)
}
