//! What an upstream answers instead of an answer: its status, its header values and its words.

use bursar_failures::UpstreamError;
use bursar_kernel::ModelId;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::file::CATALOG;

/// Bytes that a caller hears of a refusal at the most, all of them escaped.
const HEARD_BYTES_MAX: usize = 32 * 1024;
/// Characters of what it is told at the most: an upstream's own, and what to use instead.
const MESSAGE_CHARACTERS_MAX: usize = 4_500;

/// `429`, a line with the header `Retry-After`, and a body.
pub(crate) fn refusals(bytes: &[u8]) {
    let Some((status, rest)) = bytes.split_at_checked(3) else { return };
    let Ok(status) = StatusCode::from_bytes(status) else { return };
    let mut lines = rest.splitn(2, |byte| *byte == b'\n');
    let (asked, body) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(asked) {
        headers.insert(RETRY_AFTER, value);
    }
    let body = String::from_utf8_lossy(body).into_owned();
    let error = UpstreamError::new(status, &headers, body);
    assert!(error.retry_after.is_none() || asked.iter().any(u8::is_ascii_digit));
    assert!(error.said().len() <= HEARD_BYTES_MAX);
    let _ = (error.verdict(), error.is_definite());
    assert!(!error.may_have_been_billed(false) || error.is_timeout());
    let model = &CATALOG.models[&ModelId::new("gpt-4o-mini")];
    for failure in [error.failure(model), error.failure_of_none()] {
        let message = &failure.envelope.error.message;
        assert!(message.chars().count() <= MESSAGE_CHARACTERS_MAX, "{message}");
        let heard = failure.event();
        assert!(heard.len() <= HEARD_BYTES_MAX, "{} bytes", heard.len());
        // A line break in its words would end the event of a stream.
        assert!(!heard[..heard.len() - 2].contains(&b'\n'));
        assert!(!failure.headers().is_empty());
    }
}
