//! A response body's own rules: what it asks for, and the size of everything that can cost.

use bursar_kernel::limits::MESSAGES_MAX;
use bursar_kernel::{Model, ServiceTier};
use serde::Deserialize;

use super::Kept;
use super::bad_request::BadRequest;
use super::chat::{element, tier, within_model};
use super::fields::{Cost, Fields};
use super::items::Item;
use super::shape::Shape;
use crate::raw::{Text, for_each, length, without_place};

/// The fewest output tokens that the provider lets a response be limited to.
const OUTPUT_TOKENS_MIN: u64 = 16;
/// Bytes of a response's name.
const NAME_BYTES_MAX: usize = 128;

/// What a response body asks for.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) stream: bool,
    pub(super) client_output_limit: Option<u64>,
    pub(super) tier: ServiceTier,
    pub(super) kept: Kept,
    pub(super) previous: Option<String>,
    pub(super) shape: Shape,
}

pub(super) fn read(fields: &Fields<'_>, model: &Model) -> Result<Response, BadRequest> {
    let flag = |name| fields.read::<bool>(name, "true or false").map(|on| on.unwrap_or(false));
    let previous = previous(fields)?;
    Ok(Response {
        kept: kept(fields, flag("background")?, previous.is_some())?,
        previous,
        stream: flag("stream")?,
        client_output_limit: output_limit(fields, model)?,
        tier: tier(fields, model)?,
        shape: shape(fields, model)?,
    })
}

/// Whether the answer is stored: where it is asked for, and where leaving it out would make no
/// sense to whoever asks: in the background, and where a stored answer is gone on from. Nowhere
/// else, though the provider would: what nobody asks for again costs no row here, and lies in no
/// shared account.
fn kept(fields: &Fields<'_>, background: bool, goes_on: bool) -> Result<Kept, BadRequest> {
    match (fields.read::<bool>("store", "true or false")?, background) {
        (Some(false), true) => {
            let message = "an answer in the background has to be stored, so that it can be asked \
                           for\nhint: leave `store` out";
            Err(BadRequest::invalid("store", message))
        }
        (Some(true) | None, true) => Ok(Kept::InTheBackground),
        (asked, false) if asked.unwrap_or(goes_on) => Ok(Kept::Stored),
        (Some(_) | None, false) => Ok(Kept::Not),
    }
}

/// The stored answer that this one goes on from.
fn previous(fields: &Fields<'_>) -> Result<Option<String>, BadRequest> {
    let name = "previous_response_id";
    let Some(previous) = fields.read::<Text<'_>>(name, "a string")? else { return Ok(None) };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !(1..=NAME_BYTES_MAX).contains(&previous.len()) || !previous.bytes().all(is_plain) {
        let message = format!(
            "`{name}` must be the `id` of a response: letters, digits, `-` and `_`, at most \
             {NAME_BYTES_MAX}"
        );
        return Err(BadRequest::invalid(name, message));
    }
    Ok(Some(previous.0.into_owned()))
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
