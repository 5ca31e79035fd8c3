//! Keys.

use axum::extract::State;
use bursar_kernel::{GrantId, KeyId, Scope};
use http::StatusCode;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named, positive};
use crate::moments::read_instant;
use crate::problem::Refusal;
use crate::types::{KeyCap, MadeKey, NewKey, ProblemBody};

/// What a key is called when nobody says.
const NAME: &str = "api";

/// Makes a key for a grant. The answer holds its secret, which no other answer does.
#[utoipa::path(post, path = "/api/grants/{grant}/keys", tag = "keys", operation_id = "make_key",
    request_body = NewKey, params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = MadeKey), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn make(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
    Json(wanted): Json<NewKey>,
) -> Answer<MadeKey> {
    let page = door.service.grant(&viewer, id).await?;
    let zone = &door.service.program(&page.grant.program)?.review.zone;
    let expires = wanted.expires.as_deref();
    let models = wanted.models.into_iter().collect::<std::collections::BTreeSet<_>>();
    let key = bursar_studies::NewKey {
        cap: wanted.cap.map(|cap| positive("cap", cap)).transpose()?,
        expires_at: expires.map(|text| read_instant("expires", text, zone)).transpose()?,
        study: wanted.study,
        person: wanted.person,
        scope: Scope { models: (!models.is_empty()).then_some(models), endpoints: None },
        ..bursar_studies::NewKey::of(id, wanted.name.unwrap_or_else(|| NAME.to_owned()))
    };
    Ok(Json(bursar_studies::make_key(&door.service, &viewer, key).await?.into()))
}

/// Changes what a key may spend in all, on every server within a second. Calls in flight end under
/// their holds. A cap below what the key has spent lets it spend nothing more.
#[utoipa::path(put, path = "/api/keys/{key}/cap", tag = "keys", operation_id = "change_key_cap",
    request_body = KeyCap,
    params(("key" = String, Path, description = "The key's name, never its secret")),
    responses((status = 200, body = KeyCap), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn change_cap(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<KeyId>,
    Json(wanted): Json<KeyCap>,
) -> Answer<KeyCap> {
    let cap = wanted.cap.map(|cap| positive("cap", cap)).transpose()?;
    let key = bursar_studies::change_cap(&door.service, &viewer, id, cap).await?;
    Ok(Json(KeyCap { cap: key.cap }))
}

/// Stops a key. Calls in flight end under their holds; no new one begins.
#[utoipa::path(delete, path = "/api/keys/{key}", tag = "keys", operation_id = "revoke_key",
    params(("key" = String, Path, description = "The key's name, never its secret")),
    responses((status = 204, description = "It is stopped"), (status = 404, body = ProblemBody)))]
pub(super) async fn revoke(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<KeyId>,
) -> Result<StatusCode, Refusal> {
    bursar_studies::revoke_key(&door.service, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
