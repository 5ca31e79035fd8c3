//! A response in the background: what it can cost is set aside on the lots and its row is written
//! before it goes out, and it is charged once, when it has ended, by the [`crate::poller`] alone.

use std::pin::pin;
use std::sync::Arc;

use bursar_calls::{NewOperation, OperationEnd};
use bursar_kernel::limits::{BACKGROUND_WINDOW, OPEN_RESPONSES_PER_GRANT_MAX};
use bursar_kernel::{Bound, Certainty, Endpoint};
use bursar_meter::{StreamMeter, read_answer};
use bursar_store::rows::{Belonging, BelongingKind, ResponseFacts, What};
use bursar_upstream::{Provider, Trouble, Verdict};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use tracing::error;

use crate::asking::is_plain_name;
use crate::call::{Answered, Call, Client, Payload};
use crate::forward::{Forwarded, Reply, forward};
use crate::hold;
use crate::keeping;
use crate::listing;
use crate::patience::Patience;
use crate::plain;
use crate::receipt;
use crate::relay::Relay;
use bursar_failures::Failure;

/// Sends a response out whose answer is made afterwards.
pub(crate) async fn run(call: Call, mut patience: Patience, client: Client) {
    let (row, bound) = match begin(&call).await {
        Ok(begun) => begun,
        Err(failure) => {
            let _ = client.send(failure.into());
            return;
        }
    };
    let slot = match call.take_slot(bound).await {
        Ok(slot) => slot,
        Err(failure) => {
            let _ = client.send(ended(&call, row, OperationEnd::NotSent, failure).await.into());
            return;
        }
    };
    let forwarded = if patience.is_abandoned() {
        // Nothing was sent, so nothing is due.
        Ok(Forwarded::Refused(Failure::bug()))
    } else {
        let left = patience.departure();
        patience.within(pin!(forward(&call, call.output_limit(), &left))).await
    };
    match forwarded.unwrap_or_else(|_| Forwarded::Lost(Failure::timed_out())) {
        Forwarded::Answering(answer) if call.request.stream => {
            streamed(&call, row, patience, answer, client).await;
        }
        Forwarded::Answering(answer) => {
            let answered = whole(&call, row, patience, answer).await;
            let _ = client.send(answered.unwrap_or_else(Into::into));
        }
        Forwarded::Refused(failure) => {
            if let Some(slot) = slot {
                slot.settle(0);
            }
            let _ = client.send(ended(&call, row, OperationEnd::NotSent, failure).await.into());
        }
        Forwarded::Lost(_) => {
            let _ = client.send(lost(&call, row).await.into());
        }
    }
}

/// Steps 4 and 5: leave, and money on the lots themselves, with the row that says whose it is.
async fn begin(call: &Call) -> Result<(Belonging, Bound), Failure> {
    call.admit()?;
    call.can_be_sent()?;
    call.may_go()?;
    let most = OPEN_RESPONSES_PER_GRANT_MAX;
    let open = listing::open_of(&call.gateway, &call.caller, BelongingKind::Response, most).await?;
    if most <= open {
        return Err(Failure::many_responses());
    }
    let calls = &call.gateway.calls;
    // Bytes bound tokens for nothing; they are counted where that does not fit.
    let mut certainty = Certainty::Bytes;
    loop {
        let bound = hold::bound(call, certainty).await?;
        let new = NewOperation {
            request: call.request_id,
            received_at: call.received_at,
            // Whoever takes it: it is written with the name.
            upstream: call.goes_to.clone().unwrap_or_default(),
            model: call.model.clone(),
            tier: call.request.tier,
            most: bound.cost,
            queued: None,
            window: BACKGROUND_WINDOW,
        };
        let what = |owed| {
            What::Response(Box::new(ResponseFacts {
                request: call.request_id,
                model: call.model.id.clone(),
                context: call.request.context(&bound),
                owed: Some(owed),
            }))
        };
        match calls.begin_operation(&call.caller, call.admit()?, new, what).await {
            Ok(row) => return Ok((row, bound)),
            Err(refused) if refused.is_short() && certainty == Certainty::Bytes => {
                certainty = Certainty::Counted;
            }
            Err(refused) => {
                let shortage = hold::shortage(call, &refused, bound).await?;
                return Err(call.hold_refused(&refused, shortage));
            }
        }
    }
}

/// The answer that comes at once: it has a name, and is not made yet.
async fn whole(
    call: &Call,
    row: Belonging,
    mut patience: Patience,
    Reply { trial, response }: Reply,
) -> Result<Answered, Failure> {
    let provider = Arc::clone(&trial.provider);
    let (head, body) = response.into_parts();
    let Ok(Ok(body)) = patience.within(pin!(plain::read(body))).await else {
        trial.tell(Verdict::Ill(Trouble::BrokeOff), &"an answer broke off");
        return Err(lost(call, row).await);
    };
    trial.tell(Verdict::Well, &"");
    let answer = read_answer(Endpoint::Responses, &body);
    let Some(name) = answer.name() else { return Err(lost(call, row).await) };
    let json = HeaderValue::from_static("application/json");
    let headers = headers(&provider, &row, &head.headers, json);
    Unnamed { call, provider: &provider, row }.name(name).await?;
    let text = String::from_utf8_lossy(&body);
    let body: Bytes = provider.redact(&text).into();
    Ok(Answered { status: head.status, headers, payload: Payload::Whole(body) })
}

/// Passes on the stream of a response that goes on whether or not anybody listens.
async fn streamed(
    call: &Call,
    row: Belonging,
    patience: Patience,
    Reply { trial, response }: Reply,
    client: Client,
) {
    let provider = Arc::clone(&trial.provider);
    let (head, body) = response.into_parts();
    let (mut relay, chunks) = Relay::new(StreamMeter::new(&call.request), patience);
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    let headers = headers(&provider, &row, &head.headers, kind);
    let payload = Payload::Streamed(chunks);
    let _ = client.send(Answered { status: head.status, headers, payload });
    let mut unnamed = Some(Unnamed { call, provider: &provider, row });
    relay.run(&provider, body, &mut unnamed).await;
    match unnamed {
        None => trial.tell(Verdict::Well, &""),
        Some(Unnamed { row, .. }) => {
            trial.tell(Verdict::Ill(Trouble::BrokeOff), &"a stream broke off");
            let _ = lost(call, row).await;
        }
    }
}

/// A response that its upstream has not named yet.
pub(crate) struct Unnamed<'a> {
    call: &'a Call,
    /// Who makes it.
    provider: &'a Provider,
    row: Belonging,
}

impl Unnamed<'_> {
    /// Remembers the name, before anybody hears it.
    pub(crate) async fn name(self, name: &str) -> Result<(), Failure> {
        let Self { call, provider, mut row } = self;
        if !is_plain_name(name) {
            return Err(lost(call, row).await);
        }
        row.upstream.clone_from(&provider.name);
        row.upstream_id = Some(name.to_owned());
        keeping::remember(&call.gateway, row).await.map(drop)
    }
}

/// Nobody knows whether it was taken: its hold goes to suspense.
async fn lost(call: &Call, row: Belonging) -> Failure {
    ended(call, row, OperationEnd::Unknown, Failure::response_lost()).await
}

/// Ends what did not go out, or got lost on its way, and gives what its caller hears.
async fn ended(call: &Call, row: Belonging, end: OperationEnd, failure: Failure) -> Failure {
    match call.gateway.calls.end_operation(row, end).await {
        Ok(()) => failure,
        Err(error) => {
            error!(%error, "a response that did not go out could not be ended");
            Failure::unsettled()
        }
    }
}

fn headers(
    provider: &Provider,
    row: &Belonging,
    upstream: &HeaderMap,
    kind: HeaderValue,
) -> HeaderMap {
    let mut headers = receipt::passed_on(upstream, provider.is_sandbox);
    headers.insert(CONTENT_TYPE, kind);
    if let Some(owed) = row.owed() {
        receipt::write_hold(&mut headers, owed.held, None);
    }
    headers
}
