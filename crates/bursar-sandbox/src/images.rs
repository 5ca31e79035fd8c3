//! Images: a mosaic that follows from the prompt, and the tokens that the catalog says it costs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::catalog::ImageSize;
use bursar_kernel::limits::{IMAGES_MAX, PARTIAL_IMAGES_MAX};
use bursar_kernel::{Endpoint, Model};
use bursar_meter::multipart::Part;
use serde_json::{Value, json};

use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::profile::UsageReport;
use crate::refusal::Refusal;
use crate::request;
use crate::sandbox::State;
use crate::tokens::Tokenizer;
use bursar_invention::Draw;
use bursar_invention::png;

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
    "stream",
    "partial_images",
    "user",
];
/// Output tokens of a partial image, by the provider's guide.
const TOKENS_PER_PARTIAL_IMAGE: u64 = 100;

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
        ("response_format", "these models always answer in base64"),
        ("style", "only `dall-e-3` has styles"),
    ] {
        if fields.value(name).is_some_and(|value| *value != json!(false)) {
            return Err(Refusal::unsupported(name, instead));
        }
    }
    let mut named: Vec<&str> = KNOWN.to_vec();
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
    let input_tokens = u64::try_from(Tokenizer::of(model).count(prompt)).unwrap_or(u64::MAX);
    let partial = partial_images(fields, images)?;
    let made = Made {
        created: state.clock.now().as_second(),
        size,
        quality,
        draw: Draw::from(&[name.as_bytes(), prompt.as_bytes()]),
    };
    let input = (input_tokens, image_tokens);
    let pieces = match partial {
        Some(partial) => made.events(endpoint, partial, input, tokens, report),
        None => vec![made.whole(images, input, tokens.saturating_mul(images), report)],
    };
    Ok(Prepared {
        pieces,
        stream: partial.is_some(),
        kind: JSON,
        input_tokens: input_tokens.saturating_add(image_tokens),
        draw: made.draw,
        last_after: None,
    })
}

/// How many partial images a stream brings; `None` where none is asked for.
fn partial_images(fields: Fields<'_>, images: u64) -> Result<Option<u64>, Refusal> {
    let stream = fields.flag("stream")?.unwrap_or(false);
    let most = i64::try_from(PARTIAL_IMAGES_MAX).unwrap_or(i64::MAX);
    let partial = fields.integer("partial_images", 0, most)?.unwrap_or(0).unsigned_abs();
    if 0 < partial && !stream {
        let why = "it is only allowed where `stream` is true";
        return Err(Refusal::invalid_value("partial_images", why));
    }
    if stream && 1 < images {
        return Err(Refusal::invalid_value("n", "a stream brings one image"));
    }
    Ok(stream.then_some(partial))
}

/// What all images of an answer have in common.
struct Made<'a> {
    created: i64,
    size: &'a ImageSize,
    quality: &'static str,
    draw: Draw,
}

impl Made<'_> {
    fn image(&self, index: u64) -> String {
        STANDARD.encode(png::mosaic(&self.size.size, &mut self.draw.branch(index)))
    }

    /// The answer as one body.
    fn whole(&self, images: u64, input: (u64, u64), output: u64, report: UsageReport) -> Piece {
        let data: Vec<Value> =
            (0..images).map(|index| json!({"b64_json": self.image(index)})).collect();
        let reported = usage(input, output, report);
        let mut answer = json!({
            "created": self.created,
            "background": "opaque",
            "data": data,
            "output_format": "png",
            "quality": self.quality,
            "size": self.size.size,
        });
        if let Some(usage) = &reported {
            answer["usage"] = usage.clone();
        }
        Piece { bytes: answer.to_string().into(), output_tokens: output, reported }
    }

    /// The answer as the events of a stream: the partial images, and the one that is done.
    fn events(
        &self,
        endpoint: Endpoint,
        partial: u64,
        input: (u64, u64),
        tokens: u64,
        report: UsageReport,
    ) -> Vec<Piece> {
        let name = if endpoint == Endpoint::ImageEdits { "image_edit" } else { "image_generation" };
        let event = |kind: &str, index: u64| {
            json!({
                "type": format!("{name}.{kind}"),
                "b64_json": self.image(index),
                "created_at": self.created,
                "size": self.size.size,
                "quality": self.quality,
                "background": "opaque",
                "output_format": "png",
            })
        };
        let piece = |event: &Value, output_tokens: u64, reported: Option<Value>| {
            let kind = event["type"].as_str().unwrap_or_default();
            let bytes = format!("event: {kind}\ndata: {event}\n\n").into();
            Piece { bytes, output_tokens, reported }
        };
        let mut pieces: Vec<Piece> = (0..partial)
            .map(|index| {
                let mut shown = event("partial_image", index + 1);
                shown["partial_image_index"] = json!(index);
                piece(&shown, (index + 1) * TOKENS_PER_PARTIAL_IMAGE, None)
            })
            .collect();
        let output = tokens.saturating_add(partial * TOKENS_PER_PARTIAL_IMAGE);
        let mut done = event("completed", 0);
        let reported = usage(input, output, report);
        if let Some(usage) = &reported {
            done["usage"] = usage.clone();
        }
        pieces.push(piece(&done, output, reported));
        pieces
    }
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

fn usage((text, image): (u64, u64), output: u64, report: UsageReport) -> Option<Value> {
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
