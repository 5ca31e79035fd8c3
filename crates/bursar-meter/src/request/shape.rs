//! The size of everything in a body that can cost.

use serde::Deserialize;

use super::bad_request::BadRequest;
use super::chat::element;
use crate::raw::{for_each, length, without_place};

/// The size of everything in a body that can cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Bytes of JSON that become input: a token is at least one of them. Images are left out.
    pub(crate) input_bytes: u64,
    /// Messages, each with some tokens of its own.
    pub(crate) messages: u64,
    /// Tools and functions, each with some tokens of its own.
    pub(crate) tools: u64,
    /// Images.
    pub(crate) images: u64,
    /// Images to make.
    pub(crate) images_made: u64,
    /// Bytes of predicted output.
    pub(crate) prediction_bytes: u64,
    /// Output tokens at the most, where the body alone says so: of images and of speech.
    pub(crate) output_tokens: u64,
    /// Characters of a text to speak.
    pub(crate) characters: u64,
    /// How long a recording is, in milliseconds, at the most; exactly where it was measured.
    pub(crate) audio_ms: u64,
    /// Whether that was read off the file itself.
    pub(crate) audio_is_measured: bool,
    /// Tokens of a recording at the most.
    pub(crate) audio_tokens: u64,
    /// Token ids sent as such: they need no tokenizer.
    pub(crate) token_ids: u64,
    /// Whether the input is text and nothing else, so that a tokenizer can count it exactly.
    pub(crate) plain_text: bool,
    /// Whether the input is token ids and nothing else.
    pub(crate) only_token_ids: bool,
    /// What the text of an answer shows.
    pub(crate) shows: Shows,
}

/// What the text of an answer shows of what is billed as output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shows {
    /// All of it, unless something hides.
    #[default]
    Output,
    /// The prompt too: the text is more than the output, and how much more is not known.
    PromptToo,
    /// The best choices alone, of more that were made.
    BestAlone,
}

impl Shape {
    /// Whether the text of an answer says the prompt again.
    pub(crate) fn echoes(&self) -> bool {
        self.shows == Shows::PromptToo
    }

    pub(super) fn add_input_bytes(&mut self, json: &str) {
        self.input_bytes = self.input_bytes.saturating_add(length(json.len()));
    }

    /// Counts an array of tools.
    pub(super) fn tools<'a, T: Deserialize<'a>>(
        &mut self,
        json: &'a str,
        name: &str,
        check: impl Fn(T) -> Result<(), String>,
    ) -> Result<(), BadRequest> {
        let mut index = 0;
        for_each(json, "an array of tools", &mut index, |_, tool| check(tool)).map_err(
            |error| {
                let param = element(json, name, index);
                BadRequest::invalid(&param, format!("`{param}`: {}", without_place(&error)))
            },
        )?;
        self.tools = self.tools.saturating_add(length(index));
        self.add_input_bytes(json);
        self.plain_text = false;
        Ok(())
    }
}
