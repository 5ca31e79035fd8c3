//! Legacy completions: a text, or token ids, and what comes after them.

use bursar_kernel::limits::{BEST_OF_MAX, INPUTS_MAX};
use bursar_kernel::{Endpoint, Model};
use serde_json::{Map, Value, json};

use crate::answer::{ANSWER_TOKENS, prose_of};
use crate::chunks::groups;
use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::logprobs;
use crate::profile::{Profile, UsageReport};
use crate::refusal::Refusal;
use crate::request::{self, StreamOptions};
use crate::sandbox::State;
use crate::tokens::Tokenizer;
use bursar_invention::Draw;

/// Members of the body that the sandbox knows (the provider's `OpenAPI` document, 2026-08-21).
const KNOWN: &[&str] = &[
    "model",
    "prompt",
    "suffix",
    "max_tokens",
    "n",
    "best_of",
    "echo",
    "logprobs",
    "stream",
    "stream_options",
    "stop",
    "seed",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "user",
];
/// Output tokens of a choice where the request does not say.
const OUTPUT_TOKENS: u64 = 16;
/// The one model that writes what comes before a suffix.
const WITH_SUFFIX: &str = "gpt-3.5-turbo-instruct";

/// A completion request.
struct Asked<'a> {
    model: &'a Model,
    name: &'a str,
    prompts: Vec<Vec<u32>>,
    shown: u64,
    made: u64,
    output_max: usize,
    echo: bool,
    /// How many alternatives beside each token, where log probabilities are wanted at all.
    logprobs: Option<usize>,
    stop: Vec<String>,
    stream: Option<StreamOptions>,
    draw: Draw,
}

/// One choice that is shown.
struct Choice {
    /// The prompt, where it is said again.
    echoed: Vec<u32>,
    written: Vec<u32>,
    finish: &'static str,
    draw: Draw,
}

/// What each chunk begins with, and what all of them are made from.
struct Whole<'a> {
    asked: &'a Asked<'a>,
    frame: Map<String, Value>,
    choices: Vec<Choice>,
    /// What was counted, however often it is reported.
    usages: Vec<Value>,
    output_tokens: u64,
}

/// The answer to the Nth call.
pub(crate) fn answer(
    state: &State,
    profile: &Profile,
    body: &Value,
    number: u64,
) -> Result<Prepared, Refusal> {
    let asked = parse(Fields::body(body)?, state)?;
    let tokenizer = Tokenizer::of(asked.model);
    let (mut choices, mut output_tokens) = (Vec::new(), 0);
    for (prompt, place) in asked.prompts.iter().zip(0_u64..) {
        for index in 0..asked.made {
            let draw = asked.draw.branch(place << 32 | index);
            let (written, finish) = write(&asked, profile, tokenizer, &mut draw.clone());
            // All that are made are billed. The first are the best.
            output_tokens += length(written.len());
            if index < asked.shown {
                let echoed = if asked.echo { prompt.clone() } else { Vec::new() };
                choices.push(Choice { echoed, written, finish, draw });
            }
        }
    }
    // A prompt of nothing is one token: the beginning of a text.
    let prompts = asked.prompts.iter().map(|prompt| length(prompt.len()).max(1));
    let input_tokens: u64 = prompts.sum();
    let frame = json!({
        "id": format!("cmpl-{}", asked.draw.branch(number | 1 << 63).text(29)),
        "object": "text_completion",
        "created": state.clock.now().as_second(),
        "model": asked.name,
        "system_fingerprint": format!("fp_sandbox{}", Draw::from(&[asked.name.as_bytes()]).hex(10)),
    });
    let whole = Whole {
        frame: frame.as_object().cloned().unwrap_or_default(),
        choices,
        usages: usages(input_tokens, output_tokens, profile.usage),
        output_tokens,
        asked: &asked,
    };
    let pieces = match asked.stream {
        Some(options) => whole.pieces(tokenizer, options, profile),
        None => vec![whole.body(tokenizer)],
    };
    let (stream, draw) = (asked.stream.is_some(), asked.draw.clone());
    Ok(Prepared { pieces, stream, kind: JSON, input_tokens, draw, last_after: None })
}

fn parse<'a>(fields: Fields<'a>, state: &'a State) -> Result<Asked<'a>, Refusal> {
    let name = fields.required_text("model")?;
    let model = request::model(&state.catalog, name, Endpoint::Completions)?;
    fields.only(KNOWN)?;
    for (name, low, high) in [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("presence_penalty", -2.0, 2.0),
        ("frequency_penalty", -2.0, 2.0),
    ] {
        fields.number(name, low, high)?;
    }
    if fields.text("suffix")?.is_some() && name != WITH_SUFFIX {
        return Err(Refusal::unsupported("suffix", format!("only `{WITH_SUFFIX}` takes one")));
    }
    let stream = request::stream(fields)?;
    let shown = request::choices(fields)?;
    let most = i64::try_from(BEST_OF_MAX).unwrap_or(i64::MAX);
    let made = fields.integer("best_of", 1, most)?.map_or(shown, i64::unsigned_abs);
    if made < shown || (shown < made && stream.is_some()) {
        let why = "it must not be below `n`, nor above it in a stream";
        return Err(Refusal::invalid_value("best_of", why));
    }
    let asked = fields.integer("max_tokens", 0, i64::MAX)?;
    let output_max = asked.map_or(OUTPUT_TOKENS, i64::unsigned_abs);
    let prompts = prompts(fields.required("prompt")?, Tokenizer::of(model))?;
    let context = model.input_tokens_max.unwrap_or(u64::MAX);
    let longest = prompts.iter().map(|prompt| length(prompt.len())).max().unwrap_or(0);
    if context < longest.saturating_add(output_max) {
        let message = format!(
            "This model's maximum context length is {context} tokens, however you requested \
             {longest} tokens in your prompt and {output_max} for the completion."
        );
        return Err(Refusal::bad_request(message).code("context_length_exceeded").param("prompt"));
    }
    let seed = fields.integer("seed", i64::MIN, i64::MAX)?.map(|seed| seed.to_string());
    let prompt = fields.required("prompt")?.to_string();
    let seeds = [name.as_bytes(), prompt.as_bytes(), seed.as_deref().unwrap_or("").as_bytes()];
    Ok(Asked {
        model,
        name,
        prompts,
        shown,
        made,
        output_max: usize::try_from(output_max).unwrap_or(usize::MAX),
        echo: fields.flag("echo")?.unwrap_or(false),
        logprobs: fields.integer("logprobs", 0, 5)?.and_then(|it| usize::try_from(it).ok()),
        stop: request::stop(fields)?,
        stream,
        draw: Draw::from(&seeds),
    })
}

/// A text or several, token ids, or several lists of them.
fn prompts(value: &Value, tokenizer: Tokenizer) -> Result<Vec<Vec<u32>>, Refusal> {
    let wrong = || {
        let why = "it takes a text, texts, token ids or lists of token ids";
        Refusal::invalid_value("prompt", why)
    };
    let id = |value: &Value| {
        let id = value.as_u64().and_then(|id| u32::try_from(id).ok());
        id.filter(|id| tokenizer.bytes(*id).is_some()).ok_or_else(wrong)
    };
    let ids = |list: &[Value]| list.iter().map(id).collect::<Result<Vec<u32>, _>>();
    if let Some(text) = value.as_str() {
        return Ok(vec![tokenizer.encode(text)]);
    }
    let list = value.as_array().filter(|list| !list.is_empty()).ok_or_else(wrong)?;
    if list[0].is_number() {
        return Ok(vec![ids(list)?]);
    }
    if INPUTS_MAX < list.len() {
        return Err(wrong());
    }
    let one = |prompt: &Value| match (prompt.as_str(), prompt.as_array()) {
        (Some(text), _) => Ok(tokenizer.encode(text)),
        (None, Some(list)) if !list.is_empty() => ids(list),
        (None, _) => Err(wrong()),
    };
    list.iter().map(one).collect()
}

fn write(
    asked: &Asked<'_>,
    profile: &Profile,
    tokenizer: Tokenizer,
    draw: &mut Draw,
) -> (Vec<u32>, &'static str) {
    let wanted = profile.answer_tokens.unwrap_or(ANSWER_TOKENS).draw(draw);
    let most = length(asked.output_max).saturating_add(1);
    let mut text = prose_of(tokenizer, wanted.min(most), draw);
    if let Some(place) = asked.stop.iter().filter_map(|stop| text.find(stop.as_str())).min() {
        text.truncate(place);
    }
    let mut tokens = tokenizer.encode(&text);
    let finish = if asked.output_max < tokens.len() { "length" } else { "stop" };
    tokens.truncate(asked.output_max);
    (tokens, finish)
}

fn usages(input: u64, output: u64, report: UsageReport) -> Vec<Value> {
    let Some(times) = report.times() else { return Vec::new() };
    let count = |tokens: u64| tokens.saturating_mul(times);
    let usage = json!({
        "prompt_tokens": count(input),
        "completion_tokens": count(output),
        "total_tokens": count(input.saturating_add(output)),
    });
    if report == UsageReport::Twice { vec![usage.clone(), usage] } else { vec![usage] }
}

impl Whole<'_> {
    /// The answer as one body.
    fn body(mut self, tokenizer: Tokenizer) -> Piece {
        let shown = |(choice, index): (&Choice, u64)| {
            let all = [&*choice.echoed, &*choice.written].concat();
            let told = self.told(tokenizer, choice, &all);
            json!({
                "text": tokenizer.text(&all),
                "index": index,
                "logprobs": told.map(|told| side_by_side(&told, 0)),
                "finish_reason": choice.finish,
            })
        };
        let choices: Vec<Value> = self.choices.iter().zip(0_u64..).map(shown).collect();
        self.frame.insert("choices".to_owned(), Value::Array(choices));
        let reported = self.usages.first().cloned();
        if let Some(usage) = &reported {
            self.frame.insert("usage".to_owned(), usage.clone());
        }
        let bytes = Value::Object(self.frame).to_string().into();
        Piece { bytes, output_tokens: self.output_tokens, reported }
    }

    /// The answer as the pieces of a stream, choice by choice, the closing line included.
    fn pieces(
        &self,
        tokenizer: Tokenizer,
        options: StreamOptions,
        profile: &Profile,
    ) -> Vec<Piece> {
        let (mut pieces, mut made) = (Vec::new(), 0);
        let mut draw = self.asked.draw.branch(u64::MAX);
        for (choice, index) in self.choices.iter().zip(0_u64..) {
            let all = [&*choice.echoed, &*choice.written].concat();
            let told = self.told(tokenizer, choice, &all);
            let (mut at, mut offset) = (0, 0);
            for (text, count) in groups(tokenizer, &all, profile, &mut draw) {
                let told = told.as_ref().map(|told| side_by_side(&told[at..at + count], offset));
                let echoed = choice.echoed.len().saturating_sub(at).min(count);
                made += length(count - echoed);
                at += count;
                offset += text.chars().count();
                let shown = json!({
                    "text": text, "index": index, "logprobs": told, "finish_reason": null,
                });
                pieces.push(self.chunk(vec![shown], options, None, made));
            }
            let end = json!({
                "text": "", "index": index, "logprobs": null, "finish_reason": choice.finish,
            });
            pieces.push(self.chunk(vec![end], options, None, made));
        }
        if options.include_usage {
            let reports = self.usages.iter();
            pieces.extend(reports.map(|usage| self.chunk(Vec::new(), options, Some(usage), made)));
        }
        let bytes = "data: [DONE]\n\n".into();
        pieces.push(Piece { bytes, output_tokens: made, reported: None });
        pieces
    }

    fn chunk(
        &self,
        choices: Vec<Value>,
        options: StreamOptions,
        usage: Option<&Value>,
        output_tokens: u64,
    ) -> Piece {
        let mut chunk = self.frame.clone();
        chunk.insert("choices".to_owned(), Value::Array(choices));
        if options.include_usage {
            chunk.insert("usage".to_owned(), usage.cloned().unwrap_or_default());
        }
        let bytes = format!("data: {}\n\n", Value::Object(chunk)).into();
        Piece { bytes, output_tokens, reported: usage.cloned() }
    }

    /// What each token of a choice is told by, where that is wanted.
    fn told(&self, tokenizer: Tokenizer, choice: &Choice, tokens: &[u32]) -> Option<Vec<Value>> {
        let beside = self.asked.logprobs?;
        let mut entries = logprobs::of(tokenizer, tokens, beside, &choice.draw);
        // The first token of all has no probability: nothing stands before it.
        if let Some(first) = entries.get_mut(0).filter(|_| !choice.echoed.is_empty()) {
            first["logprob"] = Value::Null;
            first["top_logprobs"] = Value::Null;
        }
        entries.as_array().cloned()
    }
}

/// The same in lists side by side, of tokens that begin at a character of the text.
fn side_by_side(entries: &[Value], mut offset: usize) -> Value {
    let (mut texts, mut chosen, mut top, mut offsets) = (vec![], vec![], vec![], vec![]);
    for entry in entries {
        let text = |entry: &Value| entry["token"].as_str().unwrap_or_default().to_owned();
        let beside = entry["top_logprobs"].as_array().map(|list| {
            let named = list.iter().map(|one| (text(one), one["logprob"].clone()));
            Value::Object(named.collect())
        });
        offsets.push(json!(offset));
        offset += text(entry).chars().count();
        texts.push(json!(text(entry)));
        chosen.push(entry["logprob"].clone());
        top.push(beside.unwrap_or_default());
    }
    json!({"tokens": texts, "token_logprobs": chosen, "top_logprobs": top, "text_offset": offsets})
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
