//! What every handler stands on: the visit, the form, the path, the answer.

mod cookies;
mod form;
mod guard;
mod path;
mod sentence;
mod visit;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

pub(crate) use cookies::{Cookie, Done};
pub(crate) use form::{Posted, invalid, read_amount};
pub(crate) use guard::guard;
pub(crate) use path::{Asked, At};
pub(crate) use sentence::capitalised;
pub(crate) use visit::{OrPage, Trouble, Visit};

use crate::Config;
use crate::pages::discover::{NotFound, Stopped};

/// What every handler is given.
pub(crate) type Site = Arc<Config>;
/// What every handler gives: a page, a way on, or a page that says why not.
pub(crate) type Answer = Result<Response, Trouble>;

/// There is no such page.
pub(crate) async fn not_found(visit: Visit) -> Response {
    visit.page_with(StatusCode::NOT_FOUND, &NotFound)
}

/// The page is there, and is not asked for in that way.
pub(crate) async fn wrong_method(visit: Visit) -> Response {
    visit.page_with(StatusCode::METHOD_NOT_ALLOWED, &Stopped::wrong_method())
}
