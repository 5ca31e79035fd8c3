//! What a chat request's input counts, token by token.
//!
//! Three tokens a message, its role, its content, its name and one more, and three at the end: the
//! rule of the provider's cookbook. Functions and schemas count as their JSON. A call that an
//! earlier answer made counts its name, its arguments and one more. An image counts 85 tokens at
//! low detail and 765 otherwise, which is the provider's tile rule for a square of 1024 pixels,
//! and never more than the catalog allows; no image is ever fetched.

use bursar_kernel::Model;
use serde_json::Value;

use crate::messages::{Message, Part};
use crate::tokens::Tokenizer;

const MESSAGE_TOKENS: usize = 3;
const REPLY_TOKENS: usize = 3;
const IMAGE_TOKENS_LOW: u64 = 85;
const IMAGE_TOKENS: u64 = 765;
/// Stands for the tokens between texts; no vocabulary has it.
const FRAME: u32 = u32::MAX;

/// The tokens of a prompt, frames and images included, so that their number is what is billed.
pub(crate) fn tokens(model: &Model, messages: &[Message], extras: &[&Value]) -> Vec<u32> {
    let tokenizer = Tokenizer::of(model);
    let mut tokens = Vec::new();
    for extra in extras {
        tokens.extend(tokenizer.encode(&extra.to_string()));
    }
    for message in messages {
        tokens.extend([FRAME; MESSAGE_TOKENS]);
        tokens.extend(tokenizer.encode(&message.role));
        if let Some(name) = &message.name {
            tokens.extend(tokenizer.encode(name));
            tokens.push(FRAME);
        }
        for part in &message.parts {
            match part {
                Part::Text(text) => tokens.extend(tokenizer.encode(text)),
                Part::Image { url, detail_low } => image(model, url, *detail_low, &mut tokens),
            }
        }
        for (name, arguments) in &message.calls {
            tokens.extend(tokenizer.encode(name));
            tokens.extend(tokenizer.encode(arguments));
            tokens.push(FRAME);
        }
    }
    tokens.extend([FRAME; REPLY_TOKENS]);
    tokens
}

/// Tokens that differ from image to image, as many as the image counts.
fn image(model: &Model, url: &str, detail_low: bool, tokens: &mut Vec<u32>) {
    let count = if detail_low { IMAGE_TOKENS_LOW } else { IMAGE_TOKENS };
    let count = model.image_tokens_max.map_or(0, |most| count.min(most));
    let mut name = [0; 4];
    name.copy_from_slice(&blake3::hash(url.as_bytes()).as_bytes()[..4]);
    let name = u32::from_le_bytes(name) | 1 << 31;
    tokens.extend(std::iter::repeat_n(name, usize::try_from(count).unwrap_or(0)));
}
