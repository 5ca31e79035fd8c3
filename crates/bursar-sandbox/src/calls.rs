//! The endpoints that a gateway meters: receive, prepare, deliver.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bursar_kernel::Endpoint;
use bursar_kernel::limits::{GATEWAY_BODY_BYTES_MAX, GATEWAY_FORM_BYTES_MAX};
use bursar_meter::multipart::Part;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::answer;
use crate::chunks;
use crate::completion;
use crate::deliver::{JSON, Prepared, deliver};
use crate::embeddings;
use crate::forms;
use crate::images;
use crate::legacy;
use crate::log::{OpenCall, Outcome};
use crate::moderations;
use crate::profile::{Failure, Profile};
use crate::refusal::Refusal;
use crate::request::ChatRequest;
use crate::responses;
use crate::sandbox::Sandbox;
use crate::speech;
use crate::transcriptions;
use bursar_invention::Draw;

/// Characters of a model's name that the log keeps.
const MODEL_NAME_CHARACTERS_MAX: usize = 200;

/// Serves a call at one of them.
pub(crate) async fn call(sandbox: Sandbox, endpoint: Endpoint, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let identify = |number: u64| format!("req_{}", Draw::from(&[&number.to_le_bytes()]).hex(32));
    let mut open = sandbox.state.log.open(&path, identify);
    let request_id = HeaderValue::from_str(&open.call.request_id);
    let (profile, failure) = sandbox.state.turn();
    let prepared = prepare(&sandbox, endpoint, &mut open, &profile, failure, request).await;
    let mut response = match prepared {
        Ok(prepared) => deliver(open, prepared, profile).await,
        Err(refusal) => {
            open.call.status = Some(refusal.status().as_u16());
            open.end(Outcome::Refused);
            refusal.into_response()
        }
    };
    if let Ok(id) = request_id {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

async fn prepare(
    sandbox: &Sandbox,
    endpoint: Endpoint,
    open: &mut OpenCall,
    profile: &Profile,
    failure: Option<Failure>,
    request: Request,
) -> Result<Prepared, Refusal> {
    let (head, body) = request.into_parts();
    let headers = head.headers;
    let body = read(endpoint, body).await?;
    open.call.body_bytes = body.len();
    let (body, files) = if endpoint.takes_a_form() {
        forms::read(&headers, &body)?
    } else {
        let body: Value = serde_json::from_slice(&body).map_err(|error| {
            let message = format!("The request body is not valid JSON: {error}.");
            Refusal::bad_request(message)
        })?;
        (body, Vec::new())
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let name = text("model").map(|name| name.chars().take(MODEL_NAME_CHARACTERS_MAX).collect());
    open.call.model = name;
    open.call.stream = body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    open.note();
    if let Some(failure) = failure {
        if let Some(delay) = profile.first_byte_delay_ms {
            let number = open.call.number.to_le_bytes();
            tokio::time::sleep(delay.wait(&mut Draw::from(&[b"a refusal", &number]))).await;
        }
        return Err(told_to_fail(failure));
    }
    if profile.hang {
        std::future::pending::<()>().await;
    }
    let (number, sandbox, profile) = (open.call.number, sandbox.clone(), profile.clone());
    // Counting a long prompt takes a second: not on a thread that serves others.
    let plan = move || plan(&sandbox, endpoint, &profile, number, (&body, &files));
    tokio::task::spawn_blocking(plan).await.unwrap_or_else(|error| {
        let message = format!("The sandbox failed to answer: {error}.");
        Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", message))
    })
}

async fn read(endpoint: Endpoint, body: Body) -> Result<Bytes, Refusal> {
    let most =
        if endpoint.takes_a_form() { GATEWAY_FORM_BYTES_MAX } else { GATEWAY_BODY_BYTES_MAX };
    to_bytes(body, most).await.map_err(|_| {
        let message = format!("The request body is larger than {most} bytes, or it broke off.");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Refusal::new(status, "invalid_request_error", message).code("request_too_large")
    })
}

pub(crate) fn told_to_fail(failure: Failure) -> Refusal {
    let Failure { status, kind, code, message, retry_after_s, .. } = failure;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = message.unwrap_or_else(|| "The sandbox was told to fail this call.".to_owned());
    let refusal = Refusal::new(status, kind, message).retry_after(retry_after_s);
    match code {
        Some(code) => refusal.code(code),
        None => refusal,
    }
}

/// The answer to a call.
pub(crate) fn plan(
    sandbox: &Sandbox,
    endpoint: Endpoint,
    profile: &Profile,
    number: u64,
    (body, files): (&Value, &[Part]),
) -> Result<Prepared, Refusal> {
    let state = &sandbox.state;
    match endpoint {
        Endpoint::ChatCompletions => {
            let request = ChatRequest::parse(&state.catalog, body, endpoint)?;
            let answer = answer::make(state, profile, &request, number)?;
            let pieces = match request.stream {
                Some(options) => chunks::pieces(&request, options, &answer, profile),
                None => vec![completion::body(&request, &answer, profile.usage)],
            };
            Ok(Prepared {
                pieces,
                stream: request.stream.is_some(),
                kind: JSON,
                input_tokens: answer.prompt_tokens,
                draw: request.draw,
                last_after: None,
            })
        }
        Endpoint::Responses => responses::answer(state, profile, body, number),
        Endpoint::Completions => legacy::answer(state, profile, body, number),
        Endpoint::ImageGenerations => images::answer(state, body, profile.usage),
        Endpoint::ImageEdits => images::edit(state, body, files, profile.usage),
        Endpoint::AudioTranscriptions | Endpoint::AudioTranslations => {
            transcriptions::answer(state, endpoint, body, files, profile)
        }
        Endpoint::AudioSpeech => speech::answer(&state.catalog, body, profile.usage),
        Endpoint::Embeddings => embeddings::answer(&state.catalog, body, profile.usage),
        Endpoint::Moderations => moderations::answer(&state.catalog, body, number),
        // A session has no body: nothing leads here.
        Endpoint::Realtime => Err(Refusal::missing("model")),
    }
}
