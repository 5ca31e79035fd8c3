//! What a form sends: from our own pages only, no more than a person writes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bursar_kernel::Usd;
use bursar_program::answers::FieldError;
use bursar_service::ServiceError;
use bursar_ui::Input;

use crate::{Site, Trouble, Visit, kept};
use bursar_pages::discover::Stopped;

/// A form that one of our own pages sent.
pub struct Posted {
    /// Who sent it.
    pub visit: Visit,
    /// What was filled in.
    pub fields: BTreeMap<String, String>,
}

impl Posted {
    /// What was filled into a field; nothing is an empty text.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The form as it was, with what is wrong with it.
    pub fn input(&self, errors: BTreeMap<String, String>) -> Input {
        Input { values: self.fields.clone(), errors }
    }
}

impl FromRequest<Site> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::open(&mut parts, site).await?;
        Self::is_from_here(&visit, &parts.headers)?;
        let headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        match Form::<Vec<(String, String)>>::from_request(request, site).await {
            Ok(Form(fields)) => Self::checked(visit, &headers, fields).await,
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(visit.stopped(StatusCode::PAYLOAD_TOO_LARGE, &Stopped::too_large()))
            }
            Err(rejection) => Err(visit.stopped(rejection.status(), &Stopped::no_form())),
        }
    }
}

impl Posted {
    /// Refuses what another site sends.
    pub fn is_from_here(visit: &Visit, headers: &HeaderMap) -> Result<(), Trouble> {
        if is_same_site(headers, visit.service().base_url()) {
            return Ok(());
        }
        Err(visit.stopped(StatusCode::FORBIDDEN, &Stopped::other_site()))
    }

    /// The form of one of our own pages. What is sent twice under a name, as several choices are,
    /// stands there line by line.
    pub async fn checked(
        visit: Visit,
        headers: &HeaderMap,
        sent: Vec<(String, String)>,
    ) -> Result<Self, Trouble> {
        let mut fields = BTreeMap::<String, String>::new();
        for (name, value) in sent {
            match fields.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    let all = entry.get_mut();
                    all.push('\n');
                    all.push_str(&value);
                }
            }
        }
        let token = fields.remove("csrf").unwrap_or_default();
        if visit.is_token(&token) {
            return Ok(Self { visit, fields });
        }
        Err(kept::trouble(visit, headers, &token, &fields).await)
    }
}

/// Whether a request comes from one of our own pages, as far as the browser says.
fn is_same_site(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let fetched = text(header::HeaderName::from_static("sec-fetch-site"));
    if fetched.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin == base_url || (authority.is_some() && authority == text(header::HOST))
}

/// One field that does not fit.
pub fn invalid(field: &str, message: impl Into<String>) -> ServiceError {
    let (field, message) = (field.to_owned(), message.into());
    ServiceError::Invalid(vec![FieldError { field, message }])
}

/// An amount as people write it, `850` or `$1,000.50`, or what to say.
pub fn read_amount(text: &str) -> Result<Usd, String> {
    let plain = text.trim().trim_start_matches('$').replace(',', "");
    let amount = plain.trim().parse::<Usd>().ok().filter(|amount| amount.is_positive());
    amount.ok_or_else(|| "Enter an amount in dollars, like 850".to_owned())
}

#[cfg(test)]
mod tests {
    //! Which requests are our own pages'.

    use super::*;

    fn check(pairs: &[(&'static str, &'static str)], expected: bool) {
        let headers = pairs.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, header::HeaderValue::from_static(value))
        });
        let headers: HeaderMap = headers.collect();
        assert_eq!(is_same_site(&headers, "https://bursar.example"), expected, "{pairs:?}");
    }

    #[test]
    fn only_our_own_pages_post() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("origin", "https://bursar.example")], true);
        check(&[("origin", "http://127.0.0.1:81"), ("host", "127.0.0.1:81")], true);
        check(&[("origin", "http://127.0.0.1:82"), ("host", "127.0.0.1:81")], false);
        check(&[("origin", "null"), ("host", "127.0.0.1:81")], false);
        check(&[("origin", "null")], false);
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        let amounts = ["850", "$1,000.50", " $ 2 ", "0", "-3", "a lot", ""];
        let read = amounts.map(|text| read_amount(text).map_or("-".into(), |usd| usd.to_string()));
        assert_eq!(read.join(" "), "850.00 1000.50 2.00 - - - -");
    }
}
