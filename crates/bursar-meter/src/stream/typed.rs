//! Typed events: `response.output_text.delta`, `speech.audio.done`.

use bursar_kernel::{Endpoint, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Fate, Seen};
use crate::answer::{Body, Item};
use crate::raw::Text;
use crate::sse::Event;
use crate::usage::read_usage;

/// A typed event. Which members it has, its `type` says (the provider's API reference, 2026-08).
#[derive(Debug, Deserialize)]
struct Typed<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    output_index: Option<u64>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<Item<'a>>,
    #[serde(borrow)]
    response: Option<Body<'a>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// What a type of event means for the cost.
enum Meaning {
    /// Words that the reader sees, or the frame around them.
    Words,
    /// An item begins or ends: a message, or something that words do not show.
    Item,
    /// Nothing yet: the answer as it was asked for.
    Announced,
    /// The last event, with the usage.
    Last,
    /// An error ends the stream.
    Error,
    /// Output that words do not show: calls, reasoning, audio, and whatever is not known here.
    OutOfSight,
}

fn meaning(kind: &str) -> Meaning {
    match kind {
        "response.output_text.delta"
        | "response.output_text.done"
        | "response.refusal.delta"
        | "response.refusal.done"
        | "response.content_part.added"
        | "response.content_part.done" => Meaning::Words,
        "response.output_item.added" | "response.output_item.done" => Meaning::Item,
        "response.created" | "response.queued" | "response.in_progress" => Meaning::Announced,
        "response.completed"
        | "response.incomplete"
        | "response.failed"
        | "image_generation.completed"
        | "image_edit.completed"
        | "speech.audio.done"
        | "transcript.text.done" => Meaning::Last,
        "error" => Meaning::Error,
        _ => Meaning::OutOfSight,
    }
}

impl Seen {
    /// Reads a typed event.
    pub(super) fn typed(&mut self, event: &Event<'_>, data: &[u8]) -> Fate {
        self.chunks = self.chunks.saturating_add(1);
        let Ok(typed) = serde_json::from_slice::<Typed<'_>>(data) else {
            self.answer.output.mark_out_of_sight();
            return Fate::Pass;
        };
        self.note_error(event, typed.error, data);
        match meaning(typed.kind.as_deref().unwrap_or_default()) {
            Meaning::Words => {
                let delta = typed.delta.and_then(|json| serde_json::from_str(json.get()).ok());
                if let Some(Text(text)) = delta {
                    self.answer.output.add(typed.output_index.unwrap_or(0), &text);
                }
            }
            Meaning::Item => {
                if !typed.item.is_some_and(|item| item.is_message()) {
                    self.answer.output.mark_out_of_sight();
                }
            }
            Meaning::Announced => {
                self.answer.read_report(self.endpoint, typed.response.unwrap_or_default());
            }
            Meaning::Last => {
                self.last(typed, event.raw);
                return Fate::Drop;
            }
            Meaning::Error => self.error = Some(String::from_utf8_lossy(data).into_owned()),
            Meaning::OutOfSight => self.answer.output.mark_out_of_sight(),
        }
        Fate::Pass
    }

    fn last(&mut self, typed: Typed<'_>, raw: &[u8]) {
        let endpoint = self.endpoint;
        if endpoint == Endpoint::Responses {
            let response = typed.response.unwrap_or_default();
            self.usage = self.answer.read_report(endpoint, response);
        } else {
            self.answer.output.mark_out_of_sight();
            let usage = typed.usage.and_then(|usage| read_usage(endpoint, usage.get()));
            let is_image = matches!(endpoint, Endpoint::ImageGenerations | Endpoint::ImageEdits);
            let images = u64::from(is_image);
            self.usage = usage.map(|usage| Usage { images, ..usage });
        }
        self.done = true;
        self.last = Some(raw.to_vec());
    }
}
