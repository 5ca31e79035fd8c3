//! Which members a client's events may have, and what each can do to the cost.
//!
//! The lists follow the provider's API description (2.3.0, 2026-08-21). A member that is not on
//! its list is refused: nobody knows what it would cost.

use bursar_meter::{BadRequest, BadRequestKind};
use serde_json::{Map, Value};

use crate::load::Load;

/// What a member can do to the cost.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// Nothing: the provider checks it.
    Free,
    /// This module's neighbours read it and bound it.
    Read,
    /// It becomes input: its bytes count.
    Input,
    /// An object with members of its own.
    Inside(&'static [(&'static str, Rule)]),
    /// More than can be bounded; why. Null is fine.
    NotOffered(&'static str),
}

use Rule::{Free, Input, Inside, NotOffered, Read};

const NO_TRACES: &str = "traces would lie in an account that grants share\n\
    hint: leave `tracing` out, and keep the events that you see";
const NO_PROMPTS: &str = "stored prompts are not offered through this gateway: how long they are \
    is not known\nhint: send the text in `instructions`";
const NO_OUTPUT_BUFFER: &str = "there is none in a WebSocket session: audio that was sent is the \
    client's\nhint: send `response.cancel`, and `conversation.item.truncate` for what was not \
    played";
const NO_TRANSCRIPTION_SESSIONS: &str = "sessions that only write down what they hear are not \
    offered through this gateway\nhint: send the recording to `/v1/audio/transcriptions`, or set \
    `audio.input.transcription` in a session of type `realtime`";

/// Members of a session, as `session.update` says them.
pub(crate) const SESSION: &[(&str, Rule)] = &[
    ("type", Read),
    ("model", Read),
    ("output_modalities", Read),
    ("instructions", Input),
    ("audio", Inside(AUDIO)),
    ("include", Free),
    ("tools", Read),
    ("tool_choice", Read),
    ("parallel_tool_calls", Free),
    ("reasoning", Free),
    ("max_output_tokens", Read),
    // It drops what would be billed, and adds nothing.
    ("truncation", Free),
    ("tracing", NotOffered(NO_TRACES)),
    ("prompt", NotOffered(NO_PROMPTS)),
];
const AUDIO: &[(&str, Rule)] = &[("input", Inside(AUDIO_IN)), ("output", Inside(AUDIO_OUT))];
const AUDIO_IN: &[(&str, Rule)] = &[
    ("format", Read),
    ("transcription", Read),
    ("noise_reduction", Free),
    ("turn_detection", Read),
];
const AUDIO_OUT: &[(&str, Rule)] = &[("format", Free), ("voice", Read), ("speed", Free)];

/// Members of a response, as `response.create` says them.
pub(crate) const RESPONSE: &[(&str, Rule)] = &[
    ("output_modalities", Read),
    ("instructions", Input),
    ("audio", Inside(&[("output", Inside(&[("format", Free), ("voice", Read)]))])),
    ("tools", Read),
    ("tool_choice", Read),
    ("parallel_tool_calls", Free),
    ("reasoning", Free),
    ("max_output_tokens", Read),
    ("conversation", Read),
    ("metadata", Free),
    ("input", Read),
    ("prompt", NotOffered(NO_PROMPTS)),
];

/// Members of an item. Its `type` says which it has.
pub(crate) const ITEM: &[(&str, Rule)] = &[
    ("type", Read),
    ("id", Free),
    ("object", Free),
    ("status", Free),
    ("role", Read),
    ("content", Read),
    ("call_id", Free),
    ("name", Input),
    ("arguments", Input),
    ("output", Input),
];

/// Events of a client, with their members beside `type` and `event_id`.
pub(crate) const EVENTS: [(&str, Rule); 12] = [
    ("session.update", Inside(&[("session", Inside(SESSION))])),
    ("input_audio_buffer.append", Inside(&[("audio", Read)])),
    ("input_audio_buffer.commit", Inside(&[])),
    ("input_audio_buffer.clear", Inside(&[])),
    ("conversation.item.create", Inside(&[("previous_item_id", Free), ("item", Read)])),
    ("conversation.item.retrieve", Inside(&[("item_id", Free)])),
    (
        "conversation.item.truncate",
        Inside(&[("item_id", Free), ("content_index", Free), ("audio_end_ms", Free)]),
    ),
    ("conversation.item.delete", Inside(&[("item_id", Free)])),
    ("response.create", Inside(&[("response", Inside(RESPONSE))])),
    ("response.cancel", Inside(&[("response_id", Free)])),
    ("output_audio_buffer.clear", NotOffered(NO_OUTPUT_BUFFER)),
    ("transcription_session.update", NotOffered(NO_TRANSCRIPTION_SESSIONS)),
];

/// Checks an object against a list, and counts what of it becomes input.
pub(crate) fn check(
    object: &Map<String, Value>,
    list: &[(&str, Rule)],
    path: &str,
) -> Result<Load, BadRequest> {
    let mut load = Load::default();
    for (name, value) in object {
        let at = below(path, name);
        let rule = list.iter().find(|(known, _)| known == name);
        let (_, rule) = rule.ok_or_else(|| unknown(&at))?;
        match (rule, value) {
            (Free | Read, _) | (NotOffered(_), Value::Null) => {}
            (Input, value) => load = load.plus(Load::text(bytes(value))),
            (Inside(list), Value::Object(inner)) => load = load.plus(check(inner, list, &at)?),
            (Inside(_), _) => return Err(invalid(&at, "must be an object")),
            (NotOffered(why), _) => {
                return Err(bad(BadRequestKind::NotOffered, &at, format!("`{at}`: {why}")));
            }
        }
    }
    Ok(load)
}

/// Bytes of a value as JSON: no fewer than its text has.
pub(crate) fn bytes(value: &Value) -> u64 {
    u64::try_from(value.to_string().len()).unwrap_or(u64::MAX)
}

/// The name of a member of something.
pub(crate) fn below(path: &str, name: &str) -> String {
    let name: String = name.chars().take(64).collect();
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

pub(crate) fn bad(kind: BadRequestKind, param: &str, message: String) -> BadRequest {
    BadRequest { kind, param: Some(param.to_owned()), message }
}

/// A value that cannot be, after its name.
pub(crate) fn invalid(param: &str, why: &str) -> BadRequest {
    bad(BadRequestKind::InvalidValue, param, format!("`{param}` {why}"))
}

/// A value that this gateway does not offer, after its name.
pub(crate) fn not_offered(param: &str, why: &str) -> BadRequest {
    bad(BadRequestKind::NotOffered, param, format!("`{param}` {why}"))
}

/// A member that has to be there.
pub(crate) fn missing(param: &str) -> BadRequest {
    bad(BadRequestKind::MissingField, param, format!("`{param}` is missing"))
}

fn unknown(at: &str) -> BadRequest {
    let message = format!(
        "`{at}` is nothing that this gateway forwards in a realtime session: what it costs is not \
         known\nhint: leave it out, or ask the operator to add it"
    );
    bad(BadRequestKind::UnknownField, at, message)
}
