//! Responses: read as the chat that they are, answered in their own words.
//!
//! The body is put into chat's terms and read by the same rules, so that the same conversation
//! gets the same tokens at both endpoints. Places in refusals are chat's.

use bursar_kernel::Endpoint;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer, Choice, Content};
use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::profile::{Profile, UsageReport};
use crate::refusal::Refusal;
use crate::request::ChatRequest;
use crate::sandbox::State;
use crate::seed::Draw;
use crate::tokens::Tokenizer;
use crate::typed;

/// Members that mean the same under the same name.
const SAME: &[&str] = &[
    "model",
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "temperature",
    "top_p",
    "user",
];
/// Members that are put into chat's terms, or change nothing here.
const OTHERS: &[&str] = &[
    "background",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "reasoning",
    "stream_options",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "truncation",
];
/// Members that the provider knows and the sandbox cannot serve.
const NOT_HERE: &[&str] =
    &["previous_response_id", "conversation", "prompt", "context_management", "moderation"];

/// The answer to the Nth call.
pub(crate) fn answer(
    state: &State,
    profile: &Profile,
    body: &Value,
    number: u64,
) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let chat = as_chat(fields)?;
    let request = ChatRequest::parse(&state.catalog, &chat, Endpoint::Responses)?;
    let answer = answer::make(state, profile, &request, number)?;
    let whole = Whole::new(fields, &request, &answer, profile.usage);
    let pieces = if request.stream.is_some() {
        let obfuscated = fields
            .value("stream_options")
            .and_then(|options| options.get("include_obfuscation").and_then(Value::as_bool));
        typed::pieces(&whole, profile, obfuscated.unwrap_or(true))
    } else {
        let bytes = whole.ended().to_string().into();
        let (output_tokens, reported) = (answer.output_tokens(), whole.usage.clone());
        vec![Piece { bytes, output_tokens, reported }]
    };
    Ok(Prepared {
        pieces,
        stream: request.stream.is_some(),
        kind: JSON,
        input_tokens: answer.prompt_tokens,
        draw: request.draw,
    })
}

/// The body in chat's terms.
fn as_chat(fields: Fields<'_>) -> Result<Value, Refusal> {
    if let Some(name) = NOT_HERE.iter().find(|name| fields.value(name).is_some()) {
        return Err(Refusal::unsupported(name, "the sandbox keeps nothing between calls"));
    }
    let known: Vec<&str> = SAME.iter().chain(OTHERS).chain(NOT_HERE).copied().collect();
    fields.only(&known)?;
    if fields.flag("background")? == Some(true) {
        return Err(Refusal::unsupported("background", "the sandbox keeps nothing between calls"));
    }
    fields.integer("top_logprobs", 0, 20)?;
    fields.choice("truncation", &["auto", "disabled"])?;
    fields.list("include")?;
    let mut chat = Map::new();
    let mut put = |name: &str, value: Value| chat.insert(name.to_owned(), value);
    for name in SAME {
        if let Some(value) = fields.value(name) {
            put(name, value.clone());
        }
    }
    if let Some(limit) = fields.integer("max_output_tokens", 16, i64::MAX)? {
        put("max_completion_tokens", json!(limit));
    }
    if let Some(reasoning) = fields.value("reasoning")
        && let Some(effort) = Fields::within(reasoning, "reasoning")?.value("effort")
    {
        put("reasoning_effort", effort.clone());
    }
    if let Some(text) = fields.value("text") {
        let text = Fields::within(text, "text")?;
        if let Some(format) = text.value("format") {
            put("response_format", format_as_chat(format)?);
        }
        if let Some(verbosity) = text.value("verbosity") {
            put("verbosity", verbosity.clone());
        }
    }
    if let Some(tools) = fields.list("tools")?.filter(|tools| !tools.is_empty()) {
        put("tools", tools.iter().map(tool_as_chat).collect());
        if let Some(choice) = fields.value("tool_choice") {
            put("tool_choice", named(choice));
        }
    }
    put("messages", Value::Array(messages(fields)?));
    Ok(Value::Object(chat))
}

fn format_as_chat(format: &Value) -> Result<Value, Refusal> {
    let fields = Fields::within(format, "text.format")?;
    if fields.required_text("type")? == "json_schema" {
        return Ok(json!({"type": "json_schema", "json_schema": format}));
    }
    Ok(format.clone())
}

/// A function has its members beside its type here, and below it in chat.
fn tool_as_chat(tool: &Value) -> Value {
    match tool.get("type").and_then(Value::as_str) {
        Some("function") => json!({"type": "function", "function": tool}),
        _ => tool.clone(),
    }
}

fn named(choice: &Value) -> Value {
    if choice.is_object() {
        json!({"type": choice["type"], "function": choice})
    } else {
        choice.clone()
    }
}

fn messages(fields: Fields<'_>) -> Result<Vec<Value>, Refusal> {
    let mut messages = Vec::new();
    if let Some(text) = fields.text("instructions")? {
        messages.push(json!({"role": "developer", "content": text}));
    }
    match fields.required("input")? {
        Value::String(text) => messages.push(json!({"role": "user", "content": text})),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = format!("input[{index}]");
                messages.extend(message(Fields::within(item, &place)?)?);
            }
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            return Err(Refusal::wrong_type("input", "a string or an array", other));
        }
    }
    Ok(messages)
}

/// An item as a message; reasoning, which only the model reads, as none.
fn message(item: Fields<'_>) -> Result<Option<Value>, Refusal> {
    let kinds = ["message", "function_call", "function_call_output", "reasoning"];
    Ok(Some(match item.choice("type", &kinds)? {
        Some("reasoning") => return Ok(None),
        Some("function_call") => json!({
            "role": "assistant",
            "tool_calls": [{
                "id": item.required("call_id")?,
                "type": "function",
                "function": {
                    "name": item.required("name")?,
                    "arguments": item.required("arguments")?,
                },
            }],
        }),
        Some("function_call_output") => json!({
            "role": "tool",
            "tool_call_id": item.required("call_id")?,
            "content": content(item.required("output")?),
        }),
        Some(_) | None => json!({
            "role": item.required("role")?,
            "content": content(item.required("content")?),
        }),
    }))
}

fn content(content: &Value) -> Value {
    let part = |part: &Value| match part.get("type").and_then(Value::as_str) {
        Some("input_text" | "output_text") => json!({"type": "text", "text": part["text"]}),
        Some("input_image") => {
            let mut image = json!({"url": part["image_url"]});
            if let Some(detail) = part.get("detail") {
                image["detail"] = detail.clone();
            }
            json!({"type": "image_url", "image_url": image})
        }
        _ => part.clone(),
    };
    match content.as_array() {
        Some(parts) => parts.iter().map(part).collect(),
        None => content.clone(),
    }
}

/// An answer in the terms of responses.
pub(crate) struct Whole<'a> {
    pub(crate) request: &'a ChatRequest,
    pub(crate) choice: &'a Choice,
    /// The items of the output, all done.
    pub(crate) items: Vec<Value>,
    /// The usage that is reported.
    pub(crate) usage: Option<Value>,
    frame: Value,
}

impl<'a> Whole<'a> {
    fn new(
        fields: Fields<'_>,
        request: &'a ChatRequest,
        answer: &'a Answer,
        report: UsageReport,
    ) -> Self {
        let choice = &answer.choices[0];
        let id = answer.id.trim_start_matches("chatcmpl-");
        let echo = |name: &str, otherwise: Value| fields.value(name).cloned().unwrap_or(otherwise);
        let tools: Vec<Value> = fields
            .value("tools")
            .and_then(Value::as_array)
            .map_or_else(Vec::new, |tools| tools.iter().map(whole_tool).collect());
        let frame = json!({
            "id": format!("resp_{id}"),
            "object": "response",
            "created_at": answer.created,
            "background": false,
            "error": null,
            "instructions": echo("instructions", Value::Null),
            "max_output_tokens": echo("max_output_tokens", Value::Null),
            "metadata": echo("metadata", json!({})),
            "model": answer.model,
            "parallel_tool_calls": request.parallel,
            "previous_response_id": null,
            "reasoning": {"effort": request.effort, "summary": null},
            "service_tier": answer.tier.name(),
            "store": false,
            "temperature": echo("temperature", json!(1.0)),
            "text": echo("text", json!({"format": {"type": "text"}})),
            "tool_choice": echo("tool_choice", json!("auto")),
            "tools": tools,
            "top_p": echo("top_p", json!(1.0)),
            "truncation": "disabled",
        });
        let mut draw = request.draw.branch(1 << 62);
        let items = items(request, choice, &mut draw);
        Self { request, choice, items, usage: usage(answer, report), frame }
    }

    /// The response before anything is made.
    pub(crate) fn begun(&self) -> Value {
        let mut whole = self.frame.clone();
        whole["status"] = json!("in_progress");
        whole["incomplete_details"] = Value::Null;
        whole["output"] = json!([]);
        whole["usage"] = Value::Null;
        whole
    }

    /// The response at its end.
    pub(crate) fn ended(&self) -> Value {
        let mut whole = self.frame.clone();
        whole["status"] = json!(self.status());
        whole["incomplete_details"] =
            if self.is_cut() { json!({"reason": "max_output_tokens"}) } else { Value::Null };
        whole["output"] = Value::Array(self.items.clone());
        if let Some(usage) = &self.usage {
            whole["usage"] = usage.clone();
        }
        whole
    }

    /// How it ends: `completed`, or `incomplete` where the limit cut it.
    pub(crate) fn status(&self) -> &'static str {
        if self.is_cut() { "incomplete" } else { "completed" }
    }

    fn is_cut(&self) -> bool {
        self.choice.finish == "length"
    }
}

/// A function as an answer repeats it, with what the request may leave out.
fn whole_tool(tool: &Value) -> Value {
    let mut whole = tool.clone();
    for name in ["parameters", "strict"] {
        if whole.get(name).is_none() {
            whole[name] = Value::Null;
        }
    }
    whole
}

fn items(request: &ChatRequest, choice: &Choice, draw: &mut Draw) -> Vec<Value> {
    let mut items = Vec::new();
    let status = if choice.finish == "length" { "incomplete" } else { "completed" };
    if 0 < choice.reasoning_tokens {
        items.push(
            json!({"id": format!("rs_{}", draw.hex(48)), "type": "reasoning", "summary": []}),
        );
    }
    match &choice.content {
        Content::Text(tokens) if tokens.is_empty() => {}
        Content::Text(tokens) => {
            let text = Tokenizer::of(&request.model).text(tokens);
            items.push(json!({
                "id": format!("msg_{}", draw.hex(48)),
                "type": "message",
                "status": status,
                "role": "assistant",
                "content": [output_text(&text)],
            }));
        }
        Content::Calls(calls) => items.extend(calls.iter().map(|call| {
            json!({
                "id": format!("fc_{}", draw.hex(48)),
                "type": "function_call",
                "status": status,
                "call_id": call.id,
                "name": call.name,
                "arguments": call.arguments,
            })
        })),
    }
    items
}

/// A text as a part of a message.
pub(crate) fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

fn usage(answer: &Answer, report: UsageReport) -> Option<Value> {
    let times = report.times()?;
    let count = |tokens: u64| tokens.saturating_mul(times);
    Some(json!({
        "input_tokens": count(answer.prompt_tokens),
        "input_tokens_details": {
            "cached_tokens": count(answer.cached_tokens),
            "cache_write_tokens": 0,
        },
        "output_tokens": count(answer.output_tokens()),
        "output_tokens_details": {"reasoning_tokens": count(answer.reasoning_tokens())},
        "total_tokens": count(answer.prompt_tokens.saturating_add(answer.output_tokens())),
    }))
}
