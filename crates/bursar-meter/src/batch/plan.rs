//! The lines that go in: each a call that is understood, and the most that all can cost.

use std::collections::HashSet;
use std::sync::Arc;

use bursar_kernel::limits::{BATCH_LINES_MAX, CUSTOM_ID_CHARACTERS_MAX};
use bursar_kernel::{Catalog, Certainty, Endpoint, Model, ServiceTier, Usd};
use bytes::Bytes;
use serde_json::value::RawValue;

use crate::raw::{RawObject, Text};
use crate::request::{BadRequest, BadRequestKind, CallRequest, resolve};

/// A batch while its lines are read.
#[derive(Debug)]
pub struct BatchPlan {
    endpoint: Endpoint,
    catalog: Arc<Catalog>,
    certainty: Certainty,
    model: Option<Arc<Model>>,
    names: HashSet<String>,
    input_tokens: u64,
    cost: Usd,
}

/// A batch whose lines are all understood.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The model of all of them.
    pub model: Arc<Model>,
    /// How many there are.
    pub lines: u64,
    /// Their input tokens at the most.
    pub input_tokens: u64,
    /// The most that they can cost together, at the batch's prices.
    pub cost: Usd,
}

/// Why a line keeps the whole batch from going out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct LineRefused {
    /// Which line of the file, counted from one.
    pub line: u64,
    /// What is wrong with it.
    pub why: BadRequest,
}

/// What a line has to say.
struct Line<'a> {
    custom_id: Text<'a>,
    method: Text<'a>,
    url: Text<'a>,
    body: &'a RawValue,
}

impl BatchPlan {
    /// A batch for an endpoint, without a line yet. Inputs are counted or bounded by their bytes.
    pub fn new(endpoint: Endpoint, catalog: Arc<Catalog>, certainty: Certainty) -> Self {
        let (model, names, input_tokens, cost) = (None, HashSet::new(), 0, Usd::ZERO);
        Self { endpoint, catalog, certainty, model, names, input_tokens, cost }
    }

    /// Whether calls to an endpoint can go in a batch.
    pub const fn takes(endpoint: Endpoint) -> bool {
        matches!(
            endpoint,
            Endpoint::ChatCompletions
                | Endpoint::Responses
                | Endpoint::Completions
                | Endpoint::Embeddings
        )
    }

    /// Takes one more line.
    pub fn add(&mut self, line: u64, text: &Bytes) -> Result<(), LineRefused> {
        self.add_call(text).map_err(|why| LineRefused { line, why })
    }

    fn add_call(&mut self, text: &Bytes) -> Result<(), BadRequest> {
        let lines = u64::try_from(self.names.len()).unwrap_or(u64::MAX);
        if BATCH_LINES_MAX <= lines {
            let message = format!(
                "a batch has at most {BATCH_LINES_MAX} lines, here and at the provider\n\
                 hint: split the file"
            );
            return Err(BadRequest::invalid("input_file_id", message));
        }
        let json = std::str::from_utf8(text).map_err(BadRequest::malformed)?;
        let line = read_line(json)?;
        self.check_envelope(&line)?;
        let body = text.slice_ref(line.body.get().as_bytes());
        let mut request = resolve(self.endpoint, &body, &self.catalog)?;
        let model = self.check_call(&request)?;
        request.tier = ServiceTier::Batch;
        let limit = request.client_output_limit.unwrap_or(0);
        let bound = request.bound(&model, limit, self.certainty).ok_or_else(unpriceable)?;
        self.input_tokens = self.input_tokens.saturating_add(bound.input_tokens);
        self.cost = self.cost.checked_add(bound.cost).ok_or_else(unpriceable)?;
        self.names.insert(line.custom_id.0.into_owned());
        self.model = Some(model);
        Ok(())
    }

    fn check_envelope(&self, line: &Line<'_>) -> Result<(), BadRequest> {
        let name = &*line.custom_id;
        if name.is_empty() || CUSTOM_ID_CHARACTERS_MAX < name.chars().count() {
            let message =
                format!("`custom_id` must have one to {CUSTOM_ID_CHARACTERS_MAX} characters");
            return Err(BadRequest::invalid("custom_id", message));
        }
        if self.names.contains(name) {
            let message = "an earlier line has the same `custom_id`\n\
                           hint: give each line its own, so that its answer can be told";
            return Err(BadRequest::invalid("custom_id", message));
        }
        if &*line.method != "POST" {
            return Err(BadRequest::invalid("method", "`method` must be `POST`"));
        }
        if line.url.strip_prefix("/v1") != Some(self.endpoint.path()) {
            let path = self.endpoint.path();
            let message = format!("`url` must be `/v1{path}`, the endpoint of the batch");
            return Err(BadRequest::invalid("url", message));
        }
        Ok(())
    }

    /// What a call may not do in a batch, and the model that prices it.
    fn check_call(&self, request: &CallRequest) -> Result<Arc<Model>, BadRequest> {
        if request.stream {
            let message = "`stream` is of no use in a batch\nhint: leave it out";
            return Err(BadRequest::not_offered("stream", message));
        }
        if request.tier != ServiceTier::Default {
            let message = "a batch has a service tier of its own\nhint: leave `service_tier` out";
            return Err(BadRequest::not_offered("service_tier", message));
        }
        let limit = match self.endpoint {
            Endpoint::ChatCompletions => Some("max_completion_tokens"),
            Endpoint::Responses => Some("max_output_tokens"),
            Endpoint::Completions => Some("max_tokens"),
            Endpoint::Embeddings
            | Endpoint::Moderations
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::AudioSpeech
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations
            | Endpoint::Realtime => None,
        };
        // Lines go out as they came: what a completion leaves out is any upstream's to choose.
        let says = |name: &str| request.field(name).is_some_and(|json| json != b"null");
        let has_limit = if self.endpoint == Endpoint::Completions {
            says("max_tokens")
        } else {
            request.client_output_limit.is_some()
        };
        if let Some(limit) = limit.filter(|_| !has_limit) {
            let message = format!(
                "each line of a batch needs a limit on its output, since the whole batch is set \
                 aside for\nhint: add `{limit}`"
            );
            return Err(BadRequest::new(BadRequestKind::MissingField, limit, message));
        }
        if request.previous_response.is_some() {
            let message = "a line of a batch goes on from nothing that is stored\nhint: send the \
                           earlier items in `input`";
            return Err(BadRequest::not_offered("previous_response_id", message));
        }
        let stores = request.field("store") != Some(b"false");
        if self.endpoint == Endpoint::Responses && stores {
            let message = "left out, `store` is true, and the answer would lie in the upstream's \
                           account\nhint: add `\"store\": false`";
            return Err(BadRequest::not_offered("store", message));
        }
        let known = self.catalog.models.get(&request.model).cloned();
        let model = known.ok_or_else(unpriceable)?;
        if let Some(first) = self.model.as_ref().filter(|first| first.id != model.id) {
            let message = format!(
                "it asks for `{}` and the lines before it for `{}`: a batch has one model\n\
                 hint: make a batch for each model",
                model.id, first.id
            );
            return Err(BadRequest::invalid("model", message));
        }
        if model.prices.as_ref().is_none_or(|prices| prices.batch.is_none()) {
            let message = format!(
                "the model `{}` has no price for batches here\n\
                 hint: call it without a batch, or use another model",
                model.id
            );
            let name = model.id.to_string();
            return Err(BadRequest::new(
                BadRequestKind::Unpriced { model: name },
                "model",
                message,
            ));
        }
        Ok(model)
    }

    /// The batch, once all its lines were taken. `None` if there was none.
    pub fn finish(self) -> Option<Planned> {
        let lines = u64::try_from(self.names.len()).unwrap_or(u64::MAX);
        let Self { model, input_tokens, cost, .. } = self;
        Some(Planned { model: model?, lines, input_tokens, cost })
    }
}

fn unpriceable() -> BadRequest {
    let message = "no price reaches it, so it cannot be paid\nhint: shorten its input";
    BadRequest::invalid("body", message)
}

fn read_line(json: &str) -> Result<Line<'_>, BadRequest> {
    let object: RawObject<'_> = serde_json::from_str(json).map_err(|error| {
        let message = format!("it is not a JSON object: {}", crate::raw::without_place(&error));
        BadRequest { kind: BadRequestKind::Malformed, param: None, message }
    })?;
    let (mut custom_id, mut method, mut url, mut body) = (None, None, None, None);
    for (key, value) in object.0 {
        let place = match &*key {
            "custom_id" => &mut custom_id,
            "method" => &mut method,
            "url" => &mut url,
            "body" => &mut body,
            other => {
                let name: String = other.chars().take(64).collect();
                let message = format!("`{name}` is not a member of a line\nhint: leave it out");
                return Err(BadRequest::new(BadRequestKind::UnknownField, &name, message));
            }
        };
        if place.replace(value).is_some() {
            let message = format!("`{}` appears twice\nhint: send it once", &*key);
            return Err(BadRequest::new(BadRequestKind::DuplicateField, &key, message));
        }
    }
    let text = |name: &'static str, value: Option<&'_ RawValue>| {
        let value = value.ok_or_else(|| missing(name))?;
        serde_json::from_str::<Text<'_>>(value.get())
            .map(|text| Text(std::borrow::Cow::Owned(text.0.into_owned())))
            .map_err(|_| BadRequest::invalid(name, format!("`{name}` must be a string")))
    };
    Ok(Line {
        custom_id: text("custom_id", custom_id)?,
        method: text("method", method)?,
        url: text("url", url)?,
        body: body.ok_or_else(|| missing("body"))?,
    })
}

fn missing(name: &'static str) -> BadRequest {
    let message = format!("it has no `{name}`\nhint: add `{name}`");
    BadRequest::new(BadRequestKind::MissingField, name, message)
}
