//! The pages' door: handlers that learn who asks, call one service function and render a page.
//! Never decides who may see what: the service does, and a page shows all that it is given.

mod apply;
mod decide;
mod discover;
mod estimate;
mod judged;
mod market;
mod operate;
mod review;
mod shown;
mod sign_in;
mod stops;
mod wallet;
mod web;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use bursar_kernel::limits::FORM_BYTES_MAX;
use bursar_kernel::{PersonId, Role};
use bursar_service::Service;
use bursar_service::clock::TurnableClock;

pub use bursar_pages as pages;
pub use bursar_ui as ui;
pub use bursar_ui::{Frame, Page, assets, routes};
pub use pages::operate::UpstreamRow as UpstreamShown;

/// What the pages are served with.
pub struct Config {
    /// The use cases.
    pub service: Arc<Service>,
    /// Whether some upstream is the offline sandbox.
    pub sandbox: bool,
    /// What the upstreams page shows.
    pub upstreams: Box<dyn Fn() -> Vec<UpstreamShown> + Send + Sync>,
    /// Whether browsers reach the portal by HTTPS only.
    pub secure_cookies: bool,
    /// What only the demonstration has.
    pub demonstration: Option<Demonstration>,
}

/// What only the demonstration has.
pub struct Demonstration {
    /// The clock that its front page turns.
    pub clock: Arc<TurnableClock>,
    /// A way in for each role: who it is, and the secret of the door.
    pub doors: Vec<(Role, PersonId, String)>,
    /// A key that works.
    pub api_key: String,
}

impl Demonstration {
    /// Who enters by the door of a role.
    fn person(&self, role: Role) -> Option<PersonId> {
        self.doors.iter().find(|(known, _, _)| *known == role).map(|(_, person, _)| *person)
    }

    /// The address that signs the person of a role in, and leads on to a page of this site.
    fn door_to(&self, role: Role, to: &str) -> String {
        let found = self.doors.iter().find(|(known, _, _)| *known == role);
        found.map_or_else(|| to.to_owned(), |(_, _, door)| routes::enter_to(door, to))
    }
}

/// The portal as an HTTP service. It answers every path, so it goes last.
pub fn router(config: Config) -> Router {
    let site = Arc::new(config);
    Router::new()
        .merge(discover::routes())
        .merge(estimate::routes())
        .merge(sign_in::routes())
        .merge(apply::routes())
        .merge(review::routes())
        .merge(decide::routes())
        .merge(wallet::routes())
        .merge(market::routes())
        .merge(operate::routes())
        .fallback(web::not_found)
        .method_not_allowed_fallback(web::wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&site), web::guard))
        .with_state(site)
}
