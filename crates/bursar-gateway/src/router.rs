//! Which path leads where. Every answer carries a request id.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_response_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use bursar_kernel::Endpoint;
use bursar_upstream::{ConfigError, Switches, Upstreams};
use http::Method;

use crate::config::Config;
use crate::flight::InFlight;
use crate::gateway::Gateway;
use crate::not_offered::NOT_OFFERED;
use crate::poller::Poller;
use crate::receipt;
use crate::routes::{Route, routes};
use crate::serve::serve;
use crate::states::UpstreamStates;
use bursar_failures::Failure;

/// What every path of the provider's begins with.
const PREFIX: &str = "/v1";

/// A router that serves `/v1/...`, with what goes with it.
pub struct Served {
    /// Serves `/v1/...`.
    pub router: Router,
    /// Serves calls, as the router does, without looking among all paths.
    pub calls: CallDoor,
    /// The calls in flight.
    pub in_flight: InFlight,
    /// What asks after batches and responses that are under way.
    pub poller: Poller,
    /// How the upstreams are.
    pub upstreams: UpstreamStates,
}

/// The straight way for calls: finding one's way among all paths costs as much as reading a call.
#[derive(Clone)]
pub struct CallDoor(Arc<Gateway>);

impl CallDoor {
    /// The endpoint that a request calls; `None` for one that is the router's.
    pub fn endpoint<B>(&self, request: &http::Request<B>) -> Option<Endpoint> {
        if request.method() != Method::POST {
            return None;
        }
        let path = request.uri().path().strip_prefix(PREFIX)?;
        Endpoint::posted().find(|endpoint| path == endpoint.path())
    }

    /// Serves a call.
    pub async fn serve(self, endpoint: Endpoint, request: Request) -> Response {
        serve(self.0, endpoint, request).await
    }
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
    let gateway =
        Gateway::new(config.calls, upstreams, portal_url, in_flight.clone(), config.spans);
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
    // A call names its own answer, and nothing stands around it that it does not need.
    let label = map_response_with_state(Arc::clone(&gateway), receipt::label);
    let router = paths.into_iter().fold(Router::new(), |router, (path, methods, handlers)| {
        let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let allowed = methods.join(" or ");
        let other = move |request| ready(wrong_method(&request, &allowed));
        let other = any(other).layer(label.clone());
        let is_call =
            Endpoint::ALL.iter().any(|call| path.strip_prefix(PREFIX) == Some(call.path()));
        let handlers = if is_call { handlers } else { handlers.layer(label.clone()) };
        router.route(&path, handlers.fallback_service(other))
    });
    let others = NOT_OFFERED.iter().fold(Router::new(), |router, one| {
        let refuse = any(move |request| ready(not_offered(&request, one.why)));
        one.paths().fold(router, |router, path| router.route(&path, refuse.clone()))
    });
    let others = others
        .route("/v1", any(unknown_url))
        .route("/v1/", any(unknown_url))
        .route("/v1/{*rest}", any(unknown_url))
        .layer(label);
    let calls = CallDoor(Arc::clone(&gateway));
    let router = router.merge(others).with_state(gateway);
    Ok(Served { router, calls, in_flight, poller, upstreams: states })
}

/// A method that a path does not answer to.
fn wrong_method(request: &Request, allowed: &str) -> Failure {
    Failure::wrong_method(request.method(), request.uri().path(), allowed)
}

fn not_offered(request: &Request, why: &str) -> Failure {
    Failure::not_offered(request.method(), request.uri().path(), why)
}

async fn unknown_url(request: Request) -> Failure {
    Failure::unknown_url(request.method(), request.uri().path())
}
