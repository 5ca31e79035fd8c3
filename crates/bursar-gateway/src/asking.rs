//! What is asked of an upstream that is no call: files, batches and stored responses.

use std::sync::Arc;
use std::time::Duration;

use bursar_calls::Caller;
use bursar_kernel::ModelId;
use bursar_upstream::{Answer, Asking, Places, Provider, SendError, Trial, Trouble, Verdict, Want};
use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use tracing::{error, warn};

use crate::forward;
use crate::gateway::Gateway;
use crate::plain;
use bursar_failures::{Failure, chain};

/// How long an upstream may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);
/// How long it may take where a file of many megabytes is on its way to it.
const UPLOADED_WITHIN: Duration = Duration::from_mins(10);
/// Bytes of what is sent from which on it is a file.
const FILE_BYTES: usize = 64 * 1024;

/// Why an upstream did not do what it was asked.
pub(crate) enum NotDone {
    /// It refused, or was never reached: nothing was done.
    Refused(StatusCode, Failure),
    /// It was asked, and nobody knows whether it was done.
    Lost(Failure),
}

impl NotDone {
    /// What the caller hears.
    pub(crate) fn failure(self) -> Failure {
        match self {
            Self::Refused(_, failure) | Self::Lost(failure) => failure,
        }
    }

    /// Whether no connection was made, so that another upstream can be asked.
    pub(crate) fn is_not_sent(&self) -> bool {
        // What an upstream itself says by this status is lost, and not refused.
        matches!(self, Self::Refused(StatusCode::SERVICE_UNAVAILABLE, _))
    }

    /// Whether the upstream says that there is no such thing.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Refused(StatusCode::NOT_FOUND | StatusCode::GONE, _))
    }
}

impl Gateway {
    /// The upstream that a caller's new file goes to, with its place among those that were tried.
    pub(crate) fn provider_of_file(
        &self,
        caller: &Caller,
        model: Option<&ModelId>,
        tried: Places,
    ) -> Result<(Trial, usize), Failure> {
        let group = &caller.program().entitlements.upstream_group;
        let (now, want) = (self.calls.now(), Want::Files(model));
        match self.upstreams().choose(group, want, tried, now) {
            Ok(chosen) => {
                let trial = Trial::begin(chosen.provider, chosen.leave, self.calls.clock());
                Ok((trial, chosen.place))
            }
            Err(nobody) => {
                Err(Failure::nobody(nobody, group, now, || Failure::no_files_here(model)))
            }
        }
    }

    /// The upstream in whose account something lies.
    pub(crate) fn provider_named(&self, name: &str) -> Result<Arc<Provider>, Failure> {
        self.upstreams().named(name).map(Arc::clone).ok_or_else(|| {
            error!(
                upstream.name = name,
                "something lies at upstream `{name}`, which is not configured any more"
            );
            Failure::upstream_unavailable()
        })
    }

    /// The same, for something new that is to be done there.
    pub(crate) fn provider_that_goes(&self, name: &str) -> Result<Arc<Provider>, Failure> {
        let provider = self.provider_named(name)?;
        if provider.is_stopped() { Err(Failure::upstreams_stopped()) } else { Ok(provider) }
    }

    /// Asks an upstream for something by its address.
    pub(crate) fn asking(&self, method: Method, path: String) -> Asking {
        let (request, _) = self.calls.new_request();
        let content_type = "application/json".to_owned();
        Asking { method, path, content_type, body: Bytes::new(), request }
    }
}

/// Asks, and gives an answer that is no refusal.
pub(crate) async fn ask(provider: &Provider, asking: Asking) -> Result<Response<Answer>, NotDone> {
    let lost = || NotDone::Lost(Failure::broke_off());
    let is_file = FILE_BYTES < asking.body.len();
    let within = if is_file { UPLOADED_WITHIN } else { ANSWERED_WITHIN };
    let asked = tokio::time::timeout(within, provider.ask(&asking)).await;
    match asked.map_err(|_| lost())? {
        Ok(response) if response.status().is_success() => Ok(response),
        Ok(response) => Err(refusal(provider, &asking, response).await),
        Err(SendError::NotSent(reason)) => {
            warn!(
                upstream.name = provider.name, error = %chain(&*reason),
                "upstream `{}` cannot be reached", provider.name
            );
            let failure = Failure::upstream_unavailable();
            Err(NotDone::Refused(StatusCode::SERVICE_UNAVAILABLE, failure))
        }
        Err(SendError::Lost(reason)) => {
            warn!(
                upstream.name = provider.name, error = %chain(&reason),
                "upstream `{}` broke off", provider.name
            );
            Err(lost())
        }
    }
}

async fn refusal(provider: &Provider, asking: &Asking, response: Response<Answer>) -> NotDone {
    let error = forward::refused(provider, response).await;
    if error.verdict() == Verdict::Ill(Trouble::RefusesUs) {
        error!(
            upstream.name = provider.name, request.id = %asking.request, said = error.said(),
            "upstream `{}` {}", provider.name, Trouble::RefusesUs.words()
        );
    }
    if error.may_have_been_billed(provider.bills_refusals) || error.status.is_server_error() {
        return NotDone::Lost(error.failure_of_none());
    }
    NotDone::Refused(error.status, error.failure_of_none())
}

/// Asks, and reads the answer as a type.
pub(crate) async fn ask_json<T: DeserializeOwned>(
    provider: &Provider,
    asking: Asking,
) -> Result<T, NotDone> {
    let text = ask_text(provider, asking).await?;
    serde_json::from_str(&text).map_err(|_| NotDone::Lost(Failure::strange_answer()))
}

/// Asks, and reads the answer as a text.
pub(crate) async fn ask_text(provider: &Provider, asking: Asking) -> Result<String, NotDone> {
    let response = ask(provider, asking).await?;
    let read = tokio::time::timeout(ANSWERED_WITHIN, plain::read(response.into_body())).await;
    let body = read.map_err(|_| NotDone::Lost(Failure::broke_off()))?.map_err(NotDone::Lost)?;
    // An upstream's words may name the account that all callers share.
    Ok(provider.redact(&String::from_utf8_lossy(&body)))
}

/// Whether an upstream's name for something is one that an address can carry.
pub(crate) fn is_plain_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
