//! Every way a call through the gateway can fail, as its caller hears of it: status, type, code,
//! words, and whether to try again. The words say what to do next and never show a key or an
//! upstream's address.

mod belongings;
mod denied;
mod pages;
mod rates;
mod refused;
mod responses;
mod sessions;
mod uploads;
mod upstream;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bursar_kernel::Endpoint;
use bursar_kernel::limits::{CALLS_IN_FLIGHT_MAX, GATEWAY_BODY_SECONDS_MAX};
use bursar_meter::{BadRequest, ErrorBody, ErrorEnvelope};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

pub use pages::Pages;
pub use refused::Shortage;
pub use upstream::UpstreamError;

/// Read by the official SDKs: overrides what they would do by the status.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// Seconds after which the store is likely to be back.
const STORE_RETRY_SECONDS: u64 = 2;
/// Seconds after which some of too many calls have ended.
const BUSY_RETRY_SECONDS: u64 = 1;

/// The provider's type for a mistake of the caller's.
const INVALID: &str = "invalid_request_error";
/// The provider's type for money that is gone (its error codes guide, 2026-11).
const QUOTA: &str = "insufficient_quota";
/// The provider's type for a failure that is not the caller's.
const SERVER: &str = "server_error";

/// A call that failed, as its caller hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub envelope: ErrorEnvelope,
    /// Whether trying again can help.
    pub retry: Retry,
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing is said: the status tells.
    ByStatus,
    /// The same call again, after so many seconds.
    After(u64),
    /// The same call fails again, or would be billed again.
    Never,
}

impl Failure {
    /// A failure that the status explains to a client's retry policy.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let envelope = ErrorEnvelope::new(kind, code, message);
        Self { status, envelope, retry: Retry::ByStatus }
    }

    /// The same failure, with another word on whether to try again.
    #[must_use]
    pub fn retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    fn about(self, param: &str) -> Self {
        Self { envelope: self.envelope.about(param), ..self }
    }

    /// No key was sent.
    pub fn no_key() -> Self {
        let message = "You didn't provide an API key. Send your Bursar key in the header \
                       `Authorization: Bearer KEY`; a grant's page on the portal makes keys.";
        Self::new(StatusCode::UNAUTHORIZED, INVALID, "invalid_api_key", message)
    }

    /// A key that nobody has.
    pub fn wrong_key() -> Self {
        let message = "Incorrect API key provided. Check that it was copied whole, or make a new \
                       one on your grant's page on the portal.";
        Self::new(StatusCode::UNAUTHORIZED, INVALID, "invalid_api_key", message)
    }

    /// A key that was revoked or has expired.
    pub fn stopped_key() -> Self {
        let message = "Incorrect API key provided: it was revoked or has expired. Make a new one \
                       on your grant's page on the portal.";
        Self::new(StatusCode::UNAUTHORIZED, INVALID, "invalid_api_key", message)
    }

    /// A path that nothing answers at.
    pub fn unknown_url(method: &Method, path: &str) -> Self {
        let path: String = path.chars().take(200).collect();
        let answers = Endpoint::ALL.map(|endpoint| format!("`/v1{}`", endpoint.path()));
        let message = format!(
            "Invalid URL ({method} {path}). This gateway answers at {}, `/v1/files`, \
             `/v1/uploads`, `/v1/batches` and `/v1/models`. Check the path: clients add theirs to \
             a base URL that ends in `/v1`.",
            answers.join(", ")
        );
        Self::new(StatusCode::NOT_FOUND, INVALID, "unknown_url", message)
    }

    /// A method that a path does not answer to.
    pub fn wrong_method(method: &Method, path: &str, allowed: &str) -> Self {
        let message = format!("Not allowed to {method} on {path}. Use {allowed} instead.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, INVALID, "method_not_supported", message)
    }

    /// A body above the limit.
    pub fn large_body(bytes_max: usize) -> Self {
        let message = format!(
            "The request body is larger than {bytes_max} bytes. Split the call, or \
             send images by their address."
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, INVALID, "request_too_large", message)
    }

    /// A body that took too long to come.
    pub fn slow_body() -> Self {
        let message = format!(
            "The request body did not arrive within {GATEWAY_BODY_SECONDS_MAX} seconds. Send it \
             again, or send less at a time."
        );
        Self::new(StatusCode::REQUEST_TIMEOUT, INVALID, "request_timeout", message)
    }

    /// A body that broke off.
    pub fn broken_body() -> Self {
        let message = "The request body broke off before its end. Send it again.";
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_json", message)
    }

    /// A body that was read and is not forwarded.
    pub fn bad_request(bad: &BadRequest) -> Self {
        let status = StatusCode::from_u16(bad.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, envelope: bad.envelope(), retry: Retry::ByStatus }
    }

    /// A call that is not in the caller's books.
    pub fn unknown_call() -> Self {
        let message = "There is no such call on this key's grant. Give the `x-request-id` of an \
                       answer; a call can be asked for once it has ended.";
        Self::new(StatusCode::NOT_FOUND, INVALID, "call_not_found", message)
    }

    /// A query that cannot be answered.
    pub fn query(param: &str, code: &'static str, message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, INVALID, code, message).about(param)
    }

    /// More calls than the node serves at a time.
    pub fn too_many_calls() -> Self {
        let message = format!(
            "This gateway serves {CALLS_IN_FLIGHT_MAX} calls at a time and that many are in \
             flight. Try again in a moment."
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "server_is_overloaded", message)
            .retry(Retry::After(BUSY_RETRY_SECONDS))
    }

    /// The store is out of reach, so nobody can say who calls or whether there is money.
    pub fn no_store(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %chain(error), "the store is out of reach of the gateway");
        let message = "The books are out of reach for a moment, so no call can be paid. Nothing \
                       was charged. Try again shortly.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "store_unavailable", message)
            .retry(Retry::After(STORE_RETRY_SECONDS))
    }

    /// The answer is there and its charge could not be written.
    pub fn unsettled() -> Self {
        let message = "The answer is withheld: its charge could not be written to the books, and \
                       the money set aside for it stays set aside until an operator settles it.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "store_unavailable", message)
            .retry(Retry::Never)
    }

    /// A bug: a task that died.
    pub fn bug() -> Self {
        let message = "The gateway failed while serving this call. If money was set aside for it, \
                       an operator settles it. Give the request id when you report this.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, SERVER, "internal_error", message)
            .retry(Retry::Never)
    }

    /// The headers that go with it.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.retry {
            Retry::ByStatus => {}
            Retry::After(seconds) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Retry::Never => {
                headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
            }
        }
        headers
    }

    /// The failure as an event of a stream that has begun: the SDKs raise it as an error.
    pub fn event(&self) -> Bytes {
        let json = self.envelope.to_bytes();
        [b"data: ", &*json, b"\n\n"].concat().into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.envelope.to_bytes()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers();
        response
    }
}

fn envelope(kind: String, code: Option<String>, message: String) -> ErrorEnvelope {
    let code = code.map(Into::into);
    ErrorEnvelope { error: ErrorBody { message, kind: kind.into(), param: None, code } }
}

/// An error with its sources, for a log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
