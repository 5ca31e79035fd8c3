//! What reviewers' scores come to, in whole numbers: rounded once, at the end.

use std::collections::BTreeMap;

use bursar_kernel::program::Criterion;

use crate::application::Feedback;
use crate::refusal::Refusal;

/// What all scales divide, so that scores on different ones add up exactly.
const COMMON_SCALE: u64 = 2_520;

/// A weighted score in tenths of a point, 0 to 1,000: displayed, `74.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub u32);

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// The scores of one review, if each is that of a criterion and none is missing.
pub(crate) fn checked(
    rubric: &[Criterion],
    given: BTreeMap<String, u32>,
) -> Result<BTreeMap<String, u32>, Refusal> {
    for criterion in rubric {
        match given.get(&criterion.id) {
            None => return Err(Refusal::ScoreMissing { criterion: criterion.label.clone() }),
            Some(score) if !(1..=criterion.scale).contains(score) => {
                let (criterion, scale) = (criterion.label.clone(), criterion.scale);
                return Err(Refusal::ScoreOffScale { criterion, scale });
            }
            Some(_) => {}
        }
    }
    match given.keys().find(|id| rubric.iter().all(|criterion| criterion.id != **id)) {
        Some(id) => Err(Refusal::CriterionUnknown { criterion: id.clone() }),
        None => Ok(given),
    }
}

/// What one review's scores come to; `None` for a review that did not score all of the rubric.
pub fn score(rubric: &[Criterion], scores: &BTreeMap<String, u32>) -> Option<Score> {
    let (parts, whole) = parts(rubric, scores)?;
    Some(rounded(parts, whole))
}

/// What reviews' scores come to on the average: of those that scored all of the rubric.
pub fn mean<'r>(
    rubric: &[Criterion],
    reviews: impl Iterator<Item = &'r BTreeMap<String, u32>>,
) -> Option<Score> {
    let sums = reviews.filter_map(|scores| parts(rubric, scores));
    let (parts, whole) = sums.fold((0_u64, 0_u64), |(parts, whole), (more, all)| {
        (parts.saturating_add(more), whole.saturating_add(all))
    });
    (0 < whole).then(|| rounded(parts, whole))
}

/// What each criterion came to on the average: of the reviews that scored all of the rubric.
pub fn feedback<'r>(
    rubric: &[Criterion],
    reviews: impl Iterator<Item = &'r BTreeMap<String, u32>>,
) -> Vec<Feedback> {
    let whole: Vec<_> = reviews.filter(|scores| parts(rubric, scores).is_some()).collect();
    let Ok(count) = u64::try_from(whole.len()) else { return Vec::new() };
    let came_to = |criterion: &Criterion| {
        let scores = whole.iter().filter_map(|scores| scores.get(&criterion.id));
        let sum: u64 = scores.map(|score| u64::from(*score)).sum();
        // Tenths, half rounded up.
        let doubled = sum.saturating_mul(20).saturating_add(count);
        let tenths = doubled.checked_div(count.saturating_mul(2))?;
        Some(Feedback {
            criterion: criterion.label.clone(),
            tenths: u32::try_from(tenths).ok()?,
            scale: criterion.scale,
        })
    };
    rubric.iter().filter_map(came_to).collect()
}

/// Scores as parts of a whole: weights are at most 100 and criteria few, so neither overflows.
fn parts(rubric: &[Criterion], scores: &BTreeMap<String, u32>) -> Option<(u64, u64)> {
    let (mut parts, mut whole) = (0_u64, 0_u64);
    for criterion in rubric {
        let weight = u64::from(criterion.weight);
        let step = COMMON_SCALE.checked_div(u64::from(criterion.scale))?;
        let score = u64::from(*scores.get(&criterion.id)?);
        parts = parts.saturating_add(weight.saturating_mul(score).saturating_mul(step));
        whole = whole.saturating_add(weight.saturating_mul(COMMON_SCALE));
    }
    (0 < whole).then_some((parts, whole))
}

/// A share in tenths of a hundredth, half rounded up.
fn rounded(parts: u64, whole: u64) -> Score {
    let doubled = parts.saturating_mul(2_000).saturating_add(whole);
    let tenths = doubled.checked_div(whole.saturating_mul(2)).unwrap_or(0);
    Score(u32::try_from(tenths).unwrap_or(u32::MAX))
}
