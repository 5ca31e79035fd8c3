//! What every handler of a page stands on: who asks, what the form says, how it is answered.
//! It never carries a use case out but one, which keeps what was typed when a session had ended,
//! and knows no page but those that say why there is none.

mod config;
mod cookies;
mod download;
mod form;
mod guard;
mod kept;
mod path;
mod sent;
mod sentence;
mod visit;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use bursar_pages::discover::{NotFound, Stopped};

pub use config::{Config, Demonstration};
pub use cookies::{Cookie, Done};
pub use form::{Posted, invalid, read_amount};
pub use guard::guard;
pub use kept::is_script;
pub use path::{Asked, At};
pub use sent::{Sent, SentFile};
pub use sentence::capitalised;
pub use visit::{OrPage, Trouble, Visit, name_of};

/// What every handler is given.
pub type Site = Arc<Config>;
/// What every handler gives: a page, a way on, or a page that says why not.
pub type Answer = Result<Response, Trouble>;

/// There is no such page.
#[expect(clippy::unused_async, reason = "handlers are")]
pub async fn not_found(visit: Visit) -> Response {
    visit.page_with(StatusCode::NOT_FOUND, &NotFound)
}

/// The page is there, and is not asked for in that way.
#[expect(clippy::unused_async, reason = "handlers are")]
pub async fn wrong_method(visit: Visit) -> Response {
    visit.page_with(StatusCode::METHOD_NOT_ALLOWED, &Stopped::wrong_method())
}
