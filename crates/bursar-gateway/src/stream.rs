//! Steps 7 to 9 for a stream: passed on while it is metered, charged before its last event.

mod chunks;

use std::sync::Arc;

use bursar_kernel::Bound;
use bursar_kernel::limits::STREAM_CHUNKS_WAITING_MAX;
use bursar_meter::StreamMeter;
use bursar_store::rows::{Belonging, CallOutcome};
use bursar_upstream::{Answer, Provider, Trouble, Verdict};
use bytes::Bytes;
use futures_util::FutureExt;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use crate::call::{Answered, Call, Client, Payload};
use crate::forward::Reply;
use crate::hold::Held;
use crate::keeping;
use crate::patience::{Patience, TimeIsUp};
use crate::receipt;
use crate::settle::{Ending, settle};
use bursar_failures::Failure;

pub(crate) use chunks::{Chunk, Chunks};

/// How an upstream's stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Where it should.
    Whole,
    /// With an error of the provider's, which the client has seen.
    Failed,
    /// Before its end.
    Broken,
    /// Not within its time.
    Late,
}

/// A stream on its way.
struct Pump {
    meter: StreamMeter,
    chunks: mpsc::Sender<Chunk>,
    patience: Patience,
    keeping: Option<Keeping>,
}

/// A response that is to be stored. Its row is written before its first event is passed on, which
/// says its name: whoever has heard of it owns it.
struct Keeping {
    bound: Bound,
    tried: bool,
    row: Option<Belonging>,
}

/// Passes a stream on while metering it; when the client leaves, reads on to learn the cost.
pub(crate) async fn pump(
    call: Call,
    held: Held,
    patience: Patience,
    Reply { trial, response }: Reply,
    client: Client,
) {
    let provider = Arc::clone(&trial.provider);
    let (chunks, waiting) = mpsc::channel(STREAM_CHUNKS_WAITING_MAX);
    let (head, body) = response.into_parts();
    let mut headers = receipt::passed_on(&head.headers, provider.is_sandbox);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    receipt::write_hold(&mut headers, held.hold.held(), held.lowered_to);
    let payload = Payload::Streamed(waiting);
    // A client that has left drops what it is handed, which the patience hears of.
    let _ = client.send(Answered { status: head.status, headers, payload });
    let to_keep = Keeping { bound: held.bound, tried: false, row: None };
    let keeping = call.request.is_stored().then_some(to_keep);
    let mut pump = Pump { meter: StreamMeter::new(&call.request), chunks, patience, keeping };
    let end = pump.run(&call, &provider, body).await;
    match end {
        End::Whole => trial.tell(Verdict::Well, &""),
        End::Failed => trial.tell(Verdict::Ill(Trouble::Failing), &"an error inside a stream"),
        End::Broken => trial.tell(Verdict::Ill(Trouble::BrokeOff), &"a stream broke off"),
        End::Late => drop(trial),
    }
    let evidence = pump.meter.evidence();
    let outcome = match (pump.patience.is_abandoned(), end) {
        (true, _) => CallOutcome::Abandoned,
        (false, End::Whole) => CallOutcome::Answered,
        (false, End::Failed) => CallOutcome::UpstreamFailed,
        (false, End::Broken | End::Late) => CallOutcome::CutOff,
    };
    let ending = Ending { evidence, outcome, status: head.status, provider: Some(provider) };
    let settled = match pump.keeping.take().and_then(|keeping| keeping.row) {
        None => settle(&call, held, ending).await,
        Some(row) => {
            let answer = pump.meter.answer();
            let counting = Box::pin(keeping::count(&call.gateway, row, &answer));
            tokio::join!(settle(&call, held, ending), counting).0
        }
    };
    let closing = match settled {
        Err(unsettled) => unsettled.event(),
        Ok(receipt) => {
            let failed = |failure: Failure| failure.charged(receipt.cost, receipt.estimated);
            let last = match end {
                End::Whole | End::Failed => pump.meter.closing(),
                End::Broken => failed(Failure::broke_off()).event(),
                End::Late => failed(Failure::timed_out()).event(),
            };
            [receipt.comments(call.request_id), last].concat().into()
        }
    };
    pump.offer(Chunk::Bytes(closing)).await;
    pump.offer(Chunk::End).await;
}

/// An error's words are the provider's own, and may name what nobody should see.
pub(crate) fn redacted(meter: &StreamMeter, provider: &Provider, bytes: Bytes) -> Bytes {
    match meter.error() {
        Some(_) => provider.redact(&String::from_utf8_lossy(&bytes)).into_bytes().into(),
        None => bytes,
    }
}

impl Pump {
    /// Reads the upstream to its end, or as far as patience goes.
    async fn run(&mut self, call: &Call, provider: &Provider, mut body: Answer) -> End {
        let end = loop {
            let frame = match self.patience.within(body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(None) => break self.rest(call, provider).await,
                Ok(Some(Err(_))) => {
                    self.rest(call, provider).await;
                    break End::Broken;
                }
                Err(TimeIsUp) => {
                    self.rest(call, provider).await;
                    break End::Late;
                }
            };
            let Ok(data) = frame.into_data() else { continue };
            let Ok(bytes) = self.meter.push(&data) else { break End::Broken };
            self.keep(call, provider).await;
            self.pass_on(provider, bytes).await;
            if self.meter.is_done() {
                // Whatever ends the response is most often here: then the connection lives on.
                let _ = body.frame().now_or_never();
                break End::Whole;
            }
        };
        if self.meter.error().is_some() { End::Failed } else { end }
    }

    /// Remembers whose the response is, once its name was said.
    async fn keep(&mut self, call: &Call, provider: &Provider) {
        let Some(keeping) = self.keeping.as_mut().filter(|keeping| !keeping.tried) else { return };
        if self.meter.response().is_some() {
            keeping.tried = true;
            if let Some(row) = keeping::stored(call, provider, &keeping.bound, &self.meter.answer())
            {
                keeping.row = Box::pin(keeping::keep(&call.gateway, row)).await;
            }
        }
    }

    /// Nothing more comes. An event that was cut off shows that more was made than can be counted.
    async fn rest(&mut self, call: &Call, provider: &Provider) -> End {
        let bytes = self.meter.finish();
        self.keep(call, provider).await;
        self.pass_on(provider, bytes).await;
        if self.meter.has_ended() { End::Whole } else { End::Broken }
    }

    async fn pass_on(&mut self, provider: &Provider, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        self.offer(Chunk::Bytes(redacted(&self.meter, provider, bytes))).await;
    }

    /// Waits for the client to take a chunk. One that never does counts as gone.
    async fn offer(&mut self, chunk: Chunk) {
        self.patience.offer(self.chunks.send(chunk)).await;
    }
}
