//! Programs, their money and their rounds.

use axum::extract::{Path, State};
use bursar_kernel::{ProgramId, RoundId};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, positive};
use crate::types::{
    Fund, Money, PreviewProgram, ProblemBody, ProgramLine, ProgramPreview, Programs, Released,
    RoundLine,
};

/// The programs that run here, each with where its money is.
#[utoipa::path(get, path = "/api/programs", tag = "programs", operation_id = "list_programs",
    responses((status = 200, body = Programs)))]
pub(super) async fn list(State(door): Door, Operator(viewer): Operator) -> Answer<Programs> {
    let mut programs = Vec::new();
    for program in door.service.programs() {
        let money = door.service.program_money(&viewer, &program.id).await?;
        let stop = door.service.program_stop(&viewer, &program.id).await?;
        programs.push(ProgramLine::new(program, money, stop));
    }
    Ok(Json(Programs { programs }))
}

/// Where a program's money is.
#[utoipa::path(get, path = "/api/programs/{program}/money", tag = "programs",
    operation_id = "show_program_money",
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = Money), (status = 404, body = ProblemBody)))]
pub(super) async fn money(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
) -> Answer<Money> {
    Ok(Json(door.service.program_money(&viewer, &program).await?.into()))
}

/// Gives a program money to award.
#[utoipa::path(post, path = "/api/programs/{program}/fund", tag = "programs",
    operation_id = "fund_program", request_body = Fund,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = Money), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn fund(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
    Json(wanted): Json<Fund>,
) -> Answer<Money> {
    let amount = positive("amount", wanted.amount)?;
    Ok(Json(door.service.fund(&viewer, &program, amount).await?.into()))
}

/// What a later file of a program would change, and who goes on under which version.
#[utoipa::path(post, path = "/api/programs/{program}/preview", tag = "programs",
    operation_id = "preview_program", request_body = PreviewProgram,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = ProgramPreview), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn preview(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
    Json(wanted): Json<PreviewProgram>,
) -> Answer<ProgramPreview> {
    let found =
        bursar_operator::preview_program(&door.service, &viewer, &program, &wanted.document);
    Ok(Json(found.await?.into()))
}

/// What stands where in a round.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}", tag = "programs",
    operation_id = "show_round",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round, named by its month: `2026-12`")),
    responses((status = 200, body = RoundLine), (status = 404, body = ProblemBody)))]
pub(super) async fn round(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
) -> Answer<RoundLine> {
    Ok(Json(door.service.round(&viewer, &program, &round).await?.into()))
}

/// Makes a round's decisions known, once its review is over.
#[utoipa::path(post, path = "/api/programs/{program}/rounds/{round}/release", tag = "programs",
    operation_id = "release_round",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round, named by its month: `2026-12`")),
    responses((status = 200, body = Released), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn release(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
) -> Answer<Released> {
    let released = door.service.release_round(&viewer, &program, &round).await?;
    Ok(Json(Released { released }))
}
