//! Bodies that are forms: their fields are read as a JSON body's are, their files are measured.

use bursar_kernel::limits::IMAGES_EDITED_MAX;
use bursar_kernel::{Endpoint, Model};
use serde_json::{Map, Value};

use super::bad_request::{BadRequest, BadRequestKind};
use super::fields::Fields;
use super::images::{self, Images};
use super::shape::Shape;
use crate::audio::milliseconds;
use crate::multipart::Part;
use crate::raw::{Text, length};

/// Bytes of a second of speech at the least: no codec that the provider takes is spoken of at less
/// than 6,000 bits a second (Opus), and this is two thirds of that. Only a bound where the length
/// cannot be read off the file.
const BYTES_PER_SECOND_MIN: u64 = 500;
/// Audio tokens of a second of what is heard, at the most. The provider's guide speaks of one for
/// each tenth of a second.
const TOKENS_PER_SECOND_MAX: u64 = 40;

/// Whether a part of a form is a file, by its name.
fn is_file(endpoint: Endpoint, name: &str) -> bool {
    if endpoint == Endpoint::ImageEdits {
        matches!(name, "image" | "image[]" | "mask")
    } else {
        name == "file"
    }
}

/// The fields of a form as the members of an object: each once, save lists, whose names end in
/// `[]`.
pub(super) fn as_object(endpoint: Endpoint, parts: &[Part]) -> Result<String, BadRequest> {
    let mut object = Map::new();
    for part in parts.iter().filter(|part| !is_file(endpoint, &part.name)) {
        let name: String = part.name.chars().take(64).collect();
        if part.filename.is_some() {
            let message = format!("`{name}` is a file, and no file is taken under that name");
            return Err(BadRequest::new(BadRequestKind::UnknownField, &name, message));
        }
        let text = std::str::from_utf8(&part.body)
            .map_err(|_| BadRequest::invalid(&name, format!("`{name}` is not text")))?;
        if name.ends_with("[]") {
            let list = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(Value::from(text));
            }
        } else if object.insert(name.clone(), typed(&name, text)).is_some() {
            let message = format!("the field `{name}` appears twice\nhint: send it once");
            return Err(BadRequest::new(BadRequestKind::DuplicateField, &name, message));
        }
    }
    Ok(Value::Object(object).to_string())
}

/// A form has texts alone: what a body would have as a number or a flag is one again. What does
/// not fit stays a text, which is refused where it is read.
fn typed(name: &str, text: &str) -> Value {
    let parsed = match name {
        "n" | "partial_images" => text.parse::<u64>().ok().map(Value::from),
        "stream" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

/// What the files of a form must be: not empty, and as many as the endpoint takes.
pub(super) fn files(endpoint: Endpoint, parts: &[Part]) -> Result<Vec<&Part>, BadRequest> {
    let is_edit = endpoint == Endpoint::ImageEdits;
    let (name, most) = if is_edit { ("image", IMAGES_EDITED_MAX) } else { ("file", 1) };
    let files: Vec<&Part> =
        parts.iter().filter(|part| is_file(endpoint, &part.name) && part.name != "mask").collect();
    if files.is_empty() {
        return Err(BadRequest::missing(name));
    }
    if most < files.len() {
        let message = format!("`{name}` has {} files and a call takes at most {most}", files.len());
        return Err(BadRequest::invalid(name, message));
    }
    let masks: Vec<&Part> = parts.iter().filter(|part| part.name == "mask").collect();
    if 1 < masks.len() {
        return Err(BadRequest::invalid("mask", "a call takes one `mask`"));
    }
    let files: Vec<&Part> = files.into_iter().chain(masks).collect();
    match files.iter().find(|file| file.body.is_empty()) {
        Some(empty) => {
            let name: String = empty.name.chars().take(64).collect();
            Err(BadRequest::invalid(&name, format!("the file `{name}` is empty")))
        }
        None => Ok(files),
    }
}

/// A form that asks for images made from others.
pub(super) fn edit(
    fields: &Fields<'_>,
    files: &[&Part],
    model: &Model,
) -> Result<Images, BadRequest> {
    if model.image_tokens_max.is_none() {
        let message = format!(
            "what `{}` takes for an image to start from is not known here\n\
             hint: choose another model, or `/v1/images/generations`",
            model.id
        );
        return Err(BadRequest::not_offered("image", message));
    }
    let mut edit = images::read(fields, model)?;
    edit.shape.images = length(files.len());
    Ok(edit)
}

/// What a form with a recording asks for.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) stream: bool,
    pub(super) shape: Shape,
}

/// A form with a recording to be written down.
pub(super) fn recording(
    endpoint: Endpoint,
    fields: &Fields<'_>,
    file: &Part,
    model: &Model,
) -> Result<Heard, BadRequest> {
    let stream = fields.read::<bool>("stream", "`true` or `false`")?.unwrap_or(false);
    let formats = "`json`, `text`, `srt`, `verbose_json` or `vtt`";
    let format = fields.read::<Text<'_>>("response_format", formats)?;
    let format = format.as_deref().unwrap_or("json");
    if !matches!(format, "json" | "text" | "srt" | "verbose_json" | "vtt") {
        let message = format!("`response_format` must be {formats}");
        return Err(BadRequest::invalid("response_format", message));
    }
    let measured = milliseconds(&file.body).filter(|length| 0 < *length);
    let by_the_second = model.prices.as_ref().is_some_and(|it| it.standard.second.is_some());
    let is_reported =
        format == "verbose_json" || (format == "json" && endpoint == Endpoint::AudioTranscriptions);
    if by_the_second && measured.is_none() && !is_reported {
        let message = format!(
            "the answer `{format}` does not say how long the recording is, and that could not be \
             read off the file\nhint: ask for `verbose_json`, or send a plain WAV or an \
             MP3 file"
        );
        return Err(BadRequest::not_offered("response_format", message));
    }
    let bytes = length(file.body.len());
    let audio_ms =
        measured.unwrap_or_else(|| bytes.saturating_mul(1_000).div_ceil(BYTES_PER_SECOND_MIN));
    let prompt = fields.get("prompt").map_or(0, |prompt| length(prompt.len()));
    let tokens = audio_ms.saturating_mul(TOKENS_PER_SECOND_MAX).div_ceil(1_000);
    let shape = Shape {
        input_bytes: prompt,
        messages: 1,
        audio_ms,
        audio_is_measured: measured.is_some(),
        // A model says how much it hears at the most.
        audio_tokens: tokens.min(model.input_tokens_max.unwrap_or(u64::MAX)),
        output_tokens: model.output_tokens_max.unwrap_or(0),
        ..Shape::default()
    };
    Ok(Heard { stream, shape })
}
