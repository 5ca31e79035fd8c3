//! `Idempotency-Key`: a request that is sent again under its key is not carried out again; it is
//! given the answer of the first time. Only a POST needs one: a PUT or a DELETE that is done
//! again leaves things as the first left them.
//!
//! Keys are their sender's: two callers with the same key have two.
//!
//! Answers are kept sealed, since some show a secret once: what opens one is made of the caller's
//! token and of the idempotency key, of which only hashes are kept. So whoever reads the database
//! reads no answer, and whoever repeats the request reads their own, at whichever server of the
//! database.

mod claims;
mod seal;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bursar_kernel::Actor;
use bursar_kernel::limits::FORM_BYTES_MAX;
use bursar_store::rows::SealedAnswer;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tracing::error;

use self::claims::{Claim, Claims, Standing};
use self::seal::CallersKey;
use crate::Config;
use crate::auth::{Operator, bearer};
use crate::problem::Refusal;
use crate::types::{IDEMPOTENCY_KEY, STILL_RUNNING};

/// The answer's, where it is the answer of an earlier time.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Characters of a key, as many as other doors of this kind take.
const KEY_CHARACTERS_MAX: usize = 255;
/// Bytes of an answer that is kept: a grant with all its keys has some 40 KB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// What carries requests out once.
pub(crate) struct Once {
    config: Arc<Config>,
    claims: Claims,
}

impl Once {
    pub(crate) fn new(config: Arc<Config>) -> Arc<Self> {
        let claims = Claims::new(Arc::clone(&config.service));
        Arc::new(Self { config, claims })
    }
}

/// Carries a POST with a key out once; lets all other requests through.
pub(crate) async fn once(State(once): State<Arc<Once>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    // On a task of its own: once it has begun it is carried out, and its answer kept, though
    // nobody waits for it any more.
    let answered = tokio::spawn(carry_out(once, request, next)).await;
    answered.unwrap_or_else(|_| Err(Refusal::broken())).unwrap_or_else(Refusal::into_response)
}

async fn carry_out(once: Arc<Once>, request: Request, next: Next) -> Result<Response, Refusal> {
    let (mut parts, body) = request.into_parts();
    let Operator(viewer) = Operator::from_request_parts(&mut parts, &once.config).await?;
    let actor = viewer.actor().ok_or_else(Refusal::no_token)?;
    let key = read_key(&parts)?;
    let body = to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| Refusal::unread_body())?;
    let key = CallersKey::new(bearer(&parts.headers).unwrap_or_default(), &key);
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let asked = key.asked(target, &body);
    match once.claims.begin(actor.clone(), key.name(), asked).await? {
        Standing::New(claim) => {
            let request = Request::from_parts(parts, Body::from(body));
            let answer = next.run(request).await;
            Ok(keep(&once.claims, actor, claim, &key, answer).await)
        }
        Standing::Answered(kept) => replayed(&kept, &key),
        Standing::OtherRequest => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this `Idempotency-Key` was sent with another request\n\
             hint: draw a new key for each request, and repeat one only with the same body",
        )),
        Standing::Running => Err(Refusal::new(
            StatusCode::CONFLICT,
            STILL_RUNNING,
            "the request with this `Idempotency-Key` is being carried out\n\
             hint: send it again in a moment, under the same key, to be told its answer",
        )
        .with(RETRY_AFTER, HeaderValue::from_static("1"))),
        Standing::Unknown => Err(Refusal::new(
            StatusCode::CONFLICT,
            "idempotency_outcome_unknown",
            "the request with this `Idempotency-Key` was begun and left no answer, and \
             nobody knows how far it came\n\
             hint: look whether it was done, and send it under a new key if it was not",
        )),
        Standing::Full => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_idempotency_keys",
            "the server keeps as many idempotency keys as it can\n\
             hint: send the request without one, or wait until older keys are forgotten",
        )
        .with(RETRY_AFTER, HeaderValue::from_static("3600"))),
    }
}

fn read_key(parts: &Parts) -> Result<Vec<u8>, Refusal> {
    let mut keys = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
    let (first, second) = (keys.next(), keys.next());
    let key = first.map(HeaderValue::as_bytes).unwrap_or_default();
    let is_sound = second.is_none()
        && (1..=KEY_CHARACTERS_MAX).contains(&key.len())
        && key.iter().all(u8::is_ascii_graphic);
    if is_sound {
        return Ok(key.to_vec());
    }
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        "invalid_idempotency_key",
        "`Idempotency-Key` is one key of 1 to 255 letters, digits and marks, without spaces\n\
         hint: draw a random one for each request, such as a UUID",
    ))
}

/// Keeps an answer, and gives it.
async fn keep(
    claims: &Claims,
    actor: Actor,
    claim: Claim,
    key: &CallersKey,
    answer: Response,
) -> Response {
    let (parts, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Refusal::broken().into_response();
    };
    let status = parts.status.as_u16();
    // What is too large to keep is answered by its status alone the next time.
    let kept: &[u8] = if body.len() <= ANSWER_BYTES_MAX { &body } else { b"" };
    let answer = SealedAnswer { status, body: key.seal(status, kept) };
    if let Err(failure) = claims.finish(actor, claim, answer).await {
        error!(error = %failure, "failed to keep the answer to a request with an idempotency key");
    }
    Response::from_parts(parts, Body::from(body))
}

/// The answer of the first time.
fn replayed(kept: &SealedAnswer, key: &CallersKey) -> Result<Response, Refusal> {
    let status = StatusCode::from_u16(kept.status).ok();
    let body = key.open(kept.status, &kept.body).filter(|body| !body.is_empty());
    let (status, body) = status.zip(body).ok_or_else(|| {
        let text = "the request with this `Idempotency-Key` was carried out, and its answer can \
                    no longer be shown\n\
                    hint: look at what it did, and send a new key for anything new";
        Refusal::new(StatusCode::CONFLICT, "idempotent_answer_gone", text)
    })?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REPLAYED, HeaderValue::from_static("true")),
    ];
    Ok((status, headers, body).into_response())
}
