//! The provider's `usage` of a response, read into the kernel's `Usage`.

use bursar_kernel::{RateCard, Usage};
use serde::Deserialize;

use crate::load::Load;

/// The object as `response.done` has it (the provider's API description, 2026-08).
#[derive(Debug, Deserialize)]
struct Object {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: Option<u64>,
    input_token_details: Option<InputDetails>,
    output_token_details: Option<Kinds>,
}

#[derive(Debug, Default, Deserialize)]
struct InputDetails {
    text_tokens: Option<u64>,
    audio_tokens: Option<u64>,
    image_tokens: Option<u64>,
    cached_tokens: Option<u64>,
    cached_tokens_details: Option<Kinds>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Kinds {
    #[serde(rename = "text_tokens")]
    text: Option<u64>,
    #[serde(rename = "audio_tokens")]
    audio: Option<u64>,
}

/// What a response used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) usage: Usage,
    /// What it and what it was made from count as input from here on, by their kinds.
    pub(crate) context: Load,
    /// Whether it says that nothing was used.
    pub(crate) is_nothing: bool,
}

/// Reads a `usage` object. `None` where it is missing, unreadable or contradicts itself: an
/// unknown usage is not a usage of zero.
///
/// What it leaves open counts as the dearest that it can be: tokens of no kind as audio, and
/// cached tokens of no kind as not cached. Cached audio has a price of its own where the table
/// knows one; of cached images none is known, and so they count in full.
pub(crate) fn read_usage(json: &str, card: &RateCard, is_text: bool) -> Option<Reported> {
    let object: Object = serde_json::from_str(json).ok()?;
    let (input, output) = (object.input_tokens, object.output_tokens);
    if input.checked_add(output)? < object.total_tokens.unwrap_or(0) {
        return None;
    }
    let details = object.input_token_details.unwrap_or_default();
    let (text, image) = (details.text_tokens.unwrap_or(0), details.image_tokens.unwrap_or(0));
    let audio = details.audio_tokens.unwrap_or(0);
    let rest = input.checked_sub(text.checked_add(audio)?.checked_add(image)?)?;
    let cached = details.cached_tokens_details.unwrap_or_default();
    let (cached_text, cached_audio) = (cached.text.unwrap_or(0), cached.audio.unwrap_or(0));
    let cached_in_all = cached_text.checked_add(cached_audio)?;
    if details.cached_tokens.is_some_and(|all| all < cached_in_all) {
        return None;
    }
    let made = object.output_token_details.unwrap_or_default();
    let (said, spoken) = (made.text.unwrap_or(0), made.audio.unwrap_or(0));
    let unnamed = output.checked_sub(said.checked_add(spoken)?)?;
    let mut usage = Usage {
        input: text.checked_sub(cached_text)?,
        cached: cached_text,
        audio_in: audio.checked_sub(cached_audio)?,
        audio_cached: cached_audio,
        image_in: image,
        output: said,
        audio_out: spoken,
        ..Usage::default()
    };
    // A model that hears nothing cannot have heard it.
    let hears = card.audio_in.is_some();
    let heard = if hears { &mut usage.audio_in } else { &mut usage.input };
    *heard = heard.checked_add(rest)?;
    let out = if is_text { &mut usage.output } else { &mut usage.audio_out };
    *out = out.checked_add(unnamed)?;
    let context = Load {
        text: usage.input.saturating_add(usage.cached).saturating_add(usage.output),
        audio: [usage.audio_in, usage.audio_cached, usage.audio_out]
            .into_iter()
            .fold(0, u64::saturating_add),
        image,
    };
    let is_nothing = input == 0 && output == 0;
    // No response is made of nothing.
    (0 < input || is_nothing).then_some(Reported { usage, context, is_nothing })
}
