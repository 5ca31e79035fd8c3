//! The handlers of panels: the officer's plan, what reviewers answer, what they say of themselves.
//! Never decides who may see what: the use cases do.

mod asked;
mod offline;
mod panel;
mod past;
mod profile;
mod proposal;
mod ranking;
mod report;
mod reviewers;
mod similar;

use axum::Router;
use axum::routing::{get, post};
use bursar_ui::routes;
use bursar_web::Site;

/// The pages of panels.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(routes::REVIEWER, get(profile::show).post(profile::save))
        .route(routes::REVIEW_PAST, get(past::show))
        .route(routes::REVIEW_LETTER, get(past::letter))
        .route(routes::REVIEW_OFFLINE, get(offline::show).post(offline::take))
        .route(routes::REVIEW_FILE, get(offline::all))
        .route("/reviews/{id}/review.txt", get(offline::one))
        .route("/reviews/{id}/answer", get(asked::invitation).post(asked::answer))
        .route("/reviews/{id}/step-back", get(asked::ask_step_back).post(asked::step_back))
        .route("/reviews/{id}/date", get(asked::ask_date).post(asked::date))
        .route("/decide/rounds/{program}/{round}/panel", get(panel::show))
        .route("/decide/rounds/{program}/{round}/panel/plan", post(panel::plan))
        .route("/decide/rounds/{program}/{round}/panel/invite", post(panel::invite))
        .route("/decide/rounds/{program}/{round}/ranking", get(ranking::show))
        .route(
            "/decide/rounds/{program}/{round}/proposal",
            get(proposal::show).post(proposal::record),
        )
        .route(
            "/decide/rounds/{program}/{round}/approve",
            get(proposal::approval).post(proposal::approve),
        )
        .route("/decide/applications/{id}/similar", get(similar::show))
        .route("/decide/rounds/{program}/{round}/report", get(report::show))
        .route("/decide/rounds/{program}/{round}/export.csv", get(report::csv))
        .route("/decide/rounds/{program}/{round}/export.json", get(report::json))
        .route("/decide/applications/{id}/reviewers", get(reviewers::show).post(reviewers::add))
        .route("/decide/applications/{id}/conflicts", post(reviewers::pin))
        .route("/decide/conflicts/{id}/lift", post(reviewers::lift))
        .route("/decide/assignments/{id}/release", post(reviewers::release))
        .route("/decide/assignments/{id}/due", post(reviewers::due))
}
