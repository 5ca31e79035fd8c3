//! Who reviews what, and who must not.

use async_trait::async_trait;
use bursar_award::Review;
use bursar_award::assignment::Assignment;
use bursar_award::panel::{Conflict, Profile};
use bursar_award::review_draft::ReviewDraft;
use bursar_kernel::{ApplicationId, AssignmentId, ConflictId, PersonId, ProgramId, RoundId};

use crate::reads::ReadError;

/// Which assignments; every part that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentFilter {
    /// In this round of a program.
    pub round: Option<(ProgramId, RoundId)>,
    /// To this application.
    pub application: Option<ApplicationId>,
    /// Of this reviewer.
    pub reviewer: Option<PersonId>,
    /// Only those under which somebody may still review.
    pub open: bool,
}

/// What can be asked about panels. Not found is `None`.
#[async_trait]
pub trait PanelReads: Send + Sync {
    /// An assignment.
    async fn assignment(&self, id: AssignmentId) -> Result<Option<Assignment>, ReadError>;
    /// Assignments, in the order they were made.
    async fn assignments(&self, which: AssignmentFilter) -> Result<Vec<Assignment>, ReadError>;
    /// A conflict.
    async fn conflict(&self, id: ConflictId) -> Result<Option<Conflict>, ReadError>;
    /// The conflicts that keep somebody away from something, and those that did.
    async fn conflicts_of(&self, person: PersonId) -> Result<Vec<Conflict>, ReadError>;
    /// The conflicts with the applications of a round.
    async fn conflicts_in(
        &self,
        program: ProgramId,
        round: RoundId,
    ) -> Result<Vec<Conflict>, ReadError>;
    /// What a reviewer says of themselves.
    async fn profile(&self, person: PersonId) -> Result<Option<Profile>, ReadError>;
    /// What all reviewers say of themselves.
    async fn profiles(&self) -> Result<Vec<Profile>, ReadError>;
    /// Drafts of reviews that somebody writes, or that are about an application; every part that is
    /// given must match. They are in the order of the applications, then of the reviewers.
    async fn review_drafts(
        &self,
        reviewer: Option<PersonId>,
        application: Option<ApplicationId>,
    ) -> Result<Vec<ReviewDraft>, ReadError>;
    /// The reviews of a round's applications, in the order of the applications.
    async fn reviews_in(
        &self,
        program: ProgramId,
        round: RoundId,
    ) -> Result<Vec<Review>, ReadError>;
}
