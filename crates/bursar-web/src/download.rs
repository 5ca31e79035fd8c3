//! Files to download, which are never shown by the browser as part of this site.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;

use crate::{Answer, Visit};

/// A page that a file would be, were it opened here after all, could do nothing.
const SANDBOX: &str = "default-src 'none'; sandbox";

impl Visit {
    /// A file of a media type, under a name.
    pub fn download(&self, name: &str, media_type: &'static str, bytes: Vec<u8>) -> Answer {
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CONTENT_DISPOSITION, disposition(name));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
        Ok(self.with_cookies(response))
    }
}

/// `attachment`, with a plain name and the real one (RFC 6266).
fn disposition(name: &str) -> HeaderValue {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_. ".contains(letter);
    let ascii: String =
        name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let escaped: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    let text = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{escaped}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}
