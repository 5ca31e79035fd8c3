//! The router: which path leads where, who may pass, and the headers that everybody gets.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bursar_kernel::Endpoint;
use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::batches;
use crate::calls;
use crate::control;
use crate::files;
use crate::headers;
use crate::models;
use crate::realtime;
use crate::refusal::Refusal;
use crate::sandbox::Sandbox;
use crate::stored;
use crate::uploads;
use bursar_invention::Draw;

pub(crate) fn router(sandbox: Sandbox) -> Router {
    let metered = Endpoint::posted().fold(Router::new(), |router, endpoint| {
        let call = move |State(sandbox), request| calls::call(sandbox, endpoint, request);
        router.route(&format!("/v1{}", endpoint.path()), post(call))
    });
    metered
        .route("/v1/realtime", get(realtime::open))
        .route("/v1/files", get(files::list).post(files::upload))
        .route("/v1/files/{id}", get(files::show).delete(files::delete))
        .route("/v1/files/{id}/content", get(files::content))
        .route("/v1/uploads", post(uploads::create))
        .route("/v1/uploads/{id}/parts", post(uploads::add_part))
        .route("/v1/uploads/{id}/complete", post(uploads::complete))
        .route("/v1/uploads/{id}/cancel", post(uploads::cancel))
        .route("/v1/batches", get(batches::list).post(batches::create))
        .route("/v1/batches/{id}", get(batches::show))
        .route("/v1/batches/{id}/cancel", post(batches::cancel))
        .route("/v1/responses/{id}", get(stored::show).delete(stored::delete))
        .route("/v1/responses/{id}/cancel", post(stored::cancel))
        .route("/v1/responses/{id}/input_items", get(stored::input_items))
        .route("/v1/models", get(models::list))
        .route("/v1/models/{model}", get(models::show))
        .route("/sandbox/profile", get(control::profile).post(control::set_profile))
        .route("/sandbox/log", get(control::log))
        .method_not_allowed_fallback(wrong_method)
        .route_layer(from_fn_with_state(sandbox.clone(), identify))
        .fallback(unknown_url)
        .layer(from_fn_with_state(sandbox.clone(), label))
        .with_state(sandbox)
}

/// Lets in who brings the key, where one is set.
async fn identify(
    State(sandbox): State<Sandbox>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let Some(key) = &sandbox.state.api_key else {
        return Ok(next.run(request).await);
    };
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.strip_prefix("Bearer ")) {
        // Hashes are compared, so that how long it takes tells nothing about the key.
        Some(given) if blake3::hash(given.as_bytes()) == blake3::hash(key.as_bytes()) => {
            Ok(next.run(request).await)
        }
        given => {
            let message = match given {
                Some(_) => "Incorrect API key provided. Use the key that this sandbox runs with.",
                None => "You didn't provide an API key. Send it as `Authorization: Bearer KEY`.",
            };
            let kind = "invalid_request_error";
            Err(Refusal::new(StatusCode::UNAUTHORIZED, kind, message).code("invalid_api_key"))
        }
    }
}

/// Adds the headers that any answer carries.
async fn label(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let clock = &sandbox.state.clock;
    let began = clock.now();
    let place = format!("{} {}", request.method(), request.uri());
    let mut response = next.run(request).await;
    let took_ms = clock.now().as_millisecond().saturating_sub(began.as_millisecond());
    if !response.headers().contains_key("x-ratelimit-limit-requests") {
        headers::rate_limits(response.headers_mut(), 0);
    }
    let made_id = || {
        let instant = began.as_nanosecond().to_le_bytes();
        format!("req_{}", Draw::from(&[place.as_bytes(), &instant]).hex(32))
    };
    let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let id = id.map_or_else(made_id, str::to_owned);
    headers::label(&mut response, &id, u64::try_from(took_ms).unwrap_or(0));
    response
}

async fn unknown_url(request: Request) -> Response {
    let message = format!("Invalid URL ({} {})", request.method(), request.uri().path());
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
        .code("unknown_url")
        .into_response()
}

async fn wrong_method(request: Request) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    let message = format!("Not allowed to {method} on {path}. Try another HTTP method.");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", message)
        .code("method_not_supported")
        .into_response()
}
