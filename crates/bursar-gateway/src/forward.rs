//! Step 6: the call goes to an upstream that honours its credit; to another one where the first
//! cannot have billed it.

use std::sync::Arc;
use std::time::Duration;

use bursar_upstream::{
    Answer, Chosen, Nobody, Places, Provider, SendError, Sending, Trial, Trouble, Verdict, Want,
};
use http::Response;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::call::Call;
use bursar_failures::{Failure, Retry, UpstreamError, chain};

/// Upstreams that one call is sent to at the most: more would make an outage of many an avalanche.
const TRIES_MAX: u32 = 3;
/// After how long a call goes nowhere else any more: its client waits, and may ask again itself.
const ELSEWHERE_WITHIN: Duration = Duration::from_secs(30);

/// What became of a forwarded call.
pub(crate) enum Forwarded {
    /// An answer begins.
    Answering(Reply),
    /// It was refused, or never sent: nothing is due.
    Refused(Failure),
    /// It was sent, and nobody knows what became of it.
    Lost(Failure),
}

/// An answer, and who gives it.
pub(crate) struct Reply {
    pub(crate) trial: Trial,
    pub(crate) response: Response<Answer>,
}

/// What became of a call at one upstream.
enum Attempt {
    /// It is over.
    Over(Forwarded),
    /// It certainly was not billed, and may do better elsewhere.
    Elsewhere(Failure),
}

impl Call {
    /// What an upstream is wanted for.
    pub(crate) fn want(&self) -> Want<'_> {
        // Where what it goes on from lies, and nowhere else.
        if self.request.is_stored() || self.goes_to.is_some() {
            return Want::Stored(&self.model.id, self.goes_to.as_deref());
        }
        Want::Call(self.request.endpoint, &self.model.id)
    }

    /// Whether there is an upstream to send it to, before any money is set aside.
    pub(crate) fn can_be_sent(&self) -> Result<(), Failure> {
        let group = &self.caller.program().entitlements.upstream_group;
        let now = self.gateway.calls.now();
        self.upstreams.is_there(group, self.want(), now).map_err(|nobody| self.nobody(nobody))
    }

    fn choose(&self, tried: Places) -> Result<Chosen, Nobody> {
        let group = &self.caller.program().entitlements.upstream_group;
        self.upstreams.choose(group, self.want(), tried, self.gateway.calls.now())
    }

    fn nobody(&self, nobody: Nobody) -> Failure {
        let group = &self.caller.program().entitlements.upstream_group;
        Failure::nobody(nobody, group, self.gateway.calls.now(), || {
            if self.goes_to.is_some() {
                error!(upstream.name = self.goes_to, "what a call goes on from is out of reach");
                return Failure::upstream_unavailable();
            }
            if self.request.is_stored() {
                return Failure::nobody_stores(&self.model);
            }
            Failure::model_not_served(&self.model)
        })
    }
}

/// Forwards a call: the fields that were understood, under the gateway's own headers, and under
/// one name and one hold wherever it goes. It goes elsewhere only if it was not sent, or refused
/// in so many words before anything was made; and not once its client has left.
pub(crate) async fn forward(call: &Call, output_limit: u64, left: &CancellationToken) -> Forwarded {
    let began = Instant::now();
    let (mut tried, mut heard) = (Places::default(), None::<Failure>);
    loop {
        let chosen = match call.choose(tried) {
            Ok(chosen) => chosen,
            Err(nobody) => {
                return Forwarded::Refused(heard.unwrap_or_else(|| call.nobody(nobody)));
            }
        };
        tried.add(chosen.place);
        let failure = match attempt(call, output_limit, chosen).await {
            Attempt::Over(forwarded) => return forwarded,
            Attempt::Elsewhere(failure) => failure,
        };
        let failure = match heard.take() {
            Some(before) => before.or_sooner(failure),
            None => failure,
        };
        let is_late = ELSEWHERE_WITHIN <= began.elapsed() || left.is_cancelled();
        if is_late || TRIES_MAX <= tried.count() {
            return Forwarded::Refused(failure);
        }
        heard = Some(failure);
    }
}

async fn attempt(call: &Call, output_limit: u64, chosen: Chosen) -> Attempt {
    let Chosen { provider, place: _, leave, is_only } = chosen;
    let Some(address) = provider.address(call.request.endpoint, &call.model.id) else {
        return Attempt::Over(Forwarded::Refused(Failure::model_not_served(&call.model)));
    };
    let form = call.request.upstream_form(&call.request_id.to_string());
    let (content_type, body) = form.unwrap_or_else(|| {
        let pin_tier = provider.pins_service_tier;
        let body = call.request.upstream_body(output_limit, pin_tier, address.model);
        ("application/json".to_owned(), body)
    });
    let sending = Sending {
        uri: address.uri,
        endpoint: call.request.endpoint,
        content_type,
        body,
        stream: call.request.stream,
        request: call.request_id,
        trace: call.trace.map(|trace| trace.header()),
        is_last: is_only,
    };
    let mut trial = Trial::begin(Arc::clone(&provider), leave, call.gateway.calls.clock());
    match provider.send(sending).await {
        Ok(response) if response.status().is_success() => {
            trial.answers();
            Attempt::Over(Forwarded::Answering(Reply { trial, response }))
        }
        Ok(response) => refusal(call, trial, response).await,
        Err(SendError::NotSent(reason)) => {
            trial.tell(Verdict::Ill(Trouble::Unreachable), &chain(&*reason));
            Attempt::Elsewhere(Failure::upstream_unavailable())
        }
        Err(SendError::Lost(reason)) => {
            // Each of these may have cost something that nobody knows: a line for each.
            warn!(
                upstream.name = provider.name, request.id = %call.request_id,
                error = %chain(&reason), "upstream `{}` broke off", provider.name
            );
            trial.tell(Verdict::Ill(Trouble::BrokeOff), &chain(&reason));
            Attempt::Over(Forwarded::Lost(Failure::broke_off()))
        }
    }
}

async fn refusal(call: &Call, trial: Trial, response: Response<Answer>) -> Attempt {
    let provider = Arc::clone(&trial.provider);
    let error = refused(&provider, response).await;
    trial.tell(error.verdict(), &error.said());
    if error.may_have_been_billed(provider.bills_refusals) {
        let failure = if error.is_timeout() {
            Failure::timed_out()
        } else {
            error.failure(&call.model).retry(Retry::Never)
        };
        return Attempt::Over(Forwarded::Lost(failure));
    }
    let failure = error.failure(&call.model);
    if error.is_definite() {
        Attempt::Elsewhere(failure)
    } else {
        Attempt::Over(Forwarded::Refused(failure))
    }
}

/// Reads what an upstream answered instead of an answer.
pub(crate) async fn refused(provider: &Provider, response: Response<Answer>) -> UpstreamError {
    let (head, body) = provider.read_refusal(response).await;
    UpstreamError::new(head.status, &head.headers, body)
}
