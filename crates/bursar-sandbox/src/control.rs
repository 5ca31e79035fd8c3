//! `/sandbox/...`: read and turn the profile, read the log. No provider has these.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::sandbox::Sandbox;

/// Calls that the log shows where nobody says how many.
const CALLS_SHOWN: usize = 100;

pub(crate) async fn profile(State(sandbox): State<Sandbox>) -> Json<Profile> {
    Json(sandbox.profile())
}

/// Puts the profile of the body in force; what it leaves out is off.
pub(crate) async fn set_profile(
    State(sandbox): State<Sandbox>,
    body: Bytes,
) -> Result<Json<Profile>, Refusal> {
    let profile: Profile = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(format!("The profile is not valid: {error}.")))?;
    sandbox
        .set_profile(profile)
        .map_err(|error| Refusal::bad_request(format!("The profile is not valid: {error}.")))?;
    Ok(Json(sandbox.profile()))
}

#[derive(Deserialize)]
pub(crate) struct LogQuery {
    limit: Option<usize>,
}

/// The last calls, oldest first: `?limit=N` of them.
pub(crate) async fn log(
    State(sandbox): State<Sandbox>,
    Query(query): Query<LogQuery>,
) -> Json<Value> {
    let calls = sandbox.state.log.last(query.limit.unwrap_or(CALLS_SHOWN));
    Json(json!({"calls": calls}))
}
