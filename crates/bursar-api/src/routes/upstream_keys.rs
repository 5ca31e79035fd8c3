//! The sealed keys of upstreams.

use axum::extract::{Path, State};
use bursar_operator as operator;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::Json;
use crate::types::{ProblemBody, Resealed, SetUpstreamKey, UpstreamKeyLine, UpstreamKeys};

/// The sealed keys, by upstream, with nothing of any of them.
#[utoipa::path(get, path = "/api/upstream-keys", tag = "upstreams",
    operation_id = "list_upstream_keys", responses((status = 200, body = UpstreamKeys)))]
pub(super) async fn list(State(door): Door, Operator(viewer): Operator) -> Answer<UpstreamKeys> {
    let keys = operator::upstream_keys(&door.service, &viewer).await?;
    Ok(Json(UpstreamKeys { keys: keys.into_iter().map(Into::into).collect() }))
}

/// Seals a key for an upstream, in place of its configuration's or of the one before: new calls go
/// out with it at once, on every server, and those under way end with theirs.
#[utoipa::path(put, path = "/api/upstreams/{upstream}/key", tag = "upstreams",
    operation_id = "set_upstream_key", request_body = SetUpstreamKey,
    params(("upstream" = String, Path, description = "Its name in the configuration")),
    responses((status = 200, body = UpstreamKeyLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn set(
    State(door): Door,
    Operator(viewer): Operator,
    Path(upstream): Path<String>,
    Json(wanted): Json<SetUpstreamKey>,
) -> Answer<UpstreamKeyLine> {
    let key = wanted.key.into();
    let set = operator::set_upstream_key(&door.service, &viewer, &upstream, key).await?;
    Ok(Json(set.into()))
}

/// Takes the sealed key of an upstream out: its configuration's holds again. What is left is
/// listed.
#[utoipa::path(delete, path = "/api/upstreams/{upstream}/key", tag = "upstreams",
    operation_id = "remove_upstream_key",
    params(("upstream" = String, Path, description = "Its name in the configuration")),
    responses((status = 200, body = UpstreamKeys), (status = 404, body = ProblemBody)))]
pub(super) async fn remove(
    State(door): Door,
    Operator(viewer): Operator,
    Path(upstream): Path<String>,
) -> Answer<UpstreamKeys> {
    operator::remove_upstream_key(&door.service, &viewer, &upstream).await?;
    list(State(door), Operator(viewer)).await
}

/// Seals all keys anew that are not under the newest master key of the server's file.
#[utoipa::path(post, path = "/api/upstream-keys/reseal", tag = "upstreams",
    operation_id = "reseal_upstream_keys",
    responses((status = 200, body = Resealed), (status = 409, body = ProblemBody)))]
pub(super) async fn reseal(State(door): Door, Operator(viewer): Operator) -> Answer<Resealed> {
    let resealed = operator::reseal(&door.service, &viewer).await?;
    Ok(Json(Resealed { resealed }))
}
