//! `/v1/uploads`: a file on its way in parts, of its own grant from the first one on. Each part
//! passes through under a form of our own, and its hash stays here: what the upstream makes of them
//! is read back and held against those before it is anybody's file. Free, for whoever may call.

mod check;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use bursar_calls::Caller;
use bursar_kernel::limits::{
    OPEN_UPLOADS_PER_GRANT_MAX, UPLOAD_BYTES_MAX, UPLOAD_SECONDS_MAX, UPLOAD_WINDOW,
};
use bursar_meter::multipart::{Part, boundary, boundary_beside, read_form, write_form};
use bursar_store::CommitError;
use bursar_store::rows::{
    Belonging, BelongingKind, FileFacts, UploadFacts, UploadPart, UploadStatus, What,
};
use bursar_upstream::{Asking, Provider};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::{error, warn};

use crate::asking::{NotDone, ask, ask_json, is_plain_name};
use crate::batches::open;
use crate::files::{Uploaded, has_room, may_call, place, receive, shown as file_shown};
use crate::gateway::Gateway;
use crate::identify::{find_owned, identify};
use crate::listing;
use crate::receipt;
use crate::receive::receive_json;
use bursar_failures::Failure;
use check::{Ordered, Wanted, in_order, may_add, wanted};

/// How often a change is tried again that others were faster with.
const TRIES: u32 = 32;
/// How long what was made of the parts may take to be read back.
const READ_WITHIN: Duration = Duration::from_secs(UPLOAD_SECONDS_MAX);

/// What matters of an upstream's upload or part.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// What matters of an upload that is complete.
#[derive(Deserialize)]
struct Complete {
    id: String,
    file: Uploaded,
}

pub(crate) async fn create(
    State(gateway): State<Arc<Gateway>>,
    http: Request,
) -> Result<Response, Failure> {
    let (head, body) = http.into_parts();
    let caller = identify(&gateway.calls, &head.headers).await?;
    may_call(&gateway, &caller)?;
    let wanted = wanted(&receive_json(body).await?)?;
    has_room(&gateway, &caller).await?;
    let most = OPEN_UPLOADS_PER_GRANT_MAX;
    if most <= listing::open_of(&gateway, &caller, BelongingKind::Upload, most).await? {
        return Err(Failure::many_open_uploads());
    }
    let task = Arc::clone(&gateway);
    // Once it is on its way, nobody can stop it by leaving: it would lie there without an owner.
    let upload =
        gateway.in_flight.to_its_end(async move { begin(&task, &caller, wanted).await }).await?;
    answered(&gateway, &upload).await
}

/// Takes a part: passed on, and remembered by its hash.
pub(crate) async fn add_part(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    http: Request,
) -> Result<Response, Failure> {
    let (head, body) = http.into_parts();
    let (caller, upload) = find(&gateway, &head.headers, &name).await?;
    may_call(&gateway, &caller)?;
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = boundary(kind.unwrap_or_default()).map_err(Failure::bad_part)?;
    let now = gateway.calls.now();
    let facts = upload.upload().ok_or_else(Failure::bug)?;
    may_add(facts, 1, now)?;
    let place = Arc::clone(&gateway.uploads).try_acquire_owned();
    let place = place.map_err(|_| Failure::many_uploads())?;
    let form = tokio::time::timeout(READ_WITHIN, receive(body)).await;
    let form = form.map_err(|_| Failure::slow_file())??;
    let data = read_data(read_form(boundary, &form).map_err(Failure::bad_part)?)?;
    may_add(facts, data.len(), now)?;
    let task = Arc::clone(&gateway);
    let part = gateway.in_flight.to_its_end(async move {
        let part = pass_on(&task, upload, data).await;
        drop(place);
        part
    });
    let part = part.await?;
    Ok(receipt::json(&json!({
        "id": part.id,
        "object": "upload.part",
        "created_at": now.as_second(),
        "upload_id": name,
    })))
}

/// Makes the file of the parts. Asked again, it tells of the file that was made.
pub(crate) async fn complete(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    http: Request,
) -> Result<Response, Failure> {
    let (head, body) = http.into_parts();
    let (caller, upload) = find(&gateway, &head.headers, &name).await?;
    may_call(&gateway, &caller)?;
    let body = receive_json(body).await?;
    let facts = upload.upload().ok_or_else(Failure::bug)?;
    if facts.status == UploadStatus::Completed {
        return answered(&gateway, &upload).await;
    }
    let ordered = in_order(facts, &body, gateway.calls.now())?;
    has_room(&gateway, &caller).await?;
    let task = Arc::clone(&gateway);
    let done = async move { finish(&task, &caller, upload, ordered).await };
    let upload = gateway.in_flight.to_its_end(done).await?;
    answered(&gateway, &upload).await
}

/// Gives an upload up: what lies in it is forgotten. Asked again, it says so again.
pub(crate) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (_, upload) = find(&gateway, &headers, &name).await?;
    let status = upload.upload().ok_or_else(Failure::bug)?.status;
    match status {
        UploadStatus::Pending => {}
        UploadStatus::Cancelled => return answered(&gateway, &upload).await,
        UploadStatus::Completing | UploadStatus::Completed | UploadStatus::Expired => {
            return Err(Failure::upload_ended(status));
        }
    }
    // Marked first: whoever is at it with a part hears of it.
    let upload = change(&gateway, upload, UploadStatus::Pending, |facts| {
        facts.status = UploadStatus::Cancelled;
        Ok(())
    });
    let upload = upload.await?;
    give_up(&gateway, &upload).await.map_err(NotDone::failure)?;
    answered(&gateway, &upload).await
}

/// Ends an upload that nobody completed in time.
pub(crate) async fn sweep(gateway: &Gateway, upload: Belonging) {
    let Some(facts) = upload.upload() else { return };
    let now = gateway.calls.now();
    if now < facts.expires_at {
        return;
    }
    // Who is completing it may be at it still, but not for as long as this.
    let (status, is_late) = (facts.status, facts.expires_at + UPLOAD_WINDOW < now);
    if status == UploadStatus::Completing && !is_late {
        return;
    }
    if let Err(lost @ NotDone::Lost(_)) = give_up(gateway, &upload).await
        && !is_late
    {
        let said = lost.failure().envelope.error.message;
        warn!(upload.id = upload.upstream_id, said, "an upload cannot be given up yet");
        return;
    }
    let ended = change(gateway, upload, status, |facts| {
        facts.status = UploadStatus::Expired;
        Ok(())
    });
    if let Err(failure) = ended.await {
        let said = failure.envelope.error.message;
        warn!(said, "an upload that nobody completed is still open; it is tried again");
    }
}

/// A caller and an upload of its own grant.
async fn find(
    gateway: &Gateway,
    headers: &HeaderMap,
    name: &str,
) -> Result<(Arc<Caller>, Belonging), Failure> {
    find_owned(gateway, headers, (BelongingKind::Upload, name), || Failure::no_upload(name)).await
}

/// An upload as the provider shows it, with its file where it has become one.
async fn answered(gateway: &Gateway, upload: &Belonging) -> Result<Response, Failure> {
    let facts = upload.upload().ok_or_else(Failure::bug)?;
    let file = match &facts.file {
        None => None,
        Some(name) => {
            let found = gateway.calls.belonging_of(upload.grant, BelongingKind::File, name).await;
            found.map_err(|error| Failure::no_store(&error))?.as_ref().and_then(file_shown)
        }
    };
    Ok(receipt::json(&shown(upload, facts, file)))
}

fn shown(upload: &Belonging, facts: &UploadFacts, file: Option<Value>) -> Value {
    json!({
        "id": upload.upstream_id,
        "object": "upload",
        "bytes": facts.bytes,
        "created_at": upload.created_at.as_second(),
        "expires_at": facts.expires_at.as_second(),
        "filename": facts.filename,
        "purpose": facts.purpose,
        "status": match facts.status {
            UploadStatus::Pending | UploadStatus::Completing => "pending",
            UploadStatus::Completed => "completed",
            UploadStatus::Cancelled => "cancelled",
            UploadStatus::Expired => "expired",
        },
        "file": file,
    })
}

/// Begins an upload upstream, and remembers whose it is.
async fn begin(gateway: &Gateway, caller: &Caller, wanted: Wanted) -> Result<Belonging, Failure> {
    let mut asking = gateway.asking(Method::POST, "/uploads".to_owned());
    asking.body = wanted.body();
    let (provider, named): (Arc<Provider>, Named) = place(gateway, caller, None, &asking).await?;
    if !is_plain_name(&named.id) {
        return Err(Failure::strange_answer());
    }
    let facts = UploadFacts {
        bytes: wanted.bytes,
        filename: wanted.filename,
        purpose: wanted.purpose,
        expires_at: gateway.calls.now() + UPLOAD_WINDOW,
        parts: Vec::new(),
        status: UploadStatus::Pending,
        file: None,
    };
    let what = What::Upload(Box::new(facts));
    let mut upload = gateway.calls.new_belonging(caller, &provider.name, what);
    upload.upstream_id = Some(named.id);
    match gateway.calls.keep(upload.clone()).await {
        Ok(()) => Ok(upload),
        Err(failed) => {
            // Nobody knows it: at the upstream it would wait for its hour.
            drop(give_up(gateway, &upload).await);
            Err(Failure::no_store(&failed))
        }
    }
}

/// The one part of a form that is to be added.
fn read_data(parts: Vec<Part>) -> Result<Bytes, Failure> {
    let mut data = None;
    for part in parts {
        let name: String = part.name.chars().take(64).collect();
        if name != "data" || data.is_some() {
            let message =
                format!("A part comes as one `data`, and `{name}` is more. Leave it out.");
            return Err(Failure::invalid(&name, message));
        }
        data = Some(part.body);
    }
    let data = data.ok_or_else(|| Failure::invalid("data", "The form has no `data`."))?;
    if data.is_empty() {
        return Err(Failure::invalid("data", "The part is empty."));
    }
    if UPLOAD_BYTES_MAX < data.len() { Err(Failure::large_part()) } else { Ok(data) }
}

/// Sends a part on, under a form of our own, and remembers it.
async fn pass_on(gateway: &Gateway, upload: Belonging, data: Bytes) -> Result<UploadPart, Failure> {
    let name = upload.upstream_id.clone().unwrap_or_default();
    let provider = gateway.provider_that_goes(&upload.upstream)?;
    let (bytes, content) = (data.len(), blake3::hash(&data).to_hex().to_string());
    let part = Part {
        name: "data".to_owned(),
        filename: Some("part".to_owned()),
        content_type: Some("application/octet-stream".to_owned()),
        body: data,
    };
    let mut asking = gateway.asking(Method::POST, format!("/uploads/{name}/parts"));
    let boundary = boundary_beside(&asking.request.to_string(), std::slice::from_ref(&part));
    asking.body = write_form(&boundary, std::slice::from_ref(&part));
    asking.content_type = format!("multipart/form-data; boundary={boundary}");
    drop(part);
    let named: Named = ask_json(&provider, asking).await.map_err(NotDone::failure)?;
    if !is_plain_name(&named.id) {
        return Err(Failure::strange_answer());
    }
    let bytes_kept = u64::try_from(bytes).unwrap_or(u64::MAX);
    let part = UploadPart { id: named.id, bytes: bytes_kept, content };
    let now = gateway.calls.now();
    let added = change(gateway, upload, UploadStatus::Pending, |facts| {
        // Others may have come meanwhile.
        may_add(facts, bytes, now)?;
        facts.parts.push(part.clone());
        Ok(())
    });
    added.await.map(|_| part)
}

/// Changes an upload that stands as it should, as often as it takes where others change it too.
async fn change(
    gateway: &Gateway,
    mut upload: Belonging,
    stands: UploadStatus,
    change: impl Fn(&mut UploadFacts) -> Result<(), Failure>,
) -> Result<Belonging, Failure> {
    let no_store = |error: &dyn std::error::Error| Failure::no_store(error);
    for _ in 0..TRIES {
        let mut changed = upload.clone();
        let What::Upload(facts) = &mut changed.what else { return Err(Failure::bug()) };
        if facts.status != stands {
            return Err(Failure::upload_ended(facts.status));
        }
        change(facts)?;
        match gateway.calls.keep_changed(changed).await {
            Ok(kept) => return Ok(kept),
            Err(CommitError::Conflict(_)) => {
                let now = gateway.calls.belonging_named(upload.id).await;
                let now = now.map_err(|error| no_store(&error))?;
                upload = now.ok_or_else(|| Failure::no_upload(""))?;
            }
            Err(error) => return Err(no_store(&error)),
        }
    }
    Err(Failure::upload_busy())
}

/// Has the upstream make the file, and holds it against the parts.
async fn finish(
    gateway: &Gateway,
    caller: &Caller,
    upload: Belonging,
    ordered: Ordered,
) -> Result<Belonging, Failure> {
    // One at a time, and no parts beside it.
    let upload = change(gateway, upload, UploadStatus::Pending, |facts| {
        ordered.fits(facts)?;
        facts.status = UploadStatus::Completing;
        Ok(())
    });
    let upload = upload.await?;
    match made(gateway, caller, &upload, &ordered).await {
        Ok(file) => owned(gateway, upload, file).await,
        Err(failure) => {
            // It can be tried again: what the upstream thinks of that, it says.
            let back = change(gateway, upload, UploadStatus::Completing, |facts| {
                facts.status = UploadStatus::Pending;
                Ok(())
            });
            if let Err(stuck) = back.await {
                let said = stuck.envelope.error.message;
                warn!(said, "an upload that could not be completed takes no more parts");
            }
            Err(failure)
        }
    }
}

/// The file that the upstream made of the parts, once it is what they were.
async fn made(
    gateway: &Gateway,
    caller: &Caller,
    upload: &Belonging,
    ordered: &Ordered,
) -> Result<Belonging, Failure> {
    let name = upload.upstream_id.as_deref().unwrap_or_default();
    let provider = gateway.provider_that_goes(&upload.upstream)?;
    let mut asking = gateway.asking(Method::POST, format!("/uploads/{name}/complete"));
    asking.body = ordered.body();
    let complete: Complete = match ask_json(&provider, asking).await {
        Ok(complete) => complete,
        Err(NotDone::Refused(_, failure)) => return Err(failure),
        Err(NotDone::Lost(failure)) => {
            error!(
                upload.id = name,
                upstream.name = provider.name,
                "nobody knows whether an upload became a file, which would be nobody's"
            );
            return Err(failure);
        }
    };
    if complete.id != name || !is_plain_name(&complete.file.id) {
        return Err(Failure::strange_answer());
    }
    let facts = upload.upload().ok_or_else(Failure::bug)?;
    let what = What::File(FileFacts {
        bytes: facts.bytes,
        filename: facts.filename.clone(),
        purpose: facts.purpose.clone(),
        content: None,
        written_by: None,
    });
    let mut file = gateway.calls.new_belonging(caller, &upload.upstream, what);
    file.upstream_id = Some(complete.file.id);
    let read = tokio::time::timeout(READ_WITHIN, read_back(gateway, &file, ordered)).await;
    let read = read.unwrap_or_else(|_| Err(Failure::timed_out()));
    match (read, &mut file.what) {
        (Ok(content), What::File(facts)) => {
            facts.content = Some(content);
            Ok(file)
        }
        (Ok(_), What::Batch(_) | What::Response(_) | What::Upload(_)) => Err(Failure::bug()),
        (Err(failure), _) => {
            forget(gateway, &file).await;
            Err(failure)
        }
    }
}

/// Reads what the upstream made, part by part: each must be what came here under its name.
async fn read_back(
    gateway: &Gateway,
    file: &Belonging,
    ordered: &Ordered,
) -> Result<String, Failure> {
    let mut body = open(gateway, file).await.map_err(NotDone::failure)?;
    let mut read = ordered.reading();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::broke_off())?.into_data() else { continue };
        if !read.push(&data) {
            return Err(Failure::other_parts());
        }
    }
    // See `a_file_that_is_not_its_parts_is_nobodys`.
    read.finish().ok_or_else(Failure::other_parts)
}

/// Remembers whose the file is, and that the upload has ended, or neither.
async fn owned(
    gateway: &Gateway,
    upload: Belonging,
    file: Belonging,
) -> Result<Belonging, Failure> {
    let mut ended = upload;
    let What::Upload(facts) = &mut ended.what else { return Err(Failure::bug()) };
    facts.status = UploadStatus::Completed;
    facts.file.clone_from(&file.upstream_id);
    match gateway.calls.keep_completed(ended.clone(), file.clone()).await {
        Ok(()) => Ok(ended),
        Err(failed) => {
            error!(
                file.id = file.upstream_id, error = %failed,
                "an upload became a file that could not be remembered: it is deleted upstream"
            );
            forget(gateway, &file).await;
            Err(Failure::no_store(&failed))
        }
    }
}

/// Deletes a file that is nobody's.
async fn forget(gateway: &Gateway, file: &Belonging) {
    let Ok(provider) = gateway.provider_named(&file.upstream) else { return };
    let name = file.upstream_id.as_deref().unwrap_or_default();
    if let Err(not_done) =
        ask(&provider, gateway.asking(Method::DELETE, format!("/files/{name}"))).await
        && !not_done.is_gone()
    {
        let said = not_done.failure().envelope.error.message;
        error!(file.id = name, said, "a file without an owner lies at the upstream");
    }
}

/// Has the upstream forget what lies in an upload. That it knows none is as good.
async fn give_up(gateway: &Gateway, upload: &Belonging) -> Result<(), NotDone> {
    let provider = gateway.provider_named(&upload.upstream).map_err(NotDone::Lost)?;
    let name = upload.upstream_id.as_deref().unwrap_or_default();
    let asking: Asking = gateway.asking(Method::POST, format!("/uploads/{name}/cancel"));
    match ask(&provider, asking).await {
        Err(NotDone::Refused(status, failure)) if status.is_server_error() => {
            Err(NotDone::Lost(failure))
        }
        Ok(_) | Err(NotDone::Refused(..)) => Ok(()),
        Err(lost @ NotDone::Lost(_)) => Err(lost),
    }
}
