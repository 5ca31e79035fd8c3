//! A call's nine steps, in order.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bursar_kernel::{Endpoint, Model, RequestId, Timestamp};
use bursar_meter::{CallRequest, Evidence, resolve};
use bursar_policy::Permit;
use bursar_service::{Caller, HoldRefused};
use bursar_store::rows::CallOutcome;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};

use crate::errors::{Failure, Pages, Shortage};
use crate::forward::{Forwarded, forward};
use crate::hold::{self, Held};
use crate::identify::identify;
use crate::patience::Patience;
use crate::plain;
use crate::receipt;
use crate::receive::receive;
use crate::router::Gateway;
use crate::settle::{Ending, settle};
use crate::stream::{self, Chunk, Chunks};
use crate::weigh::weighing;

/// A call whose caller and request are known.
pub(crate) struct Call {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) request: Arc<CallRequest>,
    pub(crate) model: Arc<Model>,
    pub(crate) body_bytes: usize,
    pub(crate) request_id: RequestId,
    pub(crate) received_at: Timestamp,
}

/// What the call's task hands to the client's future.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

/// The body of an answer.
pub(crate) enum Payload {
    /// All of it.
    Whole(Bytes),
    /// As it comes.
    Streamed(mpsc::Receiver<Chunk>),
}

/// The task's end of the client's future.
pub(crate) type Client = oneshot::Sender<Answered>;

/// Serves a call at a metered endpoint.
pub(crate) async fn serve(gateway: Arc<Gateway>, endpoint: Endpoint, http: Request) -> Response {
    let (request_id, received_at) = gateway.service.new_request();
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
    let caller = identify(&gateway.service, &head.headers).await?;
    let body = receive(body).await?;
    let body_bytes = body.len();
    let (request, model) = understand(&gateway, endpoint, body).await?;
    let call = Call {
        gateway: Arc::clone(&gateway),
        caller,
        request: Arc::new(request),
        model,
        body_bytes,
        request_id,
        received_at,
    };
    let (patience, presence) = Patience::begin();
    let (client, answered) = oneshot::channel();
    gateway.calls.run(call.run(patience, client))?;
    let Answered { status, headers, payload } = answered.await.map_err(|_| Failure::bug())?;
    let mut response = Response::new(match payload {
        Payload::Whole(bytes) => Body::from(bytes),
        Payload::Streamed(chunks) => Body::new(Chunks::new(chunks, presence)),
    });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Step 3: reads the body once. What it says is all that is forwarded.
async fn understand(
    gateway: &Gateway,
    endpoint: Endpoint,
    body: Bytes,
) -> Result<(CallRequest, Arc<Model>), Failure> {
    let catalog = Arc::clone(gateway.service.catalog());
    let bytes = body.len();
    let read = move || {
        let request = resolve(endpoint, &body, &catalog)?;
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

impl Call {
    /// The other six steps, to the end, whether or not the client stays.
    async fn run(self, mut patience: Patience, client: Client) {
        let held = match self.admit_and_hold().await {
            Ok(held) => held,
            Err(failure) => {
                let _ = client.send(failure.into());
                return;
            }
        };
        if patience.is_abandoned() {
            // Nothing was sent, so nothing is due.
            let _ = settle(&self, held, Ending::abandoned(Evidence::Refused)).await;
            return;
        }
        let forwarded = patience.within(forward(&self, &held)).await;
        match forwarded.unwrap_or_else(|_| Forwarded::Lost(Failure::timed_out())) {
            Forwarded::Answering(answer) if self.request.stream => {
                stream::pump(self, held, patience, answer, client).await;
            }
            Forwarded::Answering(answer) => {
                plain::pump(self, held, patience, answer, client).await;
            }
            Forwarded::Refused(failure) => {
                self.fail(held, patience, Evidence::Refused, failure, client).await;
            }
            Forwarded::Lost(failure) => {
                self.fail(held, patience, Evidence::Silence, failure, client).await;
            }
        }
    }

    /// Steps 4 and 5.
    async fn admit_and_hold(&self) -> Result<Held, Failure> {
        let permit = self.admit()?;
        hold::take(self, permit).await
    }

    /// Leave to make this call, or why not.
    pub(crate) fn admit(&self) -> Result<Permit, Failure> {
        let (endpoint, now) = (self.request.endpoint, self.gateway.service.now());
        let permit = self.caller.admit(endpoint, &self.model, now);
        permit.map_err(|denial| Failure::denied(&denial, &self.model, self.pages()))
    }

    /// The output limit that is held for and forwarded: the client's, else the program's.
    pub(crate) fn output_limit(&self) -> u64 {
        let default = self.caller.program().entitlements.output_tokens_default;
        self.request.output_limit(&self.model, default)
    }

    fn pages(&self) -> Pages<'_> {
        Pages { portal_url: &self.gateway.portal_url, caller: &self.caller }
    }

    /// No money was set aside.
    pub(crate) fn hold_refused(&self, refused: &HoldRefused, shortage: Shortage) -> Failure {
        Failure::hold_refused(refused, shortage, self.pages())
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
            Ending { evidence, outcome, status: failure.status }
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

impl From<Failure> for Answered {
    fn from(failure: Failure) -> Self {
        let payload = Payload::Whole(failure.envelope.to_bytes());
        Self { status: failure.status, headers: failure.headers(), payload }
    }
}
