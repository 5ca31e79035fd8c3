//! One reviewer's advice on one application.

use std::collections::BTreeMap;

use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, PersonId, ReviewId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::application::Application;
use crate::decide::text;
use crate::refusal::{Action, Refusal, TextField};
use crate::rubric::checked;
use crate::state::State;

/// One reviewer's advice on one application. Its applicant never sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Its name.
    pub id: ReviewId,
    /// The application.
    pub application: ApplicationId,
    /// Who advises.
    pub reviewer: PersonId,
    /// What they advise.
    pub recommendation: Recommendation,
    /// Why.
    pub comment: String,
    /// Its scores by the names of the rubric's criteria; a review from before there was a rubric
    /// has none.
    #[serde(default)]
    pub scores: BTreeMap<String, u32>,
    /// When it was sent in, or sent in anew.
    pub submitted_at: Timestamp,
    /// How many times it was sent in, for optimistic locking.
    pub version: u64,
}

/// What a reviewer advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recommendation {
    /// Award credit.
    Award,
    /// Decline.
    Decline,
    /// The reviewer cannot say.
    Unsure,
}

impl Recommendation {
    /// The name that columns, JSON and forms use: `award`, `decline`, `unsure`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Award => "award",
            Self::Decline => "decline",
            Self::Unsure => "unsure",
        }
    }
}

/// What a reviewer sends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitReview {
    /// The name of the review if it is a first one; a later one keeps its name.
    pub id: ReviewId,
    /// Who advises.
    pub reviewer: PersonId,
    /// What they advise.
    pub recommendation: Recommendation,
    /// Why.
    pub comment: String,
    /// A score for each criterion.
    pub scores: BTreeMap<String, u32>,
}

/// Takes a review in: a first one, or one in the place of the same reviewer's `earlier` one.
///
/// Refused unless the application is in review, for the applicant's own application, without a
/// comment, and unless each criterion of the rubric has its score.
pub fn review(
    application: &Application,
    rubric: &[Criterion],
    earlier: Option<&Review>,
    sent: SubmitReview,
    now: Timestamp,
) -> Result<Review, Refusal> {
    let same = |earlier: &Review| {
        earlier.application == application.id && earlier.reviewer == sent.reviewer
    };
    assert!(earlier.is_none_or(same), "a review takes the place of the same reviewer's own only");
    if application.state != State::InReview {
        let stage = application.state.stage();
        return Err(Refusal::WrongStage { action: Action::Review, stage });
    }
    if sent.reviewer == application.applicant {
        return Err(Refusal::OwnApplication);
    }
    Ok(Review {
        id: earlier.map_or(sent.id, |earlier| earlier.id),
        application: application.id,
        reviewer: sent.reviewer,
        recommendation: sent.recommendation,
        comment: text(TextField::Comment, &sent.comment)?,
        scores: checked(rubric, sent.scores)?,
        submitted_at: now,
        version: earlier.map_or(1, |earlier| earlier.version.saturating_add(1)),
    })
}
