//! A chat answer as the chunks of a stream.

use serde_json::{Value, json};

use crate::answer::{Answer, Choice, Content};
use crate::completion::{frame, usages};
use crate::deliver::Piece;
use crate::logprobs;
use crate::profile::Profile;
use crate::request::{ChatRequest, StreamOptions};
use crate::tokens::Tokenizer;
use crate::tools::ToolCall;
use bursar_invention::Draw;

/// Tokens in a chunk where the profile does not say.
const TOKENS_PER_CHUNK: (u64, u64) = (1, 4);

/// A change to one choice, and the output tokens that it took.
struct Delta {
    index: u64,
    change: Value,
    logprobs: Value,
    finish: Option<&'static str>,
    tokens: u64,
}

/// The answer as the pieces of a stream, the closing line included.
pub(crate) fn pieces(
    request: &ChatRequest,
    options: StreamOptions,
    answer: &Answer,
    profile: &Profile,
) -> Vec<Piece> {
    let mut draw = request.draw.branch(u64::MAX);
    let mut output_tokens = 0;
    let mut pieces = Vec::new();
    for delta in interleaved(request, answer, profile, &mut draw) {
        output_tokens += delta.tokens;
        let choice = json!({
            "index": delta.index,
            "delta": delta.change,
            "logprobs": delta.logprobs,
            "finish_reason": delta.finish,
        });
        let usage = options.include_usage.then_some(Value::Null);
        let bytes = chunk(answer, options, vec![choice], usage, &mut draw);
        pieces.push(Piece { bytes, output_tokens, reported: None });
    }
    if options.include_usage {
        for usage in usages(answer, profile.usage) {
            let bytes = chunk(answer, options, Vec::new(), Some(usage.clone()), &mut draw);
            pieces.push(Piece { bytes, output_tokens, reported: Some(usage) });
        }
    }
    let bytes = "data: [DONE]\n\n".into();
    pieces.push(Piece { bytes, output_tokens, reported: None });
    pieces
}

fn chunk(
    answer: &Answer,
    options: StreamOptions,
    choices: Vec<Value>,
    usage: Option<Value>,
    draw: &mut Draw,
) -> bytes::Bytes {
    let mut chunk = frame(answer, "chat.completion.chunk");
    chunk.insert("choices".to_owned(), Value::Array(choices));
    if let Some(usage) = usage {
        chunk.insert("usage".to_owned(), usage);
    }
    if options.include_obfuscation {
        let length = draw.between(1, 16);
        let padding = draw.text(usize::try_from(length).unwrap_or(1));
        chunk.insert("obfuscation".to_owned(), Value::String(padding));
    }
    format!("data: {}\n\n", Value::Object(chunk)).into()
}

/// The changes of all choices, one of each in turn.
fn interleaved(
    request: &ChatRequest,
    answer: &Answer,
    profile: &Profile,
    draw: &mut Draw,
) -> Vec<Delta> {
    let mut per_choice: Vec<_> = answer
        .choices
        .iter()
        .zip(0_u64..)
        .map(|(choice, index)| deltas(request, choice, index, profile, draw).into_iter())
        .collect();
    let mut turns = Vec::new();
    loop {
        let before = turns.len();
        turns.extend(per_choice.iter_mut().filter_map(Iterator::next));
        if turns.len() == before {
            return turns;
        }
    }
}

fn deltas(
    request: &ChatRequest,
    choice: &Choice,
    index: u64,
    profile: &Profile,
    draw: &mut Draw,
) -> Vec<Delta> {
    let tokenizer = Tokenizer::of(&request.model);
    let plain = |change: Value, tokens: u64| Delta {
        index,
        change,
        logprobs: Value::Null,
        finish: None,
        tokens,
    };
    let content = match choice.content {
        Content::Text(_) => json!(""),
        Content::Calls(_) => Value::Null,
    };
    let opening = json!({"role": "assistant", "content": content, "refusal": null});
    let mut deltas = vec![plain(opening, choice.reasoning_tokens)];
    match &choice.content {
        Content::Text(tokens) => {
            let mut logprobs = request.logprobs.map(|beside| {
                let draw = request.draw.branch(index);
                logprobs::of(tokenizer, tokens, beside, &draw)
            });
            for (text, count) in groups(tokenizer, tokens, profile, draw) {
                let mut delta = plain(json!({"content": text}), u64::try_from(count).unwrap_or(0));
                if let Some(Value::Array(entries)) = &mut logprobs {
                    let entries: Vec<Value> = entries.drain(..count).collect();
                    delta.logprobs = json!({"content": entries, "refusal": null});
                }
                deltas.push(delta);
            }
        }
        Content::Calls(calls) => {
            for (place, call) in calls.iter().enumerate() {
                for (delta, count) in call_deltas(tokenizer, call, place, profile, draw) {
                    deltas.push(plain(delta, count));
                }
            }
        }
    }
    let sent: u64 = deltas.iter().map(|delta| delta.tokens).sum();
    let whole = choice.reasoning_tokens + choice.visible_tokens;
    let mut closing = plain(json!({}), whole.saturating_sub(sent));
    closing.finish = Some(choice.finish);
    deltas.push(closing);
    deltas
}

fn call_deltas(
    tokenizer: Tokenizer,
    call: &ToolCall,
    place: usize,
    profile: &Profile,
    draw: &mut Draw,
) -> Vec<(Value, u64)> {
    let count = |tokens: usize| u64::try_from(tokens).unwrap_or(0);
    let opening = json!({"tool_calls": [{
        "index": place,
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": ""},
    }]});
    let mut deltas = vec![(opening, count(tokenizer.count(&call.name) + 1))];
    let arguments = tokenizer.encode(&call.arguments);
    for (text, tokens) in groups(tokenizer, &arguments, profile, draw) {
        let delta = json!({"tool_calls": [{"index": place, "function": {"arguments": text}}]});
        deltas.push((delta, count(tokens)));
    }
    deltas
}

/// The texts of a few tokens each, with their number. A character that spans two groups comes
/// whole with the second.
pub(crate) fn groups(
    tokenizer: Tokenizer,
    tokens: &[u32],
    profile: &Profile,
    draw: &mut Draw,
) -> Vec<(String, usize)> {
    let (mut groups, mut rest, mut bytes) = (Vec::new(), tokens, Vec::new());
    while !rest.is_empty() {
        let (least, most) = TOKENS_PER_CHUNK;
        let drawn = || usize::try_from(draw.between(least, most)).unwrap_or(1);
        let size = profile.tokens_per_chunk.unwrap_or_else(drawn).clamp(1, rest.len());
        let (group, later) = rest.split_at(size);
        for token in group {
            bytes.extend(tokenizer.bytes(*token).unwrap_or_default());
        }
        let whole = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            Err(error) => error.valid_up_to(),
        };
        let text: Vec<u8> = bytes.drain(..whole).collect();
        groups.push((String::from_utf8(text).unwrap_or_default(), size));
        rest = later;
    }
    groups
}
