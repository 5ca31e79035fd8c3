//! Hands an answer over piece by piece, as slowly and as badly as the profile wants, and sees
//! whether the client stays to the end.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::headers;
use crate::log::{OpenCall, Outcome};
use crate::profile::{Profile, StreamError};
use bursar_invention::Draw;

/// How long what was written before a cut may take to leave the machine's buffers.
const FLUSH: Duration = Duration::from_millis(10);

/// The type of most answers.
pub(crate) const JSON: &str = "application/json";

/// A piece of an answer: the whole body, or one event of a stream.
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    /// Output tokens made up to here, over all choices.
    pub(crate) output_tokens: u64,
    /// The usage that it reports.
    pub(crate) reported: Option<Value>,
}

/// An answer that is ready to be handed over.
pub(crate) struct Prepared {
    /// In order; never empty.
    pub(crate) pieces: Vec<Piece>,
    pub(crate) stream: bool,
    /// The type of an answer that is not streamed.
    pub(crate) kind: &'static str,
    pub(crate) input_tokens: u64,
    pub(crate) draw: Draw,
    /// How long after the others the last piece of a stream comes, where it is made meanwhile.
    pub(crate) last_after: Option<Duration>,
}

/// What is left to hand over.
struct Handover {
    open: Option<OpenCall>,
    pieces: std::vec::IntoIter<Piece>,
    profile: Profile,
    draw: Draw,
    sent: u64,
    last_after: Option<Duration>,
    /// Whether the connection drops at the next step.
    cutting: bool,
}

/// Answers a call. Dropped before it returns, the client has left.
pub(crate) async fn deliver(mut open: OpenCall, prepared: Prepared, profile: Profile) -> Response {
    let Prepared { mut pieces, stream, kind, input_tokens, mut draw, last_after } = prepared;
    open.call.stream = stream;
    open.call.input_tokens = input_tokens;
    open.call.output_tokens = pieces.first().map_or(0, |piece| piece.output_tokens);
    open.note();
    if let Some(delay) = profile.first_byte_delay_ms {
        tokio::time::sleep(delay.wait(&mut draw)).await;
    }
    open.call.status = Some(200);
    let all_tokens = pieces.last().map_or(0, |piece| piece.output_tokens);
    let body = if stream || profile.cut.is_some() {
        open.note();
        let pieces = pieces.into_iter();
        let mut handover = Handover {
            open: Some(open),
            pieces,
            profile,
            draw,
            sent: 0,
            cutting: false,
            last_after,
        };
        if !stream {
            handover.cut_half_way();
        }
        Body::from_stream(stream::unfold(handover, next))
    } else {
        let piece = pieces.swap_remove(0);
        open.call.reported.extend(piece.reported);
        open.end(Outcome::Answered);
        Body::from(piece.bytes)
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let kind = if stream { "text/event-stream; charset=utf-8" } else { kind };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if stream {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    headers::rate_limits(headers, input_tokens.saturating_add(all_tokens));
    response
}

type Step = Option<(io::Result<Bytes>, Handover)>;

async fn next(mut handover: Handover) -> Step {
    if handover.cutting {
        tokio::time::sleep(FLUSH).await;
        handover.end(Outcome::Cut);
        let error = io::Error::other("the sandbox was told to drop the connection");
        return Some((Err(error), handover));
    }
    let due = |after: u64| handover.sent == after;
    if handover.profile.stream_error.as_ref().is_some_and(|error| due(error.after_chunks)) {
        return handover.fail();
    }
    let cut = handover.profile.cut.filter(|cut| due(cut.after_chunks));
    let first = handover.sent == 0;
    if let Some(delay) = handover.profile.chunk_delay_ms.filter(|_| !first) {
        tokio::time::sleep(delay.wait(&mut handover.draw)).await;
    }
    if handover.pieces.len() == 1
        && let Some(wait) = handover.last_after.take()
    {
        tokio::time::sleep(wait).await;
    }
    let Some(piece) = handover.pieces.next() else {
        handover.end(Outcome::Answered);
        return None;
    };
    if let Some(cut) = cut {
        handover.cutting = true;
        let half = piece.bytes.len() / 2;
        let bytes = if cut.mid_chunk { piece.bytes.slice(..half) } else { Bytes::new() };
        return Some((Ok(bytes), handover));
    }
    handover.sent += 1;
    let last = handover.pieces.as_slice().is_empty();
    if let Some(open) = &mut handover.open {
        open.call.output_tokens = piece.output_tokens;
        open.call.reported.extend(piece.reported);
    }
    if last {
        handover.end(Outcome::Answered);
    }
    Some((Ok(piece.bytes), handover))
}

impl Handover {
    fn end(&mut self, outcome: Outcome) {
        self.pieces = Vec::new().into_iter();
        if let Some(open) = self.open.take() {
            open.end(outcome);
        }
    }

    /// An answer that is not streamed has one piece: half of it arrives.
    fn cut_half_way(&mut self) {
        if let Some(cut) = &mut self.profile.cut {
            cut.after_chunks = 0;
            cut.mid_chunk = true;
        }
    }

    fn fail(mut self) -> Step {
        let StreamError { kind, code, message, .. } = self.profile.stream_error.take()?;
        let message = message.unwrap_or_else(|| "The sandbox was told to fail here.".to_owned());
        let error = json!({"message": message, "type": kind, "param": null, "code": code});
        self.end(Outcome::Failed);
        let bytes = format!("data: {}\n\n", json!({"error": error})).into();
        Some((Ok(bytes), self))
    }
}
