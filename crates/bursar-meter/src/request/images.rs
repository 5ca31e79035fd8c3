//! The body of a call for images: how many, whether they are streamed, and what each can cost.

use bursar_kernel::Model;
use bursar_kernel::limits::{IMAGES_MAX, PARTIAL_IMAGES_MAX};

use super::bad_request::BadRequest;
use super::fields::Fields;
use super::shape::Shape;
use crate::raw::{Text, length};

/// Tokens of text that a model which bills them may make beside an image. Nothing is published;
/// no answer has been seen with a tenth of it.
const TEXT_TOKENS_PER_IMAGE: u64 = 1_024;

/// Output tokens of a partial image, whatever its size (the provider's guide to image generation,
/// "Partial images cost").
const TOKENS_PER_PARTIAL_IMAGE: u64 = 100;

/// What a body asks for that wants images.
#[derive(Debug)]
pub(super) struct Images {
    pub(super) stream: bool,
    pub(super) shape: Shape,
}

pub(super) fn read(fields: &Fields<'_>, model: &Model) -> Result<Images, BadRequest> {
    let stream = fields.read::<bool>("stream", "true or false")?.unwrap_or(false);
    let prompt = fields.need("prompt")?;
    if fields.read::<Text<'_>>("prompt", "a string")?.is_none_or(|prompt| prompt.is_empty()) {
        return Err(BadRequest::invalid("prompt", "`prompt` is empty\nhint: describe the image"));
    }
    let expected = format!("a whole number from 1 to {IMAGES_MAX}");
    let images = fields.read::<u64>("n", &expected)?.unwrap_or(1);
    if images == 0 || IMAGES_MAX < images {
        return Err(BadRequest::invalid("n", format!("`n` must be {expected}")));
    }
    let output = model.prices.as_ref().and_then(|prices| prices.standard.output);
    let text = if output.is_some() { TEXT_TOKENS_PER_IMAGE } else { 0 };
    if stream && 1 < images {
        let message = "a stream brings one image\nhint: leave `n` out, or `stream`";
        return Err(BadRequest::invalid("n", message));
    }
    let partial = partial_images(fields, stream)?.saturating_mul(TOKENS_PER_PARTIAL_IMAGE);
    let each = tokens(fields, model)?.saturating_add(text).saturating_add(partial);
    let shape = Shape {
        input_bytes: length(prompt.len()),
        messages: 1,
        output_tokens: each.saturating_mul(images),
        images_made: images,
        ..Shape::default()
    };
    Ok(Images { stream, shape })
}

/// How many images are shown before they are done. Fewer may come; each that does is billed.
fn partial_images(fields: &Fields<'_>, stream: bool) -> Result<u64, BadRequest> {
    let name = "partial_images";
    let expected = format!("a whole number from 0 to {PARTIAL_IMAGES_MAX}");
    let asked = fields.read::<u64>(name, &expected)?.unwrap_or(0);
    if PARTIAL_IMAGES_MAX < asked {
        return Err(BadRequest::invalid(name, format!("`{name}` must be {expected}")));
    }
    if 0 < asked && !stream {
        let message = format!("`{name}` needs `stream: true`\nhint: leave it out, or stream");
        return Err(BadRequest::invalid(name, message));
    }
    Ok(asked)
}

/// The most output tokens of one image. What is left to the model is bounded by the dearest.
fn tokens(fields: &Fields<'_>, model: &Model) -> Result<u64, BadRequest> {
    let quality = fields.read::<Text<'_>>("quality", "`low`, `medium`, `high` or `auto`")?;
    let size = fields.read::<Text<'_>>("size", "a string such as `1024x1024`")?;
    let size = size.as_deref().filter(|size| *size != "auto");
    let mut sizes =
        model.image_sizes.iter().filter(|known| size.is_none_or(|size| size == known.size));
    let most = match quality.as_deref() {
        None | Some("auto" | "high") => sizes.map(|size| size.high).max(),
        Some("medium") => sizes.map(|size| size.medium).max(),
        Some("low") => sizes.map(|size| size.low).max(),
        Some(_) => {
            sizes.next();
            let message = "`quality` must be `low`, `medium`, `high` or `auto`";
            return Err(BadRequest::invalid("quality", message));
        }
    };
    most.ok_or_else(|| {
        let names: Vec<_> =
            model.image_sizes.iter().map(|size| format!("`{}`", size.size)).collect();
        let message = format!(
            "what an image of this size costs is not known here\nhint: ask for `auto` or one of {}",
            names.join(", ")
        );
        BadRequest::not_offered("size", message)
    })
}
