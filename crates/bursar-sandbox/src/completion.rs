//! A chat answer in one piece.

use serde_json::{Map, Value, json};

use crate::answer::{Answer, Choice, Content};
use crate::deliver::Piece;
use crate::logprobs;
use crate::profile::UsageReport;
use crate::request::ChatRequest;
use crate::tokens::Tokenizer;
use crate::tools::ToolCall;

/// The answer as one body.
pub(crate) fn body(request: &ChatRequest, answer: &Answer, report: UsageReport) -> Piece {
    let numbered = answer.choices.iter().zip(0_u64..);
    let choices: Vec<Value> =
        numbered.map(|(choice, index)| choice_json(request, choice, index)).collect();
    let mut body = frame(answer, "chat.completion");
    body.insert("choices".to_owned(), Value::Array(choices));
    let mut usages = usages(answer, report);
    usages.truncate(1);
    if let Some(usage) = usages.first() {
        body.insert("usage".to_owned(), usage.clone());
    }
    let bytes = Value::Object(body).to_string().into();
    Piece { bytes, output_tokens: answer.output_tokens(), reported: usages.pop() }
}

/// What an answer and each chunk of one begin with.
pub(crate) fn frame(answer: &Answer, object: &str) -> Map<String, Value> {
    let frame = json!({
        "id": answer.id,
        "object": object,
        "created": answer.created,
        "model": answer.model,
        "service_tier": answer.tier.name(),
        "system_fingerprint": answer.fingerprint,
    });
    if let Value::Object(frame) = frame { frame } else { Map::new() }
}

/// Each usage that the answer reports: one, unless the profile wants none, two or a wrong one.
pub(crate) fn usages(answer: &Answer, report: UsageReport) -> Vec<Value> {
    let times = match report {
        UsageReport::Honest | UsageReport::Twice => 1,
        UsageReport::Zero => 0,
        UsageReport::Times(times) => times,
        UsageReport::Omitted => return Vec::new(),
    };
    let count = |tokens: u64| tokens.saturating_mul(times);
    let usage = json!({
        "prompt_tokens": count(answer.prompt_tokens),
        "completion_tokens": count(answer.output_tokens()),
        "total_tokens": count(answer.prompt_tokens.saturating_add(answer.output_tokens())),
        "prompt_tokens_details": {
            "cached_tokens": count(answer.cached_tokens),
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": count(answer.reasoning_tokens()),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    });
    if report == UsageReport::Twice { vec![usage.clone(), usage] } else { vec![usage] }
}

fn choice_json(request: &ChatRequest, choice: &Choice, index: u64) -> Value {
    let tokenizer = Tokenizer::of(&request.model);
    let mut message = json!({
        "role": "assistant", "content": null, "refusal": null, "annotations": [],
    });
    let mut logprobs = Value::Null;
    match &choice.content {
        Content::Text(tokens) => {
            message["content"] = json!(tokenizer.text(tokens));
            if let Some(beside) = request.logprobs {
                let content = logprobs::of(tokenizer, tokens, beside, &request.draw.branch(index));
                logprobs = json!({"content": content, "refusal": null});
            }
        }
        Content::Calls(calls) => {
            message["tool_calls"] = calls.iter().map(call_json).collect();
        }
    }
    json!({
        "index": index,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": choice.finish,
    })
}

fn call_json(call: &ToolCall) -> Value {
    json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    })
}
