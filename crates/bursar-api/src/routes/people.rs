//! People.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bursar_service::ServiceError;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use tracing::error;

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

/// Everything that is held about somebody, as an archive: what they get on their account's page.
#[utoipa::path(get, path = "/api/people/{email}/export", tag = "people",
    operation_id = "export_person",
    params(("email" = String, Path, description = "Their mail address")),
    responses((status = 200, description = "A ZIP file; its `README.txt` says what is in it",
        content_type = "application/zip", body = Vec<u8>),
        (status = 404, body = ProblemBody)))]
pub(super) async fn export(
    State(door): Door,
    Operator(viewer): Operator,
    Path(email): Path<String>,
) -> Result<Response, Refusal> {
    let person =
        bursar_trading::person_by_email(&door.service, &viewer, &email).await.map_err(nobody)?;
    let everything = bursar_personal::export(&door.service, &viewer, person.id).await?;
    let pieces = stream::try_unfold(everything, |mut everything| async move {
        let piece = everything.next().await;
        let piece = piece.inspect_err(|error| error!(error = %error, "an export broke off"))?;
        Ok::<_, ServiceError>(piece.map(|piece| (piece, everything)))
    });
    let name = format!("attachment; filename=\"bursar-{}.zip\"", person.id);
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn nobody(error: ServiceError) -> Refusal {
    if matches!(error, ServiceError::Invalid(_)) {
        Refusal::not_found("nobody has an account by this address")
    } else {
        error.into()
    }
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
    let person =
        bursar_trading::person_by_email(&door.service, &viewer, &email).await.map_err(nobody)?;
    let (card, checks) = door.service.cards_of(&viewer, person.id).await?;
    Ok(Json(CardState::new(card, checks)))
}
