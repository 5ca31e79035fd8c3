//! Refusals in the provider's envelope.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

/// Why a call is refused, as the provider's clients read it.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: Cow<'static, str>,
    code: Option<Cow<'static, str>>,
    param: Option<Box<str>>,
    message: Box<str>,
    retry_after_s: Option<u64>,
}

impl Refusal {
    /// A refusal with a status and a type, as the failure profile words it.
    pub(crate) fn new(
        status: StatusCode,
        kind: impl Into<Cow<'static, str>>,
        message: impl Into<Box<str>>,
    ) -> Self {
        let (kind, message) = (kind.into(), message.into());
        Self { status, kind, code: None, param: None, message, retry_after_s: None }
    }

    /// A mistake of the caller's: status 400.
    pub(crate) fn bad_request(message: impl Into<Box<str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// A parameter that is not there.
    pub(crate) fn missing(param: &str) -> Self {
        Self::bad_request(format!("Missing required parameter: '{param}'."))
            .code("missing_required_parameter")
            .param(param)
    }

    /// A parameter of another type.
    pub(crate) fn wrong_type(param: &str, wanted: &str, got: &Value) -> Self {
        let got = match got {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a decimal",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        let message = format!("Invalid type for '{param}': expected {wanted}, but got {got}.");
        Self::bad_request(message).code("invalid_type").param(param)
    }

    /// A parameter with a value that it cannot have.
    pub(crate) fn invalid_value(param: &str, why: impl std::fmt::Display) -> Self {
        Self::bad_request(format!("Invalid value for '{param}': {why}."))
            .code("invalid_value")
            .param(param)
    }

    /// A parameter that this model or this sandbox does not take.
    pub(crate) fn unsupported(param: &str, instead: impl std::fmt::Display) -> Self {
        Self::bad_request(format!("Unsupported parameter: '{param}': {instead}."))
            .code("unsupported_parameter")
            .param(param)
    }

    /// A value that this model or this sandbox does not take.
    pub(crate) fn unsupported_value(param: &str, instead: impl std::fmt::Display) -> Self {
        Self::bad_request(format!("Unsupported value for '{param}': {instead}."))
            .code("unsupported_value")
            .param(param)
    }

    /// A model that the catalog does not list.
    pub(crate) fn unknown_model(name: &str) -> Self {
        let name: String = name.chars().take(100).collect();
        let message = format!(
            "The model `{name}` does not exist in this sandbox. `GET /v1/models` lists those that \
             do."
        );
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
            .code("model_not_found")
            .param("model")
    }

    /// The same refusal with a code.
    pub(crate) fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same refusal, naming the parameter it is about.
    pub(crate) fn param(mut self, param: &str) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The same refusal, with the seconds after which to try again.
    pub(crate) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after_s = seconds;
        self
    }

    /// The status that it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The body that it is answered with; also what goes into a stream.
    pub(crate) fn envelope(&self) -> Value {
        json!({"error": {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.envelope().to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
