//! The stream of a response in the background, passed on while somebody listens. It goes on
//! without: nothing is charged by it, and whoever comes back takes it up where it was.

use bursar_kernel::limits::STREAM_CHUNKS_WAITING_MAX;
use bursar_meter::StreamMeter;
use bursar_upstream::{Answer, Provider};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use crate::background::Unnamed;
use crate::patience::Patience;
use crate::stream::{Chunk, redacted};
use bursar_failures::Failure;

/// A stream on its way.
pub(crate) struct Relay {
    meter: StreamMeter,
    chunks: mpsc::Sender<Chunk>,
    patience: Patience,
}

/// Why a stream is passed on no further.
enum Cut {
    /// Its client has left.
    Left,
    /// Its client hears why.
    Failed(Failure),
}

impl Relay {
    /// A relay, and the client's end of it.
    pub(crate) fn new(meter: StreamMeter, patience: Patience) -> (Self, mpsc::Receiver<Chunk>) {
        let (chunks, waiting) = mpsc::channel(STREAM_CHUNKS_WAITING_MAX);
        (Self { meter, chunks, patience }, waiting)
    }

    /// Passes a stream on to its end. Where it has to be named first, nothing that says its name is
    /// passed on before, and a client that leaves is waited for until it is.
    pub(crate) async fn run(
        &mut self,
        provider: &Provider,
        body: Answer,
        unnamed: &mut Option<Unnamed<'_>>,
    ) {
        let closing = match self.pass_on(provider, body, unnamed).await {
            Ok(()) => self.meter.closing(),
            Err(Cut::Failed(failure)) => failure.event(),
            Err(Cut::Left) => return,
        };
        self.close(&closing).await;
    }

    /// Says the last thing.
    pub(crate) async fn close(&mut self, closing: &Bytes) {
        self.offer(Chunk::Bytes(closing.clone())).await;
        self.offer(Chunk::End).await;
    }

    async fn pass_on(
        &mut self,
        provider: &Provider,
        mut body: Answer,
        unnamed: &mut Option<Unnamed<'_>>,
    ) -> Result<(), Cut> {
        loop {
            if unnamed.is_none() && self.patience.is_abandoned() {
                return Err(Cut::Left);
            }
            let frame = self.patience.within(body.frame()).await;
            let cut = || Cut::Failed(Failure::stream_cut());
            let (bytes, is_last) = match frame.map_err(|_| cut())? {
                None => (self.meter.finish(), true),
                Some(Err(_)) => return Err(cut()),
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    (self.meter.push(&data).map_err(|_| cut())?, false)
                }
            };
            if let Some(name) = self.meter.response()
                && let Some(unnamed) = unnamed.take()
            {
                unnamed.name(name).await.map_err(Cut::Failed)?;
            }
            self.send(provider, bytes).await;
            if self.meter.is_done() || (is_last && self.meter.error().is_some()) {
                return Ok(());
            }
            if is_last {
                return Err(cut());
            }
        }
    }

    async fn send(&mut self, provider: &Provider, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        self.offer(Chunk::Bytes(redacted(&self.meter, provider, bytes))).await;
    }

    async fn offer(&mut self, chunk: Chunk) {
        self.patience.offer(self.chunks.send(chunk)).await;
    }
}
