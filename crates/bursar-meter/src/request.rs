//! A body, read once into a typed request: what it asks for, and the size of all that can cost.

mod bad_request;
mod body;
mod bound;
mod chat;
mod completions;
mod content;
mod earlier;
mod fields;
mod forms;
mod images;
mod inputs;
mod items;
mod responses;
mod shape;
mod speech;

use std::sync::Arc;

use bursar_kernel::{Catalog, Context, Endpoint, Model, ModelId, ServiceTier};
use bytes::Bytes;

pub use bad_request::{BadRequest, BadRequestKind};
use fields::unknown;
pub(crate) use fields::{Cost, list};

use crate::multipart::{FormError, Part, boundary, read_form};
use crate::raw::{RawObject, Text};
use fields::Fields;
use shape::Shape;
pub(crate) use shape::Shows;

/// The model that a moderation call without a model means (the provider's API reference, 2026-08).
const MODERATION_MODEL_DEFAULT: &str = "omni-moderation-latest";

/// A request that is understood: nothing in it can cost what its bound does not cover.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// Where it was sent.
    pub endpoint: Endpoint,
    /// The model in the catalog.
    pub model: ModelId,
    /// The model as the client named it: perhaps an alias. Forwarded so.
    pub model_as_asked: String,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Whether the client asked for usage in its stream.
    pub wants_usage: bool,
    /// The output limit that the client set, in tokens for each choice; of a completion the
    /// provider's own where it set none.
    pub client_output_limit: Option<u64>,
    /// How many choices are made for it: all of them are billed.
    pub choices: u64,
    /// The service tier it asks for; `auto` is `Default`.
    pub tier: ServiceTier,
    /// Whether the provider keeps the answer.
    pub kept: Kept,
    /// The stored answer that it goes on from.
    pub previous_response: Option<String>,
    /// What that counts.
    earlier: Context,
    pub(crate) shape: Shape,
    fields: Vec<(&'static str, Bytes)>,
    /// The parts of a form, where that is what the endpoint takes.
    form: Vec<Part>,
}

/// Whether the provider keeps an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It does not.
    Not,
    /// It does, for its maker to ask for later.
    Stored,
    /// The same, and it is made after the call was answered.
    InTheBackground,
}

/// Reads a body into a request, or says why it is not forwarded.
pub fn resolve(
    endpoint: Endpoint,
    body: &Bytes,
    catalog: &Catalog,
) -> Result<CallRequest, BadRequest> {
    let text = std::str::from_utf8(body).map_err(BadRequest::malformed)?;
    let object: RawObject<'_> = serde_json::from_str(text).map_err(BadRequest::malformed)?;
    let fields = Fields::check(endpoint, object)?;
    let (mut request, model) = begin(endpoint, &fields, catalog)?;
    match endpoint {
        Endpoint::ChatCompletions => {
            let chat = chat::read(&fields, model)?;
            request.stream = chat.stream;
            request.wants_usage = chat.wants_usage;
            request.client_output_limit = chat.client_output_limit;
            request.choices = chat.choices;
            request.tier = chat.tier;
            request.shape = chat.shape;
        }
        Endpoint::Responses => {
            let response = responses::read(&fields, model)?;
            request.stream = response.stream;
            request.client_output_limit = response.client_output_limit;
            request.tier = response.tier;
            request.shape = response.shape;
            request.kept = response.kept;
            request.previous_response = response.previous;
        }
        Endpoint::Completions => {
            let completion = completions::read(&fields, model)?;
            request.stream = completion.stream;
            request.wants_usage = completion.wants_usage;
            request.client_output_limit = Some(completion.output_limit);
            request.choices = completion.choices;
            request.shape = completion.shape;
        }
        Endpoint::ImageGenerations => {
            let images = images::read(&fields, model)?;
            (request.stream, request.shape) = (images.stream, images.shape);
        }
        Endpoint::AudioSpeech => {
            let speech = speech::read(&fields)?;
            request.stream = speech.stream;
            request.shape = speech.shape;
        }
        Endpoint::Embeddings => request.shape = inputs::embeddings(&fields)?,
        Endpoint::Moderations => request.shape = inputs::moderations(&fields)?,
        Endpoint::ImageEdits | Endpoint::AudioTranscriptions | Endpoint::AudioTranslations => {
            return Err(BadRequest::no_form(FormError::NotAForm));
        }
        // A session has no body, so nothing sends one here.
        Endpoint::Realtime => return Err(unknown(endpoint, "body")),
    }
    let slice = |json: &str| body.slice_ref(json.as_bytes());
    request.fields.extend(fields.0.iter().map(|field| (field.name, slice(field.value.get()))));
    Ok(request)
}

/// Reads a form into a request, or says why it is not forwarded. What the form says that it is
/// stands in its header, `content_type`.
pub fn resolve_form(
    endpoint: Endpoint,
    content_type: &str,
    form: &Bytes,
    catalog: &Catalog,
) -> Result<CallRequest, BadRequest> {
    let parts = boundary(content_type).and_then(|boundary| read_form(boundary, form));
    let parts = parts.map_err(BadRequest::no_form)?;
    let object = forms::as_object(endpoint, &parts)?;
    let object: RawObject<'_> = serde_json::from_str(&object).map_err(BadRequest::malformed)?;
    let fields = Fields::check(endpoint, object)?;
    let (mut request, model) = begin(endpoint, &fields, catalog)?;
    let files = forms::files(endpoint, &parts)?;
    if endpoint == Endpoint::ImageEdits {
        let edit = forms::edit(&fields, &files, model)?;
        (request.stream, request.shape) = (edit.stream, edit.shape);
    } else {
        let file = files.first().ok_or_else(|| BadRequest::missing("file"))?;
        let heard = forms::recording(endpoint, &fields, file, model)?;
        (request.stream, request.shape) = (heard.stream, heard.shape);
    }
    request.form = parts;
    Ok(request)
}

/// A request of which nothing is known but its model.
fn begin<'c>(
    endpoint: Endpoint,
    fields: &Fields<'_>,
    catalog: &'c Catalog,
) -> Result<(CallRequest, &'c Model), BadRequest> {
    let asked = asked_model(endpoint, fields)?;
    let model = known_model(endpoint, &asked, catalog)?;
    let request = CallRequest {
        endpoint,
        model: model.id.clone(),
        model_as_asked: asked,
        stream: false,
        wants_usage: false,
        client_output_limit: None,
        choices: 1,
        tier: ServiceTier::Default,
        kept: Kept::Not,
        previous_response: None,
        earlier: Context::default(),
        shape: Shape::default(),
        fields: Vec::with_capacity(fields.0.len()),
        form: Vec::new(),
    };
    Ok((request, &**model))
}

impl CallRequest {
    /// How many images are made at the most.
    pub const fn images_made(&self) -> u64 {
        self.shape.images_made
    }

    /// Whether the provider keeps the answer.
    pub fn is_stored(&self) -> bool {
        self.kept != Kept::Not
    }

    /// Whether the prompt is text and nothing else, so that a public tokenizer counts it exactly
    /// and nothing of the answer is out of sight.
    pub fn is_plain_text(&self) -> bool {
        self.shape.plain_text
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, &Bytes)> {
        self.fields.iter().map(|(name, value)| (*name, value))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields().find(|(field, _)| *field == name).map(|(_, value)| &**value)
    }

    fn has_field(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.field(name)?).ok()
    }

    /// Bytes of the fields with their names and punctuation.
    fn fields_len(&self) -> usize {
        self.fields().map(|(name, value)| name.len() + value.len() + 4).sum()
    }
}

fn asked_model(endpoint: Endpoint, fields: &Fields<'_>) -> Result<String, BadRequest> {
    let asked = fields.read::<Text<'_>>("model", "a string")?;
    match (asked, endpoint) {
        (Some(model), _) => Ok(model.0.into_owned()),
        (None, Endpoint::Moderations) => Ok(MODERATION_MODEL_DEFAULT.to_owned()),
        (
            None,
            Endpoint::ChatCompletions
            | Endpoint::Responses
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::AudioSpeech
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations
            | Endpoint::Realtime,
        ) => Err(BadRequest::missing("model")),
    }
}

/// The model that a name stands for, where it answers at an endpoint and has a price.
pub fn known_model<'c>(
    endpoint: Endpoint,
    asked: &str,
    catalog: &'c Catalog,
) -> Result<&'c Arc<Model>, BadRequest> {
    let name: String = asked.chars().take(128).collect();
    let list = "hint: `GET /v1/models` lists the models that you can call";
    let Some(model) = catalog.model(asked) else {
        let message = format!("the model `{name}` does not exist here\n{list}");
        return Err(BadRequest::new(
            BadRequestKind::ModelNotFound { model: name },
            "model",
            message,
        ));
    };
    if !model.mode.answers(endpoint) {
        let message = format!(
            "the model `{name}` does not answer at `{}`{}\n{list}",
            endpoint.path(),
            other_endpoint(model)
        );
        return Err(BadRequest::new(
            BadRequestKind::WrongEndpoint { model: name },
            "model",
            message,
        ));
    }
    if model.prices.is_none() {
        let message =
            format!("the model `{name}` has no price here, so no call can be paid\n{list}");
        return Err(BadRequest::new(BadRequestKind::Unpriced { model: name }, "model", message));
    }
    Ok(model)
}

/// Where a model does answer, if it answers anywhere here.
fn other_endpoint(model: &Model) -> String {
    Endpoint::ALL.into_iter().find(|endpoint| model.mode.answers(*endpoint)).map_or_else(
        || ", nor anywhere on this gateway yet".to_owned(),
        |endpoint| format!(", but at `{}`", endpoint.path()),
    )
}

#[cfg(test)]
mod tests;
