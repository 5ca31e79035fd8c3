//! The routes, each with its place in the `OpenAPI` document.

mod access;
mod applications;
mod clock;
mod estimates;
mod evidence;
mod grants;
mod institutions;
mod judging;
mod keys;
mod mails;
mod market;
mod panels;
mod participants;
mod people;
mod prices;
mod programs;
mod proposals;
mod rounds;
mod statements;
mod stops;
mod studies;
mod suspense;
mod taking_back;
mod upstream_keys;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use axum::{Router, middleware};
use bursar_kernel::limits::FORM_BYTES_MAX;
use http::{Method, StatusCode, Uri};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Config;
use crate::extract::Json;
use crate::once::{Once, once};
use crate::problem::Refusal;

/// What a handler works with.
pub(crate) type Door = axum::extract::State<Arc<Config>>;
/// What a handler answers.
pub(crate) type Answer<T> = Result<Json<T>, Refusal>;

pub(crate) fn router(config: Arc<Config>) -> Router {
    let (router, document) = documented().split_for_parts();
    let document = Arc::new(crate::openapi::finish(document));
    router
        .route("/api/openapi.json", get(move || async move { Json(document) }))
        .route("/api", any(nothing_here))
        .route("/api/", any(nothing_here))
        .route("/api/{*rest}", any(nothing_here))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Once::new(Arc::clone(&config)), once))
        .with_state(config)
}

/// The document of the routes, as the code has them.
pub(crate) fn document() -> OpenApi {
    documented().split_for_parts().1
}

fn documented() -> OpenApiRouter<Arc<Config>> {
    OpenApiRouter::new()
        .routes(routes!(programs::list))
        .routes(routes!(programs::money))
        .routes(routes!(programs::fund))
        .routes(routes!(programs::preview))
        .routes(routes!(statements::pool))
        .routes(routes!(programs::round))
        .routes(routes!(programs::release))
        .routes(routes!(grants::list, grants::issue))
        .routes(routes!(grants::show))
        .routes(routes!(grants::forecast))
        .routes(routes!(statements::grant))
        .routes(routes!(grants::tier, grants::name_tier))
        .routes(routes!(access::models))
        .routes(routes!(access::list, access::ask))
        .routes(routes!(access::show))
        .routes(routes!(access::answer))
        .routes(routes!(access::withdraw))
        .routes(routes!(grants::calls))
        .routes(routes!(grants::call))
        .routes(routes!(grants::correct))
        .routes(routes!(market::give_back))
        .routes(routes!(taking_back::claw_back))
        .routes(routes!(taking_back::void))
        .routes(routes!(stops::grant))
        .routes(routes!(stops::program))
        .routes(routes!(stops::upstreams))
        .routes(routes!(stops::upstream))
        .routes(routes!(upstream_keys::list))
        .routes(routes!(upstream_keys::set, upstream_keys::remove))
        .routes(routes!(upstream_keys::reseal))
        .routes(routes!(prices::list, prices::propose))
        .routes(routes!(prices::in_force))
        .routes(routes!(prices::show))
        .routes(routes!(prices::decide))
        .merge(of_evidence())
        .merge(of_panels())
        .routes(routes!(studies::list, studies::make))
        .routes(routes!(studies::show, studies::change, studies::close))
        .routes(routes!(studies::move_budget))
        .merge(of_participants())
        .routes(routes!(keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::change_cap))
        .routes(routes!(market::show))
        .routes(routes!(market::list))
        .routes(routes!(market::listing))
        .routes(routes!(market::withdraw))
        .routes(routes!(market::buy))
        .routes(routes!(market::trades))
        .routes(routes!(market::cash))
        .routes(routes!(applications::list))
        .routes(routes!(judging::show))
        .routes(routes!(judging::decide))
        .routes(routes!(judging::approve))
        .routes(routes!(judging::check_eligibility))
        .routes(routes!(judging::check_proposal))
        .routes(routes!(judging::plan_application))
        .routes(routes!(judging::set_delivery_day))
        .routes(routes!(estimates::estimate))
        .routes(routes!(people::appoint))
        .routes(routes!(people::card))
        .routes(routes!(people::export))
        .routes(routes!(mails::list, mails::send_trial))
        .routes(routes!(mails::retry))
        .routes(routes!(mails::bounce))
        .routes(routes!(suspense::list))
        .routes(routes!(suspense::settle))
        .routes(routes!(clock::show))
        .routes(routes!(clock::advance))
}

fn of_participants() -> OpenApiRouter<Arc<Config>> {
    OpenApiRouter::new()
        .routes(routes!(participants::list, participants::invite))
        .routes(routes!(participants::change, participants::remove))
        .routes(routes!(participants::send_again))
}

fn of_evidence() -> OpenApiRouter<Arc<Config>> {
    OpenApiRouter::new()
        .routes(routes!(evidence::show, evidence::vouch))
        .routes(routes!(evidence::answer_claim))
        .routes(routes!(evidence::address))
        .routes(routes!(evidence::appeals))
        .routes(routes!(evidence::appeal))
        .routes(routes!(evidence::answer_appeal))
        .routes(routes!(institutions::find, institutions::take))
}

fn of_panels() -> OpenApiRouter<Arc<Config>> {
    OpenApiRouter::new()
        .routes(routes!(panels::show))
        .routes(routes!(panels::plan))
        .routes(routes!(panels::invite))
        .routes(routes!(panels::reviewers, panels::add))
        .routes(routes!(panels::release))
        .routes(routes!(proposals::show, proposals::record))
        .routes(routes!(proposals::to_approve, proposals::approve))
        .routes(routes!(proposals::waiting))
        .routes(routes!(proposals::screen))
        .routes(routes!(proposals::take_back))
        .routes(routes!(proposals::offer))
        .routes(routes!(rounds::report))
        .routes(routes!(rounds::export))
        .routes(routes!(rounds::simulate))
}

async fn nothing_here(uri: Uri) -> Refusal {
    let path = uri.path();
    Refusal::not_found(&format!(
        "there is nothing at `{path}`\nhint: `/api/openapi.json` lists every route"
    ))
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let sentence = format!(
        "`{}` does not answer `{method}`\nhint: `/api/openapi.json` lists every route",
        uri.path()
    );
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &sentence)
}
