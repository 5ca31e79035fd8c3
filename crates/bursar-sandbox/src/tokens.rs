//! Text to the provider's own tokens and back.

use bursar_kernel::Model;
use bursar_kernel::catalog::Encoding;
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

/// Bytes of white space in a row that the tokenizer is given at once: its regular expression
/// backtracks through such a run, and gives up before two million.
const WHITE_SPACE_BYTES_MAX: usize = 64 * 1024;

/// A public tokenizer.
#[derive(Clone, Copy)]
pub(crate) struct Tokenizer(&'static CoreBPE);

impl Tokenizer {
    /// The tokenizer of a model; the newest public one where the model's own is not known.
    pub(crate) fn of(model: &Model) -> Self {
        match model.encoding {
            Some(Encoding::Cl100kBase) => Self(cl100k_base_singleton()),
            Some(Encoding::O200kBase) | None => Self(o200k_base_singleton()),
        }
    }

    /// The newest public tokenizer.
    pub(crate) fn newest() -> Self {
        Self(o200k_base_singleton())
    }

    /// A text's tokens; what looks like a special token is plain text.
    pub(crate) fn encode(self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        for piece in pieces(text) {
            tokens.extend(self.0.encode_ordinary(piece));
        }
        tokens
    }

    /// How many tokens a text has.
    pub(crate) fn count(self, text: &str) -> usize {
        pieces(text).into_iter().map(|piece| self.0.count_ordinary(piece)).sum()
    }

    /// The bytes of one token, which need not be whole characters; `None` for an unknown number.
    pub(crate) fn bytes(self, token: u32) -> Option<Vec<u8>> {
        self.0.decode_bytes(&[token]).ok()
    }

    /// The text of some tokens, without the character that they break off in.
    pub(crate) fn text(self, tokens: &[u32]) -> String {
        whole_characters(self.0.decode_bytes(tokens).unwrap_or_default())
    }
}

/// The text, cut where white space goes on for too long.
fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut begun, mut run) = (Vec::new(), 0, 0);
    for (place, letter) in text.char_indices() {
        if !letter.is_whitespace() {
            run = 0;
            continue;
        }
        run += letter.len_utf8();
        if run > WHITE_SPACE_BYTES_MAX {
            pieces.push(&text[begun..place]);
            (begun, run) = (place, letter.len_utf8());
        }
    }
    pieces.push(&text[begun..]);
    pieces
}

/// The text that bytes begin with, up to the first that is not one.
fn whole_characters(mut bytes: Vec<u8>) -> String {
    if let Err(error) = std::str::from_utf8(&bytes) {
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    //! Any text has tokens, and they are its bytes.

    use proptest::prelude::*;

    use super::*;

    const TOKENIZER: fn() -> Tokenizer = || Tokenizer(o200k_base_singleton());

    #[test]
    fn white_space_without_end_is_counted() {
        for text in [" ".repeat(3_000_000), "\n".repeat(70_000), "a".repeat(200_000)] {
            let tokens = TOKENIZER().encode(&text);
            assert!(!tokens.is_empty() && tokens.len() <= text.len());
            assert_eq!(TOKENIZER().text(&tokens), text);
            assert_eq!(TOKENIZER().count(&text), tokens.len());
        }
    }

    proptest! {
        #[test]
        fn tokens_are_a_faithful_copy(text in any::<String>()) {
            let tokens = TOKENIZER().encode(&text);
            prop_assert_eq!(TOKENIZER().text(&tokens), text.as_str());
            prop_assert_eq!(TOKENIZER().count(&text), tokens.len());
        }
    }
}
