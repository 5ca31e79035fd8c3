//! Applications, as an officer's list shows them.

use axum::extract::State;
use bursar_service::{SheetOrder, SheetQuery};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Params};
use crate::problem::Refusal;
use crate::types::{ApplicationLine, Applications, ApplicationsQuery, ProblemBody};

/// Applications, searched, sorted and a page at a time. Drafts are their writers' own.
#[utoipa::path(get, path = "/api/applications", tag = "applications",
    operation_id = "list_applications", params(ApplicationsQuery),
    responses((status = 200, body = Applications), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn list(
    State(door): Door,
    Operator(viewer): Operator,
    Params(which): Params<ApplicationsQuery>,
) -> Answer<Applications> {
    if let Some(program) = &which.program {
        door.service.program(program)?;
    }
    let query = SheetQuery {
        program: which.program,
        state: which.state.as_deref().map(read_state).transpose()?,
        round: which.round,
        words: which.words.unwrap_or_default(),
        order: which.order.as_deref().map(read_order).transpose()?.unwrap_or_default(),
        page: which.page,
    };
    let found = door.service.sheet(&viewer, &query).await?;
    let lines = found.rows.into_iter();
    let lines = lines.map(|(application, who)| ApplicationLine::new(application, who));
    Ok(Json(Applications { matching: found.matching, applications: lines.collect() }))
}

fn read_order(name: &str) -> Result<SheetOrder, Refusal> {
    SheetOrder::from_name(name).ok_or_else(|| {
        let names = SheetOrder::ALL.map(SheetOrder::name).join(", ");
        Refusal::field("order", format!("The order must be one of {names}"))
    })
}

fn read_state(name: &str) -> Result<bursar_award::State, Refusal> {
    let listed = || bursar_award::State::ALL.iter().filter(|s| **s != bursar_award::State::Draft);
    let found = listed().find(|state| state.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = listed().map(|state| state.name()).collect();
        Refusal::field("state", format!("The state must be one of {}", names.join(", ")))
    })
}
