//! Limited models: asked for, listed, answered.

use axum::extract::State;
use bursar_kernel::{AccessRequestId, GrantId};
use bursar_service::AccessAnswer;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named};
use crate::moments::read_instant;
use crate::types::{
    AccessDecision, AccessRequestLine, AccessRequests, AnswerAccess, AskForModel, ModelStandings,
    ProblemBody,
};

/// The models as they stand to a grant: open, or limited and asked for or approved.
#[utoipa::path(get, path = "/api/grants/{grant}/models", tag = "access",
    operation_id = "list_grant_models",
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = ModelStandings), (status = 404, body = ProblemBody)))]
pub(super) async fn models(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
) -> Answer<ModelStandings> {
    Ok(Json(door.service.grant_models(&viewer, grant).await?.into()))
}

/// Requests for limited models: all that wait, and the latest that are answered.
#[utoipa::path(get, path = "/api/access", tag = "access", operation_id = "list_access_requests",
    responses((status = 200, body = AccessRequests)))]
pub(super) async fn list(State(door): Door, Operator(viewer): Operator) -> Answer<AccessRequests> {
    Ok(Json(door.service.access_desk(&viewer).await?.into()))
}

/// Asks for a limited model in a grant's name.
#[utoipa::path(post, path = "/api/access", tag = "access", operation_id = "ask_for_model",
    request_body = AskForModel,
    responses((status = 200, body = AccessRequestLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn ask(
    door: Door,
    Operator(viewer): Operator,
    Json(wanted): Json<AskForModel>,
) -> Answer<AccessRequestLine> {
    let AskForModel { grant, model, reason } = wanted;
    let asked = door.service.ask_for_model(&viewer, grant, &model, &reason).await?;
    show(door, Operator(viewer), Named(asked.id)).await
}

/// One request for a limited model.
#[utoipa::path(get, path = "/api/access/{request}", tag = "access",
    operation_id = "show_access_request",
    params(("request" = String, Path, description = "The request")),
    responses((status = 200, body = AccessRequestLine), (status = 404, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<AccessRequestId>,
) -> Answer<AccessRequestLine> {
    Ok(Json(door.service.access_line(&viewer, id).await?.into()))
}

/// Answers a request: opens the model at once, says no, or ends an approval.
#[utoipa::path(post, path = "/api/access/{request}/answer", tag = "access",
    operation_id = "answer_access_request", request_body = AnswerAccess,
    params(("request" = String, Path, description = "The request")),
    responses((status = 200, body = AccessRequestLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn answer(
    door: Door,
    Operator(viewer): Operator,
    Named(id): Named<AccessRequestId>,
    Json(wanted): Json<AnswerAccess>,
) -> Answer<AccessRequestLine> {
    let line = door.service.access_line(&viewer, id).await?;
    let zone = &door.service.program(&line.grant.program)?.review.zone;
    let until = wanted.until.as_deref();
    let given = AccessAnswer {
        approve: wanted.decision == AccessDecision::Approve,
        note: wanted.note.unwrap_or_default(),
        until: until.map(|text| read_instant("until", text, zone)).transpose()?,
        version: None,
    };
    door.service.answer_access_request(&viewer, id, given).await?;
    show(door, Operator(viewer), Named(id)).await
}

/// Takes a request back that nobody has answered.
#[utoipa::path(post, path = "/api/access/{request}/withdraw", tag = "access",
    operation_id = "withdraw_access_request",
    params(("request" = String, Path, description = "The request")),
    responses((status = 200, body = AccessRequestLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn withdraw(
    door: Door,
    Operator(viewer): Operator,
    Named(id): Named<AccessRequestId>,
) -> Answer<AccessRequestLine> {
    door.service.withdraw_access_request(&viewer, id).await?;
    show(door, Operator(viewer), Named(id)).await
}
