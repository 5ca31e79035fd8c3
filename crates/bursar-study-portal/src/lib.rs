//! A study's handlers: what it costs before it starts, its budget and its keys while it runs.
//! Never decides who may see what: the service does.

pub mod estimate;
mod spending;
mod studies;

use axum::Router;
use axum::routing::{get, post};
use bursar_ui::routes;
use bursar_web::Site;

pub use spending::chart;
pub use studies::rows;

/// The pages of studies.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(routes::ESTIMATE, get(estimate::show).post(estimate::count_anew))
        .route("/applications/{id}/estimate/remove", post(estimate::remove))
        .route("/grants/{grant}/studies", get(studies::ask).post(studies::make))
        .route("/grants/{grant}/spending", get(spending::show))
        .route("/studies/{study}", get(studies::show))
        .route("/studies/{study}/change", get(studies::ask_change).post(studies::change))
        .route("/studies/{study}/move", get(studies::ask_move).post(studies::move_budget))
        .route("/studies/{study}/close", get(studies::ask_close).post(studies::close))
}
