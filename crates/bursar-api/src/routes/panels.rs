//! Who reviews what in a round.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use bursar_kernel::{ApplicationId, AssignmentId, ProgramId, RoundId};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named};
use crate::problem::Refusal;
use crate::types::{
    AddReviewer, InvitedPanel, PanelDetail, PlanPanel, PlannedPanel, ProblemBody, ReleaseReviewer,
    ReviewersDetail,
};

/// Who reviews what in a round, and what is missing.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}/panel", tag = "rounds",
    operation_id = "show_panel",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = PanelDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
) -> Answer<PanelDetail> {
    Ok(Json(bursar_reviewing::panel(&door.service, &viewer, &program, &round).await?.into()))
}

/// Plans who reviews what. Whoever was asked stays; nobody is told.
#[utoipa::path(post, path = "/api/programs/{program}/rounds/{round}/panel/plan", tag = "rounds",
    operation_id = "plan_panel", request_body = PlanPanel,
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = PlannedPanel), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn plan(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Json(wanted): Json<PlanPanel>,
) -> Answer<PlannedPanel> {
    let (service, seed) = (&door.service, wanted.seed);
    Ok(Json(bursar_reviewing::plan(service, &viewer, &program, &round, seed).await?.into()))
}

/// Asks all reviewers whom the plan proposes, by mail.
#[utoipa::path(post, path = "/api/programs/{program}/rounds/{round}/panel/invite", tag = "rounds",
    operation_id = "invite_panel",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = InvitedPanel), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn invite(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
) -> Answer<InvitedPanel> {
    Ok(Json(bursar_reviewing::invite(&door.service, &viewer, &program, &round).await?.into()))
}

/// Who reviews an application, who could, and who must not.
#[utoipa::path(get, path = "/api/applications/{application}/reviewers", tag = "applications",
    operation_id = "show_reviewers",
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ReviewersDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn reviewers(
    State(door): Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
) -> Answer<ReviewersDetail> {
    let found = bursar_reviewing::reviewers(&door.service, &viewer, application).await?;
    Ok(Json(found.into()))
}

/// Proposes a reviewer for an application, beside the plan. Nobody with a conflict of interest.
#[utoipa::path(post, path = "/api/applications/{application}/reviewers", tag = "applications",
    operation_id = "add_reviewer", request_body = AddReviewer,
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ReviewersDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn add(
    State(door): Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
    Json(wanted): Json<AddReviewer>,
) -> Answer<ReviewersDetail> {
    let email = wanted.reviewer.trim().to_lowercase();
    let known = door.service.store().person_by_email(email.clone()).await;
    let known = known.map_err(bursar_service::ServiceError::from)?;
    let Some(person) = known else {
        let message = format!("`{email}` is not a reviewer here");
        return Err(Refusal::field("reviewer", message));
    };
    bursar_reviewing::add(&door.service, &viewer, application, person.id).await?;
    let found = bursar_reviewing::reviewers(&door.service, &viewer, application).await?;
    Ok(Json(found.into()))
}

/// Takes an assignment back. A reviewer who was asked is told why.
#[utoipa::path(post, path = "/api/assignments/{assignment}/release", tag = "applications",
    operation_id = "release_reviewer", request_body = ReleaseReviewer,
    params(("assignment" = String, Path, description = "The assignment")),
    responses((status = 204), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn release(
    State(door): Door,
    Operator(viewer): Operator,
    Named(assignment): Named<AssignmentId>,
    Json(wanted): Json<ReleaseReviewer>,
) -> Result<StatusCode, Refusal> {
    bursar_reviewing::release(&door.service, &viewer, assignment, &wanted.why).await?;
    Ok(StatusCode::NO_CONTENT)
}
