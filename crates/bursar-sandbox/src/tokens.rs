//! Text to the provider's own tokens and back.

use bursar_kernel::Model;
use bursar_kernel::catalog::Encoding;
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

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

    /// A text's tokens; what looks like a special token is plain text.
    pub(crate) fn encode(self, text: &str) -> Vec<u32> {
        self.0.encode_ordinary(text)
    }

    /// How many tokens a text has.
    pub(crate) fn count(self, text: &str) -> usize {
        self.0.count_ordinary(text)
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

/// The text that bytes begin with, up to the first that is not one.
fn whole_characters(mut bytes: Vec<u8>) -> String {
    if let Err(error) = std::str::from_utf8(&bytes) {
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).unwrap_or_default()
}
