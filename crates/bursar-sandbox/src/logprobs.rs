//! Log probabilities in the provider's shape: the right tokens, invented numbers.

use serde_json::{Value, json};

use crate::tokens::Tokenizer;
use bursar_invention::Draw;
use bursar_invention::prose;

/// The `content` of a choice's `logprobs`: one entry for each token, with so many alternatives.
pub(crate) fn of(tokenizer: Tokenizer, tokens: &[u32], beside: usize, draw: &Draw) -> Value {
    let entries = tokens.iter().enumerate().map(|(place, token)| {
        let place = u64::try_from(place).unwrap_or(u64::MAX);
        entry(&tokenizer.bytes(*token).unwrap_or_default(), beside, &mut draw.branch(place))
    });
    entries.collect()
}

fn entry(bytes: &[u8], beside: usize, draw: &mut Draw) -> Value {
    // The token that was chosen is the likeliest: e^-0.5 and up.
    let mut logprob = -draw.unit() / 2.0;
    let mut entry = one(bytes, logprob);
    let mut alternatives = Vec::new();
    for place in 0..beside {
        if place == 0 {
            alternatives.push(one(bytes, logprob));
            continue;
        }
        logprob -= 1.0 + draw.unit() * 3.0;
        alternatives.push(one(prose::word(draw).as_bytes(), logprob));
    }
    entry["top_logprobs"] = Value::Array(alternatives);
    entry
}

fn one(bytes: &[u8], logprob: f64) -> Value {
    json!({"token": String::from_utf8_lossy(bytes), "logprob": logprob, "bytes": bytes})
}
