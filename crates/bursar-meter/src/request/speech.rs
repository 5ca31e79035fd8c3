//! The body of a speech call: a text, and how long it can take to say.

use bursar_kernel::limits::SPEECH_CHARACTERS_MAX;

use super::bad_request::BadRequest;
use super::fields::Fields;
use super::shape::Shape;
use crate::raw::{Text, length};

/// Audio tokens of a second of speech, rounded up. The provider's price list says $0.015 a minute
/// for what costs $12 a million tokens: 1,250 tokens a minute.
const TOKENS_PER_SECOND: u64 = 21;
/// Seconds that one character takes at the most. Read aloud it is a fifteenth of one; instructions
/// may ask for a slow voice, and digits stand for words.
const SECONDS_PER_CHARACTER: u64 = 1;
/// Seconds that a voice may breathe before and after.
const SECONDS_PER_CALL: u64 = 10;
/// How much slower than usual `speed` can make it.
const SLOWEST: u64 = 4;

/// What a speech body asks for.
#[derive(Debug)]
pub(super) struct Speech {
    pub(super) stream: bool,
    pub(super) shape: Shape,
}

pub(super) fn read(fields: &Fields<'_>) -> Result<Speech, BadRequest> {
    let text = fields.need("input")?;
    let characters = spoken(fields, "input")?.unwrap_or(0);
    if characters == 0 {
        return Err(BadRequest::invalid("input", "`input` is empty\nhint: send a text to speak"));
    }
    spoken(fields, "instructions")?;
    fields.need("voice")?;
    let formats = "`audio` or `sse`";
    let stream = match fields.read::<Text<'_>>("stream_format", formats)?.as_deref() {
        None | Some("audio") => false,
        Some("sse") => true,
        Some(_) => {
            let message = format!("`stream_format` must be {formats}");
            return Err(BadRequest::invalid("stream_format", message));
        }
    };
    let seconds = characters.saturating_mul(SECONDS_PER_CHARACTER).saturating_add(SECONDS_PER_CALL);
    // Slower than usual or not, the number itself changes nothing that is published.
    let slowed = if fields.get("speed").is_some() { SLOWEST } else { 1 };
    let instructions = fields.get("instructions").map_or(0, str::len);
    let shape = Shape {
        input_bytes: length(text.len().saturating_add(instructions)),
        messages: 2,
        characters,
        output_tokens: seconds.saturating_mul(slowed).saturating_mul(TOKENS_PER_SECOND),
        plain_text: true,
        ..Shape::default()
    };
    Ok(Speech { stream, shape })
}

/// The characters of a text, within the provider's limit.
fn spoken(fields: &Fields<'_>, name: &str) -> Result<Option<u64>, BadRequest> {
    let Some(text) = fields.read::<Text<'_>>(name, "a string")? else { return Ok(None) };
    let characters = text.chars().count();
    if SPEECH_CHARACTERS_MAX < characters {
        let message = format!(
            "`{name}` has {characters} characters and a call takes at most \
             {SPEECH_CHARACTERS_MAX}\nhint: speak it in parts"
        );
        return Err(BadRequest::invalid(name, message));
    }
    Ok(Some(length(characters)))
}
