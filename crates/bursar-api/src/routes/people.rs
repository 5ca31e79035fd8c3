//! People.

use axum::extract::{Path, State};
use bursar_service::ServiceError;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::Json;
use crate::problem::Refusal;
use crate::types::{Appoint, CardState, PersonLine, ProblemBody};

/// Gives somebody an account with these roles, or an account that exists these roles.
#[utoipa::path(post, path = "/api/people", tag = "people", operation_id = "appoint",
    request_body = Appoint,
    responses((status = 200, body = PersonLine), (status = 422, body = ProblemBody)))]
pub(super) async fn appoint(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<Appoint>,
) -> Answer<PersonLine> {
    let Appoint { email, name, roles } = wanted;
    Ok(Json(door.service.appoint(&viewer, &email, &name, roles).await?.into()))
}

/// Somebody's card and its checks, as much as may be shown.
#[utoipa::path(get, path = "/api/people/{email}/card", tag = "people", operation_id = "show_card",
    params(("email" = String, Path, description = "Their mail address")),
    responses((status = 200, body = CardState), (status = 404, body = ProblemBody)))]
pub(super) async fn card(
    State(door): Door,
    Operator(viewer): Operator,
    Path(email): Path<String>,
) -> Answer<CardState> {
    let nobody = |error: ServiceError| {
        if matches!(error, ServiceError::Invalid(_)) {
            Refusal::not_found("nobody has an account by this address")
        } else {
            error.into()
        }
    };
    let person =
        bursar_trading::person_by_email(&door.service, &viewer, &email).await.map_err(nobody)?;
    let (card, checks) = door.service.cards_of(&viewer, person.id).await?;
    Ok(Json(CardState::new(card, checks)))
}
