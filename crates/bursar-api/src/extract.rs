//! Requests, read at the door: what a handler is given is well formed.

use std::str::FromStr;

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::response::{IntoResponse, Response};
use bursar_kernel::Usd;
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::problem::{Refusal, json};

/// JSON in a body, and an answer in JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let media_type = request.headers().get(header::CONTENT_TYPE);
        // A browser's form cannot send this type to another site, so this also keeps forms out.
        if !media_type.is_some_and(|value| is_json(value.as_bytes())) {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "the body is not said to be JSON\nhint: send `Content-Type: application/json`",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|error| unread(&error))?;
        // Else a list would do, whose parts say nothing of what they are.
        if body.trim_ascii_start().first().is_some_and(|byte| *byte != b'{') {
            return Err(Refusal::invalid("the body is not a JSON object"));
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| not_readable(&error))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

fn is_json(media_type: &[u8]) -> bool {
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

fn unread(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let sentence = "the body is larger than 1 MiB\nhint: nothing here takes so much";
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", sentence)
    } else {
        Refusal::new(StatusCode::BAD_REQUEST, "unreadable_body", "the body broke off")
    }
}

/// Says what is wrong with a body, and where.
fn not_readable(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    let sentence = error.to_string();
    let place = format!(" at line {line} column {column}");
    let sentence = sentence.strip_suffix(&place).unwrap_or(&sentence);
    let mut refusal = match error.classify() {
        Category::Data => Refusal::invalid(sentence),
        Category::Io | Category::Syntax | Category::Eof => {
            let sentence = format!("the body is not JSON: {sentence}");
            Refusal::new(StatusCode::BAD_REQUEST, "malformed_json", &sentence)
        }
    };
    (refusal.problem.line, refusal.problem.column) = (Some(line), Some(column));
    refusal
}

/// The parameters of a query.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(error) => {
                let text = error.body_text();
                let said =
                    text.rsplit_once("query string: ").map_or(text.as_str(), |(_, said)| said);
                Err(Refusal::invalid(&format!("the query cannot be taken: {said}")))
            }
        }
    }
}

/// A name in the path. One that cannot be a name of its kind names nothing: it is not found.
pub(crate) struct Named<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Named<T>
where
    T: FromStr<Err: std::fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let unreadable = || Refusal::not_found("there is nothing at this address");
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| unreadable())?;
        text.parse().map(Self).map_err(|error: T::Err| Refusal::not_found(&error.to_string()))
    }
}

/// Two names in the path, read as one is.
pub(crate) struct NamedTwo<T, U>(pub(crate) T, pub(crate) U);

impl<T, U, S> FromRequestParts<S> for NamedTwo<T, U>
where
    T: FromStr<Err: std::fmt::Display>,
    U: FromStr<Err: std::fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let unreadable = || Refusal::not_found("there is nothing at this address");
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((one, two)) = path.map_err(|_| unreadable())?;
        let one = one.parse().map_err(|error: T::Err| Refusal::not_found(&error.to_string()))?;
        let two = two.parse().map_err(|error: U::Err| Refusal::not_found(&error.to_string()))?;
        Ok(Self(one, two))
    }
}

/// An amount that somebody gives, or why it is none.
pub(crate) fn positive(field: &str, amount: Usd) -> Result<Usd, Refusal> {
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(Refusal::field(field, "The amount must be more than $0"))
    }
}
