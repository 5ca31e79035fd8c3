//! The pages' door: handlers that learn who asks, call one service function and render a page.
//! Never decides who may see what: the service does, and a page shows all that it is given.

mod apply;
mod decide;
mod discover;
mod operate;
mod review;
mod stops;
mod wallet;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use bursar_kernel::limits::FORM_BYTES_MAX;

use bursar_pages as pages;
use bursar_shown::{judged, shown};
use bursar_study_portal::estimate;
pub use bursar_ui as ui;
pub use bursar_ui::{Frame, Page, assets, routes};
pub use bursar_web::{Config, Demonstration};
pub use pages::operate::UpstreamRow as UpstreamShown;

/// The portal as an HTTP service. It answers every path, so it goes last.
pub fn router(config: Config) -> Router {
    let site = Arc::new(config);
    Router::new()
        .merge(discover::routes())
        .merge(bursar_review_portal::routes())
        .merge(bursar_study_portal::routes())
        .merge(bursar_account_portal::routes())
        .merge(apply::routes())
        .merge(review::routes())
        .merge(decide::routes())
        .merge(wallet::routes())
        .merge(bursar_market_portal::routes())
        .merge(bursar_evidence_portal::routes())
        .merge(operate::routes())
        .fallback(bursar_web::not_found)
        .method_not_allowed_fallback(bursar_web::wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&site), bursar_web::guard))
        .with_state(site)
}
