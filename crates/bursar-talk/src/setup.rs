//! A session's settings, as the provider shows and changes them.

use serde_json::{Map, Value, json};

use crate::ear::Sound;

/// What stands where nobody says anything.
const INSTRUCTIONS: &str = "You are the voice of a sandbox. Be brief, and say that nothing of \
    what you say was thought.";

/// Settings that are shown only where somebody made them.
const OPTIONAL: [&str; 6] =
    ["include", "noise_reduction", "parallel_tool_calls", "prompt", "reasoning", "transcription"];
/// Settings that are changed as a whole.
const WHOLE: [&str; 3] = ["format", "truncation", "turn_detection"];

/// The settings of a new session.
pub(crate) fn new(model: &str, id: &str, expires_at: i64) -> Value {
    json!({
        "type": "realtime",
        "object": "realtime.session",
        "id": id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": null,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24_000},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 500,
                    "idle_timeout_ms": null,
                    "create_response": true,
                    "interrupt_response": true,
                },
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24_000},
                "voice": "alloy",
                "speed": 1.0,
            },
        },
        "truncation": "auto",
    })
}

/// Changes what an update names. An object's members are changed one by one, save those that are
/// whole values.
pub(crate) fn change(session: &mut Value, update: &Map<String, Value>) -> Result<(), String> {
    if update.get("type").and_then(Value::as_str) != Some("realtime") {
        return Err("Missing required parameter: 'session.type'.".to_owned());
    }
    let mut changed = session.clone();
    merge(&mut changed, update)?;
    let turn = changed.pointer_mut("/audio/input/turn_detection");
    if let Some(Value::Object(turn)) = turn {
        for (name, usual) in [("create_response", true), ("interrupt_response", true)] {
            turn.entry(name).or_insert(Value::Bool(usual));
        }
        if turn.get("type").and_then(Value::as_str) == Some("server_vad") {
            turn.entry("silence_duration_ms").or_insert(500.into());
            turn.entry("idle_timeout_ms").or_insert(Value::Null);
        }
    }
    *session = changed;
    Ok(())
}

fn merge(session: &mut Value, update: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in update {
        let name = name.as_str();
        if OPTIONAL.contains(&name) {
            if value.is_null() {
                session.as_object_mut().and_then(|session| session.remove(name));
            } else {
                session[name] = value.clone();
            }
            continue;
        }
        let known = session.get_mut(name);
        let known = known.ok_or_else(|| format!("Unknown parameter: 'session.{name}'."))?;
        match (&mut *known, value) {
            (Value::Object(_), Value::Object(inner)) if !WHOLE.contains(&name) => {
                merge(known, inner)?;
            }
            _ => *known = value.clone(),
        }
    }
    Ok(())
}

/// How the input is written.
pub(crate) fn sound(session: &Value) -> Sound {
    match session.pointer("/audio/input/format/type").and_then(Value::as_str) {
        Some("audio/pcmu" | "audio/pcma") => Sound::ByLaw,
        Some(_) | None => Sound::Linear,
    }
}

/// After how much silence what was said has ended; `None` where nobody listens for it.
pub(crate) fn silence_ms(session: &Value) -> Option<u64> {
    let turn = session.pointer("/audio/input/turn_detection")?.as_object()?;
    Some(turn.get("silence_duration_ms").and_then(Value::as_u64).unwrap_or(500))
}

/// A switch of the turn detection.
pub(crate) fn turn(session: &Value, name: &str) -> bool {
    let found = session.pointer("/audio/input/turn_detection").and_then(|turn| turn.get(name));
    found.and_then(Value::as_bool).unwrap_or(false)
}
