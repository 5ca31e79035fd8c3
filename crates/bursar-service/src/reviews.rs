//! Reviews: a reviewer's queue and their advice.

use std::collections::BTreeSet;

use bursar_award::assignment::Assignment;
use bursar_award::{Application, NewReview, Review, State, SubmitReview, review};
use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, ReviewId, Role};
use bursar_policy::{Action, Viewer, may, readable};
use bursar_store::{ApplicationFilter, AssignmentFilter, Expect, Row, Write};

use crate::{Service, ServiceError, entropy};

impl Service {
    /// What waits for a reviewer, each with the review they have sent in, if they have: what they
    /// have agreed to review, and of a program without a panel whatever is in review and not their
    /// own.
    pub async fn review_queue(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<(Application, Option<Review>)>, ServiceError> {
        if !viewer.is(Role::Reviewer) {
            return Err(match viewer {
                Viewer::Nobody => ServiceError::SignInFirst,
                Viewer::Person { .. } | Viewer::Operator => ServiceError::NotAllowed,
            });
        }
        let filter =
            ApplicationFilter { states: vec![State::InReview], ..ApplicationFilter::default() };
        let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let kept = self.kept_from(viewer).await?;
        let theirs = AssignmentFilter { reviewer: Some(person), ..AssignmentFilter::default() };
        let agreed = self.store.assignments(theirs).await?.into_iter();
        let agreed: BTreeSet<ApplicationId> =
            agreed.filter(Assignment::reviews).map(|one| one.application).collect();
        let mut queue = Vec::new();
        for mut application in self.store.applications(filter).await? {
            let conflicted = kept.contains(&application.id);
            let asks = self.program_of(&application)?.panel.is_some();
            let assigned = !asks || agreed.contains(&application.id);
            let applicant = application.applicant;
            if may(viewer, Action::Review { applicant, in_review: true, assigned, conflicted }) {
                self.show_to(Audience::Reviewer, &mut application)?;
                let mine = self.own_review(viewer, application.id).await?;
                queue.push((application, mine));
            }
        }
        Ok(queue)
    }

    /// An application as a reviewer sees it, with their own review and the application that it
    /// follows.
    pub async fn application_for_reviewer(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<(Application, Option<Review>, Option<Application>), ServiceError> {
        let mut application = self.reviewable(viewer, id).await?;
        let mine = self.own_review(viewer, id).await?;
        let mut earlier = self.earlier(&application).await?;
        self.show_to(Audience::Reviewer, &mut application)?;
        if let Some(earlier) = &mut earlier {
            self.show_to(Audience::Reviewer, earlier)?;
        }
        Ok((application, mine, earlier))
    }

    /// Sends a review in, or sends it in anew, and empties its draft. It scores each criterion of
    /// the program's rubric.
    pub async fn submit_review(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
        says: NewReview,
    ) -> Result<(), ServiceError> {
        let application = self.reviewable(viewer, id).await?;
        let reviewer = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let earlier = self.own_review(viewer, id).await?;
        let mut batch = crate::batch_of(viewer, self.now())?;
        let name = ReviewId::new(batch.now, entropy::draw());
        let sent = SubmitReview { id: name, reviewer, says };
        let rubric = &self.program_of(&application)?.rubric;
        let sent = review(&application, rubric, earlier.as_ref(), sent, batch.now)?;
        if earlier.as_ref() != Some(&sent) {
            let expect = earlier.map_or(Expect::New, |earlier| Expect::Version(earlier.version));
            let line = crate::audit_line(&batch, "review.submitted", id, "");
            batch = batch.with(Write::Row(Row::Review(sent), expect)).with(line);
        }
        for draft in self.store.review_drafts(Some(reviewer), Some(id)).await? {
            let before = Expect::Version(draft.version);
            batch = batch.with(Write::Row(Row::ReviewDraft(Box::new(draft.emptied())), before));
        }
        if !batch.writes.is_empty() {
            self.commit(batch).await?;
        }
        Ok(())
    }

    /// An application that the viewer may review; any other does not exist for them.
    async fn reviewable(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<Application, ServiceError> {
        let application = self.load_application(id).await?;
        let in_review = application.state == State::InReview;
        let conflicted = self.is_conflicted(viewer, id).await?;
        let assigned = match (&self.program_of(&application)?.panel, viewer.person()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), reviewer) => {
                let theirs = AssignmentFilter {
                    application: Some(id),
                    reviewer,
                    open: true,
                    ..Default::default()
                };
                self.store.assignments(theirs).await?.iter().any(Assignment::reviews)
            }
        };
        let applicant = application.applicant;
        if may(viewer, Action::Review { applicant, in_review, assigned, conflicted }) {
            Ok(application)
        } else {
            Err(ServiceError::NotFound(format!("application `{id}` for you to review")))
        }
    }

    /// An application with what its reviewers may read.
    pub fn shown_to_reviewers(
        &self,
        application: &Application,
    ) -> Result<Application, ServiceError> {
        let mut shown = application.clone();
        self.show_to(Audience::Reviewer, &mut shown)?;
        Ok(shown)
    }

    /// The reviews that count: of a program with a panel those of reviewers who are assigned, and
    /// not of whoever stepped back or was released.
    pub async fn counting_reviews(
        &self,
        application: &Application,
    ) -> Result<Vec<Review>, ServiceError> {
        let mut reviews = self.store.reviews(application.id).await?;
        if self.program_of(application)?.panel.is_some() {
            let of = AssignmentFilter {
                application: Some(application.id),
                open: true,
                ..AssignmentFilter::default()
            };
            let assigned = self.store.assignments(of).await?;
            let agreed = |review: &Review| {
                assigned.iter().any(|one| one.reviews() && one.reviewer == review.reviewer)
            };
            reviews.retain(agreed);
        }
        Ok(reviews)
    }

    /// Takes out the answers that somebody does not read.
    pub(crate) fn show_to(
        &self,
        audience: Audience,
        application: &mut Application,
    ) -> Result<(), ServiceError> {
        let program = self.program_of(application)?;
        application.answers = readable(&program.form, audience, &application.answers);
        Ok(())
    }

    async fn own_review(
        &self,
        viewer: &Viewer,
        application: ApplicationId,
    ) -> Result<Option<Review>, ServiceError> {
        let reviews = self.store.reviews(application).await?;
        Ok(reviews.into_iter().find(|review| Some(review.reviewer) == viewer.person()))
    }
}
