//! A stream's body on the client's side.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::mpsc;

use crate::patience::Presence;

/// What comes through the channel.
pub(crate) enum Chunk {
    /// Bytes to send on.
    Bytes(Bytes),
    /// All was sent. A stream without it was cut off, and its connection is closed so that the
    /// client sees it.
    End,
}

/// A stream's body. Dropped, it tells the call that its client has left.
pub(crate) struct Chunks {
    waiting: mpsc::Receiver<Chunk>,
    ended: bool,
    _presence: Presence,
}

/// The call's task died.
#[derive(Debug, thiserror::Error)]
#[error("the stream was cut off")]
pub(crate) struct CutOff;

impl Chunks {
    pub(crate) fn new(waiting: mpsc::Receiver<Chunk>, presence: Presence) -> Self {
        Self { waiting, ended: false, _presence: presence }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let chunk = ready!(self.waiting.poll_recv(context));
        Poll::Ready(match chunk {
            Some(Chunk::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Chunk::End) => {
                self.ended = true;
                None
            }
            None => {
                self.ended = true;
                Some(Err(CutOff))
            }
        })
    }
}
