//! What was typed when the session had ended: kept for the page that it was typed on.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bursar_kernel::ApplicationId;
use bursar_pages::discover::Stopped;
use bursar_service::ServiceError;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cookies::{Cookie, token_of};
use crate::{OrPage as _, Trouble, Visit};

/// Whether a page shows again what was kept for it.
fn keeps(page: &str) -> bool {
    let review = page.strip_prefix("/reviews/").filter(|rest| !rest.contains('/'));
    let is_one = review.is_some_and(|review| review.parse::<ApplicationId>().is_ok());
    page.starts_with("/applications/") || is_one
}

/// Whether the script asks, and not a person.
pub fn is_script(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// Why a form without this browser's present token is not taken; what was typed is kept first.
pub(crate) async fn trouble(
    mut visit: Visit,
    headers: &HeaderMap,
    token: &str,
    fields: &BTreeMap<String, String>,
) -> Trouble {
    let page = visit.path().to_owned();
    // A dead session's own form, or one from before somebody signed in again in another tab.
    // Nothing is done with it here but to show it again.
    let session = visit.session().map(str::to_owned).filter(|secret| {
        let is_its = blake3::Hash::from_hex(token).is_ok_and(|token| token == token_of(secret));
        keeps(&page) && (is_its || visit.person.is_some())
    });
    let mut is_kept = false;
    if let Some(secret) = session {
        let kept = bursar_applying::keep(visit.service(), &secret, &page, fields).await;
        is_kept = match kept.or_page(&visit) {
            Ok(kept) => kept,
            Err(trouble) => return trouble,
        };
        if is_kept {
            visit.keep(Cookie::Kept, &secret);
        }
    }
    if is_script(headers) {
        let stop = if visit.person.is_some() {
            "Not saved: you signed in again in another tab. Press a button below, and look at your \
             answers."
        } else {
            "Not saved: you are signed out. Press a button below to sign in; your text is kept."
        };
        let answer = visit.to_script(StatusCode::UNAUTHORIZED, &json!({ "stop": stop }));
        return Trouble::of(answer);
    }
    if visit.session_has_ended() {
        return visit.trouble(ServiceError::SignInFirst);
    }
    match visit.go(&page) {
        Ok(answer) if is_kept => Trouble::of(answer),
        Ok(_) | Err(_) => visit.stopped(StatusCode::FORBIDDEN, &Stopped::old_form()),
    }
}

impl Visit {
    /// What the script is told of a form that it saves: `saved` or `stop`, and `was`.
    pub fn to_script(&self, status: StatusCode, answer: &serde_json::Value) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json")];
        self.with_cookies((status, kind, answer.to_string()).into_response())
    }

    /// That a draft was saved at this moment, with its zone.
    pub fn saved_now(&self, zone: &TimeZone) -> String {
        let at = self.frame().now.to_zoned(zone.clone());
        let name = zone.iana_name().unwrap_or("local time");
        format!("Draft saved at {} ({name}).", at.strftime("%H:%M"))
    }

    /// What was typed on this page when the session had ended, if it was kept.
    pub async fn kept_form(&self) -> Result<Option<BTreeMap<String, String>>, Trouble> {
        let Some(secret) = self.kept_secret() else { return Ok(None) };
        bursar_applying::kept(self.service(), secret, self.path()).await.or_page(self)
    }

    /// Forgets what was kept: it is saved now.
    pub async fn forget_kept_form(&mut self) -> Result<(), Trouble> {
        let Some(secret) = self.kept_secret().map(str::to_owned) else { return Ok(()) };
        bursar_applying::take(self.service(), &secret).await.or_page(self)?;
        self.keep(Cookie::Kept, "");
        Ok(())
    }
}
