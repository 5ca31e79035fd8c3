//! A review that is not sent in: what was typed, with anything missing. Its writer's own alone.

use std::collections::BTreeMap;

use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::review::Review;

/// The field of what a reviewer advises.
pub const RECOMMENDATION: &str = "recommendation";
/// The field of why.
pub const COMMENT: &str = "comment";
/// The field of what only officers read.
pub const FOR_OFFICER: &str = "for_officer";
/// What the names of the scores' fields begin with; the criterion's name follows.
pub const SCORE: &str = "score-";
/// Bytes of a draft at the most: both texts of a review at their longest, in any script, and what
/// somebody still means to shorten.
pub const DRAFT_BYTES_MAX: usize = 128 * 1024;

/// What a reviewer has written about an application and not sent in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewDraft {
    /// The application.
    pub application: ApplicationId,
    /// Who writes.
    pub reviewer: PersonId,
    /// What was typed, by the form's field; nothing once it was sent in.
    pub fields: BTreeMap<String, String>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// How many times it was saved, for optimistic locking.
    pub version: u64,
}

impl ReviewDraft {
    /// Whether there is something in it.
    pub fn is_there(&self) -> bool {
        !self.fields.is_empty()
    }

    /// The draft without a word in it: it was sent in, or its writer is forgotten.
    #[must_use]
    pub fn emptied(self) -> Self {
        let version = self.version.saturating_add(1);
        Self { fields: BTreeMap::new(), version, ..self }
    }
}

/// The fields of a review's form, in the form's order.
pub fn field_names(rubric: &[Criterion]) -> Vec<String> {
    let scores = rubric.iter().map(|criterion| format!("{SCORE}{}", criterion.id));
    scores.chain([RECOMMENDATION, COMMENT, FOR_OFFICER].map(str::to_owned)).collect()
}

/// What the form of a review that was sent in shows.
pub fn fields_of(review: &Review) -> BTreeMap<String, String> {
    let scores =
        review.scores.iter().map(|(id, score)| (format!("{SCORE}{id}"), score.to_string()));
    let rest = [
        (RECOMMENDATION, review.recommendation.name()),
        (COMMENT, review.comment.as_str()),
        (FOR_OFFICER, review.for_officer.as_str()),
    ];
    let rest = rest.into_iter().filter(|(_, text)| !text.is_empty());
    scores.chain(rest.map(|(field, text)| (field.to_owned(), text.to_owned()))).collect()
}
