//! Images: a mosaic that follows from the prompt, and the tokens that the catalog says it costs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::catalog::ImageSize;
use bursar_kernel::limits::IMAGES_MAX;
use bursar_kernel::{Endpoint, Model};
use bursar_meter::multipart::Part;
use serde_json::{Value, json};

use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::png;
use crate::profile::UsageReport;
use crate::refusal::Refusal;
use crate::request;
use crate::sandbox::State;
use crate::seed::Draw;
use crate::tokens::Tokenizer;

/// Characters of a prompt, the provider's own limit for these models.
const PROMPT_CHARACTERS_MAX: usize = 32_000;
const KNOWN: &[&str] = &[
    "model",
    "prompt",
    "n",
    "size",
    "quality",
    "background",
    "moderation",
    "output_compression",
    "output_format",
    "user",
];

/// The answer to a request for images.
pub(crate) fn answer(
    state: &State,
    body: &Value,
    report: UsageReport,
) -> Result<Prepared, Refusal> {
    made(state, body, Endpoint::ImageGenerations, 0, report)
}

/// Tokens of an image to start from: the provider's guide says 65 and 129 for each of its tiles at
/// low fidelity; here each has one.
const TOKENS_PER_IMAGE: u64 = 65 + 129;

/// The answer to a request for images made from others.
pub(crate) fn edit(
    state: &State,
    body: &Value,
    files: &[Part],
    report: UsageReport,
) -> Result<Prepared, Refusal> {
    if !files.iter().any(|file| file.name.starts_with("image")) {
        return Err(Refusal::missing("image"));
    }
    if let Some(file) = files.iter().find(|file| !file.body.starts_with(b"\x89PNG")) {
        let why = "the sandbox takes PNG files".to_owned();
        return Err(Refusal::invalid_value(&file.name, why));
    }
    let images = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let image_tokens = images.saturating_mul(TOKENS_PER_IMAGE);
    made(state, body, Endpoint::ImageEdits, image_tokens, report)
}

fn made(
    state: &State,
    body: &Value,
    endpoint: Endpoint,
    image_tokens: u64,
    report: UsageReport,
) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let name = fields.required_text("model")?;
    let model = request::model(&state.catalog, name, endpoint)?;
    for (name, instead) in [
        ("stream", "the sandbox answers with whole images"),
        ("response_format", "these models always answer in base64"),
        ("style", "only `dall-e-3` has styles"),
    ] {
        if fields.value(name).is_some_and(|value| *value != json!(false)) {
            return Err(Refusal::unsupported(name, instead));
        }
    }
    let mut named: Vec<&str> = KNOWN.iter().copied().chain(["stream"]).collect();
    if endpoint == Endpoint::ImageEdits {
        named.push("input_fidelity");
        fields.choice("input_fidelity", &["low", "high"])?;
    }
    fields.only(&named)?;
    fields.choice("background", &["opaque", "auto"])?;
    fields.choice("moderation", &["low", "auto"])?;
    fields.choice("output_format", &["png"])?;
    fields.integer("output_compression", 100, 100)?;
    let prompt = fields.required_text("prompt")?;
    if prompt.is_empty() || prompt.chars().count() > PROMPT_CHARACTERS_MAX {
        let why = format!("it takes from 1 to {PROMPT_CHARACTERS_MAX} characters");
        return Err(Refusal::invalid_value("prompt", why));
    }
    let most = i64::try_from(IMAGES_MAX).unwrap_or(i64::MAX);
    let images = fields.integer("n", 1, most)?.unwrap_or(1).unsigned_abs();
    let size = size(fields, model)?;
    let quality = fields.choice("quality", &["low", "medium", "high", "auto"])?;
    let (quality, tokens) = match quality {
        Some("low") => ("low", size.low),
        Some("high") => ("high", size.high),
        Some(_) | None => ("medium", size.medium),
    };
    let draw = Draw::from(&[name.as_bytes(), prompt.as_bytes()]);
    let data: Vec<Value> = (0..images)
        .map(|index| {
            let image = png::mosaic(&size.size, &mut draw.branch(index));
            json!({"b64_json": STANDARD.encode(image)})
        })
        .collect();
    let input_tokens = u64::try_from(Tokenizer::of(model).count(prompt)).unwrap_or(u64::MAX);
    let output_tokens = tokens.saturating_mul(images);
    let reported = usage(input_tokens, image_tokens, output_tokens, report);
    let mut answer = json!({
        "created": state.clock.now().as_second(),
        "background": "opaque",
        "data": data,
        "output_format": "png",
        "quality": quality,
        "size": size.size,
    });
    if let Some(usage) = &reported {
        answer["usage"] = usage.clone();
    }
    let bytes = answer.to_string().into();
    Ok(Prepared {
        pieces: vec![Piece { bytes, output_tokens, reported }],
        stream: false,
        kind: JSON,
        input_tokens: input_tokens.saturating_add(image_tokens),
        draw,
        last_after: None,
    })
}

/// The size that is asked for; the first of the catalog where that is left to the model.
fn size<'a>(fields: Fields<'_>, model: &'a Model) -> Result<&'a ImageSize, Refusal> {
    let names: Vec<&str> = model.image_sizes.iter().map(|size| size.size.as_str()).collect();
    let words: Vec<&str> = names.iter().copied().chain(["auto"]).collect();
    let asked = fields.choice("size", &words)?.filter(|size| *size != "auto");
    let fits = |size: &&ImageSize| asked.is_none_or(|asked| asked == size.size);
    model.image_sizes.iter().find(fits).ok_or_else(|| {
        Refusal::unsupported_value("size", format!("the model `{}` makes no images here", model.id))
    })
}

fn usage(text: u64, image: u64, output: u64, report: UsageReport) -> Option<Value> {
    let input = text.saturating_add(image);
    let times = report.times()?;
    let count = |tokens: u64| tokens.saturating_mul(times);
    Some(json!({
        "input_tokens": count(input),
        "input_tokens_details": {"text_tokens": count(text), "image_tokens": count(image)},
        "output_tokens": count(output),
        "output_tokens_details": {"text_tokens": 0, "image_tokens": count(output)},
        "total_tokens": count(input.saturating_add(output)),
    }))
}
