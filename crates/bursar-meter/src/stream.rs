//! A stream on its way to the client: passed through while its usage is read off.
//!
//! A chat's stream and a completion's are chunks and `[DONE]`; those of responses, images and
//! speech are typed events (`typed.rs`), the last of which carries the usage.

mod typed;

use bursar_kernel::limits::{EVENT_BYTES_MAX, IMAGE_EVENT_BYTES_MAX};
use bursar_kernel::{Endpoint, Usage};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::{Answer, Spoken, believable, read_tier};
use crate::raw::{RawObject, Text, length};
use crate::request::CallRequest;
use crate::settle::Evidence;
use crate::sse::{Decoder, Event, EventTooLong};
use crate::usage::read_usage;

/// The event that ends a chat's stream.
const DONE_EVENT: &[u8] = b"data: [DONE]\n\n";

/// Reads a stream and says what of it to send on.
#[derive(Debug)]
pub struct StreamMeter {
    decoder: Decoder,
    seen: Seen,
}

/// What the stream has shown so far.
#[derive(Debug)]
struct Seen {
    endpoint: Endpoint,
    /// Whether usage is to be taken out again: the client did not ask for it.
    hide_usage: bool,
    choices: u64,
    /// Whether the text of the answer shows nothing of what was made: the prompt is among it.
    echoes: bool,
    answer: Answer,
    usage: Option<Usage>,
    finish_reasons: Vec<String>,
    error: Option<String>,
    chunks: u64,
    done: bool,
    /// The event that ended a stream of typed events.
    last: Option<Vec<u8>>,
}

#[derive(Debug, Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(default, deserialize_with = "present", borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Choice<'a> {
    index: Option<u64>,
    #[serde(borrow)]
    delta: Option<Spoken<'a>>,
    /// What a completion says.
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Text<'a>>,
}

/// A member that is there, even if it is null.
fn present<'de: 'a, 'a, D>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// What becomes of an event.
enum Fate {
    Pass,
    Drop,
    WithoutUsage,
}

impl StreamMeter {
    /// A meter for the answer to a request.
    pub fn new(request: &CallRequest) -> Self {
        let mut meter = Self::of(request.endpoint, !request.wants_usage, request.choices);
        meter.seen.echoes = request.shape.echoes();
        meter
    }

    /// A meter for a response that is under way, and is streamed once more.
    pub fn resumed() -> Self {
        Self::of(Endpoint::Responses, true, 1)
    }

    fn of(endpoint: Endpoint, hide_usage: bool, choices: u64) -> Self {
        let seen = Seen {
            endpoint,
            hide_usage,
            choices,
            echoes: false,
            answer: Answer::default(),
            usage: None,
            finish_reasons: Vec::new(),
            error: None,
            chunks: 0,
            done: false,
            last: None,
        };
        let most = match endpoint {
            Endpoint::ImageGenerations | Endpoint::ImageEdits => IMAGE_EVENT_BYTES_MAX,
            Endpoint::ChatCompletions
            | Endpoint::Responses
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::Moderations
            | Endpoint::AudioSpeech
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations
            | Endpoint::Realtime => EVENT_BYTES_MAX,
        };
        Self { decoder: Decoder::of_at_most(most), seen }
    }

    /// Takes bytes from the upstream; returns the bytes to send on, whole events at a time.
    ///
    /// Everything passes untouched except that the event which ends the stream is held back (see
    /// [`Self::closing`]), and that a chat's usage is taken out where nobody asked for it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Bytes, EventTooLong> {
        let mut out = Vec::with_capacity(bytes.len());
        let seen = &mut self.seen;
        let pushed = self.decoder.push(bytes, |event| seen.event(event, &mut out));
        if pushed.is_err() {
            seen.answer.output.mark_out_of_sight();
        }
        pushed.map(|()| out.into())
    }

    /// The upstream has ended: the rest to send on. An event that was cut off is not sent, since
    /// no client would dispatch it; one that lacks only its blank line is.
    pub fn finish(&mut self) -> Bytes {
        let mut rest = self.decoder.finish();
        if rest.is_empty() {
            return Bytes::new();
        }
        if !rest.ends_with(b"\n") {
            rest.push(b'\n');
        }
        rest.push(b'\n');
        let event = Event { raw: &rest };
        let complete = event.data().is_none_or(|data| {
            &*data == b"[DONE]" || serde_json::from_slice::<RawObject<'_>>(&data).is_ok()
        });
        let mut out = Vec::new();
        if complete {
            self.seen.event(event, &mut out);
        } else {
            self.seen.answer.output.mark_out_of_sight();
        }
        out.into()
    }

    /// Whether the upstream sent the event that ends the stream.
    pub fn is_done(&self) -> bool {
        self.seen.done
    }

    /// Whether everything that was asked for has come. Some upstreams never send `[DONE]`.
    pub fn has_ended(&self) -> bool {
        let seen = &self.seen;
        seen.done || (seen.is_chunks() && seen.choices <= length(seen.finish_reasons.len()))
    }

    /// The event that ends the stream: send it once the charge is committed. Nothing where an
    /// error ended it, or where it broke off.
    pub fn closing(&self) -> Bytes {
        match (&self.seen.last, &self.seen.error) {
            (Some(last), _) => Bytes::copy_from_slice(last),
            (None, None) if self.seen.is_chunks() => Bytes::from_static(DONE_EVENT),
            (None, _) => Bytes::new(),
        }
    }

    /// The `error` object that the stream carried, as JSON.
    pub fn error(&self) -> Option<&str> {
        self.seen.error.as_deref()
    }

    /// The name of the response that is streamed, once it was said.
    pub fn response(&self) -> Option<&str> {
        self.seen.answer.name()
    }

    /// Why each choice ended, in the order in which they did.
    pub fn finish_reasons(&self) -> &[String] {
        &self.seen.finish_reasons
    }

    /// What the stream says about its cost, as far as it was read.
    ///
    /// Usage counts once the stream has run to its end: servers that report it chunk by chunk
    /// would otherwise be believed half way. The last report counts.
    pub fn answer(&self) -> Answer {
        let seen = &self.seen;
        let ended = self.has_ended();
        let usage = seen.usage.filter(|usage| ended && believable(usage, &seen.answer.output));
        let mut answer = Answer { usage, ..seen.answer.clone() };
        if seen.echoes {
            answer.output.mark_out_of_sight();
        }
        answer
    }

    /// What to settle on.
    pub fn evidence(&self) -> Evidence {
        if self.seen.chunks == 0 { Evidence::Silence } else { Evidence::Answer(self.answer()) }
    }
}

impl Seen {
    /// Whether the stream is chunks of choices, and ends with a word of its own.
    fn is_chunks(&self) -> bool {
        matches!(self.endpoint, Endpoint::ChatCompletions | Endpoint::Completions)
    }

    fn event(&mut self, event: Event<'_>, out: &mut Vec<u8>) {
        let Some(data) = event.data() else {
            if !self.done {
                out.extend_from_slice(event.raw);
            }
            return;
        };
        let fate = match self.endpoint {
            // Nothing follows the end.
            _ if self.done => return,
            Endpoint::Responses
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::AudioSpeech
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations
            | Endpoint::Realtime => self.typed(&event, &data),
            Endpoint::ChatCompletions
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::Moderations => {
                if &*data == b"[DONE]" {
                    self.done = true;
                    return;
                }
                self.chunk(&event, &data)
            }
        };
        match fate {
            Fate::Pass => out.extend_from_slice(event.raw),
            Fate::Drop => {}
            Fate::WithoutUsage => match without_usage(&data) {
                Some(rest) => event.write_with_data(&rest, out),
                None => out.extend_from_slice(event.raw),
            },
        }
    }

    fn chunk(&mut self, event: &Event<'_>, data: &[u8]) -> Fate {
        self.chunks = self.chunks.saturating_add(1);
        let Ok(chunk) = serde_json::from_slice::<Chunk<'_>>(data) else {
            self.answer.output.mark_out_of_sight();
            return Fate::Pass;
        };
        self.note_error(event, chunk.error, data);
        for (place, choice) in chunk.choices.iter().flatten().enumerate() {
            self.choice(choice.index.unwrap_or(length(place)), choice);
        }
        if self.answer.model.is_none() {
            // Azure begins with a chunk of nobody's, about what it thinks of the prompt.
            let model = chunk.model.map(|model| model.0.into_owned());
            self.answer.model = model.filter(|model| !model.is_empty());
        }
        if let Some(tier) = chunk.service_tier.as_deref().and_then(read_tier) {
            self.answer.tier = Some(tier);
        }
        let Some(usage) = chunk.usage else {
            return Fate::Pass;
        };
        let reported = usage.get() != "null";
        if reported {
            self.usage = read_usage(self.endpoint, usage.get());
        }
        match (self.hide_usage, reported, chunk.choices.as_deref()) {
            (false, _, _) => Fate::Pass,
            (true, true, Some([]) | None) => Fate::Drop,
            (true, _, _) => Fate::WithoutUsage,
        }
    }

    /// An error, as a member of any event or as an event of its own.
    fn note_error(&mut self, event: &Event<'_>, member: Option<&RawValue>, data: &[u8]) {
        if let Some(error) = member {
            self.error = Some(error.get().to_owned());
        } else if event.is_named(b"error") {
            self.error = Some(String::from_utf8_lossy(data).into_owned());
        }
    }

    fn choice(&mut self, index: u64, choice: &Choice<'_>) {
        if let Some(delta) = &choice.delta {
            self.answer.output.add_spoken(index, delta);
        }
        if let Some(text) = choice.text.as_ref().filter(|_| !self.echoes) {
            self.answer.output.add(index, text);
        }
        if let Some(reason) = &choice.finish_reason
            && length(self.finish_reasons.len()) < self.choices
        {
            self.answer.finish_reasons.add(reason);
            self.finish_reasons.push(reason.to_string());
        }
    }
}

/// An object without its `usage`, every other member as it came.
fn without_usage(data: &[u8]) -> Option<Vec<u8>> {
    let object: RawObject<'_> = serde_json::from_slice(data).ok()?;
    let mut out = Vec::with_capacity(data.len());
    for (key, value) in object.0.iter().filter(|(key, _)| &**key != "usage") {
        out.push(if out.is_empty() { b'{' } else { b',' });
        serde_json::to_writer(&mut out, &*key.0).ok()?;
        out.push(b':');
        out.extend_from_slice(value.get().as_bytes());
    }
    if out.is_empty() {
        out.push(b'{');
    }
    out.push(b'}');
    Some(out)
}

#[cfg(test)]
mod tests;
