//! Applications, as an officer's list shows them.

use axum::extract::State;
use bursar_store::ApplicationFilter;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Params};
use crate::problem::Refusal;
use crate::types::{ApplicationLine, Applications, ApplicationsQuery, ProblemBody};

/// Applications, latest first. Drafts are their writers' own.
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
    let states = which.state.as_deref().map(read_state).transpose()?.into_iter().collect();
    let filter =
        ApplicationFilter { program: which.program, states, round: which.round, applicant: None };
    let found = door.service.applications_for_officer(&viewer, filter).await?;
    let lines = found.into_iter().map(|(application, who)| ApplicationLine::new(application, who));
    Ok(Json(Applications { applications: lines.collect() }))
}

fn read_state(name: &str) -> Result<bursar_award::State, Refusal> {
    let listed = || bursar_award::State::ALL.iter().filter(|s| **s != bursar_award::State::Draft);
    let found = listed().find(|state| state.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = listed().map(|state| state.name()).collect();
        Refusal::field("state", format!("The state must be one of {}", names.join(", ")))
    })
}
