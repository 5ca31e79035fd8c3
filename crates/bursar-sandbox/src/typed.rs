//! A response as the typed events of a stream, numbered in their order.

use serde_json::{Value, json};

use crate::answer::Content;
use crate::chunks::groups;
use crate::deliver::Piece;
use crate::profile::Profile;
use crate::responses::{Whole, output_text};
use crate::tokens::Tokenizer;
use bursar_invention::Draw;

/// The events so far.
struct Events {
    pieces: Vec<Piece>,
    output_tokens: u64,
}

impl Events {
    fn push(&mut self, mut event: Value, tokens: u64) {
        event["sequence_number"] = json!(self.pieces.len());
        let kind = event["type"].as_str().unwrap_or_default();
        let bytes = format!("event: {kind}\ndata: {event}\n\n").into();
        self.output_tokens = self.output_tokens.saturating_add(tokens);
        self.pieces.push(Piece { bytes, output_tokens: self.output_tokens, reported: None });
    }
}

/// The answer as the pieces of a stream; the last carries the usage.
pub(crate) fn pieces(whole: &Whole<'_>, profile: &Profile, obfuscated: bool) -> Vec<Piece> {
    let mut events = Events { pieces: Vec::new(), output_tokens: 0 };
    for kind in ["response.created", "response.in_progress"] {
        events.push(json!({"type": kind, "response": whole.begun()}), 0);
    }
    let mut draw = whole.request.draw.branch(u64::MAX);
    for (place, item) in whole.items.iter().enumerate() {
        match item["type"].as_str() {
            Some("message") => message(&mut events, whole, place, profile, obfuscated, &mut draw),
            Some("function_call") => call(&mut events, whole, place, profile, &mut draw),
            _ => {
                let made = |kind| json!({"type": kind, "output_index": place, "item": item});
                events.push(made("response.output_item.added"), whole.choice.reasoning_tokens);
                events.push(made("response.output_item.done"), 0);
            }
        }
    }
    let all = whole.choice.reasoning_tokens.saturating_add(whole.choice.visible_tokens);
    let left = all.saturating_sub(events.output_tokens);
    let kind = format!("response.{}", whole.status());
    events.push(json!({"type": kind, "response": whole.ended()}), left);
    if let Some(last) = events.pieces.last_mut() {
        last.reported.clone_from(&whole.usage);
    }
    events.pieces
}

fn message(
    events: &mut Events,
    whole: &Whole<'_>,
    place: usize,
    profile: &Profile,
    obfuscated: bool,
    draw: &mut Draw,
) {
    let Content::Text(tokens) = &whole.choice.content else { return };
    let tokenizer = Tokenizer::of(&whole.request.model);
    let done = &whole.items[place];
    let mut begun = done.clone();
    begun["status"] = json!("in_progress");
    begun["content"] = json!([]);
    events.push(
        json!({"type": "response.output_item.added", "output_index": place, "item": begun}),
        0,
    );
    let at = |kind: &str, name: &str, value: Value| {
        json!({
            "type": kind, "item_id": done["id"], "output_index": place, "content_index": 0,
            name: value,
        })
    };
    events.push(at("response.content_part.added", "part", output_text("")), 0);
    for (text, count) in groups(tokenizer, tokens, profile, draw) {
        let mut delta = at("response.output_text.delta", "delta", json!(text));
        delta["logprobs"] = json!([]);
        if obfuscated {
            let length = usize::try_from(draw.between(1, 16)).unwrap_or(1);
            delta["obfuscation"] = json!(draw.text(length));
        }
        events.push(delta, u64::try_from(count).unwrap_or(0));
    }
    let text = &done["content"][0]["text"];
    let mut whole_text = at("response.output_text.done", "text", text.clone());
    whole_text["logprobs"] = json!([]);
    events.push(whole_text, 0);
    events.push(at("response.content_part.done", "part", done["content"][0].clone()), 0);
    events
        .push(json!({"type": "response.output_item.done", "output_index": place, "item": done}), 0);
}

fn call(events: &mut Events, whole: &Whole<'_>, place: usize, profile: &Profile, draw: &mut Draw) {
    let tokenizer = Tokenizer::of(&whole.request.model);
    let done = &whole.items[place];
    let text = |name: &str| done[name].as_str().unwrap_or_default();
    let mut begun = done.clone();
    begun["status"] = json!("in_progress");
    begun["arguments"] = json!("");
    let named = u64::try_from(tokenizer.count(text("name"))).unwrap_or(0).saturating_add(1);
    events.push(
        json!({"type": "response.output_item.added", "output_index": place, "item": begun}),
        named,
    );
    let at = |kind: &str, name: &str, value: &str| {
        let item = &done["id"];
        json!({"type": kind, "item_id": item, "output_index": place, name: value})
    };
    let arguments = tokenizer.encode(text("arguments"));
    for (part, count) in groups(tokenizer, &arguments, profile, draw) {
        let delta = at("response.function_call_arguments.delta", "delta", &part);
        events.push(delta, u64::try_from(count).unwrap_or(0));
    }
    let mut all = at("response.function_call_arguments.done", "arguments", text("arguments"));
    all["name"] = done["name"].clone();
    events.push(all, 0);
    events
        .push(json!({"type": "response.output_item.done", "output_index": place, "item": done}), 0);
}
