//! What can be asked about panels.

use async_trait::async_trait;
use bursar_award::Review;
use bursar_award::assignment::Assignment;
use bursar_award::panel::{Conflict, Profile};
use bursar_award::review_draft::ReviewDraft;
use bursar_kernel::{ApplicationId, AssignmentId, ConflictId, PersonId, ProgramId, RoundId};
use bursar_store::{AssignmentFilter, PanelReads, ReadError};

use super::rows::{Conditions, body, many, one};
use crate::SqliteStore;

const ASSIGNMENT: &str = "SELECT body FROM assignment";
const CONFLICT: &str = "SELECT body FROM conflict";
const CONFLICT_IN: &str = "SELECT conflict.body FROM conflict
     JOIN application ON application.id = conflict.application";
const PROFILE: &str = "SELECT body FROM profile";
const REVIEW_DRAFT: &str = "SELECT body FROM review_draft";
const REVIEW_IN: &str = "SELECT review.body FROM review
     JOIN application ON application.id = review.application";

#[async_trait]
impl PanelReads for SqliteStore {
    async fn assignment(&self, id: AssignmentId) -> Result<Option<Assignment>, ReadError> {
        one(self, ASSIGNMENT, "id = ?1", id.to_bytes(), body).await
    }

    async fn assignments(&self, which: AssignmentFilter) -> Result<Vec<Assignment>, ReadError> {
        let (program, round) = which.round.unzip();
        let conditions = Conditions::default()
            .and("program =", program.map(|program| program.as_str().to_owned()))
            .and("round =", round.map(|round| round.as_str().to_owned()))
            .and("application =", which.application.map(ApplicationId::to_bytes))
            .and("reviewer =", which.reviewer.map(PersonId::to_bytes))
            .and_that(which.open.then_some("is_open = 1"));
        many(self, ASSIGNMENT, conditions, "ORDER BY id", body).await
    }

    async fn conflict(&self, id: ConflictId) -> Result<Option<Conflict>, ReadError> {
        one(self, CONFLICT, "id = ?1", id.to_bytes(), body).await
    }

    async fn conflicts_of(&self, person: PersonId) -> Result<Vec<Conflict>, ReadError> {
        let theirs = Conditions::default().and("person =", Some(person.to_bytes()));
        many(self, CONFLICT, theirs, "ORDER BY id", body).await
    }

    async fn conflicts_in(
        &self,
        program: ProgramId,
        round: RoundId,
    ) -> Result<Vec<Conflict>, ReadError> {
        many(self, CONFLICT_IN, of_round(&program, &round), "ORDER BY conflict.id", body).await
    }

    async fn profile(&self, person: PersonId) -> Result<Option<Profile>, ReadError> {
        one(self, PROFILE, "person = ?1", person.to_bytes(), body).await
    }

    async fn profiles(&self) -> Result<Vec<Profile>, ReadError> {
        many(self, PROFILE, Conditions::default(), "ORDER BY person", body).await
    }

    async fn review_drafts(
        &self,
        reviewer: Option<PersonId>,
        application: Option<ApplicationId>,
    ) -> Result<Vec<ReviewDraft>, ReadError> {
        let which = Conditions::default()
            .and("reviewer =", reviewer.map(PersonId::to_bytes))
            .and("application =", application.map(ApplicationId::to_bytes));
        many(self, REVIEW_DRAFT, which, "ORDER BY application, reviewer", body).await
    }

    async fn reviews_in(
        &self,
        program: ProgramId,
        round: RoundId,
    ) -> Result<Vec<Review>, ReadError> {
        let order = "ORDER BY application.id, review.id";
        many(self, REVIEW_IN, of_round(&program, &round), order, body).await
    }
}

fn of_round(program: &ProgramId, round: &RoundId) -> Conditions {
    Conditions::default()
        .and("application.program =", Some(program.as_str().to_owned()))
        .and("application.round =", Some(round.as_str().to_owned()))
}
