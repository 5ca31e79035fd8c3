//! From scores to what they say.

use std::collections::BTreeMap;

use super::likelihood::Solution;
use super::prepare::{Layout, mean, real};
use super::{Basis, Calibration, Disagreement, Disagrees, Fit, Standing};

/// Common applications below which agreement says nothing.
const AGREEMENT_MIN: usize = 3;

pub(super) fn judge(layout: Layout, disagreement: Disagreement) -> Fit {
    let basis = basis(&layout);
    let solution = match basis {
        Basis::Model => Some(Solution::of(&layout)),
        Basis::NoScores | Basis::OneScoreEach | Basis::AllEqual => None,
    };
    let mut applications: Vec<Standing> = (0..layout.applications.len())
        .map(|place| standing(&layout, solution.as_ref(), basis, place))
        .collect();
    rank(&mut applications, |standing| standing.raw_mean, |standing| &mut standing.raw_rank);
    rank(&mut applications, |standing| standing.adjusted, |standing| &mut standing.rank);
    for (place, standing) in applications.iter_mut().enumerate() {
        standing.disagreement = disagrees(&layout, solution.as_ref(), place, disagreement);
    }
    let given = layout.given();
    let reviewers = (0..layout.reviewers.len())
        .map(|number| {
            let mut calibration = Calibration {
                reviewer: layout.reviewers[number],
                scores: given[number],
                abstained: layout.abstentions[number],
                severity: None,
                standard_error: None,
                agreement: agreement(&layout, solution.as_ref(), number),
            };
            if let Some(solution) = &solution {
                solution.calibrate(number, &mut calibration);
            }
            calibration
        })
        .collect();
    let plain = (0 < layout.count).then_some(layout.mean);
    Fit {
        basis,
        mean: solution.as_ref().map(|solution| solution.mean(&layout)).or(plain),
        variances: solution.as_ref().map(Solution::variances),
        applications,
        reviewers,
        groups: groups(&layout),
        layout,
        solution,
    }
}

fn basis(layout: &Layout) -> Basis {
    let all_equal = layout.scores.iter().flatten().all(|(_, points)| points.abs() < EQUAL);
    if layout.count == 0 {
        Basis::NoScores
    } else if layout.scores.iter().all(|scores| scores.len() < 2) {
        Basis::OneScoreEach
    } else if all_equal {
        Basis::AllEqual
    } else {
        Basis::Model
    }
}

/// Points that rounding makes of the mean of equal scores.
const EQUAL: f64 = 1e-9;

fn standing(layout: &Layout, solution: Option<&Solution>, basis: Basis, place: usize) -> Standing {
    let scores = &layout.scores[place];
    let points: Vec<f64> = scores.iter().map(|(_, points)| *points).collect();
    let raw_mean = mean(&points).map(|mean| layout.mean + mean);
    let mut standing = Standing {
        application: layout.applications[place],
        scores: scores.len(),
        abstained: layout.abstained[place],
        raw_mean,
        adjusted: raw_mean,
        standard_error: None,
        raw_rank: None,
        rank: None,
        disagreement: None,
    };
    if scores.is_empty() {
        return standing;
    }
    if let Some(solution) = solution {
        solution.predict(layout, place, &mut standing);
    } else if basis == Basis::AllEqual {
        standing.adjusted = Some(layout.mean);
        standing.standard_error = Some(0.0);
    }
    standing
}

/// Places from the highest value down; equals share the best place of theirs.
fn rank(
    standings: &mut [Standing],
    value: impl Fn(&Standing) -> Option<f64>,
    place: impl Fn(&mut Standing) -> &mut Option<usize>,
) {
    let mut order: Vec<(f64, usize)> = standings
        .iter()
        .enumerate()
        .filter_map(|(place, standing)| Some((value(standing)?, place)))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut last: Option<(f64, usize)> = None;
    for (number, (value, index)) in order.into_iter().enumerate() {
        let shared = last.filter(|(earlier, _)| earlier - value < EQUAL);
        let rank = shared.map_or(number + 1, |(_, rank)| rank);
        // The first of equals is what others are held against, so that a chain is no tie.
        last = shared.or(Some((value, rank)));
        *place(&mut standings[index]) = Some(rank);
    }
}

/// Each score less what is its reviewer's.
fn corrected(layout: &Layout, solution: Option<&Solution>, place: usize) -> Vec<f64> {
    let effect = |reviewer: usize| solution.map_or(0.0, |solution| solution.reviewers[reviewer]);
    let scores = layout.scores[place].iter();
    scores.map(|(reviewer, points)| points - effect(*reviewer)).collect()
}

fn disagrees(
    layout: &Layout,
    solution: Option<&Solution>,
    place: usize,
    limits: Disagreement,
) -> Option<Disagrees> {
    let points = layout.scores[place].iter().map(|(_, points)| *points);
    let (low, high) = points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), points| {
        (low.min(points), high.max(points))
    });
    // The mean was taken off and would not come back to the last bit.
    if 1 < layout.scores[place].len() && limits.range <= high - low + EQUAL {
        return Some(Disagrees::Range(high - low));
    }
    let noise = solution?.variances().noise;
    let corrected = corrected(layout, solution, place);
    let others = corrected.len().checked_sub(1).filter(|others| 0 < *others)?;
    let sum: f64 = corrected.iter().sum();
    // One score, and the mean of the others: their variances add up.
    let deviation = (noise * (1.0 + 1.0 / real(others))).sqrt();
    let far = |points: &f64| ((points - (sum - points) / real(others)) / deviation).abs();
    let farthest = corrected.iter().map(far).max_by(f64::total_cmp)?;
    (limits.deviations <= farthest).then_some(Disagrees::Deviations(farthest))
}

fn agreement(layout: &Layout, solution: Option<&Solution>, reviewer: usize) -> Option<f64> {
    let mut pairs = Vec::new();
    for place in 0..layout.scores.len() {
        let own = layout.scores[place].iter().position(|(other, _)| *other == reviewer);
        let Some(own) = own else { continue };
        let mut corrected = corrected(layout, solution, place);
        let points = corrected.remove(own);
        pairs.extend(mean(&corrected).map(|others| (points, others)));
    }
    if pairs.len() < AGREEMENT_MIN {
        return None;
    }
    let (own, others): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let centred = |values: &[f64]| -> Option<Vec<f64>> {
        let mean = mean(values)?;
        Some(values.iter().map(|value| value - mean).collect())
    };
    let (own, others) = (centred(&own)?, centred(&others)?);
    let product = |one: &[f64], other: &[f64]| super::cholesky::dot(one, other);
    let spread = (product(&own, &own) * product(&others, &others)).sqrt();
    (EQUAL < spread).then(|| (product(&own, &others) / spread).clamp(-1.0, 1.0))
}

/// Applications by what common reviewers connect.
fn groups(layout: &Layout) -> Vec<Vec<bursar_kernel::ApplicationId>> {
    let mut parents: Vec<usize> = (0..layout.reviewers.len()).collect();
    for scores in &layout.scores {
        for two in scores.windows(2) {
            let (one, other) = (root(&parents, two[0].0), root(&parents, two[1].0));
            parents[one.max(other)] = one.min(other);
        }
    }
    let mut lists: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for (application, scores) in layout.applications.iter().zip(&layout.scores) {
        if let Some((reviewer, _)) = scores.first() {
            lists.entry(root(&parents, *reviewer)).or_default().push(*application);
        }
    }
    let mut lists: Vec<Vec<_>> = lists.into_values().collect();
    lists.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    lists
}

fn root(parents: &[usize], mut place: usize) -> usize {
    while parents[place] != place {
        place = parents[place];
    }
    place
}
