//! Scores by places: applications and reviewers in the order of their identifiers.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, PersonId};

use super::{Score, ScoreError};

/// What no scale goes beyond, in points.
const POINTS_MAX: f64 = 1_000_000.0;

/// Scores by places.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) applications: Vec<ApplicationId>,
    pub(super) reviewers: Vec<PersonId>,
    /// Each application's scores, less the mean of all: reviewer and points.
    pub(super) scores: Vec<Vec<(usize, f64)>>,
    /// How many reviewers abstained, by application.
    pub(super) abstained: Vec<usize>,
    /// How often each reviewer abstained.
    pub(super) abstentions: Vec<usize>,
    /// How many scores there are.
    pub(super) count: usize,
    /// Their mean, in points.
    pub(super) mean: f64,
}

impl Layout {
    pub(super) fn of(applications: &[ApplicationId], scores: &[Score]) -> Result<Self, ScoreError> {
        let mut sorted: Vec<&Score> = scores.iter().collect();
        sorted.sort_by_key(|score| (score.application, score.reviewer));
        let pair = |score: &Score| (score.application, score.reviewer);
        if let Some(twice) = sorted.windows(2).find(|two| pair(two[0]) == pair(two[1])) {
            let (application, reviewer) = pair(twice[0]);
            return Err(ScoreError::Twice { application, reviewer });
        }
        let on_scale = |points: f64| points.is_finite() && points.abs() <= POINTS_MAX;
        let off = sorted.iter().find_map(|score| {
            let points = score.points.filter(|points| !on_scale(*points))?;
            Some(ScoreError::OffScale { application: score.application, points })
        });
        if let Some(off) = off {
            return Err(off);
        }
        let scored = sorted.iter().map(|score| score.application);
        let places: BTreeSet<ApplicationId> = applications.iter().copied().chain(scored).collect();
        let people: BTreeSet<PersonId> = sorted.iter().map(|score| score.reviewer).collect();
        let place: BTreeMap<ApplicationId, usize> = places.iter().copied().zip(0..).collect();
        let number: BTreeMap<PersonId, usize> = people.iter().copied().zip(0..).collect();
        let points: Vec<f64> = sorted.iter().filter_map(|score| score.points).collect();
        let mean = mean(&points).unwrap_or(0.0);
        let mut layout = Self {
            scores: vec![Vec::new(); places.len()],
            abstained: vec![0; places.len()],
            abstentions: vec![0; people.len()],
            applications: places.into_iter().collect(),
            reviewers: people.into_iter().collect(),
            count: points.len(),
            mean,
        };
        for score in sorted {
            let (place, number) = (place[&score.application], number[&score.reviewer]);
            if let Some(points) = score.points {
                layout.scores[place].push((number, points - mean));
            } else {
                layout.abstained[place] += 1;
                layout.abstentions[number] += 1;
            }
        }
        Ok(layout)
    }

    /// How many scores each reviewer gave.
    pub(super) fn given(&self) -> Vec<usize> {
        let mut given = vec![0; self.reviewers.len()];
        for (reviewer, _) in self.scores.iter().flatten() {
            given[*reviewer] += 1;
        }
        given
    }
}

/// A mean; `None` of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / real(values.len()))
}

/// A count as a number that can be divided: exact far beyond any count of reviews.
#[expect(clippy::cast_precision_loss, reason = "counts of reviews are far below 2^52")]
pub(super) const fn real(count: usize) -> f64 {
    count as f64
}
