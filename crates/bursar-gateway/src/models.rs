//! `GET /v1/models`: the models that a caller can call, as the provider shows them. Free.

use axum::response::Response;
use bursar_calls::Caller;
use bursar_kernel::{Endpoint, Model, ModelId, Timestamp};
use bursar_policy::Denial;
use bursar_upstream::Want;
use http::HeaderMap;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::gateway::Gateway;
use crate::identify::identify;
use crate::receipt::json;
use bursar_failures::{Failure, Pages};

/// A model as the provider shows it (its API reference, 2026-08).
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    owned_by: String,
    shutdown_date: Option<jiff::civil::Date>,
    bursar: About<'a>,
}

/// What the provider's list does not say.
#[derive(Serialize)]
struct About<'a> {
    family: &'a str,
    endpoints: Vec<String>,
    limited: bool,
    open: bool,
    shutdown_date: Option<jiff::civil::Date>,
    successor: Option<&'a str>,
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Shown<'a>>,
}

/// The models that the caller can call, in the order of their names. One whose last day has come
/// is among them, with that day: it warns, and only the upstream refuses.
pub(crate) async fn list(gateway: &Gateway, headers: &HeaderMap) -> Result<Response, Failure> {
    let caller = identify(&gateway.calls, headers).await?;
    let now = gateway.calls.now();
    let mut data = Vec::new();
    let catalog = gateway.calls.catalog();
    for model in catalog.models.values() {
        match open(gateway, &caller, model, now) {
            Ok(true) => data.push(shown(model.id.as_str(), model, &caller)),
            Ok(false) | Err(Closed::Model(_)) => {}
            Err(Closed::Caller(failure)) => return Err(failure),
        }
    }
    Ok(json(&List { object: "list", data }))
}

/// One model, by its name or an alias.
pub(crate) async fn show(
    gateway: &Gateway,
    headers: &HeaderMap,
    name: &str,
) -> Result<Response, Failure> {
    let caller = identify(&gateway.calls, headers).await?;
    let now = gateway.calls.now();
    let catalog = gateway.calls.catalog();
    let model = catalog.model(name).ok_or_else(|| Failure::unknown_model(name))?;
    match open(gateway, &caller, model, now) {
        Ok(true) => Ok(json(&shown(name, model, &caller))),
        Ok(false) => Err(Failure::unknown_model(name)),
        Err(Closed::Model(failure) | Closed::Caller(failure)) => Err(failure),
    }
}

/// What keeps a model closed.
enum Closed {
    /// Something about the model.
    Model(Failure),
    /// Something about the caller, which closes every model.
    Caller(Failure),
}

/// Whether a model answers anywhere here, to this caller.
fn open(gateway: &Gateway, caller: &Caller, model: &Model, now: Timestamp) -> Result<bool, Closed> {
    let (group, upstreams) = (&caller.program().entitlements.upstream_group, gateway.upstreams());
    let answers = |at: &Endpoint| {
        model.mode.answers(*at) && !upstreams.lacks(group, Want::Call(*at, &model.id))
    };
    let Some(endpoint) = Endpoint::ALL.into_iter().find(answers) else {
        return Ok(false);
    };
    let Err(denial) = caller.admit(endpoint, model, now) else { return Ok(true) };
    let pages = Pages { portal_url: &gateway.portal_url, caller };
    let failure = Failure::denied(&denial, model, pages);
    Err(match denial {
        // Which models there are does not depend on it.
        Denial::GrantStopped(_) | Denial::ProgramStopped(_) => return Ok(true),
        Denial::ModelLimited(_)
        | Denial::Unpriced(_)
        | Denial::WrongEndpoint { .. }
        | Denial::OutOfScope { .. } => Closed::Model(failure),
        Denial::KeyRevoked(_)
        | Denial::KeyExpired(_)
        | Denial::StudyNotBegun { .. }
        | Denial::StudyEnded(_)
        | Denial::NotDelivered { .. }
        | Denial::GrantExpired(_)
        | Denial::GrantVoided(_) => Closed::Caller(failure),
    })
}

/// A model that is open to the caller.
fn shown<'a>(id: &'a str, model: &'a Model, caller: &Caller) -> Shown<'a> {
    let answers = Endpoint::ALL.into_iter().filter(|endpoint| model.mode.answers(*endpoint));
    let bursar = About {
        family: model.family.as_str(),
        endpoints: answers.map(|endpoint| format!("/v1{}", endpoint.path())).collect(),
        limited: caller.program().entitlements.limited_models.contains(&model.id),
        open: true,
        shutdown_date: model.shutdown,
        successor: model.successor.as_ref().map(ModelId::as_str),
    };
    let midnight = model.released.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    Shown {
        id,
        object: "model",
        created: midnight.map_or(0, |midnight| midnight.timestamp().as_second()),
        owned_by: caller.program().provider.to_lowercase(),
        shutdown_date: model.shutdown,
        bursar,
    }
}
