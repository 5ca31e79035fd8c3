//! People.

use axum::extract::State;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::Json;
use crate::types::{Appoint, PersonLine, ProblemBody};

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
