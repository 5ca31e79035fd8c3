//! Who asks: whoever holds the administrator's token, or nobody.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use bursar_policy::Viewer;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::Config;
use crate::problem::Refusal;

/// The bearer of the administrator's token: a handler that takes it runs for nobody else.
pub(crate) struct Operator(pub(crate) Viewer);

impl FromRequestParts<Arc<Config>> for Operator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, config: &Arc<Config>) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or_else(Refusal::no_token)?;
        // The comparison of hashes takes the same time wherever they differ.
        if blake3::hash(token) == blake3::Hash::from_bytes(config.operator_token_hash) {
            Ok(Self(Viewer::Operator))
        } else {
            Err(Refusal::wrong_token())
        }
    }
}

/// The token of an `Authorization: Bearer …` header, the scheme in any case (RFC 9110).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}
