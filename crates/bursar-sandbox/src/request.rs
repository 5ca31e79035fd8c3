//! A chat request, read once into types that cannot be wrong.

use bursar_kernel::limits::CHOICES_MAX;
use bursar_kernel::{Catalog, Endpoint, Model, ServiceTier};
use http::StatusCode;
use serde_json::Value;

use crate::fields::Fields;
use crate::messages::{Message, Part, messages};
use crate::refusal::Refusal;
use crate::tools::{Tool, ToolChoice, tool_choice, tools};
use bursar_invention::Draw;

/// Members of the body that the sandbox knows (the provider's `OpenAPI` document, 2026-08-21).
const KNOWN: &[&str] = &[
    "messages",
    "model",
    "service_tier",
    "modalities",
    "verbosity",
    "reasoning_effort",
    "max_completion_tokens",
    "frequency_penalty",
    "presence_penalty",
    "top_logprobs",
    "response_format",
    "store",
    "stream",
    "stop",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "n",
    "prediction",
    "seed",
    "stream_options",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "metadata",
    "temperature",
    "top_p",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
];
/// Members that the provider knows and the sandbox cannot serve.
const NOT_HERE: &[(&str, &str)] = &[
    ("functions", "use 'tools' instead"),
    ("function_call", "use 'tool_choice' instead"),
    ("audio", "the sandbox answers in text only"),
    ("web_search_options", "the sandbox never reaches for the web"),
    ("moderation", "call `/v1/moderations` instead"),
];

/// A chat request.
pub(crate) struct ChatRequest {
    pub(crate) model: Model,
    /// The model's name as the request has it; the answer repeats it.
    pub(crate) model_name: String,
    pub(crate) messages: Vec<Message>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) parallel: bool,
    pub(crate) format: Format,
    pub(crate) stream: Option<StreamOptions>,
    pub(crate) choices: u64,
    /// Output tokens of each choice at the most, the reasoning included.
    pub(crate) output_max: Option<u64>,
    pub(crate) stop: Vec<String>,
    /// How many alternatives beside each token, where log probabilities are wanted at all.
    pub(crate) logprobs: Option<usize>,
    pub(crate) effort: Option<String>,
    pub(crate) tier: ServiceTier,
    /// What follows from model, messages and seed.
    pub(crate) draw: Draw,
}

/// What a streamed answer carries beside its text.
#[derive(Clone, Copy)]
pub(crate) struct StreamOptions {
    pub(crate) include_usage: bool,
    pub(crate) include_obfuscation: bool,
}

/// What an answer in words looks like.
pub(crate) enum Format {
    Prose,
    AnyObject,
    Schema(Value),
}

/// The model that a body names, if it answers at the endpoint.
pub(crate) fn model<'a>(
    catalog: &'a Catalog,
    name: &str,
    endpoint: Endpoint,
) -> Result<&'a Model, Refusal> {
    let model = catalog.model(name).ok_or_else(|| Refusal::unknown_model(name))?;
    if model.mode.answers(endpoint) {
        return Ok(model);
    }
    let path = endpoint.path();
    let message = format!("The model `{name}` does not answer at `/v1{path}`; choose another.");
    Err(Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message).param("model"))
}

impl ChatRequest {
    /// Reads a chat body for a model that answers at the endpoint.
    pub(crate) fn parse(
        catalog: &Catalog,
        body: &Value,
        endpoint: Endpoint,
    ) -> Result<Self, Refusal> {
        let fields = Fields::body(body)?;
        let model_name = fields.required_text("model")?;
        let model = model(catalog, model_name, endpoint)?;
        if let Some((name, instead)) =
            NOT_HERE.iter().find(|(name, _)| fields.value(name).is_some())
        {
            return Err(Refusal::unsupported(name, instead));
        }
        let named: Vec<&str> =
            NOT_HERE.iter().map(|(name, _)| *name).chain(KNOWN.iter().copied()).collect();
        fields.only(&named)?;
        let messages = messages(fields)?;
        images_allowed(model, &messages)?;
        ignored(fields)?;
        sampling(fields, model)?;
        let tools = tools(fields)?;
        let tool_choice = tool_choice(fields, &tools)?;
        let format = format(fields, &messages)?;
        Ok(Self {
            model_name: model_name.to_owned(),
            tool_choice,
            parallel: fields.flag("parallel_tool_calls")?.unwrap_or(true),
            tools,
            format,
            stream: stream(fields)?,
            choices: choices(fields)?,
            output_max: output_max(fields, model)?,
            stop: stop(fields)?,
            logprobs: logprobs(fields)?,
            effort: effort(fields, model)?,
            tier: tier(fields, model)?,
            draw: draw(fields, model_name)?,
            messages,
            model: model.clone(),
        })
    }
}

fn images_allowed(model: &Model, messages: &[Message]) -> Result<(), Refusal> {
    let has_image =
        |message: &Message| message.parts.iter().any(|part| matches!(part, Part::Image { .. }));
    match messages.iter().position(has_image) {
        Some(index) if model.image_tokens_max.is_none() => {
            let instead = format!("the model `{}` takes no images", model.id);
            Err(Refusal::unsupported_value(&format!("messages[{index}].content"), instead))
        }
        Some(_) | None => Ok(()),
    }
}

/// Members whose type is checked and whose value changes nothing here.
fn ignored(fields: Fields<'_>) -> Result<(), Refusal> {
    fields.number("frequency_penalty", -2.0, 2.0)?;
    fields.number("presence_penalty", -2.0, 2.0)?;
    fields.number("top_p", 0.0, 1.0)?;
    fields.flag("store")?;
    fields.text("user")?;
    fields.text("safety_identifier")?;
    fields.text("prompt_cache_key")?;
    fields.choice("verbosity", &["low", "medium", "high"])?;
    for name in ["metadata", "logit_bias", "prediction"] {
        if let Some(value) = fields.value(name) {
            Fields::within(value, name)?;
        }
    }
    let modalities = fields.list("modalities")?;
    if modalities.is_some_and(|list| list.iter().any(|kind| kind != "text")) {
        let instead = "the sandbox answers in text only";
        return Err(Refusal::unsupported_value("modalities", instead));
    }
    Ok(())
}

fn sampling(fields: Fields<'_>, model: &Model) -> Result<(), Refusal> {
    let temperature = fields.number("temperature", 0.0, 2.0)?;
    let reasons = model.reasoning && fields.text("reasoning_effort")? != Some("none");
    match temperature {
        Some(value) if reasons && (value - 1.0).abs() > f64::EPSILON => {
            let instead = "this model reasons, and takes the default of 1 only";
            Err(Refusal::unsupported_value("temperature", instead))
        }
        Some(_) | None => Ok(()),
    }
}

pub(crate) fn stream(fields: Fields<'_>) -> Result<Option<StreamOptions>, Refusal> {
    let wanted = fields.flag("stream")?.unwrap_or(false);
    let Some(options) = fields.value("stream_options") else {
        let options = StreamOptions { include_usage: false, include_obfuscation: true };
        return Ok(wanted.then_some(options));
    };
    if !wanted {
        let why = "it is only allowed where `stream` is true";
        return Err(Refusal::invalid_value("stream_options", why));
    }
    let options = Fields::within(options, "stream_options")?;
    Ok(Some(StreamOptions {
        include_usage: options.flag("include_usage")?.unwrap_or(false),
        include_obfuscation: options.flag("include_obfuscation")?.unwrap_or(true),
    }))
}

pub(crate) fn choices(fields: Fields<'_>) -> Result<u64, Refusal> {
    let most = i64::try_from(CHOICES_MAX).unwrap_or(i64::MAX);
    let choices = fields.integer("n", 1, most)?.unwrap_or(1);
    Ok(u64::try_from(choices).unwrap_or(1))
}

fn output_max(fields: Fields<'_>, model: &Model) -> Result<Option<u64>, Refusal> {
    let old = fields.integer("max_tokens", 1, i64::MAX)?;
    if old.is_some() && model.reasoning {
        let instead = "this model reasons; use 'max_completion_tokens' instead";
        return Err(Refusal::unsupported("max_tokens", instead));
    }
    let new = fields.integer("max_completion_tokens", 1, i64::MAX)?;
    let (name, wanted) = match (new, old) {
        (Some(_), Some(_)) => {
            let why = "`max_completion_tokens` is set too; keep that one";
            return Err(Refusal::invalid_value("max_tokens", why));
        }
        (Some(new), None) => ("max_completion_tokens", new),
        (None, Some(old)) => ("max_tokens", old),
        (None, None) => return Ok(None),
    };
    let wanted = u64::try_from(wanted).unwrap_or(0);
    match model.output_tokens_max {
        Some(most) if wanted > most => {
            let why = format!("{wanted} is too large, this model makes {most} tokens at the most");
            Err(Refusal::invalid_value(name, why))
        }
        Some(_) | None => Ok(Some(wanted)),
    }
}

pub(crate) fn stop(fields: Fields<'_>) -> Result<Vec<String>, Refusal> {
    let wrong = || Refusal::invalid_value("stop", "it takes a text, or up to 4 of them, not empty");
    let stop = match fields.value("stop") {
        None => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            let texts = list.iter().map(|text| text.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().ok_or_else(wrong)?
        }
        Some(_) => return Err(wrong()),
    };
    if stop.len() > 4 || stop.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok(stop)
}

fn logprobs(fields: Fields<'_>) -> Result<Option<usize>, Refusal> {
    let wanted = fields.flag("logprobs")?.unwrap_or(false);
    let beside = fields.integer("top_logprobs", 0, 20)?;
    if beside.is_some() && !wanted {
        let why = "it is only allowed where `logprobs` is true";
        return Err(Refusal::invalid_value("top_logprobs", why));
    }
    Ok(wanted.then(|| beside.and_then(|count| usize::try_from(count).ok()).unwrap_or(0)))
}

fn effort(fields: Fields<'_>, model: &Model) -> Result<Option<String>, Refusal> {
    let words = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    let effort = fields.choice("reasoning_effort", &words)?;
    if effort.is_some() && !model.reasoning {
        let instead = format!("the model `{}` does not reason; leave it out", model.id);
        return Err(Refusal::unsupported("reasoning_effort", instead));
    }
    Ok(effort.map(str::to_owned))
}

fn tier(fields: Fields<'_>, model: &Model) -> Result<ServiceTier, Refusal> {
    let words = ["auto", "default", "flex", "priority", "scale"];
    let tier = match fields.choice("service_tier", &words)? {
        Some("flex") => ServiceTier::Flex,
        Some("priority") => ServiceTier::Priority,
        Some(_) | None => ServiceTier::Default,
    };
    if model.prices.as_ref().is_some_and(|prices| prices.card(tier).is_none()) {
        let why = format!("the model `{}` is not offered at '{}'", model.id, tier.name());
        return Err(Refusal::invalid_value("service_tier", why));
    }
    Ok(tier)
}

fn format(fields: Fields<'_>, messages: &[Message]) -> Result<Format, Refusal> {
    let Some(value) = fields.value("response_format") else {
        return Ok(Format::Prose);
    };
    let format = Fields::within(value, "response_format")?;
    format.required("type")?;
    match format.choice("type", &["text", "json_object", "json_schema"])? {
        Some("json_object") => {
            let says_json = |message: &Message| message.text().to_lowercase().contains("json");
            if messages.iter().any(says_json) {
                return Ok(Format::AnyObject);
            }
            let why = "no message says the word 'json', which 'json_object' asks for";
            Err(Refusal::invalid_value("messages", why))
        }
        Some("json_schema") => {
            let place = "response_format.json_schema";
            let named = Fields::within(format.required("json_schema")?, place)?;
            named.required_text("name")?;
            let schema = named.required("schema")?;
            Fields::within(schema, "response_format.json_schema.schema")?;
            Ok(Format::Schema(schema.clone()))
        }
        Some(_) | None => Ok(Format::Prose),
    }
}

fn draw(fields: Fields<'_>, model_name: &str) -> Result<Draw, Refusal> {
    let messages = fields.required("messages")?.to_string();
    let seed = fields.integer("seed", i64::MIN, i64::MAX)?;
    let seed = seed.map(|seed| seed.to_string()).unwrap_or_default();
    Ok(Draw::from(&[model_name.as_bytes(), messages.as_bytes(), seed.as_bytes()]))
}
