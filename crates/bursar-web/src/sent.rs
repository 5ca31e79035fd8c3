//! A form that may have files: text, and what was chosen.

use std::sync::LazyLock;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bursar_meter::multipart::{boundary, read_form};
use bytes::Bytes;
use tokio::sync::Semaphore;

use bursar_pages::discover::Stopped;

use crate::{Posted, Site, Trouble, Visit, is_script};

/// Bytes of a form with files: one of the largest that a program may take, and the text.
const BYTES_MAX: usize = 22 * 1024 * 1024;
/// Such forms that are read at a time: what they hold in memory together is bounded.
static READING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(READING_MAX));
const READING_MAX: usize = 8;

/// A file that was sent.
pub struct SentFile {
    /// The field that it was chosen in.
    pub field: String,
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// A form as it was sent, with or without files.
pub struct Sent {
    /// The text.
    pub form: Posted,
    /// The files.
    pub files: Vec<SentFile>,
    /// Whether the script saves by itself.
    pub is_script: bool,
}

impl FromRequest<Site> for Sent {
    type Rejection = Trouble;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Trouble> {
        let headers = request.headers().clone();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = kind.and_then(|kind| boundary(kind).ok()).map(str::to_owned);
        let is_script = is_script(&headers);
        let Some(boundary) = boundary else {
            let form = Posted::from_request(request, site).await?;
            return Ok(Self { form, files: Vec::new(), is_script });
        };
        let (mut parts, body) = request.into_parts();
        let visit = Visit::open(&mut parts, site).await?;
        Posted::is_from_here(&visit, &headers)?;
        // Whoever was never signed in has nothing to add a file to.
        if visit.session().is_none() {
            return Err(visit.trouble(bursar_service::ServiceError::SignInFirst));
        }
        let too_large =
            |visit: &Visit| visit.stopped(StatusCode::PAYLOAD_TOO_LARGE, &Stopped::too_large());
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|n| BYTES_MAX < n) {
            return Err(too_large(&visit));
        }
        let _turn = READING.acquire().await.ok();
        let Ok(body) = to_bytes(body, BYTES_MAX).await else { return Err(too_large(&visit)) };
        Self::read(visit, &headers, &boundary, &body).await
    }
}

impl Sent {
    async fn read(
        visit: Visit,
        headers: &HeaderMap,
        boundary: &str,
        body: &Bytes,
    ) -> Result<Self, Trouble> {
        let no_form = |visit: &Visit| visit.stopped(StatusCode::BAD_REQUEST, &Stopped::no_form());
        let Ok(parts) = read_form(boundary, body) else { return Err(no_form(&visit)) };
        let (mut fields, mut files) = (Vec::new(), Vec::new());
        for part in parts {
            match part.filename {
                // A browser sends an empty file where none was chosen.
                Some(name) if name.is_empty() && part.body.is_empty() => {}
                Some(name) => files.push(SentFile { field: part.name, name, bytes: part.body }),
                None => match String::from_utf8(part.body.to_vec()) {
                    Ok(text) => fields.push((part.name, text)),
                    Err(_) => return Err(no_form(&visit)),
                },
            }
        }
        let form = Posted::checked(visit, headers, fields).await?;
        Ok(Self { form, files, is_script: false })
    }
}
