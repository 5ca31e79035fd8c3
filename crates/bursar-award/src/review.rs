//! One reviewer's advice on one application.

use std::collections::BTreeMap;

use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, PersonId, ReviewId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::application::Application;
use crate::decide::{at_most, text};
use crate::refusal::{Action, Refusal, TextField};
use crate::rubric::checked;
use crate::state::State;

/// How many times a review is changed: each time is kept with it, and all of it is read at once.
pub const REVIEW_CHANGES_MAX: usize = 100;

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
    /// What only officers read: no applicant, and no other reviewer. Empty where nothing was said.
    #[serde(default)]
    pub for_officer: String,
    /// Its scores by the names of the rubric's criteria; a review from before there was a rubric
    /// has none.
    #[serde(default)]
    pub scores: BTreeMap<String, u32>,
    /// When it was sent in, or sent in anew.
    pub submitted_at: Timestamp,
    /// What it said before it was sent in anew, the first at the top.
    #[serde(default)]
    pub earlier: Vec<Earlier>,
    /// How many times it was sent in, for optimistic locking.
    pub version: u64,
}

/// What a review said until it was sent in anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// What it advised.
    pub recommendation: Recommendation,
    /// Why.
    pub comment: String,
    /// What only officers read.
    #[serde(default)]
    pub for_officer: String,
    /// Its scores.
    #[serde(default)]
    pub scores: BTreeMap<String, u32>,
    /// When it was sent in.
    pub submitted_at: Timestamp,
}

impl Review {
    /// The review as another reviewer may read it: without what is for officers alone, and without
    /// what it said before.
    #[must_use]
    pub fn for_reviewers(self) -> Self {
        Self { for_officer: String::new(), earlier: Vec::new(), ..self }
    }

    /// Whether somebody sends in what the review says already.
    fn says(&self, sent: &NewReview) -> bool {
        self.recommendation == sent.recommendation
            && self.comment == sent.comment
            && self.for_officer == sent.for_officer
            && self.scores == sent.scores
    }

    /// All that the review has said, the first at the top, and what it says now at the end.
    pub fn versions(&self) -> Vec<Earlier> {
        let now = Earlier {
            recommendation: self.recommendation,
            comment: self.comment.clone(),
            for_officer: self.for_officer.clone(),
            scores: self.scores.clone(),
            submitted_at: self.submitted_at,
        };
        self.earlier.iter().cloned().chain([now]).collect()
    }
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
    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Award, Self::Decline, Self::Unsure].into_iter().find(|one| one.name() == name)
    }

    /// The name that columns, JSON and forms use: `award`, `decline`, `unsure`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Award => "award",
            Self::Decline => "decline",
            Self::Unsure => "unsure",
        }
    }
}

/// What a reviewer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    /// What they advise.
    pub recommendation: Recommendation,
    /// Why.
    pub comment: String,
    /// What only officers read; empty for nothing.
    pub for_officer: String,
    /// A score for each criterion.
    pub scores: BTreeMap<String, u32>,
}

/// What a reviewer sends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitReview {
    /// The name of the review if it is a first one; a later one keeps its name.
    pub id: ReviewId,
    /// Who advises.
    pub reviewer: PersonId,
    /// What they say.
    pub says: NewReview,
}

/// Takes a review in: a first one, or one in the place of the same reviewer's `earlier` one, which
/// is kept with it. What says the same as the earlier one is that one, unchanged.
///
/// Refused unless the application is in review, for the applicant's own application, without a
/// comment, unless each criterion of the rubric has its score, and for what was changed
/// [`REVIEW_CHANGES_MAX`] times.
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
    let NewReview { recommendation, comment, for_officer, scores } = sent.says;
    let comment = text(TextField::Comment, &comment)?;
    let for_officer = at_most(TextField::ForOfficer, &for_officer)?;
    let scores = checked(rubric, scores)?;
    let says = NewReview { recommendation, comment, for_officer, scores };
    if let Some(earlier) = earlier.filter(|earlier| earlier.says(&says)) {
        return Ok(earlier.clone());
    }
    if earlier.is_some_and(|earlier| REVIEW_CHANGES_MAX <= earlier.earlier.len()) {
        return Err(Refusal::ReviewChangedTooOften { changes_max: REVIEW_CHANGES_MAX });
    }
    Ok(Review {
        id: earlier.map_or(sent.id, |earlier| earlier.id),
        application: application.id,
        reviewer: sent.reviewer,
        recommendation: says.recommendation,
        comment: says.comment,
        for_officer: says.for_officer,
        scores: says.scores,
        submitted_at: now,
        earlier: earlier.map_or_else(Vec::new, Review::versions),
        version: earlier.map_or(1, |earlier| earlier.version.saturating_add(1)),
    })
}
