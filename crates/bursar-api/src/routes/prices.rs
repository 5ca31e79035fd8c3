//! Price tables: bringing one, looking at what it changes, and deciding on it.

use axum::extract::{Path, State};
use bursar_kernel::PriceVersion;
use bursar_operator::{Approval, PriceDecision};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::Json;
use crate::types::{
    DecideOnPrices, PriceTableDetail, PriceTables, PricesInForce, ProblemBody, ProposePrices,
};

/// All price tables, and which of them holds.
#[utoipa::path(get, path = "/api/prices", tag = "prices", operation_id = "list_prices",
    responses((status = 200, body = PriceTables)))]
pub(super) async fn list(State(door): Door, Operator(viewer): Operator) -> Answer<PriceTables> {
    let (tables, in_force) = bursar_operator::price_tables(&door.service, &viewer).await?;
    let tables = tables.into_iter().map(Into::into).collect();
    Ok(Json(PriceTables { tables, in_force }))
}

/// Brings a price table. It prices nothing before somebody has approved it.
#[utoipa::path(post, path = "/api/prices", tag = "prices", operation_id = "propose_prices",
    request_body = ProposePrices,
    responses((status = 200, body = PriceTableDetail), (status = 422, body = ProblemBody)))]
pub(super) async fn propose(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<ProposePrices>,
) -> Answer<PriceTableDetail> {
    let table = bursar_operator::propose_prices(&door.service, &viewer, &wanted.document).await?;
    Ok(Json(table.into()))
}

/// The catalog file that prices what begins now.
#[utoipa::path(get, path = "/api/prices/in-force", tag = "prices",
    operation_id = "prices_in_force", responses((status = 200, body = PricesInForce)))]
pub(super) async fn in_force(
    State(door): Door,
    Operator(viewer): Operator,
) -> Answer<PricesInForce> {
    let document = bursar_operator::table_in_force(&door.service, &viewer)?;
    Ok(Json(PricesInForce { document }))
}

/// A price table, and what it changes.
#[utoipa::path(get, path = "/api/prices/tables/{version}", tag = "prices",
    operation_id = "show_prices",
    params(("version" = String, Path, description = "The table's name")),
    responses((status = 200, body = PriceTableDetail), (status = 404, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Path(version): Path<PriceVersion>,
) -> Answer<PriceTableDetail> {
    let table = bursar_operator::price_table(&door.service, &viewer, &version).await?;
    Ok(Json(table.into()))
}

/// Approves a price table, from an instant on, or rejects it. What began before is charged by the
/// table that held then.
#[utoipa::path(put, path = "/api/prices/tables/{version}/decision", tag = "prices",
    operation_id = "decide_on_prices", request_body = DecideOnPrices,
    params(("version" = String, Path, description = "The table's name")),
    responses((status = 200, body = PriceTableDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn decide(
    State(door): Door,
    Operator(viewer): Operator,
    Path(version): Path<PriceVersion>,
    Json(wanted): Json<DecideOnPrices>,
) -> Answer<PriceTableDetail> {
    let decision = if wanted.approve {
        PriceDecision::Approve(wanted.effective_from.map_or(Approval::Now, Approval::From))
    } else {
        PriceDecision::Reject { reason: wanted.reason.unwrap_or_default() }
    };
    let decided =
        bursar_operator::decide_on_prices(&door.service, &viewer, &version, &decision).await?;
    Ok(Json(decided.into()))
}
