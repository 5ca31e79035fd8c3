//! The request of an exporter, in OTLP's JSON (OTLP 1.5, JSON Protobuf encoding): names of traces
//! are hexadecimal, whole numbers of 64 bits are texts.
//!
//! Attributes are those of OpenTelemetry's conventions for generative AI (1.37), and our own below
//! `bursar.`.

use bursar_kernel::{Timestamp, Usd};
use serde::Serialize;

use crate::span::Span;
use crate::trace::hex;

const SCHEMA: &str = "https://opentelemetry.io/schemas/1.37.0";
const NAME: &str = "bursar";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// A span of a request to somebody else.
const CLIENT: u8 = 3;
const ERROR: u8 = 2;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    resource_spans: [ResourceSpans; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    resource: Resource,
    scope_spans: [ScopeSpans; 1],
    schema_url: &'static str,
}

#[derive(Serialize)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeSpans {
    scope: Scope,
    spans: Vec<Shown>,
    schema_url: &'static str,
}

#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    flags: u32,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute>,
    status: Status,
}

#[derive(Serialize)]
struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
}

#[derive(Serialize)]
struct Attribute {
    key: &'static str,
    value: Value,
}

#[derive(Serialize)]
enum Value {
    #[serde(rename = "stringValue")]
    Text(String),
    #[serde(rename = "boolValue")]
    Flag(bool),
    #[serde(rename = "intValue")]
    Number(String),
    #[serde(rename = "arrayValue")]
    List(Values),
}

#[derive(Serialize)]
struct Values {
    values: Vec<Value>,
}

/// The body of a request that exports spans.
pub(crate) fn body(spans: &[Span]) -> Vec<u8> {
    let scope_spans = ScopeSpans {
        scope: Scope { name: NAME, version: VERSION },
        spans: spans.iter().map(shown).collect(),
        schema_url: SCHEMA,
    };
    let attributes = vec![text("service.name", NAME), text("service.version", VERSION)];
    let resource_spans = ResourceSpans {
        resource: Resource { attributes },
        scope_spans: [scope_spans],
        schema_url: SCHEMA,
    };
    let request = Request { resource_spans: [resource_spans] };
    serde_json::to_vec(&request).expect("texts and numbers always serialize")
}

fn shown(span: &Span) -> Shown {
    Shown {
        trace_id: hex(&span.trace.id),
        span_id: hex(&span.trace.span),
        parent_span_id: span.trace.parent.map(|parent| hex(&parent)),
        flags: 1,
        name: format!("{} {}", span.operation(), span.model),
        kind: CLIENT,
        start_time_unix_nano: nanos(span.started_at),
        end_time_unix_nano: nanos(span.ended_at.max(span.started_at)),
        attributes: attributes(span),
        status: Status { code: span.error.map(|_| ERROR) },
    }
}

fn attributes(span: &Span) -> Vec<Attribute> {
    let mut all = vec![
        text("gen_ai.operation.name", span.operation()),
        text("gen_ai.request.model", span.model.as_str()),
        number("http.response.status_code", span.status),
        text("bursar.request.id", span.request),
        text("bursar.key.id", span.key),
        text("bursar.grant.id", span.grant),
        text("bursar.program.id", &span.program),
        usd("bursar.hold_nano_usd", span.held),
        usd("bursar.cost_nano_usd", span.cost),
        text("bursar.basis", span.basis),
        flag("bursar.estimated", span.is_estimated),
        flag("bursar.streamed", span.is_streamed),
    ];
    if let Some(model) = &span.answered_by {
        all.push(text("gen_ai.response.model", model));
    }
    if let Some((input, output)) = span.tokens {
        all.push(number("gen_ai.usage.input_tokens", input));
        all.push(number("gen_ai.usage.output_tokens", output));
    }
    if !span.finish_reasons.is_empty() {
        let reasons = span.finish_reasons.iter().copied();
        let values = reasons.map(|reason| Value::Text(reason.to_owned())).collect();
        let value = Value::List(Values { values });
        all.push(Attribute { key: "gen_ai.response.finish_reasons", value });
    }
    if let Some(upstream) = &span.upstream {
        all.push(text("gen_ai.provider.name", upstream.provider));
        all.push(text("bursar.upstream.name", &upstream.name));
        let authority = upstream.authority.as_str();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().ok()),
            None => (authority, None),
        };
        all.push(text("server.address", host));
        all.extend(port.map(|port| number("server.port", port)));
    }
    all.extend(span.error.map(|error| text("error.type", error)));
    all
}

fn text(key: &'static str, value: impl ToString) -> Attribute {
    Attribute { key, value: Value::Text(value.to_string()) }
}

fn number(key: &'static str, value: impl Into<u64>) -> Attribute {
    Attribute { key, value: Value::Number(value.into().to_string()) }
}

fn flag(key: &'static str, value: bool) -> Attribute {
    Attribute { key, value: Value::Flag(value) }
}

fn usd(key: &'static str, amount: Usd) -> Attribute {
    Attribute { key, value: Value::Number(amount.nanos().to_string()) }
}

fn nanos(at: Timestamp) -> String {
    at.as_nanosecond().max(0).to_string()
}
