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
use crate::types::{ProblemBody, StopReason, StopState, Upstreams};

/// Stops a grant's calls at once, on every server. Its credit is untouched and its expiry stays;
/// calls in flight end under their holds. Done again, it changes nothing.
#[utoipa::path(post, path = "/api/grants/{grant}/stop", tag = "grants",
    operation_id = "stop_grant", request_body = StopReason,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn stop_grant(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(why): Json<StopReason>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Grant(grant), Turn::Stop, &why).await
}

/// Starts a grant's calls again.
#[utoipa::path(post, path = "/api/grants/{grant}/start", tag = "grants",
    operation_id = "start_grant", request_body = StopReason,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn start_grant(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(why): Json<StopReason>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Grant(grant), Turn::Start, &why).await
}

/// Stops the calls of all grants of a program at once, on every server. Applications, awards and
/// delivery go on. Done again, it changes nothing.
#[utoipa::path(post, path = "/api/programs/{program}/stop", tag = "programs",
    operation_id = "stop_program", request_body = StopReason,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn stop_program(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
    Json(why): Json<StopReason>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Program(program), Turn::Stop, &why).await
}

/// Starts the calls of a program's grants again.
#[utoipa::path(post, path = "/api/programs/{program}/start", tag = "programs",
    operation_id = "start_program", request_body = StopReason,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn start_program(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
    Json(why): Json<StopReason>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Program(program), Turn::Start, &why).await
}

/// The upstreams of this server, and whether somebody has stopped them.
#[utoipa::path(get, path = "/api/upstreams", tag = "upstreams", operation_id = "list_upstreams",
    responses((status = 200, body = Upstreams)))]
pub(super) async fn upstreams(State(door): Door, Operator(viewer): Operator) -> Answer<Upstreams> {
    let found = door.service.upstreams(&viewer).await?;
    let line = |(name, stop)| StopState::new(&Stoppable::Upstream(name), stop);
    Ok(Json(Upstreams { upstreams: found.into_iter().map(line).collect() }))
}

/// Lets no call, file or batch go to an upstream from now on, on every server: others of its group
/// take its calls. What is under way there is still asked after and charged. Done again, it changes
/// nothing.
#[utoipa::path(post, path = "/api/upstreams/{upstream}/stop", tag = "upstreams",
    operation_id = "stop_upstream", request_body = StopReason,
    params(("upstream" = String, Path, description = "Its name in the configuration")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn stop_upstream(
    State(door): Door,
    Operator(viewer): Operator,
    Path(upstream): Path<String>,
    Json(why): Json<StopReason>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Upstream(upstream), Turn::Stop, &why).await
}

/// Lets calls go to an upstream again.
#[utoipa::path(post, path = "/api/upstreams/{upstream}/start", tag = "upstreams",
    operation_id = "start_upstream", request_body = StopReason,
    params(("upstream" = String, Path, description = "Its name in the configuration")),
    responses((status = 200, body = StopState), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn start_upstream(
    State(door): Door,
    Operator(viewer): Operator,
    Path(upstream): Path<String>,
    Json(why): Json<StopReason>,
) -> Answer<StopState> {
    turn(&door, &viewer, Stoppable::Upstream(upstream), Turn::Start, &why).await
}

async fn turn(
    door: &Config,
    viewer: &Viewer,
    of: Stoppable,
    turn: Turn,
    why: &StopReason,
) -> Answer<StopState> {
    let stop = door.service.turn(viewer, &of, turn, &why.reason).await?;
    Ok(Json(StopState::new(&of, stop)))
}
