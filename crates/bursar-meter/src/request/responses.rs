//! A response body's own rules: what it asks for, and the size of everything that can cost.

use bursar_kernel::limits::MESSAGES_MAX;
use bursar_kernel::{Model, ServiceTier};
use serde::Deserialize;

use super::bad_request::BadRequest;
use super::chat::{element, stored_answers, tier, within_model};
use super::fields::{Cost, Fields};
use super::items::Item;
use super::shape::Shape;
use crate::raw::{Text, for_each, length, without_place};

/// The fewest output tokens that the provider lets a response be limited to.
const OUTPUT_TOKENS_MIN: u64 = 16;

/// What a response body asks for.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) stream: bool,
    pub(super) client_output_limit: Option<u64>,
    pub(super) tier: ServiceTier,
    pub(super) shape: Shape,
}

pub(super) fn read(fields: &Fields<'_>, model: &Model) -> Result<Response, BadRequest> {
    let flag = |name| fields.read::<bool>(name, "true or false").map(|on| on.unwrap_or(false));
    if flag("store")? {
        return Err(stored_answers());
    }
    if flag("background")? {
        let message = "answers in the background are not offered through this gateway: they would \
                       lie in the upstream's account\nhint: leave `background` out, and stream";
        return Err(BadRequest::not_offered("background", message));
    }
    Ok(Response {
        stream: flag("stream")?,
        client_output_limit: output_limit(fields, model)?,
        tier: tier(fields, model)?,
        shape: shape(fields, model)?,
    })
}

fn output_limit(fields: &Fields<'_>, model: &Model) -> Result<Option<u64>, BadRequest> {
    let name = "max_output_tokens";
    let expected = format!("a whole number of tokens, at least {OUTPUT_TOKENS_MIN}");
    let Some(limit) = fields.read::<u64>(name, &expected)? else { return Ok(None) };
    if limit < OUTPUT_TOKENS_MIN {
        return Err(BadRequest::invalid(name, format!("`{name}` must be {expected}")));
    }
    within_model(name, limit, model).map(Some)
}

fn shape(fields: &Fields<'_>, model: &Model) -> Result<Shape, BadRequest> {
    let mut shape = input(fields.need("input")?)?;
    if 0 < shape.images && model.image_tokens_max.is_none() {
        let message = format!("`{}` takes no images\nhint: choose a model that does", model.id);
        return Err(BadRequest::not_offered("input", message));
    }
    for field in &fields.0 {
        if field.cost == Cost::Input && fields.get(field.name).is_some() {
            shape.add_input_bytes(field.value.get());
            shape.plain_text &= field.name == "instructions";
        }
    }
    if fields.read::<Text<'_>>("instructions", "a string")?.is_some() {
        shape.messages = shape.messages.saturating_add(1);
    }
    if let Some(json) = fields.get("tools").filter(|json| *json != "[]") {
        shape.tools(json, "tools", |tool: Tool<'_>| tool.check())?;
    }
    Ok(shape)
}

fn input(json: &str) -> Result<Shape, BadRequest> {
    let mut shape = Shape { plain_text: true, input_bytes: length(json.len()), ..Shape::default() };
    if json.starts_with('"') {
        shape.messages = 1;
        return Ok(shape);
    }
    let mut index = 0;
    let read = for_each(json, "a string or an array", &mut index, |index, item: Item<'_>| {
        if MESSAGES_MAX <= index {
            return Err(format!("a call takes at most {MESSAGES_MAX} items"));
        }
        item.check()?;
        shape.plain_text &= item.is_plain_text();
        for url in item.parts().iter().filter_map(|part| part.image_url.as_ref()) {
            // An image costs by its size in pixels, whatever its address is long.
            shape.images = shape.images.saturating_add(1);
            shape.input_bytes = shape.input_bytes.saturating_sub(length(url.len()));
        }
        Ok(())
    });
    match read {
        Ok(()) if 0 < index => {
            shape.messages = length(index);
            Ok(shape)
        }
        Ok(()) => {
            Err(BadRequest::invalid("input", "`input` is empty\nhint: send at least one item"))
        }
        Err(error) => {
            let param = element(json, "input", index);
            Err(BadRequest::invalid(&param, format!("`{param}`: {}", without_place(&error))))
        }
    }
}

/// A tool that runs at the client. Tools that the provider runs have their own price.
#[derive(Debug, Deserialize)]
struct Tool<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
}

impl Tool<'_> {
    fn check(&self) -> Result<(), String> {
        if matches!(&*self.kind, "function" | "custom") {
            return Ok(());
        }
        let kind: String = self.kind.chars().take(64).collect();
        Err(format!(
            "`{kind}` runs at the provider, which bills it apart: such tools are not offered \
             through this gateway yet\nhint: offer tools of type `function` or `custom`, which \
             your own program runs"
        ))
    }
}
