//! Who reviews one application: shown, and changed line by line.

use std::collections::BTreeMap;

use bursar_award::assignment::{AssignmentState, WhyNot};
use bursar_kernel::{ApplicationId, AssignmentId, ConflictId, PersonId};
use bursar_program::calendar;
use bursar_review_pages::reviewers::{ConflictShown, LineShown, ReviewersPage};
use bursar_reviewing::{ConflictLine, Line};
use bursar_service::ServiceError;
use bursar_ui::{Choice, Input, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Visit, invalid};

use crate::panel::status;

pub(crate) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_page(&visit, id, Input::default()).await
}

pub(crate) async fn add(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let added = match form.field("reviewer").parse::<PersonId>() {
        Ok(person) => bursar_reviewing::add(service, viewer, id, person).await.map(|_| ()),
        Err(_) => Err(invalid("reviewer", "Select who is to review it")),
    };
    done(form, id, added, Done::ReviewerAdded).await
}

pub(crate) async fn pin(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let keeps_away = match form.field("kind") {
        "pinned" => Ok(true),
        "cleared" => Ok(false),
        _ => Err(invalid("kind", "Select what you know")),
    };
    let person = form.field("person").parse::<PersonId>();
    let person = person.map_err(|_| invalid("person", "Select whom it is about"));
    let because = form.field("because");
    let written = match (keeps_away, person) {
        (Ok(away), Ok(person)) => {
            bursar_reviewing::pin(service, viewer, id, person, away, because).await.map(|_| ())
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    done(form, id, written, Done::ConflictWritten).await
}

pub(crate) async fn lift(At(conflict): At<ConflictId>, form: Posted) -> Answer {
    let of = form.visit.service().store().conflict(conflict).await;
    let of = of.map_err(ServiceError::from).or_page(&form.visit)?;
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let lifted = bursar_reviewing::lift(service, viewer, conflict).await;
    match of {
        Some(of) => done(form, of.application, lifted, Done::ConflictLifted).await,
        None => Err(form.visit.not_found()),
    }
}

pub(crate) async fn release(At(assignment): At<AssignmentId>, form: Posted) -> Answer {
    let field = format!("why-{assignment}");
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let released = bursar_reviewing::release(service, viewer, assignment, form.field(&field)).await;
    let released = released.map_err(|error| renamed(error, "why", &field));
    of_assignment(form, assignment, released, Done::ReviewerReleased).await
}

pub(crate) async fn due(At(assignment): At<AssignmentId>, form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let row = service.store().assignment(assignment).await;
    let row = row.map_err(ServiceError::from).or_page(&form.visit)?;
    let asked = row.and_then(|row| row.asked).map(|asked| asked.until);
    let set = match (form.field("answer"), asked) {
        ("yes", Some(until)) => {
            bursar_reviewing::set_due(service, viewer, assignment, Some(until)).await
        }
        ("no", _) => bursar_reviewing::set_due(service, viewer, assignment, None).await,
        (_, _) => Err(ServiceError::Refused(
            "give a date that nobody asks for\nhint: look at the list again".to_owned(),
        )),
    };
    of_assignment(form, assignment, set, Done::ReviewDateSet).await
}

async fn of_assignment(
    form: Posted,
    assignment: AssignmentId,
    result: Result<(), ServiceError>,
    said: Done,
) -> Answer {
    let row = form.visit.service().store().assignment(assignment).await;
    let row = row.map_err(ServiceError::from).or_page(&form.visit)?;
    match row {
        Some(row) => done(form, row.application, result, said).await,
        None => Err(form.visit.not_found()),
    }
}

async fn done(
    mut form: Posted,
    id: ApplicationId,
    result: Result<(), ServiceError>,
    said: Done,
) -> Answer {
    match result {
        Ok(()) => form.visit.done(&routes::decide_reviewers(id), said),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_page(&form.visit, id, input).await
        }
    }
}

fn renamed(mut error: ServiceError, from: &str, to: &str) -> ServiceError {
    if let ServiceError::Invalid(fields) = &mut error {
        for field in fields.iter_mut().filter(|field| field.field == from) {
            to.clone_into(&mut field.field);
        }
    }
    error
}

async fn show_page(visit: &Visit, id: ApplicationId, input: Input) -> Answer {
    let found = bursar_reviewing::reviewers(visit.service(), &visit.viewer, id).await;
    let found = found.or_page(visit)?;
    let candidates = found
        .candidates
        .iter()
        .map(|one| Choice::hinted(one.person.to_string(), one.name.clone(), one.because.clone()));
    let mut people: BTreeMap<PersonId, String> = BTreeMap::new();
    people.extend(found.candidates.iter().map(|one| (one.person, one.name.clone())));
    let lines = found.lines.iter();
    people.extend(lines.map(|line| (line.assignment.reviewer, line.reviewer.clone())));
    people.extend(found.conflicts.iter().map(|one| (one.person, one.name.clone())));
    let mut people: Vec<(String, PersonId)> =
        people.into_iter().map(|(person, name)| (name, person)).collect();
    people.sort();
    let none = Choice::new("", "Select somebody");
    let people = people.into_iter().map(|(name, person)| Choice::new(person.to_string(), name));
    visit.page(&ReviewersPage {
        id,
        title: found.title.clone(),
        round: (
            found.program.id.clone(),
            found.round.id.clone(),
            calendar::name(&found.program, &found.round),
        ),
        topics: found.topics.clone(),
        lines: found.lines.iter().map(line).collect(),
        candidates: candidates.collect(),
        is_open: found.application.state == bursar_service::State::InReview,
        conflicts: found.conflicts.iter().map(conflict).collect(),
        people: std::iter::once(none).chain(people).collect(),
        input,
    })
}

fn line(one: &Line) -> LineShown {
    let note = match &one.assignment.state {
        AssignmentState::Declined { why, note } => Some(declined(*why, note)),
        AssignmentState::Recused { note } | AssignmentState::Released { note } => {
            Some(note.clone()).filter(|note| !note.is_empty())
        }
        AssignmentState::Proposed | AssignmentState::Invited | AssignmentState::Accepted => None,
    };
    let asked = one.assignment.asked.as_ref();
    LineShown {
        id: one.assignment.id,
        name: one.reviewer.clone(),
        status: status(one),
        because: one.assignment.because.clone(),
        due: one.assignment.due_at,
        note,
        asked: asked.map(|asked| (asked.until, asked.because.clone())),
        conflict: one.conflict.clone(),
        is_open: one.assignment.state.is_open(),
        is_known: one.assignment.state != AssignmentState::Proposed,
    }
}

fn declined(why: WhyNot, note: &str) -> String {
    let why = match why {
        WhyNot::Conflict => "A conflict of interest",
        WhyNot::Time => "No time",
        WhyNot::Field => "Not what they know",
        WhyNot::Other => "Another reason",
    };
    if note.is_empty() { why.to_owned() } else { format!("{why}: {note}") }
}

fn conflict(one: &ConflictLine) -> ConflictShown {
    ConflictShown {
        name: one.name.clone(),
        reason: one.reason.clone(),
        written: one.written.as_ref().map(|written| written.id),
        is_set_aside: one.is_set_aside,
    }
}
