//! What was said by a reviewer and of them, and of those whose applications were reviewed.

use bursar_award::Application;
use bursar_award::assignment::{AskedDue, Assignment, AssignmentState};
use bursar_award::panel::{Conflict, Profile};
use bursar_award::review_draft::ReviewDraft;
use bursar_service::{Service, ServiceError};
use bursar_store::rows::Person;
use bursar_store::{AssignmentFilter, Expect, Row, Write};

use super::scrub::{self, ERASED};

/// What is forgotten of the panels that somebody was on, and of those that read what they wrote.
pub(super) async fn of_panels(
    service: &Service,
    person: &Person,
    applications: &[Application],
) -> Result<Vec<Write>, ServiceError> {
    let store = service.store();
    let mut writes = Vec::new();
    for profile in store.profiles().await? {
        let before = profile.version;
        let version = before.saturating_add(1);
        let after = if profile.person == person.id {
            Profile { version, ..Profile::empty(person.id) }
        } else if profile.coauthors.contains(&person.email) {
            let mut coauthors = profile.coauthors.clone();
            coauthors.remove(&person.email);
            Profile { coauthors, version, ..profile }
        } else {
            continue;
        };
        writes.push(Write::Row(Row::Profile(Box::new(after)), Expect::Version(before)));
    }
    let mine = AssignmentFilter { reviewer: Some(person.id), ..AssignmentFilter::default() };
    let mut assignments = store.assignments(mine).await?;
    let mut conflicts = store.conflicts_of(person.id).await?;
    for application in applications {
        let of =
            AssignmentFilter { application: Some(application.id), ..AssignmentFilter::default() };
        assignments.extend(store.assignments(of).await?);
        if let Some(round) = application.round.clone() {
            let of_round = store.conflicts_in(application.program.clone(), round).await?;
            conflicts.extend(of_round.into_iter().filter(|one| one.application == application.id));
        }
    }
    assignments.sort_by_key(|one| one.id);
    assignments.dedup_by_key(|one| one.id);
    conflicts.sort_by_key(|one| one.id);
    conflicts.dedup_by_key(|one| one.id);
    writes.extend(drafts(service, person, applications).await?);
    for review in store.reviews_by(person.id).await? {
        let before = Expect::Version(review.version);
        writes.push(Write::Row(Row::Review(scrub::review(review)), before));
    }
    for one in assignments {
        let before = Expect::Version(one.version);
        writes.push(Write::Row(Row::Assignment(Box::new(assignment(one))), before));
    }
    for one in conflicts {
        let before = Expect::Version(one.version);
        let version = one.version.saturating_add(1);
        // That there was one still keeps somebody away.
        let after = Conflict { because: ERASED.to_owned(), version, ..one };
        writes.push(Write::Row(Row::Conflict(Box::new(after)), before));
    }
    Ok(writes)
}

/// Drafts of reviews that somebody wrote, and those about what they handed in, without a word.
async fn drafts(
    service: &Service,
    person: &Person,
    applications: &[Application],
) -> Result<Vec<Write>, ServiceError> {
    let store = service.store();
    let mut drafts = store.review_drafts(Some(person.id), None).await?;
    for application in applications {
        drafts.extend(store.review_drafts(None, Some(application.id)).await?);
    }
    drafts.retain(ReviewDraft::is_there);
    let emptied = drafts.into_iter().map(|draft| {
        let before = Expect::Version(draft.version);
        Write::Row(Row::ReviewDraft(Box::new(draft.emptied())), before)
    });
    Ok(emptied.collect())
}

/// An assignment without what people wrote.
fn assignment(one: Assignment) -> Assignment {
    let note = || ERASED.to_owned();
    let state = match one.state {
        AssignmentState::Declined { why, note: _ } => {
            AssignmentState::Declined { why, note: note() }
        }
        AssignmentState::Recused { note: _ } => AssignmentState::Recused { note: note() },
        AssignmentState::Released { note: _ } => AssignmentState::Released { note: note() },
        state @ (AssignmentState::Proposed
        | AssignmentState::Invited
        | AssignmentState::Accepted) => state,
    };
    let asked = one.asked.map(|asked| AskedDue { because: note(), ..asked });
    Assignment { state, asked, version: one.version.saturating_add(1), ..one }
}
