//! `GET /v1/models` and `GET /v1/models/{id}`: the catalog as the provider lists it.

use axum::Json;
use axum::extract::{Path, State};
use bursar_kernel::{Catalog, Model};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::sandbox::Sandbox;

pub(crate) async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    let catalog = &sandbox.state.catalog;
    let names = catalog.models.keys().chain(catalog.aliases.keys());
    let data: Vec<Value> = names.filter_map(|name| one(catalog, name.as_str())).collect();
    Json(json!({"object": "list", "data": data}))
}

pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let found = one(&sandbox.state.catalog, &name);
    found.map(Json).ok_or_else(|| Refusal::unknown_model(&name))
}

fn one(catalog: &Catalog, name: &str) -> Option<Value> {
    catalog.model(name).map(|model| {
        json!({
            "id": name,
            "object": "model",
            "created": created(model),
            "owned_by": "bursar-sandbox",
            "shutdown_date": model.shutdown.map(|day| day.to_string()),
        })
    })
}

/// The second in which the model's day of release began; 0 where nobody knows it.
fn created(model: &Model) -> i64 {
    let midnight = model.released.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    midnight.map_or(0, |midnight| midnight.timestamp().as_second())
}
