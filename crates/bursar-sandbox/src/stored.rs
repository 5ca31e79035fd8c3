//! `/v1/responses/{id}`: what was stored, and what is made in the background.
//!
//! A response in the background is made when it is asked for and shown once its time has gone by:
//! until then it is under way, and can be cancelled.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bursar_kernel::Timestamp;
use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::responses::usage_of;
use crate::sandbox::Sandbox;

/// Milliseconds that a response takes in the background, where the profile does not say.
const TAKES_MS: u64 = 500;
/// Items on a page where nobody says how many, and at the most.
const ITEMS_LISTED: [usize; 2] = [20, 100];

/// A stored response.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    /// What a later call goes on from, in chat's terms, without instructions.
    pub(crate) messages: Vec<Value>,
    /// What it was made from, and what that was made from.
    pub(crate) items: Vec<Value>,
    /// What it says.
    pub(crate) output: Vec<Value>,
    /// As it is while it is under way.
    pub(crate) begun: Value,
    /// As it is once it has ended.
    pub(crate) ended: Value,
    /// Its events, where it is streamed and in the background.
    pub(crate) events: Vec<Bytes>,
    pub(crate) background: Option<Background>,
    /// Input tokens, those of them that were cached, and output tokens.
    pub(crate) tokens: [u64; 3],
}

/// When a response in the background begins and ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Background {
    begins: Timestamp,
    ends: Timestamp,
    cancelled: Option<Timestamp>,
}

impl Background {
    pub(crate) fn new(profile: &Profile, now: Timestamp) -> Self {
        let takes = profile.background_ms.unwrap_or(TAKES_MS);
        let takes = SignedDuration::from_millis(i64::try_from(takes).unwrap_or(i64::MAX));
        let ends = now.checked_add(takes).unwrap_or(Timestamp::MAX);
        Self { begins: now, ends, cancelled: None }
    }

    /// How long it goes on.
    pub(crate) fn left(&self, now: Timestamp) -> Duration {
        self.ends.duration_since(now).try_into().unwrap_or_default()
    }

    /// The part of the output that was made by an instant.
    fn made(&self, output: u64, at: Timestamp) -> u64 {
        let millis = |from, to: Timestamp| to.duration_since(from).as_millis().max(0);
        let [gone, all] = [at, self.ends].map(|to| millis(self.begins, to));
        let made = i128::from(output) * gone / all.max(1);
        u64::try_from(made).unwrap_or(output).min(output)
    }
}

impl Stored {
    /// The response as the provider shows it.
    fn shown(&self, profile: &Profile, now: Timestamp) -> Value {
        let Some(background) = self.background else { return self.ended.clone() };
        if let Some(at) = background.cancelled {
            let mut shown = self.begun.clone();
            let [input, cached, output] = self.tokens;
            let tokens = [input, cached, background.made(output, at), 0];
            shown["status"] = json!("cancelled");
            shown["usage"] = usage_of(tokens, profile.usage).unwrap_or(Value::Null);
            return shown;
        }
        if background.ends <= now { self.ended.clone() } else { self.begun.clone() }
    }
}

/// How a response, or what it was made from, is asked for.
#[derive(Default)]
struct Asked {
    stream: bool,
    starting_after: Option<usize>,
    limit: Option<usize>,
    after: Option<String>,
    oldest_first: bool,
}

fn asked(pairs: Vec<(String, String)>) -> Result<Asked, Refusal> {
    let mut asked = Asked::default();
    for (name, value) in pairs {
        let wrong = || Refusal::invalid_value(&name, "it cannot be that");
        match &*name {
            "include[]" | "include_obfuscation" => {}
            "stream" => asked.stream = value.parse().map_err(|_| wrong())?,
            "starting_after" => asked.starting_after = Some(value.parse().map_err(|_| wrong())?),
            "limit" => asked.limit = Some(value.parse().map_err(|_| wrong())?),
            "after" => asked.after = Some(value),
            "order" if value == "asc" || value == "desc" => asked.oldest_first = value == "asc",
            _ => return Err(wrong()),
        }
    }
    Ok(asked)
}

pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let asked = asked(pairs)?;
    let (profile, now) = (sandbox.profile(), sandbox.state.clock.now());
    let mut shelf = sandbox.state.shelf();
    let stored = shelf.response(&id).ok_or_else(|| unknown(&id))?;
    if !asked.stream {
        return Ok(Json(stored.shown(&profile, now)).into_response());
    }
    let Some(background) = stored.background.filter(|_| !stored.events.is_empty()) else {
        let message = "Only a response that was streamed in the background can be streamed again.";
        return Err(Refusal::bad_request(message).param("stream"));
    };
    let from = asked.starting_after.map_or(0, |number| number.saturating_add(1));
    let events = stored.events.iter().skip(from).cloned().collect();
    Ok(replay(events, background.left(now)))
}

/// Events that are there at once, and the last once the response has ended.
fn replay(events: Vec<Bytes>, left: Duration) -> Response {
    let events = stream::unfold(events.into_iter(), move |mut events| async move {
        let event = events.next()?;
        if events.as_slice().is_empty() {
            tokio::time::sleep(left).await;
        }
        Some((Ok::<Bytes, Infallible>(event), events))
    });
    ([(CONTENT_TYPE, "text/event-stream; charset=utf-8")], Body::from_stream(events))
        .into_response()
}

pub(crate) async fn cancel(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let (profile, now) = (sandbox.profile(), sandbox.state.clock.now());
    let mut shelf = sandbox.state.shelf();
    let stored = shelf.response(&id).ok_or_else(|| unknown(&id))?;
    let Some(background) = &mut stored.background else {
        return Err(Refusal::bad_request("Cannot cancel a synchronous response."));
    };
    if now < background.ends {
        background.cancelled.get_or_insert(now);
    }
    Ok(Json(stored.shown(&profile, now)))
}

pub(crate) async fn delete(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    if !sandbox.state.shelf().delete_response(&id) {
        return Err(unknown(&id));
    }
    Ok(Json(json!({"id": id, "object": "response", "deleted": true})))
}

pub(crate) async fn input_items(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Value>, Refusal> {
    let asked = asked(pairs)?;
    let [usual, most] = ITEMS_LISTED;
    let limit = asked.limit.unwrap_or(usual);
    if limit == 0 || limit > most {
        return Err(Refusal::invalid_value("limit", "it takes from 1 to 100"));
    }
    let mut shelf = sandbox.state.shelf();
    let mut items = shelf.response(&id).ok_or_else(|| unknown(&id))?.items.clone();
    if !asked.oldest_first {
        items.reverse();
    }
    if let Some(after) = &asked.after {
        let place = items.iter().position(|item| item["id"] == **after);
        let place = place.ok_or_else(|| Refusal::invalid_value("after", "no item is named so"))?;
        items.drain(..=place);
    }
    let has_more = limit < items.len();
    items.truncate(limit);
    let name = |item: Option<&Value>| item.map_or(Value::Null, |item| item["id"].clone());
    let (first, last) = (name(items.first()), name(items.last()));
    Ok(Json(json!({
        "object": "list", "data": items, "first_id": first, "last_id": last, "has_more": has_more,
    })))
}

fn unknown(id: &str) -> Refusal {
    let id: String = id.chars().take(100).collect();
    let message = format!("Response with id '{id}' not found.");
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
}

/// A response that is to be gone on from, and is not there.
pub(crate) fn no_previous(id: &str) -> Refusal {
    let id: String = id.chars().take(100).collect();
    Refusal::bad_request(format!("Previous response with id '{id}' not found."))
        .code("previous_response_not_found")
        .param("previous_response_id")
}
