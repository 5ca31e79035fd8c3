//! Around every handler: a bug is a page, and every page carries the headers that keep it safe.

use std::panic::AssertUnwindSafe;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::error;

use super::{Site, Visit};

/// Our own style, script and figures; nothing else, nowhere else, and never in a frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Answers a panic with a page, and gives every answer its headers.
pub(crate) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| broken(&site, &path));
    protect(response.headers_mut(), site.secure_cookies);
    response
}

fn broken(site: &Site, path: &str) -> Response {
    let visit = Visit::nobody(site, path);
    let page = visit.failure();
    error!(request.id = %page.request_id, "a page broke at `{path}`: see `{}`", page.request_id);
    visit.page_with(StatusCode::INTERNAL_SERVER_ERROR, &page).into_response()
}

fn protect(headers: &mut HeaderMap, secure: bool) {
    let mut set = |name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    // Pages carry tokens and what only one person may see.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
