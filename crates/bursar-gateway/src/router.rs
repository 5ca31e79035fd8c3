//! Which path leads where. Every answer carries a request id.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use bursar_upstream::{ConfigError, Switches, Upstreams};
use http::Method;

use crate::config::Config;
use crate::errors::Failure;
use crate::flight::InFlight;
use crate::gateway::Gateway;
use crate::poller::Poller;
use crate::receipt;
use crate::routes::{NOT_OFFERED, Route, routes};
use crate::states::UpstreamStates;

/// A router that serves `/v1/...`, with what goes with it.
pub struct Served {
    /// Serves `/v1/...`.
    pub router: Router,
    /// The calls in flight.
    pub in_flight: InFlight,
    /// What asks after batches and responses that are under way.
    pub poller: Poller,
    /// How the upstreams are.
    pub upstreams: UpstreamStates,
}

/// A router that serves `/v1/...`, with what goes with it.
///
/// It brings no fallback of its own, so that it merges with whatever serves the other paths.
pub fn router(config: Config) -> Result<Served, ConfigError> {
    let in_flight = InFlight::default();
    let calls = &config.calls;
    let switches = |name: &str| Switches {
        stopped: calls.upstream(name).flag(),
        key: calls.upstream_key(name),
    };
    let upstreams = Upstreams::new(config.upstreams, &calls.catalog(), switches)?;
    let portal_url = config.portal_url.trim_end_matches('/').to_owned();
    let gateway = Gateway::new(config.calls, upstreams, portal_url, in_flight.clone());
    let gateway = Arc::new(gateway);
    let states = UpstreamStates::new(Arc::clone(&gateway));
    let poller = Poller::new(Arc::clone(&gateway));
    let mut paths: Vec<(String, Vec<Method>, MethodRouter<Arc<Gateway>>)> = Vec::new();
    for Route { method, path, handler, effects: _ } in routes() {
        match paths.iter_mut().find(|(known, ..)| *known == path) {
            None => paths.push((path, vec![method], handler)),
            Some((_, methods, handlers)) => {
                methods.push(method);
                *handlers = std::mem::take(handlers).merge(handler);
            }
        }
    }
    let router = paths.into_iter().fold(Router::new(), |router, (path, methods, handlers)| {
        let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let allowed = methods.join(" or ");
        let other = move |gateway, request| ready(wrong_method(gateway, request, &allowed));
        router.route(&path, handlers.fallback(other))
    });
    let router = NOT_OFFERED.into_iter().fold(router, |router, (path, why)| {
        router.route(path, any(move |gateway, request| ready(not_offered(gateway, request, why))))
    });
    let router = router
        .route("/v1", any(unknown_url))
        .route("/v1/", any(unknown_url))
        .route("/v1/{*rest}", any(unknown_url))
        .with_state(gateway);
    Ok(Served { router, in_flight, poller, upstreams: states })
}

type Shared = State<Arc<Gateway>>;

/// A method that a path does not answer to.
fn wrong_method(State(gateway): Shared, request: Request, allowed: &str) -> Response {
    let failure = Failure::wrong_method(request.method(), request.uri().path(), allowed);
    receipt::label(&gateway, Err(failure))
}

fn not_offered(State(gateway): Shared, request: Request, why: &str) -> Response {
    let failure = Failure::not_offered(request.method(), request.uri().path(), why);
    receipt::label(&gateway, Err(failure))
}

async fn unknown_url(State(gateway): Shared, request: Request) -> Response {
    let failure = Failure::unknown_url(request.method(), request.uri().path());
    receipt::label(&gateway, Err(failure))
}
