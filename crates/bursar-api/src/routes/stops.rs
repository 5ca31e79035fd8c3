//! Stopping a program, a grant or an upstream, and starting it again.

use axum::extract::{Path, State};
use bursar_kernel::{GrantId, ProgramId};
use bursar_policy::Viewer;
use bursar_service::Turn;
use bursar_store::rows::Stoppable;

use super::{Answer, Door};
use crate::Config;
use crate::auth::Operator;
use crate::extract::{Json, Named};
use crate::types::{ProblemBody, StopState, TurnStop, Upstreams};

/// Stops a grant's calls at once, on every server, or starts them again. Its credit is untouched
/// and its expiry stays; calls in flight end under their holds.
#[utoipa::path(put, path = "/api/grants/{grant}/stop", tag = "grants",
    operation_id = "stop_grant", request_body = TurnStop,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn grant(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(wanted): Json<TurnStop>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Grant(grant), &wanted).await
}

/// Stops the calls of all grants of a program at once, on every server, or starts them again.
/// Applications, awards and delivery go on.
#[utoipa::path(put, path = "/api/programs/{program}/stop", tag = "programs",
    operation_id = "stop_program", request_body = TurnStop,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn program(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
    Json(wanted): Json<TurnStop>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Program(program), &wanted).await
}

/// Lets no call, file or batch go to an upstream from now on, on every server, or lets them go
/// again. Others of its group take its calls; what is under way there is asked after and charged.
#[utoipa::path(put, path = "/api/upstreams/{upstream}/stop", tag = "upstreams",
    operation_id = "stop_upstream", request_body = TurnStop,
    params(("upstream" = String, Path, description = "Its name in the configuration")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn upstream(
    State(door): Door,
    Operator(viewer): Operator,
    Path(upstream): Path<String>,
    Json(wanted): Json<TurnStop>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Upstream(upstream), &wanted).await
}

/// The upstreams of this server, and whether somebody has stopped them.
#[utoipa::path(get, path = "/api/upstreams", tag = "upstreams", operation_id = "list_upstreams",
    responses((status = 200, body = Upstreams)))]
pub(super) async fn upstreams(State(door): Door, Operator(viewer): Operator) -> Answer<Upstreams> {
    let found = door.service.upstreams(&viewer).await?;
    let line = |(name, stop)| StopState::new(&Stoppable::Upstream(name), stop);
    Ok(Json(Upstreams { upstreams: found.into_iter().map(line).collect() }))
}

async fn turn(door: &Config, viewer: &Viewer, of: Stoppable, to: &TurnStop) -> Answer<StopState> {
    let turn = if to.stopped { Turn::Stop } else { Turn::Start };
    let stop = door.service.turn(viewer, &of, turn, &to.reason).await?;
    Ok(Json(StopState::new(&of, stop)))
}
