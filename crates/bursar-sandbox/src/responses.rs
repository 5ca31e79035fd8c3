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
use crate::stored::{self, Background, Stored};
use crate::tokens::Tokenizer;
use crate::typed;
use bursar_invention::Draw;

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
    "previous_response_id",
    "reasoning",
    "stream_options",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "truncation",
];
/// Members that the provider knows and the sandbox cannot serve.
const NOT_HERE: &[&str] = &["conversation", "prompt", "context_management", "moderation"];

/// The answer to the Nth call.
pub(crate) fn answer(
    state: &State,
    profile: &Profile,
    body: &Value,
    number: u64,
) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let earlier = earlier(state, fields)?;
    let (earlier_messages, earlier_items) =
        earlier.map_or_else(Default::default, |it| (it.messages, [it.items, it.output].concat()));
    let chat = as_chat(fields, &earlier_messages)?;
    let request = ChatRequest::parse(&state.catalog, &chat, Endpoint::Responses)?;
    let answer = answer::make(state, profile, &request, number)?;
    let whole = Whole::new(fields, &request, &answer, profile.usage);
    let now = state.clock.now();
    let background =
        (fields.flag("background")? == Some(true)).then(|| Background::new(profile, now));
    let pieces = if request.stream.is_some() {
        let obfuscated = fields
            .value("stream_options")
            .and_then(|options| options.get("include_obfuscation").and_then(Value::as_bool));
        typed::pieces(&whole, profile, obfuscated.unwrap_or(true))
    } else {
        let shown = if background.is_some() { whole.queued() } else { whole.ended() };
        let bytes = shown.to_string().into();
        let (output_tokens, reported) = (answer.output_tokens(), whole.usage.clone());
        let reported = reported.filter(|_| background.is_none());
        vec![Piece { bytes, output_tokens, reported }]
    };
    if fields.flag("store")?.unwrap_or(true) {
        let own = input(fields)?;
        let mut items = earlier_items;
        items.extend(input_items(fields.required("input")?, &whole.id()));
        let is_streamed = background.is_some() && request.stream.is_some();
        let events = pieces.iter().filter(|_| is_streamed).map(|piece| piece.bytes.clone());
        let mut messages = [earlier_messages, own].concat();
        for item in &whole.items {
            messages.extend(message(Fields::within(item, "output")?)?);
        }
        let stored = Stored {
            id: whole.id(),
            messages,
            begun: whole.begun(),
            ended: whole.ended(),
            events: events.collect(),
            background,
            tokens: [answer.prompt_tokens, answer.cached_tokens, answer.output_tokens()],
            items,
            output: whole.items.clone(),
        };
        state.shelf().put_response(stored);
    } else if background.is_some() {
        return Err(Refusal::invalid_value("store", "a response in the background is stored"));
    }
    Ok(Prepared {
        pieces,
        stream: request.stream.is_some(),
        kind: JSON,
        input_tokens: answer.prompt_tokens,
        draw: request.draw,
        last_after: background.map(|background| background.left(now)),
    })
}

/// The stored response that a body goes on from.
fn earlier(state: &State, fields: Fields<'_>) -> Result<Option<Stored>, Refusal> {
    let Some(name) = fields.text("previous_response_id")? else { return Ok(None) };
    let found = state.shelf().response(name).cloned();
    found.map(Some).ok_or_else(|| stored::no_previous(name))
}

/// What a response was made from, as the provider lists it.
fn input_items(input: &Value, response: &str) -> Vec<Value> {
    let part = |role: &str, text: &Value| {
        if role == "assistant" {
            json!([{"type": "output_text", "text": text, "annotations": [], "logprobs": []}])
        } else {
            json!([{"type": "input_text", "text": text}])
        }
    };
    let user = |text| json!({"role": "user", "content": part("user", text)});
    let items = input.as_array().cloned().unwrap_or_else(|| vec![user(input)]);
    let numbered = items.into_iter().enumerate();
    numbered
        .map(|(place, mut item)| {
            let draw = Draw::from(&[response.as_bytes(), &place.to_le_bytes()]).hex(48);
            let kind = item["type"].as_str().unwrap_or("message").to_owned();
            if item["id"].is_null() {
                item["id"] =
                    json!(format!("{}_{draw}", if kind == "message" { "msg" } else { "fc" }));
            }
            if kind == "message" {
                if item["content"].is_string() {
                    let role = item["role"].as_str().unwrap_or_default().to_owned();
                    item["content"] = part(&role, &item["content"]);
                }
                item["status"] = json!("completed");
            }
            item["type"] = json!(kind);
            item
        })
        .collect()
}

/// The body in chat's terms, after what it goes on from.
fn as_chat(fields: Fields<'_>, earlier: &[Value]) -> Result<Value, Refusal> {
    if let Some(name) = NOT_HERE.iter().find(|name| fields.value(name).is_some()) {
        return Err(Refusal::unsupported(name, "the sandbox does not keep those"));
    }
    let known: Vec<&str> = SAME.iter().chain(OTHERS).chain(NOT_HERE).copied().collect();
    fields.only(&known)?;
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
    put("messages", Value::Array(messages(fields, earlier)?));
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

/// Instructions hold for one response, and come before what it goes on from.
fn messages(fields: Fields<'_>, earlier: &[Value]) -> Result<Vec<Value>, Refusal> {
    let mut messages = Vec::new();
    if let Some(text) = fields.text("instructions")? {
        messages.push(json!({"role": "developer", "content": text}));
    }
    messages.extend_from_slice(earlier);
    messages.extend(input(fields)?);
    Ok(messages)
}

fn input(fields: Fields<'_>) -> Result<Vec<Value>, Refusal> {
    let mut messages = Vec::new();
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
            "background": echo("background", json!(false)),
            "error": null,
            "instructions": echo("instructions", Value::Null),
            "max_output_tokens": echo("max_output_tokens", Value::Null),
            "metadata": echo("metadata", json!({})),
            "model": answer.model,
            "parallel_tool_calls": request.parallel,
            "previous_response_id": echo("previous_response_id", Value::Null),
            "reasoning": {"effort": request.effort, "summary": null},
            "service_tier": answer.tier.name(),
            "store": echo("store", json!(true)),
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

    fn id(&self) -> String {
        self.frame["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The response in the background, before it begins.
    fn queued(&self) -> Value {
        let mut whole = self.begun();
        whole["status"] = json!("queued");
        whole
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
    let (input, cached) = (answer.prompt_tokens, answer.cached_tokens);
    usage_of([input, cached, answer.output_tokens(), answer.reasoning_tokens()], report)
}

/// Input tokens, those of them that were cached, output tokens, and those of them that were
/// reasoning.
pub(crate) fn usage_of(tokens: [u64; 4], report: UsageReport) -> Option<Value> {
    let times = report.times()?;
    let [input, cached, output, reasoning] = tokens.map(|tokens| tokens.saturating_mul(times));
    Some(json!({
        "input_tokens": input,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": input.saturating_add(output),
    }))
}
