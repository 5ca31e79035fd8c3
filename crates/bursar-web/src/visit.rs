//! One request by one browser: who it is, and how it is answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use bursar_kernel::{RequestId, Role};
use bursar_policy::Viewer;
use bursar_service::{Service, ServiceError, entropy};
use bursar_store::rows::Person;
use bursar_ui::frame::SignedIn;
use bursar_ui::{Frame, Page, routes};
use jiff::tz::TimeZone;
use tracing::{error, warn};

use crate::cookies::{Cookie, Done, new_guest, token_of};
use crate::sentence::{capitalised, sentence};
use crate::{Answer, Site};
use bursar_pages::discover::{Failure, NotAllowed, NotFound, Stopped};

/// One request by one browser.
pub struct Visit {
    site: Site,
    /// Who, as the policy sees them.
    pub viewer: Viewer,
    /// Who, with their name and address.
    pub person: Option<Person>,
    frame: Frame,
    /// The path with its query, to come back to.
    target: String,
    status: StatusCode,
    /// What the browser kept: its session, dead or alive.
    session: Option<String>,
    /// Where it was going when it was asked to sign in.
    next: Option<String>,
    /// What it asked a provider with.
    attempt: Option<String>,
    /// What makes its forms' tokens.
    secret: String,
    /// What opens a form that was kept.
    kept: Option<String>,
    cookies: Vec<HeaderValue>,
}

/// A page that says why not, or the way to sign in.
pub struct Trouble(Box<Response>);

impl Trouble {
    /// This answer.
    pub fn of(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// A service's answer, or the page that says why there is none.
pub trait OrPage<T> {
    /// The answer, or the page.
    fn or_page(self, visit: &Visit) -> Result<T, Trouble>;
}

impl<T> OrPage<T> for Result<T, ServiceError> {
    fn or_page(self, visit: &Visit) -> Result<T, Trouble> {
        self.map_err(|error| visit.trouble(error))
    }
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Trouble> {
        Self::open(parts, site).await
    }
}

impl Visit {
    /// Who asks, and for what.
    pub async fn open(parts: &mut Parts, site: &Site) -> Result<Self, Trouble> {
        let mut visit = Self::nobody(site, parts.uri.path());
        if let Some(target) = parts.uri.path_and_query() {
            target.as_str().clone_into(&mut visit.target);
        }
        let kept = |cookie: Cookie| cookie.read(&parts.headers, site.secure_cookies);
        if let Some(done) = kept(Cookie::Done) {
            visit.frame.flash = Done::flash(&done);
        }
        visit.next = kept(Cookie::Next);
        visit.attempt = kept(Cookie::Attempt);
        visit.kept = kept(Cookie::Kept);
        visit.session = kept(Cookie::Session);
        if let Some(cookie) = visit.session.clone() {
            visit.person = site.service.session(&cookie).await.or_page(&visit)?;
        }
        match (&visit.person, visit.session.clone(), kept(Cookie::Guest)) {
            (Some(person), Some(session), _) => {
                visit.viewer = Viewer::Person { id: person.id, roles: person.roles.clone() };
                visit.frame.person = Some(signed_in(person));
                visit.secret = session;
            }
            (_, _, Some(guest)) => visit.secret = guest,
            (_, _, None) => {
                visit.secret = new_guest();
                let cookie = Cookie::Guest.set(&visit.secret, site.secure_cookies);
                visit.cookies.push(cookie);
            }
        }
        visit.frame.csrf = token_of(&visit.secret).to_hex().to_string();
        Ok(visit)
    }

    /// A visit by nobody, whose forms would not be taken.
    pub fn nobody(site: &Site, path: &str) -> Self {
        let zone = site.service.programs().first().map(|program| program.review.zone.clone());
        let frame = Frame {
            person: None,
            csrf: String::new(),
            path: path.to_owned(),
            now: site.service.now(),
            zone: zone.unwrap_or(TimeZone::UTC),
            demonstration: site.demonstration.is_some(),
            sandbox: site.sandbox,
            flash: None,
            problem: None,
            base_url: site.service.base_url().to_owned(),
        };
        Self {
            site: Arc::clone(site),
            viewer: Viewer::Nobody,
            person: None,
            frame,
            target: path.to_owned(),
            status: StatusCode::OK,
            session: None,
            next: None,
            attempt: None,
            secret: String::new(),
            kept: None,
            cookies: Vec::new(),
        }
    }

    /// The use cases.
    pub fn service(&self) -> &Service {
        &self.site.service
    }

    /// What the pages are served with.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What every page is shown in.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// What the browser kept of its session.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Where the browser was going when it was asked to sign in.
    pub fn next(&self) -> Option<String> {
        self.next.clone()
    }

    /// What the browser asked a provider with.
    pub fn attempt(&self) -> Option<&str> {
        self.attempt.as_deref()
    }

    /// What this browser alone has, for questions that only it may answer: its session's secret, or
    /// its own where nobody is signed in.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The path that was asked for.
    pub fn path(&self) -> &str {
        &self.frame.path
    }

    /// What opens a form that was kept.
    pub(crate) fn kept_secret(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    /// Whether the browser was signed in and is no longer.
    pub(crate) fn session_has_ended(&self) -> bool {
        self.session.is_some() && self.person.is_none()
    }

    /// Whether a form's token is this browser's.
    pub fn is_token(&self, token: &str) -> bool {
        // `Hash` compares in constant time.
        blake3::Hash::from_hex(token).is_ok_and(|token| token == token_of(&self.secret))
    }

    /// Has the browser keep something, or take it away.
    pub fn keep(&mut self, cookie: Cookie, value: &str) {
        self.cookies.push(cookie.set(value, self.site.secure_cookies));
    }

    /// The page, in everything that belongs around it.
    pub fn page(&self, page: &dyn Page) -> Answer {
        Ok(self.page_with(self.status, page))
    }

    /// The page under a status of its own.
    pub fn page_with(&self, status: StatusCode, page: &dyn Page) -> Response {
        let mut response = (status, Html(page.render(&self.frame))).into_response();
        if self.frame.flash.is_some() {
            let gone = Cookie::Done.set("", self.site.secure_cookies);
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
        self.with_cookies(response)
    }

    /// On to another page of ours.
    pub fn go(&self, path: &str) -> Answer {
        Ok(self.with_cookies(Redirect::to(path).into_response()))
    }

    /// On to another page of ours, which says what was done.
    pub fn done(mut self, path: &str, done: Done) -> Answer {
        self.keep(Cookie::Done, done.code());
        self.go(path)
    }

    /// An answer that is no page, with what the browser is to keep.
    pub fn with_cookies(&self, mut response: Response) -> Response {
        for cookie in &self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
        response
    }

    /// There is no such page.
    pub fn not_found(&self) -> Trouble {
        self.stopped(StatusCode::NOT_FOUND, &NotFound)
    }

    /// A page instead of the one that was asked for.
    pub fn stopped(&self, status: StatusCode, page: &dyn Page) -> Trouble {
        Trouble(Box::new(self.page_with(status, page)))
    }

    /// The page that says something broke, with a name to ask about.
    pub fn failure(&self) -> Failure {
        Failure { request_id: RequestId::new(self.frame.now, entropy::draw()).to_string() }
    }

    /// The page that says why a use case did not happen.
    pub fn trouble(&self, error: ServiceError) -> Trouble {
        match error {
            ServiceError::NotFound(_) => self.not_found(),
            ServiceError::SignInFirst => {
                let path = routes::sign_in_then(&self.target);
                Trouble(Box::new(self.with_cookies(Redirect::to(&path).into_response())))
            }
            ServiceError::NotAllowed => {
                let page = NotAllowed { who_may: who_may(&self.frame.path).to_owned() };
                self.stopped(StatusCode::FORBIDDEN, &page)
            }
            ServiceError::Refused(text) => {
                self.stopped(StatusCode::CONFLICT, &Stopped::refused(sentence(&text)))
            }
            ServiceError::Invalid(fields) => {
                let text = fields.first().map_or("", |field| &field.message);
                self.stopped(StatusCode::UNPROCESSABLE_ENTITY, &Stopped::refused(text.to_owned()))
            }
            ServiceError::Conflict(what) => {
                self.stopped(StatusCode::CONFLICT, &Stopped::changed(&what, &self.frame.path))
            }
            ServiceError::Unavailable(source) => {
                let page = self.failure();
                error!(request.id = %page.request_id, error = source, "the store is out of reach");
                self.stopped(StatusCode::SERVICE_UNAVAILABLE, &page)
            }
        }
    }

    /// Prepares the same page to be shown again: errors of fields are given back, a refusal
    /// stands at its top. What neither is has a page of its own.
    pub fn again(&mut self, error: ServiceError) -> Result<BTreeMap<String, String>, Trouble> {
        match error {
            ServiceError::Invalid(fields) => {
                self.status = StatusCode::UNPROCESSABLE_ENTITY;
                Ok(fields.into_iter().map(|error| (error.field, error.message)).collect())
            }
            ServiceError::Refused(text) => {
                self.status = StatusCode::CONFLICT;
                self.frame.problem = Some(sentence(&text));
                Ok(BTreeMap::new())
            }
            ServiceError::Conflict(what) => {
                self.status = StatusCode::CONFLICT;
                let what = capitalised(&what);
                warn!("{what} was changed meanwhile");
                let text = format!(
                    "{what} was changed meanwhile. Look at it again below, and \
                                    repeat what you did if it is still right."
                );
                self.frame.problem = Some(text);
                Ok(BTreeMap::new())
            }
            ServiceError::NotFound(_)
            | ServiceError::SignInFirst
            | ServiceError::NotAllowed
            | ServiceError::Unavailable(_) => Err(self.trouble(error)),
        }
    }

    /// Prepares the same page to be shown again with what was changed elsewhere meanwhile.
    pub fn clashed(&mut self) {
        self.status = StatusCode::CONFLICT;
    }

    /// Prepares the same page to be shown again with errors on its fields.
    pub fn wrong(&mut self) {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
    }
}

fn signed_in(person: &Person) -> SignedIn {
    let mut roles: Vec<Role> = person.roles.iter().copied().collect();
    let runs_things = roles.contains(&Role::Officer) || roles.contains(&Role::Operator);
    // Everybody may apply; those who run things are not shown it at every step.
    if !runs_things && !roles.contains(&Role::Researcher) {
        roles.push(Role::Researcher);
    }
    SignedIn { name: name_of(person), roles }
}

/// How somebody is called: the address where there is no name yet.
pub fn name_of(person: &Person) -> String {
    if person.name.is_empty() { person.email.clone() } else { person.name.clone() }
}

fn who_may(path: &str) -> &'static str {
    if path.starts_with("/operate") {
        "the operators of this installation"
    } else if path.starts_with("/reviews") {
        "reviewers"
    } else {
        "program officers"
    }
}
