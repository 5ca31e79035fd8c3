//! Items of a conversation, tools and voices: what each counts at the most.

use bursar_kernel::Model;
use bursar_meter::BadRequest;
use serde_json::{Map, Value};

use crate::fields::{ITEM, below, bytes, check, invalid, missing, not_offered};
pub(crate) use crate::load::OVERHEAD_PER_TOOL;
use crate::load::{Load, OVERHEAD_PER_ITEM};

/// Items that one response may bring along.
const ITEMS_MAX: usize = 1_000;
/// Parts of one item.
const PARTS_MAX: usize = 1_000;
/// Bytes of a millisecond of the sound that has the fewest.
pub(crate) const BYTES_PER_MS_MIN: u64 = 8;

/// What an item counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    /// Text and images.
    pub(crate) load: Load,
    /// Bytes of speech at the most.
    pub(crate) audio_bytes: u64,
    /// Whether it is a reference to what may be any item of the session.
    pub(crate) is_reference: bool,
}

/// Reads an item that a client adds.
pub(crate) fn item(value: &Value, path: &str, model: &Model) -> Result<Counted, BadRequest> {
    let item = value.as_object().ok_or_else(|| invalid(path, "must be an object"))?;
    let named = check(item, ITEM, path)?;
    let at = below(path, "type");
    let kind = item.get("type").and_then(Value::as_str).ok_or_else(|| missing(&at))?;
    let mut counted = Counted {
        load: named.plus(Load::text(OVERHEAD_PER_ITEM)),
        audio_bytes: 0,
        is_reference: kind == "item_reference",
    };
    match kind {
        "message" => message(item, path, model, &mut counted)?,
        "function_call" | "function_call_output" | "item_reference" => {
            if item.contains_key("content") || item.contains_key("role") {
                return Err(invalid(path, "has no `content` and no `role`"));
            }
        }
        kind if kind.starts_with("mcp_") => {
            return Err(not_offered(
                &at,
                "is of a tool that runs at the provider, which is not offered here",
            ));
        }
        _ => {
            let known = "must be `message`, `function_call` or `function_call_output`";
            return Err(invalid(&at, known));
        }
    }
    Ok(counted)
}

fn message(
    item: &Map<String, Value>,
    path: &str,
    model: &Model,
    counted: &mut Counted,
) -> Result<(), BadRequest> {
    let at = below(path, "role");
    let role = item.get("role").and_then(Value::as_str).ok_or_else(|| missing(&at))?;
    if !matches!(role, "system" | "user" | "assistant") {
        return Err(invalid(&at, "must be `system`, `user` or `assistant`"));
    }
    let at = below(path, "content");
    let parts = item.get("content").and_then(Value::as_array).ok_or_else(|| missing(&at))?;
    if PARTS_MAX < parts.len() {
        return Err(invalid(&at, &format!("has more than {PARTS_MAX} parts")));
    }
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}[{index}]");
        counted.load = counted.load.plus(content(part, &at, model, &mut counted.audio_bytes)?);
    }
    Ok(())
}

/// One part of a message: its `type` says which members it has.
fn content(
    part: &Value,
    path: &str,
    model: &Model,
    audio_bytes: &mut u64,
) -> Result<Load, BadRequest> {
    let part = part.as_object().ok_or_else(|| invalid(path, "must be an object"))?;
    let at = below(path, "type");
    let kind = part.get("type").and_then(Value::as_str).ok_or_else(|| missing(&at))?;
    let members: &[&str] = match kind {
        "input_text" | "output_text" => &["text"],
        "input_audio" => &["audio", "transcript"],
        "input_image" => &["image_url", "detail"],
        "output_audio" => &["transcript"],
        _ => {
            let known = "must be `input_text`, `input_audio`, `input_image`, `output_text` or \
                         `output_audio`";
            return Err(invalid(&at, known));
        }
    };
    let mut load = Load::default();
    for (name, value) in part.iter().filter(|(name, _)| *name != "type") {
        let at = below(path, name);
        if !members.contains(&name.as_str()) {
            return Err(invalid(&at, &format!("is no member of a part of type `{kind}`")));
        }
        let text = value.as_str().ok_or_else(|| invalid(&at, "must be a text"))?;
        load = load.plus(match name.as_str() {
            "audio" => {
                *audio_bytes = audio_bytes.saturating_add(sound_bytes(text));
                Load::default()
            }
            "image_url" => image(text, &at, model)?,
            _ => Load::text(bytes(value)),
        });
    }
    Ok(load)
}

/// An image counts what the model's own bound says; else as much as the model takes in all.
fn image(url: &str, at: &str, model: &Model) -> Result<Load, BadRequest> {
    if !url.starts_with("data:") {
        return Err(invalid(at, "must be the image itself, as `data:image/png;base64,...`"));
    }
    if model.prices.as_ref().is_none_or(|prices| prices.standard.image_in.is_none()) {
        return Err(not_offered(at, "has no price for this model"));
    }
    let most = model.image_tokens_max.or(model.input_tokens_max);
    let image = most.ok_or_else(|| not_offered(at, "counts what is not known for this model"))?;
    Ok(Load { image, ..Load::default() })
}

/// Bytes of sound behind so much base64, at the most.
pub(crate) fn sound_bytes(base64: &str) -> u64 {
    let characters = u64::try_from(base64.len()).unwrap_or(u64::MAX);
    characters.div_ceil(4).saturating_mul(3)
}

/// The items that a response brings along in place of the conversation.
pub(crate) fn items(value: &Value, path: &str, model: &Model) -> Result<Counted, BadRequest> {
    let items = value.as_array().ok_or_else(|| invalid(path, "must be an array of items"))?;
    if ITEMS_MAX < items.len() {
        return Err(invalid(path, &format!("has more than {ITEMS_MAX} items")));
    }
    let mut all = Counted::default();
    for (index, value) in items.iter().enumerate() {
        let one = item(value, &format!("{path}[{index}]"), model)?;
        all.load = all.load.plus(one.load);
        all.audio_bytes = all.audio_bytes.saturating_add(one.audio_bytes);
        all.is_reference |= one.is_reference;
    }
    Ok(all)
}

/// Tools, all of which run at the client.
pub(crate) fn tools(value: &Value, path: &str) -> Result<Load, BadRequest> {
    let Some(tools) = value.as_array() else {
        return Err(invalid(path, "must be an array of tools"));
    };
    for (index, tool) in tools.iter().enumerate() {
        let at = format!("{path}[{index}].type");
        match tool.get("type").and_then(Value::as_str) {
            Some("function") => {}
            Some(_) => {
                let why = "runs at the provider, which bills it apart\nhint: offer tools of type \
                           `function`, which your own program runs";
                return Err(not_offered(&at, why));
            }
            None => return Err(missing(&at)),
        }
    }
    let count = u64::try_from(tools.len()).unwrap_or(u64::MAX);
    let frames = Load::text(count.saturating_mul(OVERHEAD_PER_TOOL));
    Ok(frames.plus(Load::text(bytes(value))))
}

/// Which tool has to be called: a word, or a function's name.
pub(crate) fn tool_choice(value: &Value, path: &str) -> Result<Load, BadRequest> {
    let is_function = || value.get("type").and_then(Value::as_str) == Some("function");
    if value.is_string() || value.is_null() || is_function() {
        return Ok(Load::text(bytes(value)));
    }
    Err(not_offered(path, "must be a word, or name a tool of type `function`"))
}

/// A voice of the provider's own.
pub(crate) fn voice(value: &Value, path: &str) -> Result<(), BadRequest> {
    if value.is_string() {
        return Ok(());
    }
    let why = "must be the name of one of the provider's voices: another would lie in an account \
               that grants share";
    Err(not_offered(path, why))
}
