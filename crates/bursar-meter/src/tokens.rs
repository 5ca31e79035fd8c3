//! Token counts, with the provider's public tokenizers.

use bursar_kernel::catalog::Encoding;
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

use crate::raw::length;

/// Tokens that the chat format adds for each message (the provider's cookbook, counting tokens).
pub const TOKENS_PER_MESSAGE: u64 = 3;
/// Tokens that a participant's name costs beyond its text (same source).
pub const TOKENS_PER_NAME: u64 = 1;
/// Tokens that open the reply (same source).
pub const TOKENS_REPLY_PRIMING: u64 = 3;

/// Bytes of white space in a row that the tokenizer is given. Its regular expression backtracks
/// through such a run and gives up, by a panic, before two million.
const WHITE_SPACE_BYTES_MAX: usize = 64 * 1024;

/// Tokens of a text. What looks like a special token (`<|endoftext|>`) counts as plain text.
///
/// White space without end is counted by its bytes, which is never too low. A megabyte takes some
/// 100 ms: large texts are for a thread that may block.
pub fn count(encoding: Encoding, text: &str) -> u64 {
    let mut total = 0_u64;
    let mut rest = text;
    while let Some((start, end)) = endless_white_space(rest) {
        total = total.saturating_add(count_plain(encoding, &rest[..start]));
        total = total.saturating_add(length(end.saturating_sub(start)));
        rest = &rest[end..];
    }
    total.saturating_add(count_plain(encoding, rest))
}

/// Loads the tables, a third of a second each, so that the first call need not wait for them.
pub fn warm() {
    for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
        table(encoding);
    }
}

fn count_plain(encoding: Encoding, text: &str) -> u64 {
    if text.is_empty() { 0 } else { length(table(encoding).count_ordinary(text)) }
}

fn table(encoding: Encoding) -> &'static CoreBPE {
    match encoding {
        Encoding::O200kBase => o200k_base_singleton(),
        Encoding::Cl100kBase => cl100k_base_singleton(),
    }
}

/// The first run of white space that is too long for the tokenizer.
fn endless_white_space(text: &str) -> Option<(usize, usize)> {
    if text.len() <= WHITE_SPACE_BYTES_MAX {
        return None;
    }
    let mut start = 0;
    for (at, character) in text.char_indices() {
        if !character.is_whitespace() {
            if WHITE_SPACE_BYTES_MAX < at.saturating_sub(start) {
                return Some((start, at));
            }
            start = at.saturating_add(character.len_utf8());
        }
    }
    let all_the_rest = WHITE_SPACE_BYTES_MAX < text.len().saturating_sub(start);
    all_the_rest.then_some((start, text.len()))
}

#[cfg(test)]
mod tests;
