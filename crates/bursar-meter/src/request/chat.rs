//! A chat body's own rules: what it asks for, and the size of everything that can cost.

use bursar_kernel::limits::{CHOICES_MAX, MESSAGES_MAX};
use bursar_kernel::{Model, ServiceTier};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::bad_request::BadRequest;
use super::content::Message;
use super::fields::{Cost, Fields};
use super::shape::Shape;
use crate::raw::{Text, for_each, length, without_place};

/// What a chat body asks for.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) stream: bool,
    pub(super) wants_usage: bool,
    pub(super) client_output_limit: Option<u64>,
    pub(super) choices: u64,
    pub(super) tier: ServiceTier,
    pub(super) shape: Shape,
}

pub(super) fn read(fields: &Fields<'_>, model: &Model) -> Result<Chat, BadRequest> {
    let stream = fields.read("stream", "true or false")?.unwrap_or(false);
    refuse_side_effects(fields)?;
    Ok(Chat {
        stream,
        wants_usage: wants_usage(fields, stream)?,
        client_output_limit: output_limit(fields, model)?,
        choices: choices(fields)?,
        tier: tier(fields, model)?,
        shape: shape(fields, model)?,
    })
}

/// What a stream's client may set.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamOptions {
    #[serde(default)]
    pub(super) include_usage: Option<bool>,
    #[serde(default)]
    pub(super) include_obfuscation: Option<bool>,
}

pub(super) fn wants_usage(fields: &Fields<'_>, stream: bool) -> Result<bool, BadRequest> {
    let expected = "an object with `include_usage` and `include_obfuscation`, each true or false";
    let Some(options) = fields.read::<StreamOptions>("stream_options", expected)? else {
        return Ok(false);
    };
    if !stream {
        let message = "`stream_options` needs `stream: true`\nhint: leave it out, or stream";
        return Err(BadRequest::invalid("stream_options", message));
    }
    Ok(options.include_usage.unwrap_or(false))
}

fn output_limit(fields: &Fields<'_>, model: &Model) -> Result<Option<u64>, BadRequest> {
    let expected = "a whole number of tokens, at least 1";
    let old = fields.read::<u64>("max_tokens", expected)?;
    let new = fields.read::<u64>("max_completion_tokens", expected)?;
    let (name, limit) = match (old, new) {
        (None, None) => return Ok(None),
        (Some(limit), None) => ("max_tokens", limit),
        (None, Some(limit)) => ("max_completion_tokens", limit),
        (Some(_), Some(_)) => {
            let message = "`max_tokens` and `max_completion_tokens` are one limit\n\
                           hint: send only `max_completion_tokens`";
            return Err(BadRequest::invalid("max_tokens", message));
        }
    };
    if limit == 0 {
        return Err(BadRequest::invalid(name, format!("`{name}` must be {expected}")));
    }
    within_model(name, limit, model).map(Some)
}

/// An output limit, unless the model makes less.
pub(super) fn within_model(name: &str, limit: u64, model: &Model) -> Result<u64, BadRequest> {
    match model.output_tokens_max {
        Some(max) if max < limit => {
            let message = format!(
                "`{name}` is {limit} and `{}` makes at most {max} tokens\nhint: ask for at most \
                 {max}",
                model.id
            );
            Err(BadRequest::invalid(name, message))
        }
        Some(_) | None => Ok(limit),
    }
}

pub(super) fn choices(fields: &Fields<'_>) -> Result<u64, BadRequest> {
    let expected = format!("a whole number from 1 to {CHOICES_MAX}");
    let choices = fields.read::<u64>("n", &expected)?.unwrap_or(1);
    if choices == 0 || CHOICES_MAX < choices {
        return Err(BadRequest::invalid("n", format!("`n` must be {expected}")));
    }
    Ok(choices)
}

pub(super) fn tier(fields: &Fields<'_>, model: &Model) -> Result<ServiceTier, BadRequest> {
    let expected = "`auto`, `default`, `flex` or `priority`";
    let Some(asked) = fields.read::<Text<'_>>("service_tier", expected)? else {
        return Ok(ServiceTier::Default);
    };
    let tier = match &*asked {
        // `auto` is whatever the upstream's project is set to; it is forwarded as `default`.
        "auto" | "default" => ServiceTier::Default,
        "flex" => ServiceTier::Flex,
        // The provider treats the two as one, and always answers `priority`.
        "priority" | "fast" => ServiceTier::Priority,
        _ => {
            let message = format!("`service_tier` must be {expected}");
            return Err(BadRequest::not_offered("service_tier", message));
        }
    };
    if model.prices.as_ref().is_some_and(|prices| prices.card(tier).is_some()) {
        return Ok(tier);
    }
    let message = format!(
        "`{}` has no price at the service tier `{}`\nhint: leave `service_tier` out",
        model.id,
        tier.name()
    );
    Err(BadRequest::not_offered("service_tier", message))
}

/// State that a shared upstream credential would leave behind, and output that has no bound.
fn refuse_side_effects(fields: &Fields<'_>) -> Result<(), BadRequest> {
    if fields.read::<bool>("store", "true or false")? == Some(true) {
        let message = "stored chats are not offered through this gateway: they would lie in the \
                       upstream's account\nhint: leave `store` out, or store an answer of \
                       `/v1/responses`";
        return Err(BadRequest::not_offered("store", message));
    }
    let modalities = fields.read::<Vec<Text<'_>>>("modalities", "an array of strings")?;
    if modalities.is_some_and(|kinds| kinds.iter().any(|kind| &**kind != "text")) {
        let message = "only text answers are offered through this gateway yet\nhint: leave \
                       `modalities` out";
        return Err(BadRequest::not_offered("modalities", message));
    }
    Ok(())
}

fn shape(fields: &Fields<'_>, model: &Model) -> Result<Shape, BadRequest> {
    let json = fields.need("messages")?;
    let mut shape = messages(json)?;
    if 0 < shape.images && model.image_tokens_max.is_none() {
        let message = format!("`{}` takes no images\nhint: choose a model that does", model.id);
        return Err(BadRequest::not_offered("messages", message));
    }
    for field in &fields.0 {
        if field.cost == Cost::Input && fields.get(field.name).is_some() {
            shape.add_input_bytes(field.value.get());
            shape.plain_text = false;
        }
    }
    if let Some(json) = fields.get("tools") {
        shape.tools(json, "tools", |tool: Tool<'_>| tool.check())?;
    }
    if let Some(json) = fields.get("functions") {
        shape.tools(json, "functions", |_: &RawValue| Ok(()))?;
    }
    if let Some(json) = fields.get("prediction") {
        // Predicted text that the answer does not use is billed as output.
        shape.prediction_bytes = length(json.len());
        shape.plain_text = false;
    }
    Ok(shape)
}

fn messages(json: &str) -> Result<Shape, BadRequest> {
    let mut shape = Shape { plain_text: true, input_bytes: length(json.len()), ..Shape::default() };
    let mut index = 0;
    let read = for_each(json, "an array of messages", &mut index, |index, message: Message<'_>| {
        if MESSAGES_MAX <= index {
            return Err(format!("a call takes at most {MESSAGES_MAX} messages"));
        }
        message.check()?;
        shape.plain_text &= message.is_plain_text();
        for image in message.parts().iter().filter_map(|part| part.image_url.as_ref()) {
            // An image costs by its size in pixels, whatever its address is long.
            shape.images = shape.images.saturating_add(1);
            shape.input_bytes = shape.input_bytes.saturating_sub(length(image.url.len()));
        }
        Ok(())
    });
    match read {
        Ok(()) if 0 < index => {
            shape.messages = length(index);
            Ok(shape)
        }
        Ok(()) => {
            Err(BadRequest::invalid("messages", "`messages` is empty\nhint: send at least one"))
        }
        Err(error) => {
            let param = element(json, "messages", index);
            Err(BadRequest::invalid(&param, format!("`{param}`: {}", without_place(&error))))
        }
    }
}

/// The name of the element that could not be read, or of the whole where it is no array.
pub(super) fn element(json: &str, name: &str, index: usize) -> String {
    if json.starts_with('[') { format!("{name}[{index}]") } else { name.to_owned() }
}

/// A tool that runs at the client. Tools that the provider runs have their own price.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    function: Option<&'a RawValue>,
    #[serde(borrow)]
    custom: Option<&'a RawValue>,
}

impl Tool<'_> {
    fn check(&self) -> Result<(), String> {
        match (&*self.kind, self.function, self.custom) {
            ("function", Some(_), None) | ("custom", None, Some(_)) => Ok(()),
            _ => Err("a tool is of type `function` or `custom`, with the member of that name; \
                      tools that the provider runs are not offered through this gateway yet"
                .into()),
        }
    }
}
