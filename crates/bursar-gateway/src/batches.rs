//! `/v1/batches`: what all lines can cost is set aside on the lots before a batch goes out, and it
//! is charged once, when it has ended, by the [`crate::poller`] alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use bursar_calls::{Caller, HoldRefused, NewOperation, OperationEnd, RateRefused};
use bursar_kernel::limits::{
    BATCH_WINDOW, GATEWAY_BODY_BYTES_MAX, OPEN_BATCHES_PER_GRANT_MAX, UPLOAD_SECONDS_MAX,
};
use bursar_kernel::{Certainty, Endpoint, ServiceTier};
use bursar_meter::batch::{BatchPlan, Lines, Planned};
use bursar_store::CommitError;
use bursar_store::rows::{BatchFacts, Belonging, BelongingKind, What};
use bursar_upstream::Want;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tracing::error;

use crate::asking::{NotDone, ask, ask_json, is_plain_name};
use crate::files::{Uploaded, may_call};
use crate::gateway::Gateway;
use crate::identify::{find_owned, identify};
use crate::keeping;
use crate::listing;
use crate::receipt;
use crate::receive::receive_json;
use crate::weigh::weighing;
use bursar_failures::{Failure, Shortage};

/// Batches on a page of a list where nobody says how many, as the provider has it.
const BATCHES_LISTED: usize = 20;
/// Pairs of a batch's metadata, characters of a key and of a value: the provider's own limits.
const METADATA_MAX: (usize, usize, usize) = (16, 64, 512);
/// The members of an upstream's batch that are shown.
const SHOWN: [&str; 23] = [
    "id",
    "object",
    "endpoint",
    "model",
    "errors",
    "input_file_id",
    "completion_window",
    "status",
    "output_file_id",
    "error_file_id",
    "created_at",
    "in_progress_at",
    "expires_at",
    "finalizing_at",
    "completed_at",
    "failed_at",
    "expired_at",
    "cancelling_at",
    "cancelled_at",
    "request_counts",
    "usage",
    "metadata",
    "output_expires_at",
];

/// What a client asks for. What else the provider takes is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    input_file_id: String,
    endpoint: String,
    completion_window: String,
    metadata: Option<BTreeMap<String, String>>,
}

/// A batch that is ready to go out.
struct Outgoing {
    belonging: Belonging,
    body: Bytes,
}

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, http: Request) -> Response {
    let (request, received_at) = gateway.calls.new_request();
    let answer = async {
        let (head, body) = http.into_parts();
        let caller = identify(&gateway.calls, &head.headers).await?;
        may_call(&gateway, &caller)?;
        let wanted = read(&receive_json(body).await?)?;
        let new = |upstream: String, planned: Planned| NewOperation {
            request,
            received_at,
            upstream,
            model: planned.model,
            tier: ServiceTier::Batch,
            most: planned.cost,
            queued: Some(planned.input_tokens),
            window: BATCH_WINDOW,
        };
        let outgoing = set_aside(&gateway, &caller, &wanted, new).await?;
        let held = outgoing.belonging.owed().map(|owed| owed.held);
        let task = Arc::clone(&gateway);
        // The money is set aside: what becomes of it is for a task that nobody stops by leaving.
        let sent = async move { send(&task, outgoing).await };
        let batch = gateway.in_flight.to_its_end(sent).await?;
        let mut response = shown(&batch)?;
        if let Some(held) = held {
            receipt::write_hold(response.headers_mut(), held, None);
        }
        Ok::<_, Failure>(response)
    };
    receipt::named(answer.await.unwrap_or_else(Failure::into_response), request)
}

pub(crate) async fn list(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let caller = identify(&gateway.calls, &headers).await?;
    let asked = (listing::asked(&uri)?, BATCHES_LISTED);
    let show = |row: &Belonging| serde_json::from_str(row.batch()?.shown.as_deref()?).ok();
    let page = listing::page(&gateway, &caller, BelongingKind::Batch, asked, show).await?;
    Ok(receipt::json(&page))
}

/// Shows a batch, as the upstream has it now where it has not ended. Nothing is charged by that.
pub(crate) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let batch = find(&gateway, &headers, &name).await?;
    if !batch.is_open() {
        return shown(&batch);
    }
    // What was seen last will do where the upstream does not say.
    let looked = look(&gateway, batch.clone()).await.unwrap_or(batch);
    shown(&looked)
}

/// Cancels a batch: what its lines have used by then is due.
pub(crate) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let batch = find(&gateway, &headers, &name).await?;
    let provider = gateway.provider_named(&batch.upstream)?;
    let asking = gateway.asking(Method::POST, format!("/batches/{name}/cancel"));
    let seen: Map<String, Value> = ask_json(&provider, asking).await.map_err(NotDone::failure)?;
    let batch = note(&gateway, batch, seen).await.map_err(NotDone::failure)?;
    shown(&batch)
}

/// A batch of a caller's own grant.
async fn find(gateway: &Gateway, headers: &HeaderMap, name: &str) -> Result<Belonging, Failure> {
    let what = (BelongingKind::Batch, name);
    find_owned(gateway, headers, what, || Failure::no_batch(name)).await.map(|(_, batch)| batch)
}

fn shown(batch: &Belonging) -> Result<Response, Failure> {
    let shown = batch.batch().and_then(|batch| batch.shown.clone()).ok_or_else(Failure::bug)?;
    let mut response = Response::new(axum::body::Body::from(shown));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn read(body: &Bytes) -> Result<Wanted, Failure> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|error| {
        let message = format!(
            "The batch cannot be read: {error}. It takes `input_file_id`, `endpoint`, \
             `completion_window` and `metadata`."
        );
        Failure::invalid("body", message)
    })?;
    if wanted.completion_window != "24h" {
        let message = "`completion_window` must be `24h`.";
        return Err(Failure::invalid("completion_window", message));
    }
    let (pairs, key, value) = METADATA_MAX;
    let metadata = wanted.metadata.iter().flatten();
    let is_long = |(name, text): (&String, &String)| {
        key < name.chars().count() || value < text.chars().count()
    };
    if pairs < wanted.metadata.as_ref().map_or(0, BTreeMap::len)
        || metadata.into_iter().any(is_long)
    {
        let message = format!(
            "`metadata` has at most {pairs} pairs, of at most {key} and {value} characters."
        );
        return Err(Failure::invalid("metadata", message));
    }
    Ok(wanted)
}

fn endpoint(path: &str) -> Result<Endpoint, Failure> {
    let known = Endpoint::ALL.into_iter().filter(|known| BatchPlan::takes(*known));
    known.clone().find(|known| path.strip_prefix("/v1") == Some(known.path())).ok_or_else(|| {
        let known: Vec<String> = known.map(|known| format!("`/v1{}`", known.path())).collect();
        let message = format!("Batches go to {} here.", known.join(", "));
        Failure::invalid("endpoint", message)
    })
}

/// Reads the lines, and sets aside the most that they can cost.
async fn set_aside(
    gateway: &Gateway,
    caller: &Arc<Caller>,
    wanted: &Wanted,
    new: impl Fn(String, Planned) -> NewOperation,
) -> Result<Outgoing, Failure> {
    let no_store = |error| Failure::no_store(&error);
    let endpoint = endpoint(&wanted.endpoint)?;
    let name = &wanted.input_file_id;
    let file =
        gateway.calls.belonging(caller, BelongingKind::File, name).await.map_err(no_store)?;
    let file = file.ok_or_else(|| Failure::no_file(name, "input_file_id"))?;
    if file.file().is_none_or(|file| file.content.is_none()) {
        let message = "A batch is made of a file that was uploaded with the purpose `batch`.";
        return Err(Failure::invalid("input_file_id", message));
    }
    has_room(gateway, caller).await?;
    // Bytes bound tokens for nothing; they are counted where that does not fit.
    let mut certainty = Certainty::Bytes;
    loop {
        gateway.provider_that_goes(&file.upstream)?;
        let plan = plan(gateway, &file, endpoint, certainty);
        let planned = tokio::time::timeout(Duration::from_secs(UPLOAD_SECONDS_MAX), plan).await;
        let planned = planned.map_err(|_| Failure::timed_out())??;
        // Reading takes its time.
        let caller = &gateway.calls.identify_again(caller).await.map_err(no_store)?;
        let permit = caller.admit(endpoint, &planned.model, gateway.calls.now());
        let permit = permit
            .map_err(|denial| Failure::denied(&denial, &planned.model, gateway.pages(caller)))?;
        let opened = gateway.calls.opens(caller, &planned.model);
        let model = Arc::clone(&planned.model);
        let rate = |refused| Failure::rate_refused(&refused, &model, gateway.pages(caller));
        opened.map_err(rate)?;
        let lines = planned.lines;
        let want = Want::Files(Some(&planned.model.id));
        if !gateway.provider_that_goes(&file.upstream)?.serves(want) {
            return Err(Failure::file_lies_elsewhere(&planned.model));
        }
        let new = new(file.upstream.clone(), planned);
        let what = |owed| What::Batch(Box::new(BatchFacts { owed, lines, shown: None }));
        match gateway.calls.begin_operation(caller, permit, new, what).await {
            Ok(belonging) => {
                let body = json!({
                    "input_file_id": name,
                    "endpoint": wanted.endpoint,
                    "completion_window": wanted.completion_window,
                    "metadata": wanted.metadata,
                });
                return Ok(Outgoing { belonging, body: body.to_string().into() });
            }
            Err(refused) if refused.is_smaller_better() && certainty == Certainty::Bytes => {
                certainty = Certainty::Counted;
            }
            Err(HoldRefused::Full(full)) => return Err(rate(RateRefused::TooFast(full))),
            Err(refused) => return Err(too_dear(gateway, caller, &refused, lines)),
        }
    }
}

fn too_dear(gateway: &Gateway, caller: &Caller, refused: &HoldRefused, lines: u64) -> Failure {
    let pages = gateway.pages(caller);
    let said = match refused {
        HoldRefused::Refused(refusal) => Failure::batch_too_dear(refusal, lines, pages),
        HoldRefused::Busy { .. } | HoldRefused::Full(_) | HoldRefused::Unavailable(_) => None,
    };
    said.unwrap_or_else(|| Failure::hold_refused(refused, Shortage::default(), pages))
}

async fn has_room(gateway: &Gateway, caller: &Caller) -> Result<(), Failure> {
    let most = OPEN_BATCHES_PER_GRANT_MAX;
    if listing::open_of(gateway, caller, BelongingKind::Batch, most).await? < most {
        Ok(())
    } else {
        Err(Failure::many_batches())
    }
}

/// Reads the lines as the upstream has them, which is what it will carry out: they must be what was
/// uploaded, byte for byte.
async fn plan(
    gateway: &Gateway,
    file: &Belonging,
    endpoint: Endpoint,
    certainty: Certainty,
) -> Result<Planned, Failure> {
    let mut plan = BatchPlan::new(endpoint, gateway.calls.catalog(), certainty);
    let mut hasher = blake3::Hasher::new();
    let mut lines = Lines::of_at_most(GATEWAY_BODY_BYTES_MAX);
    let mut body = open(gateway, file).await.map_err(NotDone::failure)?;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::broke_off())?.into_data() else { continue };
        hasher.update(&data);
        lines.push(&data);
        while let Some((number, line)) = lines.next_line().map_err(Failure::long_line)? {
            plan = add(plan, number, line).await?;
        }
    }
    if let Some((number, line)) = lines.last_line() {
        plan = add(plan, number, line).await?;
    }
    let is_the_same = |known: &String| **known == *hasher.finalize().to_hex();
    let known = file.file().and_then(|file| file.content.as_ref());
    // See `a_file_that_is_not_what_was_uploaded_makes_no_batch`.
    if !known.is_some_and(is_the_same) {
        return Err(Failure::other_file());
    }
    plan.finish().ok_or_else(|| Failure::invalid("input_file_id", "The file has no lines."))
}

async fn add(mut plan: BatchPlan, number: u64, line: Bytes) -> Result<BatchPlan, Failure> {
    let read = weighing(line.len(), move || plan.add(number, &line).map(|()| plan)).await;
    let read = read.ok_or_else(Failure::bug)?;
    read.map_err(|refused| Failure::line_refused(&refused))
}

/// The content of a file at its upstream.
pub(crate) async fn open(
    gateway: &Gateway,
    file: &Belonging,
) -> Result<bursar_upstream::Answer, NotDone> {
    let provider = gateway.provider_named(&file.upstream).map_err(NotDone::Lost)?;
    let name = file.upstream_id.as_deref().unwrap_or_default();
    let asking = gateway.asking(Method::GET, format!("/files/{name}/content"));
    ask(&provider, asking).await.map(Response::into_body)
}

/// Sends a batch out whose money is set aside.
async fn send(gateway: &Gateway, outgoing: Outgoing) -> Result<Belonging, Failure> {
    let Outgoing { mut belonging, body } = outgoing;
    let provider = gateway.provider_named(&belonging.upstream)?;
    let mut asking = gateway.asking(Method::POST, "/batches".to_owned());
    asking.body = body;
    let failure = match ask_json::<Map<String, Value>>(&provider, asking).await {
        Ok(seen) => match seen.get("id").and_then(Value::as_str) {
            Some(name) if is_plain_name(name) => {
                belonging.upstream_id = Some(name.to_owned());
                write_seen(&mut belonging, &seen);
                return keeping::remember(gateway, belonging).await;
            }
            Some(_) | None => NotDone::Lost(Failure::strange_answer()),
        },
        Err(not_done) => not_done,
    };
    let (end, failure) = match failure {
        NotDone::Refused(_, failure) => (OperationEnd::NotSent, failure),
        NotDone::Lost(_) => (OperationEnd::Unknown, Failure::batch_lost()),
    };
    match gateway.calls.end_operation(belonging, end).await {
        Ok(()) => Err(failure),
        Err(error) => {
            error!(%error, "a batch that did not go out could not be ended");
            Err(Failure::unsettled())
        }
    }
}

/// Looks at a batch where it is, and notes what is seen; charges nothing.
pub(crate) async fn look(gateway: &Gateway, batch: Belonging) -> Result<Belonging, NotDone> {
    let provider = gateway.provider_named(&batch.upstream).map_err(NotDone::Lost)?;
    let name = batch.upstream_id.clone().unwrap_or_default();
    let asking = gateway.asking(Method::GET, format!("/batches/{name}"));
    let seen: Map<String, Value> = ask_json(&provider, asking).await?;
    note(gateway, batch, seen).await
}

/// Notes what was seen of a batch. The files that it wrote are its grant's.
async fn note(
    gateway: &Gateway,
    mut batch: Belonging,
    seen: Map<String, Value>,
) -> Result<Belonging, NotDone> {
    if seen.get("id").and_then(Value::as_str) != batch.upstream_id.as_deref() {
        return Err(NotDone::Lost(Failure::strange_answer()));
    }
    for member in ["output_file_id", "error_file_id"] {
        if let Some(name) = seen.get(member).and_then(Value::as_str) {
            own(gateway, &batch, name).await?;
        }
    }
    let before = batch.clone();
    write_seen(&mut batch, &seen);
    if batch == before {
        return Ok(batch);
    }
    match gateway.calls.keep_changed(batch.clone()).await {
        Ok(kept) => Ok(kept),
        // Somebody else looked at the same time: what is shown is as good.
        Err(CommitError::Conflict(_)) => Ok(batch),
        Err(error) => Err(NotDone::Lost(Failure::no_store(&error))),
    }
}

fn write_seen(batch: &mut Belonging, seen: &Map<String, Value>) {
    let mut members = seen.clone();
    members.retain(|name, _| SHOWN.contains(&name.as_str()));
    if let What::Batch(facts) = &mut batch.what {
        facts.shown = Some(Value::Object(members).to_string());
    }
}

/// Remembers whose a file is that a batch wrote.
async fn own(gateway: &Gateway, batch: &Belonging, name: &str) -> Result<(), NotDone> {
    let no_store = |error: &dyn std::error::Error| NotDone::Lost(Failure::no_store(error));
    if !is_plain_name(name) {
        return Err(NotDone::Lost(Failure::strange_answer()));
    }
    if output(gateway, batch, name).await.map_err(|error| no_store(&error))?.is_some() {
        return Ok(());
    }
    let provider = gateway.provider_named(&batch.upstream).map_err(NotDone::Lost)?;
    let asking = gateway.asking(Method::GET, format!("/files/{name}"));
    let file: Uploaded = match ask_json(&provider, asking).await {
        Ok(file) => file,
        // It is gone already, and cannot be shown.
        Err(refused) if refused.is_gone() => return Ok(()),
        Err(not_done) => return Err(not_done),
    };
    let facts = bursar_store::rows::FileFacts {
        bytes: file.bytes,
        filename: file.filename,
        purpose: file.purpose,
        content: None,
        written_by: None,
    };
    let file = gateway.calls.written_by(batch, name.to_owned(), facts);
    match gateway.calls.keep(file).await {
        // Somebody else looked at the same time, or its owner has deleted it.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(error) => Err(no_store(&error)),
    }
}

/// A file that a batch wrote.
pub(crate) async fn output(
    gateway: &Gateway,
    batch: &Belonging,
    name: &str,
) -> Result<Option<Belonging>, bursar_store::ReadError> {
    gateway.calls.belonging_of(batch.grant, BelongingKind::File, name).await
}
