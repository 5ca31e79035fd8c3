//! `/v1/batches`: lines of a file, answered after a little while as calls of their own would be.
//!
//! Time passes when somebody looks: a batch that nobody asks after does nothing.

use axum::Json;
use axum::extract::{Path, State};
use bursar_kernel::{Endpoint, Timestamp};
use bytes::Bytes;
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::calls;
use crate::files;
use crate::refusal::Refusal;
use crate::sandbox::{Sandbox, State as Shared};
use crate::shelf::File;

/// Milliseconds that a batch takes, where the profile does not say.
const TAKES_MS: u64 = 500;

/// A batch.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) id: String,
    endpoint: Endpoint,
    input: String,
    metadata: Value,
    created_at: Timestamp,
    ends_at: Timestamp,
    cancelled_at: Option<Timestamp>,
    ended: Option<Ended>,
}

/// How a batch ended.
#[derive(Clone, Debug)]
struct Ended {
    status: &'static str,
    at: Timestamp,
    output: Option<String>,
    errors: Option<String>,
    why_failed: Option<String>,
    completed: u64,
    total: u64,
    usage: Value,
}

/// What the lines came to.
#[derive(Default)]
struct Worked {
    output: Vec<u8>,
    errors: Vec<u8>,
    completed: u64,
    total: u64,
    tokens: [u64; 4],
    cut_short: bool,
}

pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    let text = |name: &'static str| {
        body.get(name).and_then(Value::as_str).ok_or_else(|| Refusal::missing(name))
    };
    let (input, path) = (text("input_file_id")?, text("endpoint")?);
    if text("completion_window")? != "24h" {
        return Err(Refusal::invalid_value("completion_window", "it must be `24h`"));
    }
    let endpoint = Endpoint::ALL.into_iter().find(|known| path == format!("/v1{}", known.path()));
    let endpoint =
        endpoint.ok_or_else(|| Refusal::invalid_value("endpoint", "no batch can call it"))?;
    let now = sandbox.state.clock.now();
    let takes = sandbox.profile().batch_ms.unwrap_or(TAKES_MS);
    let takes = SignedDuration::from_millis(i64::try_from(takes).unwrap_or(i64::MAX));
    let mut shelf = sandbox.state.shelf();
    if shelf.file(input).is_none_or(|file| file.purpose != "batch") {
        return Err(files::unknown(input));
    }
    let batch = Batch {
        id: shelf.name("batch_", now),
        endpoint,
        input: input.to_owned(),
        metadata: body.get("metadata").cloned().unwrap_or(Value::Null),
        created_at: now,
        ends_at: now.checked_add(takes).unwrap_or(Timestamp::MAX),
        cancelled_at: None,
        ended: None,
    };
    let shown = batch.shown();
    shelf.put_batch(batch);
    Ok(Json(shown))
}

pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    look(&sandbox, &id).await.map(Json)
}

pub(crate) async fn list(State(sandbox): State<Sandbox>) -> Result<Json<Value>, Refusal> {
    let names = sandbox.state.shelf().batch_names();
    let mut data = Vec::new();
    for name in names.iter().rev() {
        data.push(look(&sandbox, name).await?);
    }
    Ok(Json(json!({
        "object": "list", "data": data, "first_id": names.last(), "last_id": names.first(),
        "has_more": false,
    })))
}

pub(crate) async fn cancel(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    look(&sandbox, &id).await?;
    let now = sandbox.state.clock.now();
    let mut shelf = sandbox.state.shelf();
    let batch = shelf.batch(&id).ok_or_else(|| unknown(&id))?;
    if let Some(ended) = &batch.ended {
        let message = format!("Cannot cancel a batch with status '{}'.", ended.status);
        return Err(Refusal::new(StatusCode::CONFLICT, "invalid_request_error", message));
    }
    batch.cancelled_at.get_or_insert(now);
    Ok(Json(batch.shown()))
}

/// A batch as it is now.
async fn look(sandbox: &Sandbox, id: &str) -> Result<Value, Refusal> {
    let (batch, input) = {
        let mut shelf = sandbox.state.shelf();
        let batch = shelf.batch(id).ok_or_else(|| unknown(id))?.clone();
        let input = shelf.file(&batch.input).map(|file| file.content.clone());
        (batch, input)
    };
    let now = sandbox.state.clock.now();
    let is_over = batch.cancelled_at.is_some() || batch.ends_at <= now;
    if batch.ended.is_some() || !is_over {
        return Ok(batch.shown());
    }
    let (at_work, worker) = (batch.clone(), sandbox.clone());
    let input = input.unwrap_or_default();
    // Counting many prompts takes a while: not on a thread that serves others.
    let work = move || work(&worker, &at_work, &input);
    let worked = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(format!("the sandbox failed to work on it: {error}")));
    let mut shelf = sandbox.state.shelf();
    let names = [shelf.name("file-", now), shelf.name("file-", now)];
    let batch = shelf.batch(id).ok_or_else(|| unknown(id))?;
    if batch.ended.is_some() {
        return Ok(batch.shown());
    }
    let written = batch.end(worked, names, now);
    let shown = batch.shown();
    for file in written {
        shelf.put_file(file);
    }
    Ok(shown)
}

/// Answers the lines; says why it cannot, where the file is no batch.
fn work(sandbox: &Sandbox, batch: &Batch, input: &Bytes) -> Result<Worked, String> {
    let profile = sandbox.profile();
    let mut worked = Worked::default();
    // A batch that is cancelled has done as much as its profile says, or nothing.
    let most = match (profile.batch_ends_after, batch.cancelled_at) {
        (Some(lines), _) => lines,
        (None, Some(_)) => 0,
        (None, None) => u64::MAX,
    };
    let lines = input.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for (number, line) in (1_u64..).zip(lines) {
        worked.total += 1;
        let line: Value =
            serde_json::from_slice(line).map_err(|error| format!("line {number}: {error}"))?;
        let id = line.get("custom_id").cloned().unwrap_or(Value::Null);
        if worked.completed >= most {
            worked.cut_short = true;
            let code =
                if batch.cancelled_at.is_some() { "batch_cancelled" } else { "batch_expired" };
            let error =
                json!({"code": code, "message": "This request was not carried out in time."});
            worked.fail(number, &id, &Value::Null, &error);
            continue;
        }
        let body = line.get("body").ok_or_else(|| format!("line {number}: it has no `body`"))?;
        match calls::plan(sandbox, batch.endpoint, &profile, number, (body, &[])) {
            Ok(prepared) if !prepared.stream => {
                let pieces = prepared.pieces.first();
                let body = pieces.and_then(|piece| serde_json::from_slice(&piece.bytes).ok());
                worked.answer(number, &id, &body.unwrap_or(Value::Null));
            }
            Ok(_) => return Err(format!("line {number}: a batch cannot stream")),
            Err(refusal) => {
                let status = refusal.status().as_u16();
                let response = response(number, status, &refusal.envelope());
                worked.fail(number, &id, &response, &Value::Null);
            }
        }
    }
    if worked.total == 0 {
        return Err("the file has no lines".to_owned());
    }
    if profile.batch_loses_output {
        worked.output.clear();
    }
    Ok(worked)
}

fn response(number: u64, status: u16, body: &Value) -> Value {
    json!({"status_code": status, "request_id": format!("req_{number:032x}"), "body": body})
}

impl Worked {
    fn answer(&mut self, number: u64, id: &Value, body: &Value) {
        self.completed += 1;
        let usage = body.get("usage");
        let count = |path: &str| {
            usage.and_then(|usage| usage.pointer(path)).and_then(Value::as_u64).unwrap_or(0)
        };
        let both = |chat: &str, response: &str| count(chat) + count(response);
        let added = [
            both("/prompt_tokens", "/input_tokens"),
            both("/prompt_tokens_details/cached_tokens", "/input_tokens_details/cached_tokens"),
            both("/completion_tokens", "/output_tokens"),
            both(
                "/completion_tokens_details/reasoning_tokens",
                "/output_tokens_details/reasoning_tokens",
            ),
        ];
        for (total, added) in self.tokens.iter_mut().zip(added) {
            *total += added;
        }
        let response = response(number, 200, body);
        let line = json!({
            "id": format!("batch_req_{number:024x}"), "custom_id": id, "response": response,
            "error": null,
        });
        self.output.extend_from_slice(format!("{line}\n").as_bytes());
    }

    fn fail(&mut self, number: u64, id: &Value, response: &Value, error: &Value) {
        let line = json!({
            "id": format!("batch_req_{number:024x}"), "custom_id": id, "response": response,
            "error": error,
        });
        self.errors.extend_from_slice(format!("{line}\n").as_bytes());
    }
}

impl Batch {
    /// Ends it, and gives the files that it wrote.
    fn end(
        &mut self,
        worked: Result<Worked, String>,
        [output, errors]: [String; 2],
        now: Timestamp,
    ) -> Vec<File> {
        let (worked, why_failed) = match worked {
            Ok(worked) => (worked, None),
            Err(why) => (Worked::default(), Some(why)),
        };
        let status = match (&why_failed, self.cancelled_at) {
            (Some(_), _) => "failed",
            (None, Some(_)) => "cancelled",
            (None, None) if worked.cut_short => "expired",
            (None, None) => "completed",
        };
        let written = [(output, worked.output), (errors, worked.errors)];
        let mut files = Vec::new();
        let names = written.map(|(id, content)| {
            (!content.is_empty()).then(|| {
                files.push(File {
                    filename: format!("{id}.jsonl"),
                    id: id.clone(),
                    content: content.into(),
                    purpose: "batch_output".to_owned(),
                    created_at: now,
                });
                id
            })
        });
        let [output, errors] = names;
        let [input, cached, made, reasoning] = worked.tokens;
        let usage = json!({
            "input_tokens": input,
            "input_tokens_details": {"cached_tokens": cached},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": input + made,
        });
        let (completed, total) = (worked.completed, worked.total);
        self.ended =
            Some(Ended { status, at: now, output, errors, why_failed, completed, total, usage });
        files
    }

    /// The batch as the provider shows it.
    fn shown(&self) -> Value {
        let created = self.created_at.as_second();
        let mut shown = json!({
            "id": self.id,
            "object": "batch",
            "endpoint": format!("/v1{}", self.endpoint.path()),
            "input_file_id": self.input,
            "completion_window": "24h",
            "status": if self.cancelled_at.is_some() { "cancelling" } else { "in_progress" },
            "created_at": created,
            "in_progress_at": created,
            "expires_at": created + 24 * 3_600,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": self.metadata,
        });
        if let Some(cancelled) = self.cancelled_at {
            shown["cancelling_at"] = json!(cancelled.as_second());
        }
        if let Some(ended) = &self.ended {
            ended.write(&mut shown);
        }
        shown
    }
}

impl Ended {
    fn write(&self, shown: &mut Value) {
        let (total, completed) = (self.total, self.completed);
        shown["status"] = json!(self.status);
        shown[format!("{}_at", self.status)] = json!(self.at.as_second());
        shown["request_counts"] =
            json!({"total": total, "completed": completed, "failed": total - completed});
        shown["usage"] = self.usage.clone();
        for (name, file) in [("output_file_id", &self.output), ("error_file_id", &self.errors)] {
            if let Some(file) = file {
                shown[name] = json!(file);
            }
        }
        if let Some(why) = &self.why_failed {
            let error = json!({"code": "invalid_json_line", "message": why, "param": null});
            shown["errors"] = json!({"object": "list", "data": [error]});
        }
    }
}

fn unknown(id: &str) -> Refusal {
    let id: String = id.chars().take(100).collect();
    let message = format!("No batch found with id '{id}'.");
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
}

impl Shared {
    pub(crate) fn shelf(&self) -> std::sync::MutexGuard<'_, crate::shelf::Shelf> {
        self.shelf.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
