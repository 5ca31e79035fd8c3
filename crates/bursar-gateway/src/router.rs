//! Which path leads where. Every answer carries a request id.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use bursar_kernel::Endpoint;

use crate::batches;
use crate::calls;
use crate::config::{Config, ConfigError};
use crate::errors::Failure;
use crate::files;
use crate::flight::InFlight;
use crate::gateway::Gateway;
use crate::models;
use crate::poller::Poller;
use crate::receipt;
use crate::serve::serve;
use crate::states::UpstreamStates;
use crate::upstreams::Upstreams;

/// A router that serves `/v1/...`, with what goes with it.
pub struct Served {
    /// Serves `/v1/...`.
    pub router: Router,
    /// The calls in flight.
    pub in_flight: InFlight,
    /// What asks after batches.
    pub poller: Poller,
    /// How the upstreams are.
    pub upstreams: UpstreamStates,
}

/// A router that serves `/v1/...`, with what goes with it.
///
/// It brings no fallback of its own, so that it merges with whatever serves the other paths.
pub fn router(config: Config) -> Result<Served, ConfigError> {
    let in_flight = InFlight::default();
    let upstreams = Upstreams::new(config.upstreams, config.calls.catalog())?;
    let portal_url = config.portal_url.trim_end_matches('/').to_owned();
    let gateway = Gateway::new(config.calls, upstreams, portal_url, in_flight.clone());
    let gateway = Arc::new(gateway);
    let states = UpstreamStates::new(Arc::clone(&gateway));
    let poller = Poller::new(Arc::clone(&gateway));
    let metered_routes = Endpoint::ALL.into_iter().fold(Router::new(), |router, endpoint| {
        router.route(&format!("/v1{}", endpoint.path()), metered(endpoint))
    });
    let router = belonging_routes(metered_routes)
        .route("/v1/models", get(list_models).fallback(only_get))
        .route("/v1/models/{model}", get(show_model).fallback(only_get))
        .route("/v1/bursar/calls/{request}", get(show_call).fallback(only_get))
        .route("/v1", any(unknown_url))
        .route("/v1/", any(unknown_url))
        .route("/v1/{*rest}", any(unknown_url))
        .with_state(gateway);
    Ok(Served { router, in_flight, poller, upstreams: states })
}

type Shared = State<Arc<Gateway>>;
type Routes = Router<Arc<Gateway>>;

/// The routes of what a grant makes in an upstream's account.
fn belonging_routes(router: Routes) -> Routes {
    router
        .route("/v1/files", get(files::list).post(files::upload).fallback(only_get_and_post))
        .route(
            "/v1/files/{id}",
            get(files::show).delete(files::remove).fallback(only_get_and_delete),
        )
        .route("/v1/files/{id}/content", get(files::content).fallback(only_get))
        .route("/v1/batches", get(batches::list).post(batches::create).fallback(only_get_and_post))
        .route("/v1/batches/{id}", get(batches::show).fallback(only_get))
        .route("/v1/batches/{id}/cancel", post(batches::cancel).fallback(only_post))
}

/// A route of a metered endpoint.
fn metered(endpoint: Endpoint) -> MethodRouter<Arc<Gateway>> {
    let handler = move |State(gateway): Shared, request: Request| serve(gateway, endpoint, request);
    post(handler).fallback(only_post)
}

async fn list_models(State(gateway): Shared, request: Request) -> Response {
    let answer = models::list(&gateway, request.headers()).await;
    receipt::label(&gateway, answer)
}

async fn show_model(
    State(gateway): Shared,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let answer = models::show(&gateway, request.headers(), &name).await;
    receipt::label(&gateway, answer)
}

async fn show_call(State(gateway): Shared, Path(name): Path<String>, request: Request) -> Response {
    let answer = calls::show(&gateway, request.headers(), &name).await;
    receipt::label(&gateway, answer)
}

async fn unknown_url(State(gateway): Shared, request: Request) -> Response {
    let failure = Failure::unknown_url(request.method(), request.uri().path());
    receipt::label(&gateway, Err(failure))
}

async fn only_post(State(gateway): Shared, request: Request) -> Response {
    let failure = Failure::wrong_method(request.method(), request.uri().path(), "POST");
    receipt::label(&gateway, Err(failure))
}

async fn only_get_and_post(State(gateway): Shared, request: Request) -> Response {
    let failure = Failure::wrong_method(request.method(), request.uri().path(), "GET or POST");
    receipt::label(&gateway, Err(failure))
}

async fn only_get_and_delete(State(gateway): Shared, request: Request) -> Response {
    let failure = Failure::wrong_method(request.method(), request.uri().path(), "GET or DELETE");
    receipt::label(&gateway, Err(failure))
}

async fn only_get(State(gateway): Shared, request: Request) -> Response {
    let failure = Failure::wrong_method(request.method(), request.uri().path(), "GET");
    receipt::label(&gateway, Err(failure))
}
