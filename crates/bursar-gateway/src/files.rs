//! `/v1/files`: uploaded to the upstream's account, and seen by the keys of their own grant alone.
//! Free, for whoever may call.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use bursar_calls::Caller;
use bursar_kernel::ModelId;
use bursar_kernel::limits::{FILES_PER_GRANT_MAX, UPLOAD_BYTES_MAX, UPLOAD_SECONDS_MAX};
use bursar_meter::multipart::{Part, boundary, boundary_beside, read_form, write_form};
use bursar_store::BelongingFilter;
use bursar_store::rows::{Belonging, BelongingKind, FileFacts, What};
use bursar_upstream::{Asking, Places, Provider, Trouble, Verdict};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tracing::error;

use crate::asking::{NotDone, ask, ask_json, is_plain_name};
use crate::gateway::Gateway;
use crate::identify::{find_owned, identify};
use crate::listing;
use crate::receipt;
use bursar_failures::Failure;

/// Files on a page of a list where nobody says how many.
const FILES_LISTED: usize = 1_000;
/// The one purpose of an upload whose cost is known: its lines are priced when it becomes a batch.
pub(crate) const PURPOSE: &str = "batch";
/// Characters of a file's name.
pub(crate) const FILENAME_CHARACTERS_MAX: usize = 255;
/// Bytes around a file in its form.
const FORM_BYTES: usize = 64 * 1024;

/// What an upstream says of a file.
#[derive(Debug, Deserialize)]
pub(crate) struct Uploaded {
    pub(crate) id: String,
    pub(crate) bytes: u64,
    pub(crate) filename: String,
    pub(crate) purpose: String,
}

pub(crate) async fn upload(
    State(gateway): State<Arc<Gateway>>,
    http: Request,
) -> Result<Response, Failure> {
    take(&gateway, http).await
}

pub(crate) async fn list(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let caller = identify(&gateway.calls, &headers).await?;
    let asked = (listing::asked(&uri)?, FILES_LISTED);
    let page = listing::page(&gateway, &caller, BelongingKind::File, asked, shown).await?;
    Ok(receipt::json(&page))
}

pub(crate) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (_, file) = find(&gateway, &headers, &name).await?;
    let shown = shown(&file).ok_or_else(Failure::bug)?;
    Ok(receipt::json(&shown))
}

/// A file's content passes through as it comes.
pub(crate) async fn content(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (_, file) = find(&gateway, &headers, &name).await?;
    let provider = gateway.provider_named(&file.upstream)?;
    let asking = gateway.asking(Method::GET, format!("/files/{name}/content"));
    let content = ask(&provider, asking).await.map_err(NotDone::failure)?;
    let kind = HeaderValue::from_static("application/octet-stream");
    let mut response = Response::new(Body::new(content.into_body()));
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

pub(crate) async fn remove(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (_, file) = find(&gateway, &headers, &name).await?;
    delete(&gateway, file, &name).await?;
    Ok(receipt::json(&json!({"id": name, "object": "file", "deleted": true})))
}

async fn delete(gateway: &Gateway, mut file: Belonging, name: &str) -> Result<(), Failure> {
    let no_store = |error| Failure::no_store(&error);
    if let Some(batch) = file.file().and_then(|file| file.written_by) {
        let batch = gateway.calls.belonging_named(batch).await.map_err(no_store)?;
        // What a batch is charged by has to stay until it is. See
        // `what_a_batch_wrote_cannot_be_deleted_before_it_is_charged`.
        if batch.is_some_and(|batch| batch.is_open()) {
            return Err(Failure::not_charged_yet());
        }
    }
    let provider = gateway.provider_named(&file.upstream)?;
    let asking = gateway.asking(Method::DELETE, format!("/files/{name}"));
    match ask(&provider, asking).await {
        Err(refused) if !refused.is_gone() => return Err(refused.failure()),
        Ok(_) | Err(_) => {}
    }
    file.deleted_at = Some(gateway.calls.now());
    gateway.calls.keep_changed(file).await.map_err(|error| Failure::no_store(&error))?;
    Ok(())
}

/// A caller and a file of its own grant.
async fn find(
    gateway: &Gateway,
    headers: &HeaderMap,
    name: &str,
) -> Result<(Arc<Caller>, Belonging), Failure> {
    find_owned(gateway, headers, (BelongingKind::File, name), || Failure::no_file(name, "id")).await
}

/// A file as the provider shows it.
pub(crate) fn shown(belonging: &Belonging) -> Option<Value> {
    let file = belonging.file()?;
    Some(json!({
        "id": belonging.upstream_id,
        "object": "file",
        "bytes": file.bytes,
        "created_at": belonging.created_at.as_second(),
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    }))
}

async fn take(gateway: &Arc<Gateway>, http: Request) -> Result<Response, Failure> {
    let (head, body) = http.into_parts();
    let caller = identify(&gateway.calls, &head.headers).await?;
    may_call(gateway, &caller)?;
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = boundary(kind.unwrap_or_default()).map_err(Failure::bad_form)?;
    has_room(gateway, &caller).await?;
    let place = Arc::clone(&gateway.uploads).try_acquire_owned();
    let place = place.map_err(|_| Failure::many_uploads())?;
    let within = Duration::from_secs(UPLOAD_SECONDS_MAX);
    let form = tokio::time::timeout(within, receive(body)).await;
    let form = form.map_err(|_| Failure::slow_file())??;
    let parts = read_form(boundary, &form).map_err(Failure::bad_form)?;
    let file = read_parts(parts)?;
    let task = Arc::clone(gateway);
    // Once it is on its way, nobody can stop it by leaving: it would lie there without an owner.
    let passed_on = gateway.in_flight.to_its_end(async move {
        let file = pass_on(&task, &caller, file).await;
        drop(place);
        file
    });
    let file = passed_on.await?;
    Ok(receipt::json(&shown(&file).ok_or_else(Failure::bug)?))
}

/// Whether the key and its grant may call at all.
pub(crate) fn may_call(gateway: &Gateway, caller: &Caller) -> Result<(), Failure> {
    caller.may_call(gateway.calls.now()).map_err(|denial| {
        Failure::not_in_force(&denial, gateway.pages(caller)).unwrap_or_else(Failure::bug)
    })
}

/// Whether a grant may have another file.
pub(crate) async fn has_room(gateway: &Gateway, caller: &Caller) -> Result<(), Failure> {
    let files = BelongingFilter::Page {
        grant: caller.grant(),
        kind: BelongingKind::File,
        purpose: None,
        after: None,
        latest_first: true,
        limit: FILES_PER_GRANT_MAX,
    };
    let files = gateway.calls.belongings(files).await.map_err(|error| Failure::no_store(&error))?;
    if files.len() < FILES_PER_GRANT_MAX { Ok(()) } else { Err(Failure::many_files()) }
}

/// Reads a form's bytes, as many as a file may have.
pub(crate) async fn receive(mut body: Body) -> Result<Bytes, Failure> {
    let most = UPLOAD_BYTES_MAX.saturating_add(FORM_BYTES);
    let mut read = BytesMut::new();
    let mut is_too_large = false;
    let mut bytes = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::broken_body())?.into_data() else { continue };
        bytes = bytes.saturating_add(data.len());
        is_too_large |= most < bytes;
        if most.saturating_mul(2) < bytes {
            break;
        }
        // A client that sends before it listens hears why, and not a reset connection.
        if is_too_large {
            read.clear();
        } else {
            read.extend_from_slice(&data);
        }
    }
    if is_too_large { Err(Failure::large_file()) } else { Ok(read.freeze()) }
}

/// The file of a form that has a purpose and a file, and nothing else.
fn read_parts(parts: Vec<Part>) -> Result<Part, Failure> {
    let (mut file, mut purpose) = (None, None);
    for part in parts {
        let place = match part.name.as_str() {
            "file" => &mut file,
            "purpose" => &mut purpose,
            other => {
                let name: String = other.chars().take(64).collect();
                let message = format!(
                    "`{name}` is not taken here: files are kept until they are deleted. Send \
                     `purpose` and `file` alone."
                );
                return Err(Failure::invalid(&name, message));
            }
        };
        let name = part.name.clone();
        if place.replace(part).is_some() {
            let message = format!("`{name}` is there twice. Send it once.");
            return Err(Failure::invalid(&name, message));
        }
    }
    let missing = |name: &str| Failure::invalid(name, format!("The form has no `{name}`."));
    let purpose = purpose.ok_or_else(|| missing("purpose"))?;
    let mut file = file.ok_or_else(|| missing("file"))?;
    if &*purpose.body != PURPOSE.as_bytes() {
        return Err(Failure::other_purpose());
    }
    if file.body.is_empty() {
        return Err(Failure::invalid("file", "The file is empty."));
    }
    if UPLOAD_BYTES_MAX < file.body.len() {
        return Err(Failure::large_file());
    }
    let filename = file.filename.filter(|name| !name.is_empty());
    let filename = filename.unwrap_or_else(|| "batch.jsonl".to_owned());
    file.filename = Some(filename.chars().take(FILENAME_CHARACTERS_MAX).collect());
    file.content_type = Some("application/octet-stream".to_owned());
    Ok(file)
}

/// The model that a batch of this file would be for, where its first line tells: the file has to
/// lie where that model is served.
fn first_model(gateway: &Gateway, file: &Bytes) -> Option<ModelId> {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        body: Asked<'a>,
    }
    #[derive(Deserialize)]
    struct Asked<'a> {
        #[serde(borrow)]
        model: Cow<'a, str>,
    }
    let line = file.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    gateway.calls.catalog().model(&line.body.model).map(|model| model.id.clone())
}

/// Puts something new into the account of an upstream that is in; of the next one where no
/// connection is made.
pub(crate) async fn place<T: DeserializeOwned>(
    gateway: &Gateway,
    caller: &Caller,
    model: Option<&ModelId>,
    asking: &Asking,
) -> Result<(Arc<Provider>, T), Failure> {
    let mut tried = Places::default();
    loop {
        let (trial, at) = gateway.provider_of_file(caller, model, tried)?;
        let provider = Arc::clone(&trial.provider);
        tried.add(at);
        match ask_json(&provider, asking.clone()).await {
            Ok(uploaded) => {
                trial.tell(Verdict::Well, &"");
                return Ok((provider, uploaded));
            }
            Err(not_done) if not_done.is_not_sent() => {
                trial.tell(Verdict::Ill(Trouble::Unreachable), &"an upload was not sent");
            }
            Err(not_done) => return Err(not_done.failure()),
        }
    }
}

/// Sends a file on, under a form of our own, and remembers whose it is.
async fn pass_on(gateway: &Gateway, caller: &Caller, file: Part) -> Result<Belonging, Failure> {
    let model = first_model(gateway, &file.body);
    let purpose = Part {
        name: "purpose".to_owned(),
        filename: None,
        content_type: None,
        body: Bytes::from_static(PURPOSE.as_bytes()),
    };
    let facts = FileFacts {
        bytes: u64::try_from(file.body.len()).unwrap_or(u64::MAX),
        filename: file.filename.clone().unwrap_or_default(),
        purpose: PURPOSE.to_owned(),
        content: Some(blake3::hash(&file.body).to_hex().to_string()),
        written_by: None,
    };
    let mut asking = gateway.asking(Method::POST, "/files".to_owned());
    let parts = [purpose, file];
    let boundary = boundary_beside(&asking.request.to_string(), &parts);
    asking.body = write_form(&boundary, &parts);
    asking.content_type = format!("multipart/form-data; boundary={boundary}");
    drop(parts);
    let (provider, uploaded): (_, Uploaded) =
        place(gateway, caller, model.as_ref(), &asking).await?;
    if !is_plain_name(&uploaded.id) {
        return Err(Failure::strange_answer());
    }
    let mut belonging = gateway.calls.new_belonging(caller, &provider.name, What::File(facts));
    belonging.upstream_id = Some(uploaded.id.clone());
    match gateway.calls.keep(belonging.clone()).await {
        Ok(()) => Ok(belonging),
        Err(failed) => {
            error!(
                upstream.name = provider.name, file.id = uploaded.id, error = %failed,
                "an upload is at the upstream and could not be remembered: it is deleted there"
            );
            let path = format!("/files/{}", uploaded.id);
            drop(ask(&provider, gateway.asking(Method::DELETE, path)).await);
            Err(Failure::no_store(&failed))
        }
    }
}
