//! What a client sets of a session or of a response: read, bounded, and written so that the
//! provider makes no response by itself.

use bursar_kernel::Model;
use bursar_meter::BadRequest;
use serde_json::{Map, Value};

use crate::fields::{below, invalid, not_offered};
use crate::item::{self, BYTES_PER_MS_MIN};
use crate::load::Load;

/// Milliseconds of silence that end what is said, where nobody says how many (the provider's API
/// description, 2026-08).
const SILENCE_MS_USUAL: u64 = 500;
/// Bytes of a millisecond of linear samples: 24,000 a second, of two bytes.
const BYTES_PER_MS_PCM: u64 = 48;

/// An output limit, as a client says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// So many tokens.
    Tokens(u64),
    /// As many as the model makes.
    Infinite,
}

impl Limit {
    /// In tokens; `None` where the model does not say how many it makes.
    pub(crate) fn tokens(self, model: &Model) -> Option<u64> {
        match (self, model.output_tokens_max) {
            (Self::Tokens(tokens), Some(most)) => Some(tokens.min(most)),
            (Self::Tokens(tokens), None) => Some(tokens),
            (Self::Infinite, most) => most,
        }
    }
}

/// `max_output_tokens` of an object, where it has one.
pub(crate) fn limit(object: &Map<String, Value>, path: &str) -> Result<Option<Limit>, BadRequest> {
    let at = below(path, "max_output_tokens");
    match object.get("max_output_tokens") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if word == "inf" => Ok(Some(Limit::Infinite)),
        Some(value) => match value.as_u64().filter(|tokens| 0 < *tokens) {
            Some(tokens) => Ok(Some(Limit::Tokens(tokens))),
            None => Err(invalid(&at, "must be a number of tokens, at least 1, or `inf`")),
        },
    }
}

/// Whether an object asks for text alone; `None` where it does not say.
pub(crate) fn is_text(object: &Map<String, Value>, path: &str) -> Result<Option<bool>, BadRequest> {
    let at = below(path, "output_modalities");
    let known = "must be `[\"text\"]` or `[\"audio\"]`";
    match object.get("output_modalities") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            match words.as_slice() {
                ["text"] => Ok(Some(true)),
                ["audio"] => Ok(Some(false)),
                _ => Err(invalid(&at, known)),
            }
        }
        Some(_) => Err(invalid(&at, known)),
    }
}

/// What tools, choice and voice of an object count.
pub(crate) fn tools_and_voice(object: &Map<String, Value>, path: &str) -> Result<Load, BadRequest> {
    let mut load = Load::default();
    if let Some(tools) = object.get("tools").filter(|tools| !tools.is_null()) {
        load = load.plus(item::tools(tools, &below(path, "tools"))?);
    }
    if let Some(choice) = object.get("tool_choice") {
        load = load.plus(item::tool_choice(choice, &below(path, "tool_choice"))?);
    }
    let voice = object.get("audio").and_then(|audio| audio.get("output")?.get("voice"));
    if let Some(voice) = voice.filter(|voice| !voice.is_null()) {
        item::voice(voice, &below(path, "audio.output.voice"))?;
    }
    Ok(load)
}

/// When what is said counts as ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TurnDetection {
    /// Whether the client wants an answer by itself.
    pub(crate) answers: bool,
    /// Silence before each end at the least, in milliseconds; `None` where that is not known.
    pub(crate) silence_ms: Option<u64>,
}

/// Reads a turn detection. `None`: there is none, and the client says when.
pub(crate) fn turn_detection(
    value: &Value,
    path: &str,
) -> Result<Option<TurnDetection>, BadRequest> {
    let object = match value {
        Value::Null => return Ok(None),
        Value::Object(object) => object,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(invalid(path, "must be an object or `null`"));
        }
    };
    let kind = object.get("type").and_then(Value::as_str);
    let known: &[&str] = match kind {
        Some("server_vad") => &["threshold", "prefix_padding_ms", "silence_duration_ms"],
        Some("semantic_vad") => &["eagerness"],
        _ => {
            let at = below(path, "type");
            return Err(invalid(&at, "must be `server_vad` or `semantic_vad`"));
        }
    };
    for (name, value) in object {
        let at = below(path, name);
        match name.as_str() {
            "type" | "create_response" | "interrupt_response" => {}
            "idle_timeout_ms" if value.is_null() => {}
            "idle_timeout_ms" => {
                let why = "makes the provider answer though nobody spoke, which nothing would be \
                           set aside for\nhint: leave it out, and send `response.create`";
                return Err(not_offered(&at, why));
            }
            name if known.contains(&name) => {}
            _ => return Err(invalid(&at, "is nothing that this gateway forwards")),
        }
    }
    let answers = match object.get("create_response") {
        None | Some(Value::Null) => true,
        Some(Value::Bool(answers)) => *answers,
        Some(_) => return Err(invalid(&below(path, "create_response"), "must be true or false")),
    };
    let silence = object.get("silence_duration_ms").filter(|value| !value.is_null());
    let silence_ms = match (kind, silence) {
        (Some("server_vad"), None) => Some(SILENCE_MS_USUAL),
        (Some("server_vad"), Some(value)) => Some(value.as_u64().unwrap_or(0)),
        (_, _) => None,
    };
    Ok(Some(TurnDetection { answers, silence_ms }))
}

/// The place of a session's turn detection.
pub(crate) fn turn_detection_of(session: &mut Value) -> Option<&mut Value> {
    session.get_mut("audio")?.get_mut("input")?.get_mut("turn_detection")
}

/// Writes that the provider makes no response by itself, or what the client is shown of that.
pub(crate) fn set_answers(turn_detection: &mut Value, answers: bool) {
    if let Value::Object(object) = turn_detection {
        object.insert("create_response".to_owned(), Value::Bool(answers));
    }
}

/// Whether a session as the provider shows it would answer by itself. One of an older shape, or of
/// none that is known, might.
pub(crate) fn would_answer(session: &Value) -> bool {
    let is_older = session.get("turn_detection").is_some_and(|older| !older.is_null());
    let Some(input) = session.pointer("/audio/input").filter(|_| !is_older) else { return true };
    match input.get("turn_detection") {
        None | Some(Value::Null) => false,
        Some(turn_detection) => {
            let idles = turn_detection.get("idle_timeout_ms").is_some_and(|ms| !ms.is_null());
            idles || turn_detection.get("create_response") != Some(&Value::Bool(false))
        }
    }
}

/// Bytes of a millisecond of a session's input; the fewest where that is not known.
pub(crate) fn bytes_per_ms(session: &Value) -> u64 {
    match session.pointer("/audio/input/format/type").and_then(Value::as_str) {
        Some("audio/pcm") => BYTES_PER_MS_PCM,
        Some(_) | None => BYTES_PER_MS_MIN,
    }
}

/// What a session as the provider shows it puts before every response.
pub(crate) fn shown_load(session: &Value) -> Load {
    let instructions = session.get("instructions").map_or(0, crate::fields::bytes);
    let tools = session.get("tools").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let tools = tools.iter().map(|tool| {
        Load::text(crate::fields::bytes(tool)).plus(Load::text(item::OVERHEAD_PER_TOOL))
    });
    tools.fold(Load::text(instructions), Load::plus)
}
