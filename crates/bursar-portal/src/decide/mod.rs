//! The officer's work: applications, decisions, rounds, money, grants.

mod access;
mod application;
mod delivery;
mod list;
mod money;
mod questions;
mod rounds;
mod screening;

use axum::Router;
use axum::routing::{get, post};
use bursar_ui::routes;

use crate::stops;
use bursar_web::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::DECIDE, get(list::applications))
        .route("/decide/applications/{id}", get(application::show).post(application::decide))
        .route("/decide/applications/{id}/approve", post(application::approve))
        .route("/decide/applications/{id}/take-back", post(application::take_back))
        .route("/decide/applications/{id}/offer", post(application::offer))
        .route("/decide/applications/{id}/screening", post(screening::say))
        .route("/decide/applications/{id}/delivery", post(delivery::set))
        .route("/decide/applications/{id}/questions", post(questions::ask))
        .route("/decide/applications/{id}/questions/{question}/withdraw", post(questions::withdraw))
        .route(routes::ROUNDS, get(rounds::list))
        .route("/decide/rounds/{program}/{round}", get(rounds::show))
        .route("/decide/rounds/{program}/{round}/release", post(rounds::release))
        .route(routes::MONEY, get(money::show))
        .route("/decide/money/{program}/fund", post(money::fund))
        .route("/decide/money/{program}/stop", get(stops::ask_program).post(stops::turn_program))
        .route(routes::ACCESS, get(access::list))
        .route("/decide/access/{id}", get(access::show).post(access::answer))
        .route(routes::ALL_GRANTS, get(list::grants))
}
