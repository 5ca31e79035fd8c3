//! The restricted likelihood of two spreads, and what is predicted at the best ones.
//!
//! With `a` and `b` for the spreads of applications and of reviewers as multiples of the noise's,
//! application effects are `a u` and reviewer effects `b v`, where `u` and `v` are of the noise's
//! own spread. The equations in `u`, `v` and the mean (lme4's penalised least squares) are
//!
//! ```text
//! [ a^2 n_i + 1 on the diagonal   a b N                        a n    ] [ u  ]   [ a t   ]
//! [ a b N'                        b^2 n_j + 1 on the diagonal  b n'   ] [ v  ] = [ b t'  ]
//! [ a n'                          b n'                         n      ] [ mu ]   [ sum t ]
//! ```
//!
//! with `N` for who scored what, `n` for numbers and `t` for sums of scores. `u` is absorbed, for
//! its block is diagonal: what is left has the reviewers and the mean, and is factored.

use super::cholesky::{Factor, Symmetric, dot};
use super::prepare::{Layout, real};
use super::search::least;
use super::{Calibration, Standing, Variances};

/// A spread as a multiple of the noise's at the most: scores are in whole steps, so noise is
/// never nothing.
const SPREAD_MAX: f64 = 100.0;

/// What is predicted.
#[derive(Clone, Debug)]
pub(super) struct Solution {
    spread: Spread,
    noise: f64,
    /// The inverse of the matrix that is left, over reviewers and the mean, row by row.
    inverse: Vec<f64>,
    /// Effects of the applications, in points.
    applications: Vec<f64>,
    /// Effects of the reviewers, in points.
    pub(super) reviewers: Vec<f64>,
    /// The mean beside the plain one, in points.
    mean: f64,
    /// Whether anything tells severity from noise.
    has_severity: bool,
}

/// Spreads as multiples of the noise's.
#[derive(Clone, Copy, Debug)]
struct Spread {
    applications: f64,
    reviewers: f64,
}

/// The equations at a spread.
struct Equations {
    factor: Factor,
    deviance: f64,
    noise: f64,
}

impl Solution {
    /// The solution at the spreads of greatest restricted likelihood. There are at least two
    /// scores, not all the same, and two of one application.
    pub(super) fn of(layout: &Layout) -> Self {
        let has_two = |counts: &[usize]| {
            let there = counts.iter().filter(|count| 0 < **count).count();
            1 < there && counts.iter().any(|count| 1 < *count)
        };
        let counts: Vec<usize> = layout.scores.iter().map(Vec::len).collect();
        // A lone application is the mean, and a lone reviewer as well; and where no reviewer has
        // two scores nothing tells severity from noise.
        let (by_applications, by_reviewers) = (has_two(&counts), has_two(&layout.given()));
        let spread_of = |free: &[f64]| {
            let mut free = free.iter();
            // The deviance is the same for either sign, which makes zero no edge.
            let mut next = |is_free: bool| {
                let value = if is_free { free.next() } else { None };
                value.map_or(0.0, |value| value.abs().min(SPREAD_MAX))
            };
            Spread { applications: next(by_applications), reviewers: next(by_reviewers) }
        };
        let start = [(by_applications, 1.0), (by_reviewers, 0.5)];
        let start: Vec<f64> =
            start.iter().filter(|(is_free, _)| *is_free).map(|(_, value)| *value).collect();
        let deviance = |at: &[f64]| {
            Equations::at(layout, spread_of(at)).map_or(f64::INFINITY, |made| made.deviance)
        };
        let spread = spread_of(&least(&start, 0.5, deviance));
        let equations = Equations::at(layout, spread);
        let equations = equations.expect("one is added to each of the diagonal");
        Self { has_severity: by_reviewers, ..Self::from(layout, spread, &equations) }
    }

    fn from(layout: &Layout, spread: Spread, equations: &Equations) -> Self {
        let size = layout.reviewers.len() + 1;
        let inverse = equations.factor.inverse();
        let right = right_side(layout, spread);
        let solved = |row: usize| dot(&inverse[row * size..(row + 1) * size], &right);
        let mean = solved(size - 1);
        let reviewers: Vec<f64> = (0..size - 1).map(|row| spread.reviewers * solved(row)).collect();
        let applications = layout.scores.iter().map(|scores| {
            let rest = scores.iter().map(|(reviewer, points)| points - reviewers[*reviewer] - mean);
            let a = spread.applications;
            a * a * absorbed(spread, scores.len()) * rest.sum::<f64>()
        });
        let applications = applications.collect();
        Self {
            spread,
            noise: equations.noise,
            inverse,
            applications,
            reviewers,
            mean,
            has_severity: true,
        }
    }

    /// Where differences come from.
    pub(super) fn variances(&self) -> Variances {
        let of = |spread: f64| spread * spread * self.noise;
        Variances {
            application: of(self.spread.applications),
            reviewer: of(self.spread.reviewers),
            noise: self.noise,
        }
    }

    /// The mean of the round, in points.
    pub(super) fn mean(&self, layout: &Layout) -> f64 {
        layout.mean + self.mean
    }

    /// Fills in what is predicted of an application.
    pub(super) fn predict(&self, layout: &Layout, place: usize, standing: &mut Standing) {
        let distance = Distance::of(layout, self.spread, &[(place, 1.0)]);
        standing.adjusted = Some(self.mean(layout) + self.applications[place]);
        standing.standard_error = Some(self.error(&distance, 1.0));
    }

    /// Fills in what is predicted of a reviewer.
    pub(super) fn calibrate(&self, reviewer: usize, calibration: &mut Calibration) {
        if !self.has_severity {
            return;
        }
        let b = self.spread.reviewers;
        let size = self.reviewers.len() + 1;
        calibration.severity = Some(0.0 - self.reviewers[reviewer]);
        let variance = self.noise * b * b * self.inverse[reviewer * size + reviewer];
        calibration.standard_error = Some(variance.max(0.0).sqrt());
    }

    /// The standard error of the distance between two applications, in points.
    pub(super) fn error_between(&self, layout: &Layout, one: usize, other: usize) -> f64 {
        if one == other {
            return 0.0;
        }
        self.error(&Distance::of(layout, self.spread, &[(one, 1.0), (other, -1.0)]), 0.0)
    }

    /// The root of the variance of the prediction error of `share` means and what is in a distance.
    fn error(&self, distance: &Distance, share: f64) -> f64 {
        let size = self.reviewers.len() + 1;
        let mut terms = distance.reviewers.clone();
        terms.push((size - 1, distance.mean + share));
        let mut sum = distance.own;
        for (row, one) in &terms {
            for (column, other) in &terms {
                sum += one * other * self.inverse[row * size + column];
            }
        }
        (self.noise * sum).max(0.0).sqrt()
    }
}

/// A sum of application effects, as the errors of what is left after absorbing make it: with
/// `w = 1 / (a^2 n + 1)`, the error of `a u` is of variance `a^2 w` by itself, and follows
/// `- a^2 w (b v of each of its reviewers + n mu)`.
struct Distance {
    own: f64,
    reviewers: Vec<(usize, f64)>,
    mean: f64,
}

impl Distance {
    fn of(layout: &Layout, spread: Spread, terms: &[(usize, f64)]) -> Self {
        let mut distance = Self { own: 0.0, reviewers: Vec::new(), mean: 0.0 };
        for (place, sign) in terms {
            let scores = &layout.scores[*place];
            let a = spread.applications;
            let weight = a * a * absorbed(spread, scores.len());
            distance.own += weight;
            distance.mean -= sign * weight * real(scores.len());
            for (reviewer, _) in scores {
                distance.reviewers.push((*reviewer, -sign * weight * spread.reviewers));
            }
        }
        distance
    }
}

/// What absorbing an application of so many scores leaves: `1 / (a^2 n + 1)`.
fn absorbed(spread: Spread, scores: usize) -> f64 {
    1.0 / (spread.applications * spread.applications * real(scores) + 1.0)
}

/// The right-hand side that is left after absorbing.
fn right_side(layout: &Layout, spread: Spread) -> Vec<f64> {
    let size = layout.reviewers.len() + 1;
    let mut right = vec![0.0; size];
    let (a, b) = (spread.applications, spread.reviewers);
    for scores in &layout.scores {
        let weight = absorbed(spread, scores.len());
        let sum: f64 = scores.iter().map(|(_, points)| points).sum();
        for (reviewer, points) in scores {
            right[*reviewer] += b * (points - a * a * weight * sum);
        }
        right[size - 1] += weight * sum;
    }
    right
}

impl Equations {
    /// The equations at a spread, with the deviance that the restricted likelihood makes there
    /// (lme4's equation 41, less a constant); `None` where they cannot be solved.
    fn at(layout: &Layout, spread: Spread) -> Option<Self> {
        let size = layout.reviewers.len() + 1;
        let (a, b) = (spread.applications, spread.reviewers);
        let mut matrix = Symmetric::zeros(size);
        let (mut log, mut squares) = (0.0, 0.0);
        for scores in &layout.scores {
            let weight = absorbed(spread, scores.len());
            log -= weight.ln();
            let sum: f64 = scores.iter().map(|(_, points)| points).sum();
            squares += scores.iter().map(|(_, points)| points * points).sum::<f64>();
            squares -= a * a * weight * sum * sum;
            for (place, (one, _)) in scores.iter().enumerate() {
                for (other, _) in &scores[..place] {
                    *matrix.at(*one, *other) -= a * a * b * b * weight;
                }
                *matrix.at(*one, *one) += b * b * (1.0 - a * a * weight);
                *matrix.at(size - 1, *one) += b * weight;
            }
            *matrix.at(size - 1, size - 1) += real(scores.len()) * weight;
        }
        for reviewer in 0..size - 1 {
            *matrix.at(reviewer, reviewer) += 1.0;
        }
        let factor = matrix.factor()?;
        let half = factor.forward(right_side(layout, spread));
        let freedom = real(layout.count) - 1.0;
        let total: f64 = layout.scores.iter().flatten().map(|(_, points)| points * points).sum();
        // Rounding is not taken for a fit without noise.
        let rest = (squares - dot(&half, &half)).max(total * ROUNDING);
        let noise = rest / freedom;
        let deviance = log + factor.log_determinant() + freedom * noise.ln();
        Some(Self { factor, deviance, noise })
    }
}

/// The part of all squares that rounding can make.
const ROUNDING: f64 = 1e-12;
