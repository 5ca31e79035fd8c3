//! The messages of a chat request.

use bursar_kernel::limits::MESSAGES_MAX;
use serde_json::Value;

use crate::fields::Fields;
use crate::refusal::Refusal;

/// One message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) name: Option<String>,
    pub(crate) parts: Vec<Part>,
    /// The names and arguments of the calls that an earlier answer made.
    pub(crate) calls: Vec<(String, String)>,
}

/// A part of a message.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(String),
    Image { url: String, detail_low: bool },
}

impl Message {
    /// All its text, part after part.
    pub(crate) fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Image { .. } => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// Reads `messages`.
pub(crate) fn messages(fields: Fields<'_>) -> Result<Vec<Message>, Refusal> {
    fields.required("messages")?;
    let list = fields.list("messages")?.map_or(&[][..], Vec::as_slice);
    if list.is_empty() || list.len() > MESSAGES_MAX {
        let why = format!("it takes from 1 to {MESSAGES_MAX} messages");
        return Err(Refusal::invalid_value("messages", why));
    }
    list.iter().enumerate().map(|(index, value)| message(index, value)).collect()
}

fn message(index: usize, value: &Value) -> Result<Message, Refusal> {
    let place = format!("messages[{index}]");
    let fields = Fields::within(value, &place)?;
    fields.required("role")?;
    let roles = ["developer", "system", "user", "assistant", "tool"];
    let role = fields.choice("role", &roles)?.unwrap_or_default();
    let name = fields.text("name")?.map(str::to_owned);
    let calls = if role == "assistant" { calls(fields)? } else { Vec::new() };
    if role == "tool" {
        fields.required_text("tool_call_id")?;
    }
    let parts = match fields.value("content") {
        Some(content) => parts(content, &fields.place("content"))?,
        None if !calls.is_empty() || fields.text("refusal")?.is_some() => Vec::new(),
        None => return Err(Refusal::missing(&fields.place("content"))),
    };
    Ok(Message { role: role.to_owned(), name, parts, calls })
}

fn parts(content: &Value, place: &str) -> Result<Vec<Part>, Refusal> {
    match content {
        Value::String(text) => Ok(vec![Part::Text(text.clone())]),
        Value::Array(list) => {
            let numbered = list.iter().enumerate();
            numbered.map(|(index, value)| part(value, &format!("{place}[{index}]"))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err(Refusal::wrong_type(place, "a string or an array of parts", content))
        }
    }
}

fn part(value: &Value, place: &str) -> Result<Part, Refusal> {
    let fields = Fields::within(value, place)?;
    match fields.required_text("type")? {
        "text" => Ok(Part::Text(fields.required_text("text")?.to_owned())),
        "refusal" => Ok(Part::Text(fields.required_text("refusal")?.to_owned())),
        "image_url" => {
            let place = fields.place("image_url");
            let image = Fields::within(fields.required("image_url")?, &place)?;
            let url = image.required_text("url")?.to_owned();
            let detail = image.choice("detail", &["auto", "low", "high", "original"])?;
            Ok(Part::Image { url, detail_low: detail == Some("low") })
        }
        _ => {
            let instead = "the sandbox takes parts of type 'text' and 'image_url'";
            Err(Refusal::unsupported_value(&fields.place("type"), instead))
        }
    }
}

fn calls(fields: Fields<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let Some(list) = fields.list("tool_calls")? else {
        return Ok(Vec::new());
    };
    let numbered = list.iter().enumerate();
    numbered
        .map(|(index, value)| {
            let place = fields.place(&format!("tool_calls[{index}]"));
            let call = Fields::within(value, &place)?;
            let place = call.place("function");
            let function = Fields::within(call.required("function")?, &place)?;
            let name = function.required_text("name")?.to_owned();
            Ok((name, function.required_text("arguments")?.to_owned()))
        })
        .collect()
}
