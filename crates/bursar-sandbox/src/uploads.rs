//! `/v1/uploads`: files that come in parts.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use bursar_kernel::Timestamp;
use bursar_kernel::limits::UPLOAD_BYTES_MAX;
use bytes::Bytes;
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::fields::Fields;
use crate::files::parts;
use crate::refusal::Refusal;
use crate::sandbox::Sandbox;
use crate::shelf::File;

/// Bytes of an upload at the most: what the provider takes.
const BYTES_MAX: i64 = 8 * 1024 * 1024 * 1024;
/// How long it waits for its parts.
const WAITS: SignedDuration = SignedDuration::from_hours(1);
/// Bytes around a part in its form.
const FORM_BYTES: usize = 64 * 1024;

/// An upload.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) id: String,
    bytes: u64,
    filename: String,
    purpose: String,
    created_at: Timestamp,
    parts: Vec<(String, Bytes)>,
    status: &'static str,
    file: Option<Value>,
}

impl Upload {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "upload",
            "bytes": self.bytes,
            "created_at": self.created_at.as_second(),
            "expires_at": (self.created_at + WAITS).as_second(),
            "filename": self.filename,
            "purpose": self.purpose,
            "status": self.status,
            "file": self.file,
        })
    }

    /// Whether it takes parts: an upload that nobody completes is over after its hour.
    fn waits(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if self.status == "pending" && self.created_at + WAITS <= now {
            self.status = "expired";
            self.parts.clear();
        }
        if self.status == "pending" {
            return Ok(());
        }
        let message = format!("The upload is {}.", self.status);
        Err(Refusal::bad_request(message).code("invalid_upload"))
    }
}

pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = read(&body)?;
    let fields = Fields::body(&body)?;
    fields.only(&["filename", "purpose", "bytes", "mime_type", "expires_after"])?;
    let bytes = fields.integer("bytes", 1, BYTES_MAX)?.ok_or_else(|| Refusal::missing("bytes"))?;
    let text = |name| fields.required_text(name).map(str::to_owned);
    text("mime_type")?;
    let now = sandbox.state.clock.now();
    let mut shelf = sandbox.state.shelf();
    let upload = Upload {
        id: shelf.name("upload_", now),
        bytes: bytes.unsigned_abs(),
        filename: text("filename")?,
        purpose: text("purpose")?,
        created_at: now,
        parts: Vec::new(),
        status: "pending",
        file: None,
    };
    let shown = upload.shown();
    shelf.put_upload(upload);
    Ok(Json(shown))
}

pub(crate) async fn add_part(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let (head, body) = request.into_parts();
    let form = to_bytes(body, UPLOAD_BYTES_MAX + FORM_BYTES).await.map_err(|_| {
        let message = "The part is too large, or it broke off.";
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", message)
    })?;
    let parts = parts(&head.headers, &form)?;
    let data = parts.iter().find(|part| part.name == "data");
    let data = data.ok_or_else(|| Refusal::missing("data"))?;
    let now = sandbox.state.clock.now();
    let mut shelf = sandbox.state.shelf();
    let name = shelf.name("part_", now);
    let upload = shelf.upload(&id).ok_or_else(|| unknown(&id))?;
    upload.waits(now)?;
    upload.parts.push((name.clone(), data.body.clone()));
    let created_at = now.as_second();
    Ok(Json(json!({
        "id": name, "object": "upload.part", "created_at": created_at, "upload_id": id,
    })))
}

pub(crate) async fn complete(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = read(&body)?;
    let fields = Fields::body(&body)?;
    fields.only(&["part_ids", "md5"])?;
    fields.text("md5")?;
    let ids = fields.list("part_ids")?.ok_or_else(|| Refusal::missing("part_ids"))?;
    let now = sandbox.state.clock.now();
    let spoiled = sandbox.state.profile().upload_spoils_byte;
    let mut shelf = sandbox.state.shelf();
    let name = shelf.name("file-", now);
    let upload = shelf.upload(&id).ok_or_else(|| unknown(&id))?;
    upload.waits(now)?;
    let mut content = Vec::new();
    for part in ids {
        let found = upload.parts.iter().find(|(name, _)| part.as_str() == Some(name));
        let (_, body) = found.ok_or_else(|| Refusal::invalid_value("part_ids", "unknown part"))?;
        content.extend_from_slice(body);
    }
    if u64::try_from(content.len()).unwrap_or(u64::MAX) != upload.bytes {
        let message = "The parts are not as many bytes as the upload was created with.";
        return Err(Refusal::bad_request(message).code("invalid_upload"));
    }
    if let Some(byte) = spoiled.and_then(|place| content.get_mut(place)) {
        *byte ^= 1;
    }
    let file = File {
        id: name,
        content: content.into(),
        filename: upload.filename.clone(),
        purpose: upload.purpose.clone(),
        created_at: now,
    };
    upload.status = "completed";
    upload.parts.clear();
    upload.file = Some(file.shown());
    let shown = upload.shown();
    shelf.put_file(file);
    Ok(Json(shown))
}

pub(crate) async fn cancel(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let now = sandbox.state.clock.now();
    let mut shelf = sandbox.state.shelf();
    let upload = shelf.upload(&id).ok_or_else(|| unknown(&id))?;
    upload.waits(now)?;
    upload.status = "cancelled";
    upload.parts.clear();
    Ok(Json(upload.shown()))
}

fn read(body: &Bytes) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("The request body is not valid JSON: {error}."))
    })
}

fn unknown(id: &str) -> Refusal {
    let id: String = id.chars().take(100).collect();
    let message = format!("No such Upload object: {id}");
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message).param("upload_id")
}
