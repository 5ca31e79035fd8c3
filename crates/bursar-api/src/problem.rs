//! How a refusal is answered.

use axum::response::{IntoResponse, Response};
use bursar_service::ServiceError;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tracing::error;

use crate::types::{BadField, Problem, ProblemBody};

/// Seconds after which a caller may try again when the store is out of reach.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// A request that is not done, with the status that says so.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) problem: Box<Problem>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// A refusal from its sentence; a line of it that begins `hint: ` becomes the hint.
    pub(crate) fn new(status: StatusCode, code: &str, sentence: &str) -> Self {
        let (message, hint) = match sentence.split_once("\nhint: ") {
            Some((message, hint)) => (message, Some(hint.to_owned())),
            None => (sentence, None),
        };
        let (code, message) = (code.to_owned(), message.to_owned());
        let problem = Problem { code, message, hint, ..Problem::default() };
        Self { status, problem: Box::new(problem), header: None }
    }

    pub(crate) fn no_token() -> Self {
        Self::unauthorized(
            "no administrator's token was sent\n\
             hint: send it as `Authorization: Bearer TOKEN`; it is in `operator.token` in the \
             server's data directory",
        )
    }

    pub(crate) fn wrong_token() -> Self {
        Self::unauthorized(
            "this is not the administrator's token of this server\n\
             hint: it is in `operator.token` in the server's data directory",
        )
    }

    fn unauthorized(sentence: &str) -> Self {
        let challenge = HeaderValue::from_static("Bearer realm=\"bursar\"");
        Self {
            header: Some((WWW_AUTHENTICATE, challenge)),
            ..Self::new(StatusCode::UNAUTHORIZED, "invalid_token", sentence)
        }
    }

    /// The refusal with a header.
    pub(crate) fn with(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    /// A body that broke off, or is too large.
    pub(crate) fn unread_body() -> Self {
        let sentence =
            "the body broke off, or is larger than 1 MiB\nhint: nothing here takes so much";
        Self::new(StatusCode::BAD_REQUEST, "unreadable_body", sentence)
    }

    /// A fault of the server's own.
    pub(crate) fn broken() -> Self {
        let sentence = "something broke while this was carried out, and it may have been done\n\
                        hint: look whether it was; the server's log says what broke";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", sentence)
    }

    pub(crate) fn not_found(sentence: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", sentence)
    }

    /// A request that can be read and does not fit.
    pub(crate) fn invalid(sentence: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", sentence)
    }

    /// One field that does not fit.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::fields(vec![BadField { field: field.to_owned(), message: message.into() }])
    }

    /// What the service calls one thing and the request another goes by the request's name.
    pub(crate) fn naming(mut self, here: &str, there: &str) -> Self {
        let bad: Vec<BadField> = std::mem::take(&mut self.problem.fields);
        if bad.is_empty() {
            return self;
        }
        let rename = |bad: BadField| {
            let field = if bad.field == there { here.to_owned() } else { bad.field };
            BadField { field, ..bad }
        };
        Self::fields(bad.into_iter().map(rename).collect())
    }

    pub(crate) fn fields(fields: Vec<BadField>) -> Self {
        let names: Vec<String> = fields.iter().map(|bad| format!("`{}`", bad.field)).collect();
        let mut refusal = Self::invalid(&format!("{} cannot be taken as sent", names.join(", ")));
        refusal.problem.fields = fields;
        refusal
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        let sentence = error.to_string();
        match error {
            ServiceError::NotFound(_) => Self::not_found(&sentence),
            ServiceError::SignInFirst => Self::unauthorized(&sentence),
            ServiceError::NotAllowed => Self::new(StatusCode::FORBIDDEN, "not_allowed", &sentence),
            ServiceError::Refused(_) => Self::new(StatusCode::CONFLICT, "refused", &sentence),
            ServiceError::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", &sentence),
            ServiceError::Invalid(errors) => {
                let bad = errors
                    .into_iter()
                    .map(|error| BadField { field: error.field, message: error.message });
                Self::fields(bad.collect())
            }
            ServiceError::Unavailable(source) => {
                error!(error = %source, "the store is out of reach");
                Self {
                    header: Some((RETRY_AFTER, RETRY_SECONDS)),
                    ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", &sentence)
                }
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let headers: HeaderMap = self.header.into_iter().collect();
        let mut answer = json(self.status, &ProblemBody { error: *self.problem });
        answer.headers_mut().extend(headers);
        answer
    }
}

/// An answer in JSON, which no cache keeps: it may hold money, addresses, a key.
pub(crate) fn json(status: StatusCode, body: &impl serde::Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("an answer is made of text, numbers and lists");
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}
