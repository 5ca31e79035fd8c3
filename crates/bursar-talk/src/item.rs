//! Items of a conversation, and what each counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::ear::Sound;

/// Tokens around an item.
const AROUND: u64 = 3;
/// Tokens of an image, whatever is on it.
const IMAGE: u64 = 258;

/// Tokens by their kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) text: u64,
    pub(crate) audio: u64,
    pub(crate) image: u64,
}

impl Tokens {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            text: self.text + other.text,
            audio: self.audio + other.audio,
            image: self.image + other.image,
        }
    }

    pub(crate) fn total(self) -> u64 {
        self.text + self.audio + self.image
    }
}

/// An item, as it is shown, with what it counts.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) shown: Value,
    pub(crate) tokens: Tokens,
}

/// A user's: one token for each tenth of a second.
pub(crate) fn heard_tokens(milliseconds: u64) -> u64 {
    milliseconds.div_ceil(100)
}

/// The model's: one for each twentieth.
pub(crate) fn said_tokens(milliseconds: u64) -> u64 {
    milliseconds.div_ceil(50)
}

/// What a client adds; otherwise why it cannot.
pub(crate) fn given(
    value: &Value,
    id: String,
    sound: Sound,
    count: fn(&str) -> u64,
) -> Result<Item, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut tokens = Tokens { text: AROUND, ..Tokens::default() };
    match text("type") {
        "message" => {
            let content = value.get("content").and_then(Value::as_array);
            for part in content.ok_or("Missing required parameter: 'item.content'.")? {
                tokens = tokens.plus(of_part(part, sound, count)?);
            }
        }
        "function_call" => tokens.text += count(text("name")) + count(text("arguments")),
        "function_call_output" => tokens.text += count(text("output")),
        other => return Err(format!("Invalid value: '{other}' for 'item.type'.")),
    }
    let mut shown = value.clone();
    if let Value::Object(members) = &mut shown {
        members.insert("id".to_owned(), id.as_str().into());
        members.insert("object".to_owned(), "realtime.item".into());
        members.insert("status".to_owned(), "completed".into());
        if let Some(Value::Array(parts)) = members.get_mut("content") {
            for part in parts.iter_mut().filter_map(Value::as_object_mut) {
                part.remove("audio");
            }
        }
    }
    Ok(Item { id, shown, tokens })
}

fn of_part(part: &Value, sound: Sound, count: fn(&str) -> u64) -> Result<Tokens, String> {
    let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    Ok(match text("type") {
        "input_text" | "output_text" => Tokens { text: count(text("text")), ..Tokens::default() },
        "output_audio" => Tokens { text: count(text("transcript")), ..Tokens::default() },
        "input_image" => Tokens { image: IMAGE, ..Tokens::default() },
        "input_audio" => {
            let bytes = STANDARD.decode(text("audio"));
            let bytes = bytes.map_err(|_| "Invalid 'audio': it is not base64.".to_owned())?;
            let long = u64::try_from(bytes.len()).unwrap_or(0).div_ceil(sound.bytes_per_ms());
            Tokens { audio: heard_tokens(long), ..Tokens::default() }
        }
        other => return Err(format!("Invalid value: '{other}' for 'item.content[].type'.")),
    })
}

/// What was taken out of the input buffer.
pub(crate) fn heard(id: String, milliseconds: u64) -> Item {
    let shown = json!({
        "id": id,
        "object": "realtime.item",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio"}],
    });
    let tokens = Tokens { text: AROUND, audio: heard_tokens(milliseconds), image: 0 };
    Item { id, shown, tokens }
}
