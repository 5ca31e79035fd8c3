//! Studies.

use axum::extract::State;
use bursar_kernel::{GrantId, Scope, StudyId};
use bursar_studies::{BudgetMove, NewStudy};
use jiff::tz::TimeZone;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named, positive};
use crate::moments::read_instant;
use crate::problem::Refusal;
use crate::types::{MoveBudget, ProblemBody, Studies, StudyLine, StudyTerms};

/// The studies of a grant, with what each has spent.
#[utoipa::path(get, path = "/api/grants/{grant}/studies", tag = "studies",
    operation_id = "list_studies",
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = Studies), (status = 404, body = ProblemBody)))]
pub(super) async fn list(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
) -> Answer<Studies> {
    let studies = bursar_studies::studies(&door.service, &viewer, id).await?;
    Ok(Json(Studies { studies: studies.into_iter().map(StudyLine::from).collect() }))
}

/// Makes a study: a named budget of a grant, which its keys share. Keys are made for it by naming
/// it.
#[utoipa::path(post, path = "/api/grants/{grant}/studies", tag = "studies",
    operation_id = "make_study", request_body = StudyTerms,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = StudyLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn make(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(wanted): Json<StudyTerms>,
) -> Answer<StudyLine> {
    let page = door.service.grant(&viewer, grant).await?;
    let zone = &door.service.program(&page.grant.program)?.review.zone;
    let new = NewStudy { grant, terms: terms(wanted, zone)? };
    let made = bursar_studies::make_study(&door.service, &viewer, new).await?;
    Ok(Json(bursar_studies::study(&door.service, &viewer, made.id).await?.into()))
}

/// A study with its keys and what it has spent.
#[utoipa::path(get, path = "/api/studies/{study}", tag = "studies", operation_id = "get_study",
    params(("study" = String, Path, description = "The study")),
    responses((status = 200, body = StudyLine), (status = 404, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<StudyId>,
) -> Answer<StudyLine> {
    Ok(Json(bursar_studies::study(&door.service, &viewer, id).await?.into()))
}

/// Says anew what a study is, on every server within a second. Calls in flight end under their
/// holds. A budget that stops calls is above what was spent.
#[utoipa::path(put, path = "/api/studies/{study}", tag = "studies", operation_id = "change_study",
    request_body = StudyTerms,
    params(("study" = String, Path, description = "The study")),
    responses((status = 200, body = StudyLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn change(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<StudyId>,
    Json(wanted): Json<StudyTerms>,
) -> Answer<StudyLine> {
    let line = bursar_studies::study(&door.service, &viewer, id).await?;
    let zone = &door.service.program(&line.grant.program)?.review.zone;
    let terms = terms(wanted, zone)?;
    bursar_studies::change_study(&door.service, &viewer, id, terms).await?;
    Ok(Json(bursar_studies::study(&door.service, &viewer, id).await?.into()))
}

/// Closes a study: its keys make no more calls, and what its budget has left is the grant's.
#[utoipa::path(delete, path = "/api/studies/{study}", tag = "studies",
    operation_id = "close_study",
    params(("study" = String, Path, description = "The study")),
    responses((status = 200, body = StudyLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn close(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<StudyId>,
) -> Answer<StudyLine> {
    bursar_studies::close_study(&door.service, &viewer, id).await?;
    Ok(Json(bursar_studies::study(&door.service, &viewer, id).await?.into()))
}

/// Moves budget to another study of the same grant: both change, or neither. Answers with the
/// study that gave it.
#[utoipa::path(post, path = "/api/studies/{study}/move", tag = "studies",
    operation_id = "move_budget", request_body = MoveBudget,
    params(("study" = String, Path, description = "The study that gives")),
    responses((status = 200, body = StudyLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn move_budget(
    State(door): Door,
    Operator(viewer): Operator,
    Named(from): Named<StudyId>,
    Json(wanted): Json<MoveBudget>,
) -> Answer<StudyLine> {
    let amount = positive("amount", wanted.amount)?;
    let wanted = BudgetMove { from, to: wanted.to, amount };
    bursar_studies::move_budget(&door.service, &viewer, wanted).await?;
    Ok(Json(bursar_studies::study(&door.service, &viewer, from).await?.into()))
}

fn terms(wanted: StudyTerms, zone: &TimeZone) -> Result<bursar_studies::StudyTerms, Refusal> {
    let instant = |field: &str, text: Option<&str>| {
        text.map(|text| read_instant(field, text, zone)).transpose()
    };
    let models = wanted.models.into_iter().collect::<std::collections::BTreeSet<_>>();
    Ok(bursar_studies::StudyTerms {
        budget: wanted.budget.map(|budget| positive("budget", budget)).transpose()?,
        stops: wanted.stops,
        starts_at: instant("starts", wanted.starts.as_deref())?,
        ends_at: instant("ends", wanted.ends.as_deref())?,
        scope: Scope { models: (!models.is_empty()).then_some(models), endpoints: None },
        name: wanted.name,
        notes: wanted.notes,
        tags: wanted.tags,
    })
}
