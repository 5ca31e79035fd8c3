//! Statements, written while they are read.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bursar_kernel::{GrantId, Program, ProgramId, Usd};
use bursar_service::{ServiceError, Statement, StatementPeriod};
use futures_util::{Stream, stream};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use tracing::error;

use super::Door;
use crate::auth::Operator;
use crate::extract::{Named, Params};
use crate::moments::read_instant;
use crate::problem::Refusal;
use crate::types::{ProblemBody, StatementFormat, StatementLine, StatementLines, StatementQuery};

/// A grant's statement: what stood on it, what moved, and what stands on it now.
#[utoipa::path(get, path = "/api/grants/{grant}/statement", tag = "grants",
    operation_id = "grant_statement",
    params(("grant" = String, Path, description = "The grant"), StatementQuery),
    responses((status = 200,
        content((StatementLines = "application/json"), (String = "text/csv"))),
        (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn grant(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
    Params(which): Params<StatementQuery>,
) -> Result<Response, Refusal> {
    let grant = door.service.grant(&viewer, id).await?.grant;
    let wanted = period(&which, door.service.program(&grant.program)?)?;
    let statement = door.service.grant_statement(&viewer, id, wanted).await?;
    Ok(written(statement, which.format, &id.to_string()))
}

/// A pool's statement: what a program could award, what moved, and what it can award now.
#[utoipa::path(get, path = "/api/programs/{program}/statement", tag = "programs",
    operation_id = "program_statement",
    params(("program" = String, Path, description = "The program's short name"), StatementQuery),
    responses((status = 200,
        content((StatementLines = "application/json"), (String = "text/csv"))),
        (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn pool(
    State(door): Door,
    Operator(viewer): Operator,
    Path(program): Path<ProgramId>,
    Params(which): Params<StatementQuery>,
) -> Result<Response, Refusal> {
    let program = door.service.program(&program)?;
    let wanted = period(&which, program)?;
    let statement = door.service.pool_statement(&viewer, &program.id, wanted).await?;
    Ok(written(statement, which.format, program.id.as_str()))
}

fn period(which: &StatementQuery, program: &Program) -> Result<StatementPeriod, Refusal> {
    let read = |field: &str, text: &Option<String>| {
        text.as_deref().map(|text| read_instant(field, text, &program.review.zone)).transpose()
    };
    let (from, to) = (read("from", &which.from)?, read("to", &which.to)?);
    Ok(StatementPeriod { from, to, calls: which.calls })
}

/// The answer, of which as much is in memory as one page takes. One that breaks off ends in the
/// middle of its body, and is seen to.
fn written(statement: Statement, format: StatementFormat, name: &str) -> Response {
    match format {
        StatementFormat::Json => {
            let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
            (headers, Body::from_stream(json(statement))).into_response()
        }
        StatementFormat::Csv => {
            let file = format!("attachment; filename=\"statement-{name}.csv\"");
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CACHE_CONTROL, "no-store".to_owned()),
                (CONTENT_DISPOSITION, file),
            ];
            (headers, Body::from_stream(csv(statement))).into_response()
        }
    }
}

fn csv(statement: Statement) -> impl Stream<Item = Result<String, ServiceError>> {
    stream::try_unfold(statement, |mut statement| async move {
        let piece = statement.next_csv().await.inspect_err(broke_off)?;
        Ok(piece.map(|piece| (piece, statement)))
    })
}

/// Where the writing of a document stands.
enum Part {
    Opening,
    Lines { any: bool },
    Done,
}

fn json(statement: Statement) -> impl Stream<Item = Result<String, ServiceError>> {
    stream::try_unfold((statement, Part::Opening), |(mut statement, part)| async move {
        let any = match part {
            Part::Done => return Ok(None),
            Part::Opening => {
                let head = format!(
                    "{{\"from\":{},\"to\":{},\"opening\":{},\"lines\":[",
                    text(&statement.from),
                    text(&statement.to),
                    text(&statement.opening)
                );
                return Ok(Some((head, (statement, Part::Lines { any: false }))));
            }
            Part::Lines { any } => any,
        };
        let Some(lines) = statement.next().await.inspect_err(broke_off)? else {
            let closing: Usd = statement.balance();
            let foot = format!("],\"closing\":{}}}", text(&closing));
            return Ok(Some((foot, (statement, Part::Done))));
        };
        let lines: Vec<_> =
            lines.into_iter().map(|line| text(&StatementLine::from(line))).collect();
        let comma = if any && !lines.is_empty() { "," } else { "" };
        let any = any || !lines.is_empty();
        let piece = format!("{comma}{}", lines.join(","));
        Ok(Some((piece, (statement, Part::Lines { any }))))
    })
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a statement is made of text, numbers and lists")
}

fn broke_off(error: &ServiceError) {
    error!(error = %error, "a statement broke off");
}
