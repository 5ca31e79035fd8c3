//! `model_prices_and_context_window.json` of `LiteLLM`: one object, a member for each model, prices
//! in dollars for one unit. The members are those of its release 1.109.1.

use std::collections::BTreeMap;

use bursar_kernel::Mode;
use serde_json::value::RawValue;

use super::number::{BY_UNIT, rate};
use super::row::{Row, Rows};
use super::{ImportError, LeftOut};
use crate::compare::Band;

/// Members that are prices, and the kind of usage that each is the price of.
const PRICES: [(&str, &str); 11] = [
    ("input_cost_per_token", "input"),
    ("cache_read_input_token_cost", "cached"),
    ("cache_creation_input_token_cost", "cache_write"),
    ("input_cost_per_audio_token", "audio_in"),
    ("cache_read_input_audio_token_cost", "audio_cached"),
    ("input_cost_per_image_token", "image_in"),
    ("output_cost_per_token", "output"),
    ("output_cost_per_audio_token", "audio_out"),
    ("output_cost_per_image_token", "image_out"),
    ("input_cost_per_character", "character"),
    ("input_cost_per_second", "second"),
];

const MODES: [(&str, Mode); 10] = [
    ("chat", Mode::Chat),
    ("responses", Mode::Responses),
    ("completion", Mode::Completion),
    ("embedding", Mode::Embedding),
    ("moderation", Mode::Moderation),
    ("image_generation", Mode::Image),
    ("audio_speech", Mode::Speech),
    ("audio_transcription", Mode::Transcription),
    ("realtime", Mode::Realtime),
    ("voice", Mode::Voice),
];

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The models of OpenAI's.
pub(super) fn read(text: &str) -> Result<Rows, ImportError> {
    let models: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(ImportError::NotJson)?;
    let mut found = Rows::default();
    for (name, model) in models {
        let Ok(members) = serde_json::from_str::<Members<'_>>(model.get()) else { continue };
        let is = |key: &str, wanted: &str| string(&members, key).as_deref() == Some(wanted);
        if !is("litellm_provider", "openai") {
            continue;
        }
        match row(&name, &members) {
            Ok(row) => {
                found.rows.insert(name, row);
            }
            Err(why) => found.left_out.push(LeftOut { name, why: why.to_owned() }),
        }
    }
    Ok(found)
}

fn row(name: &str, members: &Members<'_>) -> Result<Row, &'static str> {
    if name.starts_with("ft:") {
        return Err("is fine-tuned, and which programs allow that is not known here");
    }
    if name.contains('/') {
        return Err("is a price by size or session of another entry");
    }
    let mode = string(members, "mode").unwrap_or_default();
    let mode = MODES.iter().find(|(word, _)| *word == mode).map(|(_, mode)| *mode);
    let mut mode = mode.ok_or("makes what is not metered here")?;
    if mode == Mode::Chat && members.contains_key("output_cost_per_audio_token") {
        mode = Mode::Voice;
    }
    let is_true = |key| members.get(key).is_some_and(|value| value.get() == "true");
    let number = |key| members.get(key).and_then(|value| value.get().parse::<u64>().ok());
    let endpoints = members.get("supported_endpoints").map(|value| value.get());
    let endpoints: Option<Vec<String>> = endpoints.and_then(|list| serde_json::from_str(list).ok());
    let answers = |path: &str| {
        endpoints.as_ref().is_none_or(|endpoints| endpoints.iter().any(|endpoint| endpoint == path))
    };
    if mode == Mode::Chat && !answers("/v1/chat/completions") && answers("/v1/responses") {
        mode = Mode::Responses;
    }
    if mode == Mode::Transcription && !answers("/v1/audio/transcriptions") {
        return Err("answers at no route that is metered here");
    }
    let mut row = Row::new(Some(mode));
    row.input_tokens_max = number("max_input_tokens").filter(|tokens| 0 < *tokens);
    row.output_tokens_max = number("max_output_tokens").filter(|tokens| 0 < *tokens);
    row.shutdown = string(members, "deprecation_date").and_then(|date| date.parse().ok());
    row.reasoning = is_true("supports_reasoning");
    row.sees = is_true("supports_vision") && mode != Mode::Image;
    for (member, value) in members {
        price(&mut row, member, value);
    }
    Ok(row)
}

/// Takes a member that is a price this catalog has a place for. What is left are prices of long
/// inputs at other tiers, of other lengths of caching, and of what is not metered by the unit.
fn price(row: &mut Row, member: &str, value: &RawValue) {
    let found = PRICES.iter().find_map(|(name, kind)| Some((*kind, member.strip_prefix(name)?)));
    let Some((kind, suffix)) = found else { return };
    let band = match suffix {
        "" => Band::Standard,
        "_batches" => Band::Batch,
        "_flex" => Band::Flex,
        "_priority" => Band::Priority,
        other => {
            let above =
                other.strip_prefix("_above_").and_then(|rest| rest.strip_suffix("k_tokens"));
            let Some(above) = above.and_then(|above| above.parse::<u64>().ok()) else { return };
            let above = above.saturating_mul(1_000);
            if row.long_above.is_some_and(|other| other != above) {
                row.notes.push(format!("`{member}` is a second step, and calls have one"));
                return;
            }
            row.long_above = Some(above);
            Band::LongContext
        }
    };
    match rate(value.get(), BY_UNIT) {
        Ok(rate) => row.set(band, kind, rate),
        Err(why) => row.notes.push(format!("`{member}`: {why}")),
    }
}

fn string(members: &Members<'_>, key: &str) -> Option<String> {
    serde_json::from_str(members.get(key)?.get()).ok()
}
