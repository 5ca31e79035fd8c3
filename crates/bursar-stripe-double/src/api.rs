//! The API's door: who asks, in which edition, for what, and whether it was asked before.

use std::sync::{Arc, PoisonError};

use axum::Form;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, Method, header};
use secrecy::ExposeSecret;

use crate::Double;
use crate::answer::{self, Answer, Refusal};
use crate::params::Params;

/// The edition of the API that the double is a double of.
const VERSION: &str = "2024-06-20";
/// Bytes of a request: Bursar's are some hundreds.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Characters of a key for idempotency: Stripe's own limit.
const KEY_CHARACTERS_MAX: usize = 255;

pub(crate) fn router(double: Arc<Double>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(double)
}

async fn answer(State(double): State<Arc<Double>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = check(&double, &parts) {
        return refusal.answer().into_response();
    }
    let request = Request::from_parts(parts.clone(), body);
    let pairs = match Form::<Vec<(String, String)>>::from_request(request, &()).await {
        Ok(Form(pairs)) => pairs,
        Err(rejection) => {
            return Refusal::unreadable(rejection.to_string()).answer().into_response();
        }
    };
    let (answer, replayed) = once(&double, &parts, pairs);
    let mut response = answer.into_response();
    if replayed {
        let name = header::HeaderName::from_static("idempotent-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    response
}

/// Carries a request out, or says what was said before, and whether it was.
fn once(double: &Double, parts: &Parts, pairs: Vec<(String, String)>) -> (Answer, bool) {
    let Some(key) = key_of(parts).filter(|_| parts.method == Method::POST) else {
        let answer = carry_out(double, parts, pairs).unwrap_or_else(|(answer, _)| answer);
        return (answer, false);
    };
    let asked = fingerprint(parts, &pairs);
    // Held to the end, so that of two requests under one key the second one finds the answer.
    let _one_at_a_time = double.asking.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = double.answered(&key, asked) {
        return (answer, true);
    }
    match carry_out(double, parts, pairs) {
        // What never began is not remembered: the same key may be tried with a sound request.
        Err((answer, Begun::No)) => (answer, false),
        Ok(answer) | Err((answer, Begun::Yes)) => {
            double.remember(key, asked, &answer);
            (answer, false)
        }
    }
}

/// Whether a request that was refused had begun to be carried out.
enum Begun {
    No,
    Yes,
}

fn check(double: &Double, parts: &Parts) -> Result<(), Refusal> {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let sent = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    // Hashes compare in constant time.
    let hash = |key: &str| blake3::hash(key.as_bytes());
    if sent.map(hash) != Some(hash(double.key.expose_secret())) {
        return Err(Refusal::key());
    }
    if text("stripe-version") != Some(VERSION) {
        let message = format!("Invalid Stripe API version: the double speaks {VERSION} only.");
        return Err(Refusal::unreadable(message));
    }
    let key = parts.headers.get("idempotency-key");
    if key.is_some() && key_of(parts).is_none() {
        return Err(Refusal::unreadable("Invalid idempotency key."));
    }
    Ok(())
}

fn key_of(parts: &Parts) -> Option<String> {
    let key = parts.headers.get("idempotency-key")?.to_str().ok()?;
    (!key.is_empty() && key.len() <= KEY_CHARACTERS_MAX).then(|| key.to_owned())
}

fn fingerprint(parts: &Parts, pairs: &[(String, String)]) -> blake3::Hash {
    let mut sorted = pairs.to_vec();
    sorted.sort();
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&text.len().to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(parts.uri.path());
    for (name, value) in &sorted {
        add(name);
        add(value);
    }
    hasher.finalize()
}

fn carry_out(
    double: &Double,
    parts: &Parts,
    pairs: Vec<(String, String)>,
) -> Result<Answer, (Answer, Begun)> {
    let no = |refusal: Refusal| (refusal.answer(), Begun::No);
    let yes = |refusal: Refusal| (refusal.answer(), Begun::Yes);
    let mut params = Params::new(pairs).map_err(no)?;
    let path = parts.uri.path();
    let unknown = || no(Refusal::unknown_path(&parts.method, path));
    let segments: Vec<&str> = path.strip_prefix("/v1/").unwrap_or("").split('/').collect();
    match (&parts.method, segments.as_slice()) {
        (&Method::POST, ["checkout", "sessions"]) => {
            let (opened, expand) = params
                .opened()
                .and_then(|opened| Ok((opened, params.expand_session()?)))
                .and_then(|read| params.finish().map(|()| read))
                .map_err(no)?;
            let session = double.open(opened).map_err(no)?;
            let url = double.url_of(&session.id);
            Ok(Answer::good(answer::session(&session, url, expand, double.now())))
        }
        (&Method::GET, ["checkout", "sessions", id]) => {
            let expand = params.expand_session().map_err(no)?;
            params.finish().map_err(no)?;
            let found = double.session(id);
            let session = found.ok_or_else(|| yes(Refusal::missing("checkout.session")))?;
            let url = double.url_of(&session.id);
            Ok(Answer::good(answer::session(&session, url, expand, double.now())))
        }
        (&Method::POST, ["payment_intents", id, "cancel"]) => {
            let with_method = params.expand_intent().map_err(no)?;
            params.finish().map_err(no)?;
            let now = double.now();
            let session = double.change(id, |session| session.cancel(now)).map_err(yes)?;
            Ok(payment(&session, with_method))
        }
        (&Method::POST, ["payment_intents", id, "capture"]) => {
            let with_method = params.expand_intent().map_err(no)?;
            let name = "amount_to_capture";
            let cents = params.take(name).map(|text| Params::cents(name, &text));
            let cents = cents.transpose().map_err(no)?;
            params.finish().map_err(no)?;
            let session = double.change(id, |session| session.capture(cents)).map_err(yes)?;
            Ok(payment(&session, with_method))
        }
        (_, _) => Err(unknown()),
    }
}

fn payment(session: &crate::session::Session, with_method: bool) -> Answer {
    match &session.intent {
        Some(intent) => Answer::good(answer::intent(session, intent, with_method)),
        None => Refusal::missing("payment_intent").answer(),
    }
}
