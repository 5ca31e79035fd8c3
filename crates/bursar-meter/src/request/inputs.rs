//! Inputs that are one text or several, or token ids: of embeddings, moderations and completions.

use bursar_kernel::limits::INPUTS_MAX;

use super::bad_request::BadRequest;
use super::chat::element;
use super::content::Input;
use super::fields::Fields;
use super::shape::Shape;
use crate::raw::{Text, for_each, length, without_place};

/// Reads an embedding body: texts, or token ids.
pub(super) fn embeddings(fields: &Fields<'_>) -> Result<Shape, BadRequest> {
    let formats = "`float` or `base64`";
    if let Some(format) = fields.read::<Text<'_>>("encoding_format", formats)?
        && !matches!(&*format, "float" | "base64")
    {
        let message = format!("`encoding_format` must be {formats}");
        return Err(BadRequest::invalid("encoding_format", message));
    }
    let whole = "a whole number, at least 1";
    if fields.read::<u64>("dimensions", whole)? == Some(0) {
        return Err(BadRequest::invalid("dimensions", format!("`dimensions` must be {whole}")));
    }
    Ok(read(fields, Of::Embedding)?.1)
}

/// Reads a moderation body: texts, or parts with texts and images.
pub(super) fn moderations(fields: &Fields<'_>) -> Result<Shape, BadRequest> {
    Ok(read(fields, Of::Moderation)?.1)
}

/// Reads the prompts of a completion, texts or token ids, and says how many there are.
pub(super) fn prompts(fields: &Fields<'_>) -> Result<(u64, Shape), BadRequest> {
    read(fields, Of::Completion)
}

/// What an input is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Embedding,
    Moderation,
    Completion,
}

/// Which kinds of element an input has.
#[derive(Default)]
struct Kinds {
    texts: u64,
    parts: u64,
    arrays: u64,
    ids: u64,
    token_ids: u64,
}

impl Kinds {
    fn add(&mut self, input: &Input<'_>, of: Of) -> Result<(), String> {
        let (kind, token_ids) = match input {
            Input::Text(text) if text.is_empty() && of != Of::Completion => {
                return Err("a text is not empty".into());
            }
            Input::Text(_) => (&mut self.texts, 0),
            Input::Part(part) => {
                part.check()?;
                (&mut self.parts, 0)
            }
            Input::Tokens(0) => return Err("an array of token ids is not empty".into()),
            Input::Tokens(count) => (&mut self.arrays, *count),
            Input::Token => (&mut self.ids, 1),
        };
        *kind = kind.saturating_add(1);
        self.token_ids = self.token_ids.saturating_add(token_ids);
        Ok(())
    }

    fn check(&self, of: Of) -> Result<(), String> {
        let kinds = [self.texts, self.parts, self.arrays, self.ids];
        match kinds.into_iter().filter(|count| 0 < *count).count() {
            0 => return Err("it is empty".into()),
            1 => {}
            _ => return Err("its elements are of one kind".into()),
        }
        match (of, self.parts, self.token_ids) {
            (Of::Moderation, _, 0) | (Of::Embedding | Of::Completion, 0, _) => Ok(()),
            (Of::Moderation, _, _) => {
                Err("moderation takes texts and images, not token ids".into())
            }
            (Of::Embedding, _, _) => {
                Err("embeddings take texts and token ids, not content parts".into())
            }
            (Of::Completion, _, _) => {
                Err("completions take texts and token ids, not content parts".into())
            }
        }
    }

    /// How many inputs there are: token ids that stand alone are one together.
    fn inputs(&self) -> u64 {
        let counts = [self.texts, self.parts, self.arrays, self.ids.min(1)];
        counts.into_iter().fold(0, u64::saturating_add)
    }
}

fn read(fields: &Fields<'_>, of: Of) -> Result<(u64, Shape), BadRequest> {
    let name = if of == Of::Completion { "prompt" } else { "input" };
    let json = fields.need(name)?;
    let mut kinds = Kinds::default();
    let mut index = 0;
    let add = |index: usize, input: Input<'_>| {
        if INPUTS_MAX <= index && !matches!(input, Input::Token) {
            return Err(format!("a call takes at most {INPUTS_MAX} inputs"));
        }
        kinds.add(&input, of)
    };
    for_each_input(json, &mut index, add).map_err(|error| {
        let param = element(json, name, index);
        BadRequest::invalid(&param, format!("`{param}`: {}", without_place(&error)))
    })?;
    kinds
        .check(of)
        .map_err(|why| BadRequest::invalid(name, format!("`{name}` cannot be read: {why}")))?;
    let inputs = kinds.inputs();
    let shape = Shape {
        input_bytes: length(json.len()),
        messages: inputs,
        token_ids: kinds.token_ids,
        plain_text: 0 < kinds.texts,
        only_token_ids: 0 < kinds.token_ids,
        ..Shape::default()
    };
    Ok((inputs, shape))
}

/// Reads an input that is one text or an array.
pub(super) fn for_each_input<'de>(
    json: &'de str,
    index: &mut usize,
    mut each: impl FnMut(usize, Input<'de>) -> Result<(), String>,
) -> serde_json::Result<()> {
    if json.starts_with('"') {
        let text = serde_json::from_str(json)?;
        *index = 1;
        return each(0, Input::Text(text)).map_err(serde::de::Error::custom);
    }
    for_each(json, "a string or an array", index, each)
}
