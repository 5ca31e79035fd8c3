//! What a round came to.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bursar_kernel::{ProgramId, RoundId};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Params};
use crate::problem::Refusal;
use crate::types::{
    ExportQuery, ProblemBody, RoundExportDetail, RoundReportDetail, SimulateRound, SimulatedRound,
    StatementFormat,
};

/// What a round came to: acceptance by group, times, what reviewers did, and money.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}/report", tag = "rounds",
    operation_id = "report_round",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = RoundReportDetail), (status = 404, body = ProblemBody)))]
pub(super) async fn report(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
) -> Answer<RoundReportDetail> {
    Ok(Json(bursar_reviewing::report(&door.service, &viewer, &program, &round).await?.into()))
}

/// A round without its people, for whoever studies it. Each export has pseudonyms of its own.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}/export", tag = "rounds",
    operation_id = "export_round",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round"), ExportQuery),
    responses((status = 200,
        content((RoundExportDetail = "application/json"), (String = "text/csv"))),
        (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn export(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Params(which): Params<ExportQuery>,
) -> Result<Response, Refusal> {
    let found = bursar_reviewing::export(&door.service, &viewer, &program, &round).await?;
    let no_store = (CACHE_CONTROL, "no-store".to_owned());
    Ok(match which.format {
        StatementFormat::Json => ([no_store], Json(RoundExportDetail::from(found))).into_response(),
        StatementFormat::Csv => {
            let file = format!("attachment; filename=\"round-{program}-{round}.csv\"");
            let headers = [
                no_store,
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, file),
            ];
            (headers, found.csv()).into_response()
        }
    })
}

/// Tries a round once more: by other weights, another pool, fewer reviews or other reviewers.
/// Nothing is written.
#[utoipa::path(post, path = "/api/programs/{program}/rounds/{round}/simulate", tag = "rounds",
    operation_id = "simulate_round", request_body = SimulateRound,
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = SimulatedRound), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn simulate(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Json(wanted): Json<SimulateRound>,
) -> Answer<SimulatedRound> {
    let (service, wanted) = (&door.service, wanted.into());
    let found = bursar_reviewing::once_more(service, &viewer, &program, &round, wanted).await?;
    Ok(Json(found.into()))
}
