//! One line of the plan at a time: chosen by hand, taken back, given another date.

use bursar_award::State;
use bursar_award::assignment::{Assignment, AssignmentState};
use bursar_award::panel::REASON_CHARACTERS_MAX;
use bursar_kernel::{ApplicationId, AssignmentId, PersonId, Timestamp};
use bursar_letters::panel as letters;
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{Service, ServiceError, audit_line, batch_of};
use bursar_store::{Batch, Expect, Row, Write};

use crate::facts;
use crate::planning::{changed, proposed, refused};
use crate::round::{Reviewed, name, of_application};

/// Proposes a reviewer for an application, beside the plan. Nobody with a conflict of interest.
pub async fn add(
    service: &Service,
    viewer: &Viewer,
    application: ApplicationId,
    reviewer: PersonId,
) -> Result<AssignmentId, ServiceError> {
    let (reviewed, row) = of_application(service, viewer, application).await?;
    if row.state != State::InReview {
        let text = "choose a reviewer for an application that is not in review\n\
                    hint: its review begins when the round stops collecting, and ends when it is \
                    decided";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let Some(known) = reviewed.person(reviewer) else {
        return Err(ServiceError::field("reviewer", "Select a reviewer"));
    };
    let found = facts::findings(service, &reviewed).await?;
    let keeps = |one: &&bursar_review::conflict::Conflict| {
        one.application == application && one.reviewer == reviewer
    };
    if let Some(conflict) = found.conflicts.iter().find(keeps) {
        let message = format!(
            "{} cannot review it: {}. Choose somebody else, or set aside what was found",
            name(&known.person),
            conflict.reason
        );
        return Err(ServiceError::field("reviewer", message));
    }
    if reviewed.of(application).any(|one| one.reviewer == reviewer && one.state.is_open()) {
        let message = format!("{} is there already", name(&known.person));
        return Err(ServiceError::field("reviewer", message));
    }
    let batch = batch_of(viewer, service.now())?;
    let one = Assignment {
        because: "chosen by an officer".to_owned(),
        ..proposed(&reviewed, application, reviewer, batch.now)
    };
    let id = one.id;
    let line = audit_line(&batch, "panel.added", application, reviewer.to_string());
    let write = Write::Row(Row::Assignment(Box::new(one)), Expect::New);
    service.commit(batch.with(write).with(line)).await?;
    Ok(id)
}

/// Takes an assignment back. A reviewer who knows of it is told why.
pub async fn release(
    service: &Service,
    viewer: &Viewer,
    id: AssignmentId,
    why: &str,
) -> Result<(), ServiceError> {
    let (reviewed, one) = of_assignment(service, viewer, id).await?;
    let batch = batch_of(viewer, service.now())?;
    let why = reason("why", why)?;
    let batch = released(service, &reviewed, &one, why, batch).await?;
    let line = audit_line(&batch, "panel.released", one.application, one.reviewer.to_string());
    service.commit(batch.with(line)).await?;
    Ok(())
}

/// Adds to a batch that an assignment is taken back, with the letter that says so.
pub(crate) async fn released(
    service: &Service,
    reviewed: &Reviewed,
    one: &Assignment,
    why: String,
    batch: Batch,
) -> Result<Batch, ServiceError> {
    let gone = one.released(why.clone()).map_err(refused)?;
    let batch = batch.with(changed(one, gone));
    if one.state == AssignmentState::Proposed {
        return Ok(batch);
    }
    let Some(person) = service.store().person(one.reviewer).await? else { return Ok(batch) };
    let url = format!("{}/reviews", service.base_url());
    let letter = letters::review_released(&reviewed.program.name, one.application, &why, &url);
    let now = batch.now;
    Ok(batch.with(letter.to(&person.email, now)))
}

/// Gives a review another date, or says no to whoever asked for one.
pub async fn set_due(
    service: &Service,
    viewer: &Viewer,
    id: AssignmentId,
    until: Option<Timestamp>,
) -> Result<(), ServiceError> {
    let (reviewed, one) = of_assignment(service, viewer, id).await?;
    let batch = batch_of(viewer, service.now())?;
    let after = one.due(until, reviewed.round.review_ends, batch.now).map_err(refused)?;
    let (is_known, due_at) = (one.state != AssignmentState::Proposed, after.due_at);
    let mut batch = batch.with(changed(&one, after));
    let person = service.store().person(one.reviewer).await?;
    if let (true, Some(person)) = (is_known, person) {
        let url = format!("{}/reviews", service.base_url());
        let letter =
            letters::review_date(one.application, &day(&reviewed, due_at), until.is_some(), &url);
        let now = batch.now;
        batch = batch.with(letter.to(&person.email, now));
    }
    let line = audit_line(&batch, "panel.due", one.application, one.reviewer.to_string());
    service.commit(batch.with(line)).await?;
    Ok(())
}

/// An assignment with its round, which the officer has to be free to judge.
async fn of_assignment(
    service: &Service,
    viewer: &Viewer,
    id: AssignmentId,
) -> Result<(Reviewed, Assignment), ServiceError> {
    let missing = || ServiceError::NotFound(format!("assignment `{id}`"));
    bursar_service::allow(viewer, bursar_policy::Action::RunPrograms)?;
    let one = service.store().assignment(id).await?.ok_or_else(missing)?;
    match of_application(service, viewer, one.application).await {
        Ok((reviewed, _)) => Ok((reviewed, one)),
        // Whoever is not free to judge the application learns nothing of its reviewers.
        Err(ServiceError::NotAllowed | ServiceError::NotFound(_)) => Err(missing()),
        Err(error) => Err(error),
    }
}

/// An instant as letters say it, in the program's zone.
pub(crate) fn day(reviewed: &Reviewed, at: Timestamp) -> String {
    let zoned = at.to_zoned(reviewed.program.review.zone.clone());
    zoned.strftime("%-d %B %Y, %H:%M %Z").to_string()
}

/// A reason as somebody typed it, with bounds.
pub(crate) fn reason(field: &str, text: &str) -> Result<String, ServiceError> {
    let text = text.trim().replace("\r\n", "\n");
    if REASON_CHARACTERS_MAX < text.chars().count() {
        let message = format!("Say it in at most {REASON_CHARACTERS_MAX} characters");
        return Err(ServiceError::field(field, message));
    }
    Ok(text)
}

/// A reason that has to be given.
pub(crate) fn need_reason(field: &str, text: &str) -> Result<String, ServiceError> {
    let text = reason(field, text)?;
    if text.is_empty() { Err(ServiceError::field(field, "Say why")) } else { Ok(text) }
}
