//! A study's handlers: what it costs before it starts, its budget, its keys, and who spends it.
//! Never decides who may see what: the service does.

pub mod estimate;
mod people;
mod spending;
mod studies;

use axum::Router;
use axum::routing::{get, post};
use bursar_ui::routes;
use bursar_web::Site;

pub use spending::chart;
pub use studies::{others_of, rows};

/// The pages of studies.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(routes::ESTIMATE, get(estimate::show).post(estimate::count_anew))
        .route("/applications/{id}/estimate/remove", post(estimate::remove))
        .route("/grants/{grant}/studies", get(studies::ask).post(studies::make))
        .route("/grants/{grant}/spending", get(spending::show))
        .route("/grants/{grant}/people", get(people::show).post(people::invites))
        .route("/grants/{grant}/people/applied", get(people::back_to_people).post(people::applied))
        .route("/grants/{grant}/people/{person}", get(people::ask_change).post(people::change))
        .route(
            "/grants/{grant}/people/{person}/again",
            get(people::back_to_list).post(people::again),
        )
        .route(
            "/grants/{grant}/people/{person}/remove",
            get(people::ask_remove).post(people::removes),
        )
        .route("/grants/invitations/{secret}", get(people::invitation).post(people::answer))
        .route("/studies/{study}", get(studies::show))
        .route("/studies/{study}/change", get(studies::ask_change).post(studies::change))
        .route("/studies/{study}/move", get(studies::ask_move).post(studies::move_budget))
        .route("/studies/{study}/close", get(studies::ask_close).post(studies::close))
}
