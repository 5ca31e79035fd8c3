//! Institutions: bringing them, and finding one by its name.

use axum::extract::State;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Params};
use crate::problem::Refusal;
use crate::types::{
    InstitutionLine, Institutions, InstitutionsQuery, ProblemBody, TakeInstitutions,
    TakenInstitutions,
};

/// Finds institutions by words of a name. Those that are no more are found as what came in their
/// place.
#[utoipa::path(get, path = "/api/institutions", tag = "institutions",
    operation_id = "find_institutions", params(InstitutionsQuery),
    responses((status = 200, body = Institutions)))]
pub(super) async fn find(
    State(door): Door,
    Operator(_): Operator,
    Params(wanted): Params<InstitutionsQuery>,
) -> Answer<Institutions> {
    let found = bursar_evidence::institutions(&door.service, &wanted.search).await?;
    Ok(Json(found.into()))
}

/// Takes institutions over what is known of them, up to 500. The same ones again change nothing.
#[utoipa::path(post, path = "/api/institutions", tag = "institutions",
    operation_id = "take_institutions", request_body = TakeInstitutions,
    responses((status = 200, body = TakenInstitutions), (status = 422, body = ProblemBody)))]
pub(super) async fn take(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<TakeInstitutions>,
) -> Answer<TakenInstitutions> {
    let lines = wanted.institutions.into_iter();
    let brought: Result<Vec<_>, String> = lines.map(InstitutionLine::read).collect();
    let brought = brought.map_err(|wrong| Refusal::invalid(&wrong))?;
    let taken = bursar_evidence::take_institutions(&door.service, &viewer, brought).await?;
    Ok(Json(taken.into()))
}
