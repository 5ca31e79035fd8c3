//! `/v1/files`: uploads, and what batches wrote.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use bursar_kernel::limits::UPLOAD_BYTES_MAX;
use bursar_meter::multipart::{boundary, read_form};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::sandbox::Sandbox;
use crate::shelf::File;

/// Bytes around a file in its form.
const FORM_BYTES: usize = 64 * 1024;

pub(crate) async fn upload(
    State(sandbox): State<Sandbox>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let (head, body) = request.into_parts();
    let form = to_bytes(body, UPLOAD_BYTES_MAX + FORM_BYTES).await.map_err(|_| {
        let message = "The file is too large, or it broke off.";
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", message)
    })?;
    let parts = parts(&head.headers, &form)?;
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    let file = part("file").ok_or_else(|| Refusal::missing("file"))?;
    let purpose = part("purpose").ok_or_else(|| Refusal::missing("purpose"))?;
    let purpose = String::from_utf8_lossy(&purpose.body).into_owned();
    let now = sandbox.state.clock.now();
    let mut shelf = sandbox.state.shelf();
    let file = File {
        id: shelf.name("file-", now),
        content: file.body.clone(),
        filename: file.filename.clone().unwrap_or_else(|| "file".to_owned()),
        purpose,
        created_at: now,
    };
    let shown = file.shown();
    shelf.put_file(file);
    Ok(Json(shown))
}

pub(crate) fn parts(
    headers: &HeaderMap,
    form: &Bytes,
) -> Result<Vec<bursar_meter::multipart::Part>, Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let read = boundary(kind).and_then(|boundary| read_form(boundary, form));
    read.map_err(|error| Refusal::bad_request(format!("The form cannot be read: {error}.")))
}

pub(crate) async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    let data: Vec<Value> = sandbox.state.shelf().files().map(File::shown).collect();
    let id = |shown: Option<&Value>| shown.map_or(Value::Null, |shown| shown["id"].clone());
    let (first, last) = (id(data.first()), id(data.last()));
    let list = json!({
        "object": "list", "data": data, "first_id": first, "last_id": last, "has_more": false,
    });
    Json(list)
}

pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    sandbox.state.shelf().file(&id).map(|file| Json(file.shown())).ok_or_else(|| unknown(&id))
}

pub(crate) async fn content(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let content = sandbox.state.shelf().file(&id).map(|file| file.content.clone());
    let content = content.ok_or_else(|| unknown(&id))?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], content).into_response())
}

pub(crate) async fn delete(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    if !sandbox.state.shelf().delete_file(&id) {
        return Err(unknown(&id));
    }
    Ok(Json(json!({"id": id, "object": "file", "deleted": true})))
}

pub(crate) fn unknown(id: &str) -> Refusal {
    let id: String = id.chars().take(100).collect();
    let message = format!("No such File object: {id}");
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message).param("id")
}
