//! A call's nine steps, in order.

use std::pin::pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bursar_calls::Caller;
use bursar_kernel::{Endpoint, Model, RequestId, Timestamp};
use bursar_meter::{CallRequest, Evidence, Kept, resolve, resolve_form};
use bursar_store::rows::{Belonging, BelongingKind, CallOutcome};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tokio::sync::oneshot;

use crate::background;
use crate::call::{Answered, Call, Client, Payload};
use crate::forward::{Forwarded, forward};
use crate::gateway::Gateway;
use crate::hold::{self, Held};
use crate::identify::identify;
use crate::patience::Patience;
use crate::plain;
use crate::rate;
use crate::receipt;
use crate::receive::receive;
use crate::settle::{Ending, settle};
use crate::stream::{self, Chunks};
use crate::weigh::weighing;
use bursar_failures::Failure;

/// Serves a call at a metered endpoint.
pub(crate) async fn serve(gateway: Arc<Gateway>, endpoint: Endpoint, http: Request) -> Response {
    let (request_id, received_at) = gateway.calls.new_request();
    let answer = answer(gateway, endpoint, http, request_id, received_at).await;
    receipt::named(answer.unwrap_or_else(Failure::into_response), request_id)
}

/// The first three steps, and the wait for the others.
async fn answer(
    gateway: Arc<Gateway>,
    endpoint: Endpoint,
    http: Request,
    request_id: RequestId,
    received_at: Timestamp,
) -> Result<Response, Failure> {
    let (head, body) = http.into_parts();
    let caller = identify(&gateway.calls, &head.headers).await?;
    let body = receive(endpoint, body).await?;
    let body_bytes = body.len();
    let (mut request, model) = understand(&gateway, endpoint, &head.headers, body).await?;
    let goes_to = go_on(&gateway, &caller, &mut request, &model).await?;
    let call = Call {
        gateway: Arc::clone(&gateway),
        upstreams: gateway.upstreams(),
        caller,
        request: Arc::new(request),
        model: Arc::clone(&model),
        goes_to,
        body_bytes,
        request_id,
        received_at,
        trace: gateway.spans.as_ref().and_then(|spans| spans.begin(&head.headers)),
    };
    let (caller, model) = (Arc::clone(&call.caller), Arc::clone(&call.model));
    let (patience, presence) = Patience::begin();
    let (client, answered) = oneshot::channel();
    let attended = gateway.in_flight.begin(call.run(patience, client))?;
    let answered = attended.until(answered).await;
    let Answered { status, mut headers, payload } = answered.ok_or_else(Failure::bug)?;
    rate::write(&gateway, &caller, &model, &mut headers);
    let mut response = Response::new(match payload {
        Payload::Whole(bytes) => Body::from(bytes),
        Payload::Streamed(chunks) => Body::new(Chunks::new(chunks, presence)),
    });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    receipt::warn_of_shutdown(response.headers_mut(), &model, received_at);
    Ok(response)
}

/// Step 3: reads the body once. What it says is all that is forwarded.
async fn understand(
    gateway: &Gateway,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<(CallRequest, Arc<Model>), Failure> {
    let catalog = gateway.calls.catalog();
    let form = endpoint.takes_a_form().then(|| {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        kind.unwrap_or_default().to_owned()
    });
    let bytes = body.len();
    let read = move || {
        let request = match form {
            Some(kind) => resolve_form(endpoint, &kind, &body, &catalog)?,
            None => resolve(endpoint, &body, &catalog)?,
        };
        let model = catalog.models.get(&request.model).cloned();
        Ok((request, model))
    };
    let (request, model) = weighing(bytes, read)
        .await
        .ok_or_else(Failure::bug)?
        .map_err(|bad| Failure::bad_request(&bad))?;
    let model = model.ok_or_else(|| Failure::unknown_model(&request.model_as_asked))?;
    Ok((request, model))
}

/// The stored response that a call goes on from, if it does: its grant's own, and counted in its
/// bound from here on. Says at which upstream it lies.
async fn go_on(
    gateway: &Gateway,
    caller: &Caller,
    request: &mut CallRequest,
    model: &Model,
) -> Result<Option<String>, Failure> {
    let Some(name) = request.previous_response.clone() else { return Ok(None) };
    let found = gateway.calls.belonging(caller, BelongingKind::Response, &name).await;
    let found = found.map_err(|error| Failure::no_store(&error))?;
    let not_found = || Failure::no_previous_response(&name);
    let earlier = found.as_ref().and_then(Belonging::response).ok_or_else(not_found)?;
    let catalog = gateway.calls.catalog();
    let made_by = catalog.models.get(&earlier.model);
    let gone_on = request.go_on_from(&earlier.context, made_by.map(|model| &**model), model);
    gone_on.map_err(|bad| Failure::bad_request(&bad))?;
    Ok(found.map(|earlier| earlier.upstream))
}

impl Call {
    /// The other six steps, to the end, whether or not the client stays.
    async fn run(self, mut patience: Patience, client: Client) {
        if self.request.kept == Kept::InTheBackground {
            // In a box, so that no other call makes room for it.
            Box::pin(background::run(self, patience, client)).await;
            return;
        }
        let mut held = match self.admit_and_hold().await {
            Ok(held) => held,
            Err(failure) => {
                let _ = client.send(failure.into());
                return;
            }
        };
        if patience.is_abandoned() {
            // Nothing was sent, so nothing is due.
            let nothing = Ending::abandoned(Evidence::Refused);
            let _ = Box::pin(settle(&self, held, nothing)).await;
            return;
        }
        held.slot = match self.take_slot(held.bound).await {
            Ok(slot) => slot,
            Err(failure) => {
                Box::pin(self.not_sent(held, failure, client)).await;
                return;
            }
        };
        let left = patience.departure();
        let forwarded = patience.within(pin!(forward(&self, held.output_limit, &left))).await;
        match forwarded.unwrap_or_else(|_| Forwarded::Lost(Failure::timed_out())) {
            Forwarded::Answering(answer) if self.request.stream => {
                stream::pump(self, held, patience, answer, client).await;
            }
            Forwarded::Answering(answer) => {
                plain::pump(self, held, patience, answer, client).await;
            }
            Forwarded::Refused(failure) => {
                Box::pin(self.fail(held, patience, Evidence::Refused, failure, client)).await;
            }
            Forwarded::Lost(failure) => {
                Box::pin(self.fail(held, patience, Evidence::Silence, failure, client)).await;
            }
        }
    }

    /// Steps 4 and 5.
    async fn admit_and_hold(&self) -> Result<Held, Failure> {
        let permit = self.admit()?;
        self.can_be_sent()?;
        self.may_go()?;
        hold::take(self, permit).await
    }

    /// Gives back the hold of a call that is not sent after all, and says why.
    async fn not_sent(&self, held: Held, failure: Failure, client: Client) {
        let released = self.gateway.calls.give_back(held.hold).await;
        let _ = client.send(released.map_or_else(|_| Failure::unsettled(), |()| failure).into());
    }

    /// Settles a call that has no answer, and says so.
    pub(crate) async fn fail(
        &self,
        held: Held,
        mut patience: Patience,
        evidence: Evidence,
        failure: Failure,
        client: Client,
    ) {
        let ending = if patience.is_abandoned() {
            Ending::abandoned(evidence)
        } else {
            let outcome = match &evidence {
                Evidence::Refused => CallOutcome::UpstreamFailed,
                Evidence::Answer(_) | Evidence::Silence => CallOutcome::CutOff,
            };
            Ending { evidence, outcome, status: failure.status, provider: None }
        };
        let answered = match settle(self, held, ending).await {
            Ok(receipt) => {
                let failure = failure.charged(receipt.cost, receipt.estimated);
                let mut answered = Answered::from(failure);
                receipt.write(&mut answered.headers);
                answered
            }
            Err(unsettled) => unsettled.into(),
        };
        let _ = client.send(answered);
    }
}
