//! A call on its way, and what its task hands back to its client.

use std::sync::Arc;

use bursar_calls::{Caller, HoldRefused, RateRefused};
use bursar_kernel::{Model, RequestId, Timestamp};
use bursar_meter::CallRequest;
use bursar_policy::Permit;
use bursar_telemetry::Trace;
use bursar_upstream::Upstreams;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};

use crate::gateway::Gateway;
use crate::stream::Chunk;
use bursar_failures::{Failure, Pages, Shortage};

/// A call whose caller and request are known.
pub(crate) struct Call {
    pub(crate) gateway: Arc<Gateway>,
    /// The upstreams when it came.
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) request: Arc<CallRequest>,
    pub(crate) model: Arc<Model>,
    /// The upstream that it has to go to, where what it goes on from lies there.
    pub(crate) goes_to: Option<String>,
    pub(crate) body_bytes: usize,
    pub(crate) request_id: RequestId,
    pub(crate) received_at: Timestamp,
    /// Its place in a trace, where one is told of it.
    pub(crate) trace: Option<Trace>,
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

impl Call {
    /// Leave to make this call, or why not.
    pub(crate) fn admit(&self) -> Result<Permit, Failure> {
        let (endpoint, now) = (self.request.endpoint, self.gateway.calls.now());
        let permit = self.caller.admit(endpoint, &self.model, now);
        permit.map_err(|denial| Failure::denied(&denial, &self.model, self.pages()))
    }

    /// Whether the call may still go, once its money is there: it may have waited for that, and
    /// somebody may have stopped its key, its grant or its program meanwhile.
    pub(crate) async fn may_still_go(&self) -> Result<(), Failure> {
        let caller = self.gateway.calls.identify_again(&self.caller).await;
        let caller = caller.map_err(|error| Failure::no_store(&error))?;
        if Arc::ptr_eq(&caller, &self.caller) {
            return Ok(());
        }
        let (endpoint, now) = (self.request.endpoint, self.gateway.calls.now());
        let permit = caller.admit(endpoint, &self.model, now);
        permit.map_err(|denial| Failure::denied(&denial, &self.model, self.pages())).map(|_| ())
    }

    /// The output limit that is held for and forwarded: the client's, else the program's.
    pub(crate) fn output_limit(&self) -> u64 {
        let default = self.caller.program().entitlements.output_tokens_default;
        self.request.output_limit(&self.model, default)
    }

    fn pages(&self) -> Pages<'_> {
        Pages { portal_url: &self.gateway.portal_url, caller: &self.caller }
    }

    /// The call may not go now.
    pub(crate) fn rate_refused(&self, refused: RateRefused) -> Failure {
        Failure::rate_refused(&refused, &self.model, self.pages())
    }

    /// No money was set aside.
    pub(crate) fn hold_refused(&self, refused: &HoldRefused, shortage: Shortage) -> Failure {
        Failure::hold_refused(refused, shortage, self.pages())
    }
}

impl From<Failure> for Answered {
    fn from(failure: Failure) -> Self {
        let payload = Payload::Whole(failure.envelope.to_bytes());
        Self { status: failure.status, headers: failure.headers(), payload }
    }
}
