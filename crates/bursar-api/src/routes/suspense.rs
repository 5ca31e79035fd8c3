//! What lies in suspense, and settling it.

use axum::extract::State;
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_service::{SuspenseId, SuspenseVerdict};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named, Params};
use crate::problem::Refusal;
use crate::types::{
    ProblemBody, SettleSuspense, SettledSuspense, Suspense, SuspenseEnd, SuspenseLine,
    SuspenseQuery,
};

/// What lies in suspense, the longest first.
#[utoipa::path(get, path = "/api/suspense", tag = "suspense", operation_id = "list_suspense",
    params(SuspenseQuery), responses((status = 200, body = Suspense)))]
pub(super) async fn list(
    State(door): Door,
    Operator(viewer): Operator,
    Params(which): Params<SuspenseQuery>,
) -> Answer<Suspense> {
    let skip = which.skip.unwrap_or(0);
    let (lines, count) =
        bursar_operator::suspense(&door.service, &viewer, skip, ROWS_PER_PAGE).await?;
    Ok(Json(Suspense { lines: lines.into_iter().map(SuspenseLine::from).collect(), count }))
}

/// Settles a line: what was spent is used up, the rest goes back to where it came from.
#[utoipa::path(post, path = "/api/suspense/{id}/settle", tag = "suspense",
    operation_id = "settle_suspense", request_body = SettleSuspense,
    params(("id" = String, Path, description = "The line's name: `hold_…` or `lease_…`")),
    responses((status = 200, body = SettledSuspense), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn settle(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<SuspenseId>,
    Json(said): Json<SettleSuspense>,
) -> Answer<SettledSuspense> {
    let verdict = match (said.end, said.cost) {
        (SuspenseEnd::Used, None) => SuspenseVerdict::Used,
        (SuspenseEnd::NotUsed, None) => SuspenseVerdict::NotUsed,
        (SuspenseEnd::Cost, Some(cost)) => SuspenseVerdict::Cost(cost),
        (SuspenseEnd::Cost, None) => {
            return Err(Refusal::field("cost", "Say what it cost".to_owned()));
        }
        (SuspenseEnd::Used | SuspenseEnd::NotUsed, Some(_)) => {
            let message = "Leave the cost out, or let the end be `cost`";
            return Err(Refusal::field("cost", message.to_owned()));
        }
    };
    let cost =
        bursar_operator::settle_suspense(&door.service, &viewer, id, verdict, &said.reason).await?;
    Ok(Json(SettledSuspense { id: id.to_string(), cost }))
}
