//! `GET /v1/realtime`: who asks for a session and with which model. What goes on in it is
//! [`bursar_sessions`]'.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bursar_failures::Failure;
use bursar_kernel::limits::REALTIME_MESSAGE_BYTES_MAX;
use bursar_kernel::{Endpoint, RequestId};
use bursar_meter::known_model;
use bursar_sessions::{Opening, Stopping, open};
use bursar_socket::{NotASocket, Offer};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Uri};

use crate::gateway::Gateway;
use crate::identify::identify;
use crate::receipt;

/// What a browser, which can set no header, puts before its key among the subprotocols.
const KEY: &str = "openai-insecure-api-key.";
/// Subprotocols that are answered, the first that is offered. A key never is.
const ANSWERED: [&str; 2] = ["realtime", "openai-beta.realtime-v1"];

/// Serves a realtime session.
pub(crate) async fn serve(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (request_id, received_at) = gateway.calls.new_request();
    let model = model_named(request.uri()).ok();
    let mut response =
        begin(&gateway, request, request_id).await.unwrap_or_else(Failure::into_response);
    let catalog = gateway.calls.catalog();
    if let Some(model) = model.and_then(|name| catalog.model(&name).cloned()) {
        receipt::warn_of_shutdown(response.headers_mut(), &model, received_at);
    }
    receipt::named(response, request_id)
}

async fn begin(
    gateway: &Arc<Gateway>,
    mut request: Request,
    request_id: RequestId,
) -> Result<Response, Failure> {
    let offer = Offer::take(&mut request);
    let headers = with_key(request.headers(), offer.as_ref().ok());
    let caller = identify(&gateway.calls, &headers).await?;
    let offer = offer.map_err(not_a_socket)?;
    let asked_as = model_named(request.uri())?;
    let catalog = gateway.calls.catalog();
    let model = known_model(Endpoint::Realtime, &asked_as, &catalog);
    let model = Arc::clone(model.map_err(|bad| Failure::bad_request(&bad))?);
    let opening = Opening {
        calls: Arc::clone(&gateway.calls),
        upstreams: gateway.upstreams(),
        portal_url: gateway.portal_url.clone(),
        caller,
        model,
        asked_as,
        request: request_id,
    };
    let ready = Box::pin(open(opening, &gateway.sessions)).await?;
    let offered = |name: &&&str| offer.protocols().iter().any(|one| one == **name);
    let protocol = ANSWERED.iter().find(offered).copied();
    let is_sandbox = ready.is_sandbox();
    let (answer, socket) = offer.accept(protocol, REALTIME_MESSAGE_BYTES_MAX);
    let in_flight = gateway.in_flight.clone();
    let stopping: Stopping = Arc::new(move || in_flight.is_stopping());
    gateway.in_flight.run(async move {
        match socket.await {
            Some(socket) => Box::pin(ready.run(socket, stopping)).await,
            None => ready.give_up().await,
        }
    })?;
    let mut response = answer.map(|()| Body::empty());
    let headers = receipt::passed_on(&HeaderMap::new(), is_sandbox);
    response.headers_mut().extend(headers);
    Ok(response)
}

/// The headers, with the key of a browser's among them where there is no other.
fn with_key(headers: &HeaderMap, offer: Option<&Offer>) -> HeaderMap {
    let mut headers = headers.clone();
    let keys = offer.map(Offer::protocols).unwrap_or_default();
    let key = keys.iter().find_map(|protocol| protocol.strip_prefix(KEY));
    if let Some(key) = key.filter(|_| !headers.contains_key(AUTHORIZATION))
        && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {key}"))
    {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    headers
}

fn not_a_socket(why: NotASocket) -> Failure {
    Failure::not_a_socket(&why.to_string())
}

/// The model that an address names. Nothing else in it means anything here, so nothing else is
/// taken.
fn model_named(uri: &Uri) -> Result<String, Failure> {
    let mut model = None;
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name != "model" {
            let shown: String = name.chars().take(64).collect();
            let message = format!(
                "`{shown}` is nothing that this gateway takes in the address of a realtime \
                 session. Name the model alone, as in `/v1/realtime?model=gpt-realtime`, and set \
                 the rest with `session.update`."
            );
            return Err(Failure::query(&shown, "unknown_parameter", message));
        }
        // Names of models have no characters that an address would write otherwise, save this.
        if model.replace(value.replace("%3A", ":").replace("%3a", ":")).is_some() {
            let message = "`model` is named twice. Name it once.".to_owned();
            return Err(Failure::query("model", "duplicate_parameter", message));
        }
    }
    model.filter(|name| !name.is_empty()).ok_or_else(|| {
        let message = "Name the model in the address, as in `/v1/realtime?model=gpt-realtime`.";
        Failure::query("model", "missing_required_parameter", message.to_owned())
    })
}
