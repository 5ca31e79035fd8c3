//! Messages over a connection, each within its limit.

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};

/// Bytes that are read at a time: a frame of audio is some four thousand.
const READ_BYTES: usize = 16 * 1024;
/// Bytes of a reason to close (RFC 6455, section 5.5: a control frame has 125 at the most).
const REASON_BYTES_MAX: usize = 123;

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// A connection of messages.
pub struct Socket(Stream);

/// The end that reads. It answers pings by itself.
pub struct Reader(SplitStream<Stream>);

/// The end that writes.
pub struct Writer(SplitSink<Stream, Frame>);

/// What the other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes, which nobody here speaks.
    Binary,
    /// A sign of life: a ping or the answer to one.
    Alive,
    /// It closes.
    Close(Option<Close>),
}

/// Why one side closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code (RFC 6455, section 7.4).
    pub code: u16,
    /// The reason, for a person.
    pub reason: String,
}

/// Why nothing more comes, or can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The connection ended.
    #[error("the connection ended")]
    Ended,
    /// A message was longer than the limit.
    #[error("a message is longer than the limit")]
    TooLong,
    /// What came is no WebSocket, or no text.
    #[error("what came is no message")]
    Garbage,
}

impl Socket {
    pub(crate) async fn over(connection: Upgraded, role: Role, message_bytes_max: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            // Each message leaves at once.
            .write_buffer_size(0)
            .max_message_size(Some(message_bytes_max))
            .max_frame_size(Some(message_bytes_max));
        let connection = TokioIo::new(connection);
        Self(WebSocketStream::from_raw_socket(connection, role, Some(config)).await)
    }

    /// Its two ends, for whoever reads and writes at a time.
    pub fn split(self) -> (Reader, Writer) {
        let (writer, reader) = self.0.split();
        (Reader(reader), Writer(writer))
    }
}

impl Reader {
    /// The next message. May be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Result<Message, Closed> {
        match self.0.next().await {
            Some(Ok(Frame::Text(text))) => Ok(Message::Text(text.as_str().to_owned())),
            Some(Ok(Frame::Binary(_))) => Ok(Message::Binary),
            Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => Ok(Message::Alive),
            Some(Ok(Frame::Close(frame))) => Ok(Message::Close(frame.map(|frame| Close {
                code: frame.code.into(),
                reason: frame.reason.as_str().to_owned(),
            }))),
            Some(Err(error)) => Err(closed(&error)),
            None => Err(Closed::Ended),
        }
    }
}

impl Writer {
    /// Sends a text, once there is room for it.
    pub async fn send(&mut self, text: String) -> Result<(), Closed> {
        self.0.send(Frame::Text(Utf8Bytes::from(text))).await.map_err(|error| closed(&error))
    }

    /// Asks the other side for a sign of life.
    pub async fn ping(&mut self) -> Result<(), Closed> {
        self.0.send(Frame::Ping(Bytes::new())).await.map_err(|error| closed(&error))
    }

    /// Closes. What is too long of the reason is left out.
    pub async fn close(&mut self, close: Close) -> Result<(), Closed> {
        let mut reason = close.reason;
        let mut end = reason.len().min(REASON_BYTES_MAX);
        while !reason.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        reason.truncate(end);
        let frame = CloseFrame { code: CloseCode::from(close.code), reason: reason.into() };
        self.0.send(Frame::Close(Some(frame))).await.map_err(|error| closed(&error))
    }
}

fn closed(error: &Error) -> Closed {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Closed::TooLong,
        Error::Protocol(_) | Error::Utf8(_) => Closed::Garbage,
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Tls(_)
        | Error::Capacity(CapacityError::TooManyHeaders)
        | Error::WriteBufferFull(_)
        | Error::AttackAttempt
        | Error::Url(_) => Closed::Ended,
    }
}
