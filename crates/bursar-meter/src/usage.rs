//! The provider's `usage` object, read into the kernel's `Usage`.

use bursar_kernel::{Endpoint, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::raw::Text;

/// The object as chat completions and embeddings send it (the provider's API reference, 2026-08).
#[derive(Debug, Deserialize)]
struct Reported {
    prompt_tokens: u64,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Default, Deserialize)]
struct PromptDetails {
    #[serde(rename = "cached_tokens")]
    cached: Option<u64>,
    #[serde(rename = "cache_write_tokens")]
    cache_write: Option<u64>,
    #[serde(rename = "audio_tokens")]
    audio: Option<u64>,
    #[serde(rename = "image_tokens")]
    image: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
    audio_tokens: Option<u64>,
}

/// The object as responses, images and speech send it.
#[derive(Debug, Deserialize)]
struct ByDirection {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: Option<u64>,
    input_tokens_details: Option<PromptDetails>,
    output_tokens_details: Option<OutputDetails>,
}

#[derive(Debug, Default, Deserialize)]
struct OutputDetails {
    reasoning_tokens: Option<u64>,
    text_tokens: Option<u64>,
}

/// Reads a `usage` object. `None` where it is missing, unreadable or contradicts itself: an
/// unknown usage is not a usage of zero.
pub fn read_usage(endpoint: Endpoint, json: &str) -> Option<Usage> {
    match endpoint {
        Endpoint::ChatCompletions | Endpoint::Completions | Endpoint::Embeddings => {
            of_chat(endpoint, json)
        }
        Endpoint::Responses
        | Endpoint::ImageGenerations
        | Endpoint::ImageEdits
        | Endpoint::AudioSpeech => by_direction(endpoint, json),
        Endpoint::AudioTranscriptions | Endpoint::AudioTranslations => of_recording(json),
        Endpoint::Moderations | Endpoint::Realtime => None,
    }
}

fn of_chat(endpoint: Endpoint, json: &str) -> Option<Usage> {
    let reported: Reported = serde_json::from_str(json).ok()?;
    // No prompt is empty, so a report of zero is no report.
    if reported.prompt_tokens == 0 {
        return None;
    }
    let completion = match (endpoint, reported.completion_tokens) {
        (Endpoint::Embeddings, _) => 0,
        // Nothing was to be written, and the provider leaves out how much that is.
        (Endpoint::Completions, None) if reported.total_tokens == Some(reported.prompt_tokens) => 0,
        (_, completion) => completion?,
    };
    // A total above its parts hides tokens that are billed all the same.
    if reported.prompt_tokens.checked_add(completion)? < reported.total_tokens.unwrap_or(0) {
        return None;
    }
    let mut usage = Usage::default();
    prompt(
        &mut usage,
        reported.prompt_tokens,
        &reported.prompt_tokens_details.unwrap_or_default(),
    )?;
    let details = reported.completion_tokens_details.unwrap_or_default();
    usage.audio_out = details.audio_tokens.unwrap_or(0);
    usage.output = completion.checked_sub(usage.audio_out)?;
    usage.reasoning = details.reasoning_tokens.unwrap_or(0);
    (usage.reasoning <= usage.output).then_some(usage)
}

/// The object as transcriptions send it: tokens, or a length.
#[derive(Debug, Deserialize)]
struct OfRecording<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    seconds: Option<&'a RawValue>,
    input_tokens: Option<u64>,
    #[serde(rename = "input_token_details")]
    details: Option<PromptDetails>,
    output_tokens: Option<u64>,
    total_tokens: Option<u64>,
}

fn of_recording(json: &str) -> Option<Usage> {
    let reported: OfRecording<'_> = serde_json::from_str(json).ok()?;
    if reported.kind.as_deref() == Some("duration") {
        let seconds = whole_seconds(reported.seconds?.get())?;
        return Some(Usage { seconds, ..Usage::default() });
    }
    let (input, output) = (reported.input_tokens?, reported.output_tokens?);
    if input == 0 || input.checked_add(output)? < reported.total_tokens.unwrap_or(0) {
        return None;
    }
    let mut usage = Usage { output, ..Usage::default() };
    prompt(&mut usage, input, &reported.details.unwrap_or_default())?;
    Some(usage)
}

/// A length in seconds as JSON has it, a number or a text, rounded up. Never through a float.
pub(crate) fn whole_seconds(json: &str) -> Option<u64> {
    let text = json.trim_matches('"');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) {
        return None;
    }
    let more = u64::from(part.bytes().any(|digit| digit != b'0'));
    // Nothing that was heard has no length.
    whole.parse::<u64>().ok()?.checked_add(more).filter(|seconds| 0 < *seconds)
}

fn by_direction(endpoint: Endpoint, json: &str) -> Option<Usage> {
    let reported: ByDirection = serde_json::from_str(json).ok()?;
    let (input, output) = (reported.input_tokens, reported.output_tokens);
    if input == 0 || input.checked_add(output)? < reported.total_tokens.unwrap_or(0) {
        return None;
    }
    let mut usage = Usage::default();
    prompt(&mut usage, input, &reported.input_tokens_details.unwrap_or_default())?;
    let details = reported.output_tokens_details.unwrap_or_default();
    match endpoint {
        Endpoint::ImageGenerations | Endpoint::ImageEdits => {
            usage.output = details.text_tokens.unwrap_or(0);
            usage.image_out = output.checked_sub(usage.output)?;
        }
        Endpoint::AudioSpeech => usage.audio_out = output,
        Endpoint::ChatCompletions
        | Endpoint::Responses
        | Endpoint::Completions
        | Endpoint::Embeddings
        | Endpoint::Moderations
        | Endpoint::AudioTranscriptions
        | Endpoint::AudioTranslations
        | Endpoint::Realtime => {
            usage.output = output;
            usage.reasoning = details.reasoning_tokens.unwrap_or(0);
        }
    }
    (usage.reasoning <= output).then_some(usage)
}

/// Splits the prompt into its kinds. The provider's kinds overlap: a cached token may also be one
/// of an image. The cache counts first, then audio, which is the dearest, then images.
fn prompt(usage: &mut Usage, total: u64, details: &PromptDetails) -> Option<()> {
    usage.cached = details.cached.unwrap_or(0);
    usage.cache_write = details.cache_write.unwrap_or(0);
    let audio = details.audio.unwrap_or(0);
    let image = details.image.unwrap_or(0);
    if total < audio.checked_add(image)? {
        return None;
    }
    let rest = total.checked_sub(usage.cached.checked_add(usage.cache_write)?)?;
    usage.audio_in = audio.min(rest);
    let rest = rest.checked_sub(usage.audio_in)?;
    usage.image_in = image.min(rest);
    usage.input = rest.checked_sub(usage.image_in)?;
    Some(())
}

#[cfg(test)]
mod tests;
