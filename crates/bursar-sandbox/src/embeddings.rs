//! Embeddings: unit vectors that follow from the tokens, so that texts which share words are near.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::limits::INPUTS_MAX;
use bursar_kernel::{Catalog, Endpoint, Model};
use serde_json::{Value, json};

use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::profile::UsageReport;
use crate::refusal::Refusal;
use crate::request;
use crate::tokens::Tokenizer;
use bursar_invention::Draw;

/// Dimensions of the large model and of the others (embeddings guide, 2026).
const DIMENSIONS_LARGE: usize = 3_072;
const DIMENSIONS: usize = 1_536;
/// Places of a vector that one token moves: few, so that a book takes no minute.
const PLACES_PER_TOKEN: usize = 24;

/// The answer to an embeddings request.
pub(crate) fn answer(
    catalog: &Catalog,
    body: &Value,
    report: UsageReport,
) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let name = fields.required_text("model")?;
    let model = request::model(catalog, name, Endpoint::Embeddings)?;
    fields.only(&["model", "input", "encoding_format", "dimensions", "user"])?;
    let base64 = fields.choice("encoding_format", &["float", "base64"])? == Some("base64");
    let dimensions = dimensions(fields, model)?;
    let inputs = inputs(fields.required("input")?, model)?;
    let count = inputs.iter().map(Vec::len).sum::<usize>();
    let tokens = u64::try_from(count).unwrap_or(u64::MAX);
    let numbered = inputs.iter().enumerate();
    let data: Vec<Value> = numbered
        .map(|(index, input)| {
            let vector = vector(model, input, dimensions);
            let embedding = if base64 { encoded(&vector) } else { json!(vector) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let mut answer = json!({"object": "list", "model": name, "data": data});
    let reported = usage(tokens, report);
    if let Some(usage) = &reported {
        answer["usage"] = usage.clone();
    }
    let bytes = answer.to_string().into();
    Ok(Prepared {
        pieces: vec![Piece { bytes, output_tokens: 0, reported }],
        stream: false,
        kind: JSON,
        input_tokens: tokens,
        draw: Draw::from(&[name.as_bytes(), &tokens.to_le_bytes()]),
        last_after: None,
    })
}

fn usage(tokens: u64, report: UsageReport) -> Option<Value> {
    let tokens = match report {
        UsageReport::Honest | UsageReport::Twice => tokens,
        UsageReport::Zero => 0,
        UsageReport::Times(times) => tokens.saturating_mul(times),
        UsageReport::Omitted => return None,
    };
    Some(json!({"prompt_tokens": tokens, "total_tokens": tokens}))
}

fn dimensions(fields: Fields<'_>, model: &Model) -> Result<usize, Refusal> {
    let name = model.id.as_str();
    let native = if name.contains("large") { DIMENSIONS_LARGE } else { DIMENSIONS };
    let most = i64::try_from(native).unwrap_or(i64::MAX);
    let wanted = fields.integer("dimensions", 1, most)?;
    if wanted.is_some() && name.contains("ada") {
        let instead = format!("the model `{name}` has a fixed number of dimensions");
        return Err(Refusal::unsupported("dimensions", instead));
    }
    Ok(wanted.and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(native))
}

/// The tokens of each input: a text, texts, tokens, or lists of tokens.
fn inputs(value: &Value, model: &Model) -> Result<Vec<Vec<u32>>, Refusal> {
    let tokenizer = Tokenizer::of(model);
    let inputs: Vec<Vec<u32>> = match value.as_array() {
        Some(list) if !list.first().is_some_and(Value::is_number) => {
            if list.is_empty() || list.len() > INPUTS_MAX {
                return Err(wrong_input(&format!("it takes from 1 to {INPUTS_MAX} inputs")));
            }
            list.iter().map(|value| input(tokenizer, value)).collect::<Result<_, _>>()?
        }
        Some(_) | None => vec![input(tokenizer, value)?],
    };
    let longest = inputs.iter().map(Vec::len).max().and_then(|count| u64::try_from(count).ok());
    match (longest, model.input_tokens_max) {
        (Some(count), Some(most)) if count > most => {
            let message = format!(
                "This model's maximum context length is {most} tokens, however an input has \
                 {count}. Please shorten it."
            );
            let refusal = Refusal::bad_request(message).code("context_length_exceeded");
            Err(refusal.param("input"))
        }
        _ => Ok(inputs),
    }
}

fn input(tokenizer: Tokenizer, value: &Value) -> Result<Vec<u32>, Refusal> {
    if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
        return Ok(tokenizer.encode(text));
    }
    match value.as_array().filter(|tokens| !tokens.is_empty()) {
        Some(tokens) => tokens.iter().map(|token| known_token(tokenizer, token)).collect(),
        None => Err(wrong_input("it takes texts or lists of tokens, none of them empty")),
    }
}

fn known_token(tokenizer: Tokenizer, value: &Value) -> Result<u32, Refusal> {
    let token = value.as_u64().and_then(|token| u32::try_from(token).ok());
    token
        .filter(|token| tokenizer.bytes(*token).is_some())
        .ok_or_else(|| wrong_input("it has a token that the model does not know"))
}

fn wrong_input(why: &str) -> Refusal {
    Refusal::invalid_value("input", why)
}

/// A vector of length one. Each token moves a few places, each its own.
fn vector(model: &Model, tokens: &[u32], dimensions: usize) -> Vec<f32> {
    let model = model.id.as_str().as_bytes();
    // Shorter vectors are the beginning of the whole one, as the provider's are.
    let mut vector = vec![0.0_f64; DIMENSIONS_LARGE];
    let seed = Draw::from(&[model]);
    let mut add = |draw: &mut Draw, places: usize, weight: f64| {
        for _ in 0..places {
            let place = draw.index(DIMENSIONS_LARGE) % DIMENSIONS;
            let shift = DIMENSIONS * usize::from(draw.next_bits() & 1 == 1);
            vector[place] += weight * (draw.unit() - 0.5);
            vector[(place + shift) % DIMENSIONS_LARGE] += weight * (draw.unit() - 0.5);
        }
    };
    for token in tokens {
        add(&mut seed.branch(u64::from(*token)), PLACES_PER_TOKEN, 1.0);
    }
    // A little of the whole text, so that the same words in another order differ.
    let whole: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
    add(&mut Draw::from(&[model, &whole]), DIMENSIONS, 0.05);
    vector.truncate(dimensions);
    unit_length(&vector)
}

fn unit_length(vector: &[f64]) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        return vector.iter().map(|value| narrowed(value / length)).collect();
    }
    let mut first = vec![0.0; vector.len()];
    first[0] = 1.0;
    first
}

#[expect(clippy::cast_possible_truncation, reason = "the wire has single precision")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

fn encoded(vector: &[f32]) -> Value {
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    Value::String(STANDARD.encode(bytes))
}
