//! A response that is being made: its events, one after another, and what it counts.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::item::{Item, Tokens, said_tokens};

/// Milliseconds that a word takes to be said.
const WORD_MS: u64 = 400;
/// Bytes of a millisecond of what is said.
const BYTES_PER_MS: usize = 48;

/// What a response says.
#[derive(Debug)]
pub(crate) enum Words {
    /// Words, each with the space before it; spoken or not.
    Said { words: Vec<String>, is_text: bool },
    /// A function of the client's.
    Call { name: String, arguments: String },
}

/// A response that is being made.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) id: String,
    item_id: String,
    /// Whether its output becomes part of the conversation.
    pub(crate) is_kept: bool,
    metadata: Value,
    is_text: bool,
    call: Option<(String, String)>,
    /// What is left to be said, a few words at a time.
    left: VecDeque<String>,
    said: String,
    limit: u64,
    was_cut: bool,
    pub(crate) input: Tokens,
    /// What of the input was in the answer before.
    pub(crate) cached: Tokens,
    output: Tokens,
}

/// What a response is made from.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) item_id: String,
    pub(crate) is_kept: bool,
    pub(crate) metadata: Value,
    pub(crate) words: Words,
    pub(crate) limit: u64,
    pub(crate) words_at_a_time: usize,
    pub(crate) input: Tokens,
    pub(crate) cached: Tokens,
}

impl Answer {
    pub(crate) fn new(asked: Asked) -> Self {
        let (left, is_text, call) = match asked.words {
            Words::Said { words, is_text } => {
                let pieces = words.chunks(asked.words_at_a_time.max(1));
                (pieces.map(<[String]>::concat).collect(), is_text, None)
            }
            Words::Call { name, arguments } => (VecDeque::new(), true, Some((name, arguments))),
        };
        Self {
            id: asked.id,
            item_id: asked.item_id,
            is_kept: asked.is_kept,
            metadata: asked.metadata,
            is_text,
            call,
            left,
            said: String::new(),
            limit: asked.limit,
            was_cut: false,
            input: asked.input,
            cached: asked.cached,
            output: Tokens::default(),
        }
    }

    fn shown(&self, status: &str, details: &Value, output: &Value, usage: &Value) -> Value {
        let mut shown = json!({
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": details,
            "output": output,
            "output_modalities": if self.is_text { ["text"] } else { ["audio"] },
            "conversation_id": self.is_kept.then_some("conv_sandbox"),
            "max_output_tokens": self.limit,
            "metadata": self.metadata,
            "usage": usage,
        });
        if let Value::Object(members) = &mut shown {
            // What is not known yet is left out.
            members.retain(|name, value| name == "metadata" || !value.is_null());
        }
        shown
    }

    fn about(&self, kind: &str, more: Value) -> Value {
        let mut event = json!({
            "type": kind,
            "response_id": self.id,
            "item_id": self.item_id,
            "output_index": 0,
            "content_index": 0,
        });
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        event
    }

    fn item(&self, status: &str) -> Value {
        if let Some((name, arguments)) = &self.call {
            return json!({
                "id": self.item_id, "object": "realtime.item", "type": "function_call",
                "status": status, "call_id": format!("call_{}", self.item_id), "name": name,
                "arguments": if status == "in_progress" { "" } else { arguments.as_str() },
            });
        }
        let content = match (status, self.is_text) {
            ("in_progress", _) => json!([]),
            (_, true) => json!([{"type": "output_text", "text": self.said}]),
            (_, false) => json!([{"type": "output_audio", "transcript": self.said}]),
        };
        json!({
            "id": self.item_id, "object": "realtime.item", "type": "message", "status": status,
            "role": "assistant", "content": content,
        })
    }

    fn part(&self, is_whole: bool) -> Value {
        let text = if is_whole { self.said.as_str() } else { "" };
        if self.is_text {
            json!({"type": "text", "text": text})
        } else {
            json!({"type": "audio", "transcript": text})
        }
    }

    /// The events that it begins with.
    pub(crate) fn opening(&self) -> Vec<Value> {
        let null = &Value::Null;
        let created = self.shown("in_progress", null, &json!([]), null);
        let item = self.item("in_progress");
        let mut events = vec![
            json!({"type": "response.created", "response": created}),
            json!({"type": "response.output_item.added", "response_id": self.id,
                   "output_index": 0, "item": item}),
        ];
        if self.is_kept {
            events.push(json!({"type": "conversation.item.added", "previous_item_id": null,
                               "item": item}));
        }
        if self.call.is_none() {
            let part = json!({"part": self.part(false)});
            events.push(self.about("response.content_part.added", part));
        }
        events
    }

    /// The next few words; `None` once all is said.
    pub(crate) fn step(&mut self, count: fn(&str) -> u64) -> Option<Vec<Value>> {
        let piece = self.left.pop_front()?;
        let words = u64::try_from(piece.split_whitespace().count()).unwrap_or(1);
        let long = words * WORD_MS;
        let mut after = self.output;
        after.text = count(&format!("{}{piece}", self.said));
        if !self.is_text {
            after.audio += said_tokens(long);
        }
        if self.limit < after.total() {
            self.was_cut = true;
            return None;
        }
        self.output = after;
        self.said.push_str(&piece);
        if self.is_text {
            return Some(vec![self.about("response.output_text.delta", json!({"delta": piece}))]);
        }
        let samples = vec![0; usize::try_from(long).unwrap_or(0) * BYTES_PER_MS];
        let sound = json!({"delta": STANDARD.encode(samples)});
        Some(vec![
            self.about("response.output_audio_transcript.delta", json!({"delta": piece})),
            self.about("response.output_audio.delta", sound),
        ])
    }

    /// The events that it ends with, and what it leaves in the conversation. `stopped`: why it
    /// ends before its end.
    pub(crate) fn closing(
        mut self,
        stopped: Option<&str>,
        count: fn(&str) -> u64,
        times: Option<u64>,
    ) -> Closing {
        let (status, details) = match (stopped, self.was_cut) {
            (Some(reason), _) => ("cancelled", json!({"type": "cancelled", "reason": reason})),
            (None, true) => {
                ("incomplete", json!({"type": "incomplete", "reason": "max_output_tokens"}))
            }
            (None, false) => ("completed", Value::Null),
        };
        let ends = if status == "completed" { "completed" } else { "incomplete" };
        let mut events = Vec::new();
        if let Some((name, arguments)) = self.call.clone() {
            self.output.text = count(&name) + count(&arguments);
            let call = json!({"call_id": format!("call_{}", self.item_id)});
            let with = |more: Value| {
                let mut both = call.clone();
                if let (Some(both), Value::Object(more)) = (both.as_object_mut(), more) {
                    both.extend(more);
                }
                both
            };
            let delta = with(json!({"delta": arguments}));
            events.push(self.about("response.function_call_arguments.delta", delta));
            let done = with(json!({"name": name, "arguments": arguments}));
            events.push(self.about("response.function_call_arguments.done", done));
        } else {
            let said = self.said.as_str();
            if self.is_text {
                events.push(self.about("response.output_text.done", json!({"text": said})));
            } else {
                events.push(self.about("response.output_audio.done", json!({})));
                let transcript = json!({"transcript": said});
                events.push(self.about("response.output_audio_transcript.done", transcript));
            }
            let part = json!({"part": self.part(true)});
            events.push(self.about("response.content_part.done", part));
        }
        let item = self.item(ends);
        events.push(json!({"type": "response.output_item.done", "response_id": self.id,
                           "output_index": 0, "item": item}));
        if self.is_kept {
            events.push(json!({"type": "conversation.item.done", "previous_item_id": null,
                               "item": item}));
        }
        let usage = times.map(|times| self.usage(times));
        let reported = usage.clone().unwrap_or_default();
        let done = self.shown(status, &details, &json!([item]), &reported);
        let done = json!({"type": "response.done", "response": done});
        let item = Item { id: self.item_id.clone(), shown: item, tokens: self.output };
        let (made_from, output) = (self.input, self.output.total());
        Closing { events, done, usage, item: self.is_kept.then_some(item), made_from, output }
    }

    fn usage(&self, times: u64) -> Value {
        let of = |tokens: u64| tokens.saturating_mul(times);
        let (input, cached, output) = (self.input, self.cached, self.output);
        json!({
            "total_tokens": of(input.total() + output.total()),
            "input_tokens": of(input.total()),
            "output_tokens": of(output.total()),
            "input_token_details": {
                "text_tokens": of(input.text),
                "audio_tokens": of(input.audio),
                "image_tokens": of(input.image),
                "cached_tokens": of(cached.total()),
                "cached_tokens_details": {
                    "text_tokens": of(cached.text),
                    "audio_tokens": of(cached.audio),
                    "image_tokens": of(cached.image),
                },
            },
            "output_token_details": {
                "text_tokens": of(output.text), "audio_tokens": of(output.audio),
            },
        })
    }
}

/// How a response ends.
pub(crate) struct Closing {
    pub(crate) events: Vec<Value>,
    /// The last event.
    pub(crate) done: Value,
    /// The usage that it reports.
    pub(crate) usage: Option<Value>,
    /// What it leaves in the conversation.
    pub(crate) item: Option<Item>,
    pub(crate) made_from: Tokens,
    pub(crate) output: u64,
}
