//! Taking a grant's credit back.

use axum::extract::State;
use bursar_kernel::GrantId;
use bursar_policy::Viewer;
use bursar_service::{TakeBack, Taking};

use super::{Answer, Door};
use crate::Config;
use crate::auth::Operator;
use crate::extract::{Json, Named, positive};
use crate::problem::Refusal;
use crate::types::{ClawBack, ProblemBody, TakenBack, Void};

/// Takes a part of a grant's credit back for its program's pool, and tells its holder why.
#[utoipa::path(post, path = "/api/grants/{grant}/claw-back", tag = "grants",
    operation_id = "claw_back", request_body = ClawBack,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = TakenBack), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn claw_back(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(wanted): Json<ClawBack>,
) -> Answer<TakenBack> {
    let ClawBack { id, amount, reason } = wanted;
    let taking = Taking::Part(positive("amount", amount)?);
    taken(&door, &viewer, TakeBack { grant, id, taking, reason }).await
}

/// Takes all that is left of a grant back: it can spend nothing more, and its holder is told why.
#[utoipa::path(post, path = "/api/grants/{grant}/void", tag = "grants", operation_id = "void_grant",
    request_body = Void, params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = TakenBack), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn void(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(wanted): Json<Void>,
) -> Answer<TakenBack> {
    let Void { id, reason } = wanted;
    taken(&door, &viewer, TakeBack { grant, id, taking: Taking::All, reason }).await
}

async fn taken(
    door: &Config,
    viewer: &Viewer,
    wanted: TakeBack,
) -> Result<Json<TakenBack>, Refusal> {
    let grant = wanted.grant;
    let taken = door.service.take_back(viewer, wanted).await?;
    let grant = door.service.grant(viewer, grant).await?.into();
    Ok(Json(TakenBack { id: taken.id, amount: taken.amount, grant }))
}
