//! Around every handler: a bug is a page, and every page carries the headers that keep it safe.

use std::panic::AssertUnwindSafe;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::error;

use crate::{Site, Visit};

/// Our own style, script and figures; nothing else, nowhere else, and never in a frame. What a form
/// may lead to follows.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      form-action 'self'";

/// Answers a panic with a page, and gives every answer its headers.
pub async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| broken(&site, &path));
    let policy = policy(site.service.payments().map(|payments| payments.hosted_origin()));
    protect(response.headers_mut(), policy, site.secure_cookies);
    response
}

/// Browsers hold a form's redirects to `form-action` as well, and the button that adds a card
/// leads to the provider's hosted page.
fn policy(hosted_origin: Option<&str>) -> HeaderValue {
    let own = HeaderValue::from_static(POLICY);
    let is_plain = |origin: &&str| {
        !origin.contains(|c: char| c.is_whitespace() || c == ';' || c == ',' || !c.is_ascii())
    };
    let Some(origin) = hosted_origin.filter(is_plain) else { return own };
    HeaderValue::try_from(format!("{POLICY} {origin}")).unwrap_or(own)
}

fn broken(site: &Site, path: &str) -> Response {
    let visit = Visit::nobody(site, path);
    let page = visit.failure();
    error!(request.id = %page.request_id, "a page broke at `{path}`: see `{}`", page.request_id);
    visit.page_with(StatusCode::INTERNAL_SERVER_ERROR, &page).into_response()
}

fn protect(headers: &mut HeaderMap, policy: HeaderValue, secure: bool) {
    // A file that somebody added has a stricter one.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    let mut set = |name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    // Pages carry tokens and what only one person may see.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    //! Where forms may lead.

    use super::*;

    #[test]
    fn forms_lead_to_ourselves_and_to_the_hosted_page() {
        let end = |origin: Option<&str>| {
            let policy = policy(origin);
            let (_, end) = policy.to_str().unwrap().split_once("form-action ").unwrap();
            end.to_owned()
        };
        assert_eq!(end(None), "'self'");
        assert_eq!(end(Some("https://pay.example:81")), "'self' https://pay.example:81");
        assert_eq!(end(Some("https://pay.example; script-src *")), "'self'");
    }
}
