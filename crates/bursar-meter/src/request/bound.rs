//! The most that a request can cost.

use bursar_kernel::catalog::{Encoding, LongContext};
use bursar_kernel::{
    Bound, Certainty, Endpoint, ExactCost, Model, Prices, Rate, RateCard, ServiceTier, Usage, Usd,
};

use super::CallRequest;
use super::content::{Input, Message, Role};
use super::inputs::for_each_input;
use super::items::Item;
use crate::price::price;
use crate::raw::{Text, for_each, length};
use crate::tokens::{TOKENS_PER_MESSAGE, TOKENS_PER_NAME, TOKENS_REPLY_PRIMING, count};

/// Tokens that any chat format adds to a message, at the most: the published one adds 3.
pub(super) const OVERHEAD_PER_MESSAGE: u64 = 16;
/// Tokens that rendering a tool adds to its JSON, at the most.
const OVERHEAD_PER_TOOL: u64 = 16;
/// Tokens that open and close a prompt, at the most.
pub(super) const OVERHEAD_PER_CALL: u64 = 64;

impl CallRequest {
    /// The output limit to forward: the client's own, or the program's default, and never above
    /// what the model makes.
    pub fn output_limit(&self, model: &Model, output_tokens_default: u64) -> u64 {
        let limit = self.client_output_limit.unwrap_or_else(|| output_tokens_default.max(1));
        limit.min(model.output_tokens_max.unwrap_or(u64::MAX))
    }

    /// The most that the call can cost when it is forwarded with `output_limit`.
    ///
    /// `Certainty::Counted` counts the input where a tokenizer can, else falls back to bytes; the
    /// bound says which it was. `None` when something it may use has no price: do not forward.
    pub fn bound(
        &self,
        model: &Model,
        output_tokens_default: u64,
        certainty: Certainty,
    ) -> Option<Bound> {
        let output_limit = self.output_limit(model, output_tokens_default);
        self.bound_at(model, output_limit, certainty)
            // By its bytes an input can seem longer than any price reaches.
            .or_else(|| self.bound_at(model, output_limit, Certainty::Counted))
    }

    /// The same for an output limit that is already decided.
    pub fn bound_at(
        &self,
        model: &Model,
        output_limit: u64,
        certainty: Certainty,
    ) -> Option<Bound> {
        let by_bytes = || (self.input_bytes_bound(model), Certainty::Bytes);
        let (input_tokens, certainty) = match certainty {
            Certainty::Bytes => by_bytes(),
            Certainty::Counted => match self.count_input(model) {
                Some(tokens) => (tokens, Certainty::Counted),
                None => by_bytes(),
            },
        };
        let input_tokens = input_tokens.checked_add(self.earlier_tokens())?;
        let output_tokens = match self.endpoint {
            Endpoint::ChatCompletions | Endpoint::Responses | Endpoint::Completions => {
                output_limit.checked_add(self.shape.prediction_bytes)?.checked_mul(self.choices)?
            }
            Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::AudioSpeech
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations => self.shape.output_tokens,
            Endpoint::Embeddings | Endpoint::Moderations | Endpoint::Realtime => 0,
        };
        let prices = model.prices.as_ref()?;
        let cost = match self.endpoint {
            Endpoint::Moderations => Usd::ZERO,
            Endpoint::ChatCompletions
            | Endpoint::Responses
            | Endpoint::Completions
            | Endpoint::Embeddings
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits => self.dearest(prices, input_tokens, output_tokens)?,
            Endpoint::AudioSpeech => match self.characters(model) {
                Some(usage) => {
                    let cost = price(prices, self.tier, &usage).ok()?;
                    let certainty = Certainty::Counted;
                    return Some(Bound { input_tokens: 0, output_tokens: 0, cost, certainty });
                }
                None => self.dearest(prices, input_tokens, output_tokens)?,
            },
            Endpoint::AudioTranscriptions | Endpoint::AudioTranslations => {
                return self.heard(prices, input_tokens, output_tokens);
            }
            // Each of its responses has a bound of its own.
            Endpoint::Realtime => return None,
        };
        Some(Bound { input_tokens, output_tokens, cost, certainty })
    }

    /// What hearing a recording costs at the most: its length, or tokens at the dearest rate.
    fn heard(&self, prices: &Prices, text: u64, output_tokens: u64) -> Option<Bound> {
        if prices.standard.second.is_some() {
            // Where one measures a little more than another, the next second begins.
            let usage = self.seconds()?;
            let usage = Usage { seconds: usage.seconds.checked_add(1)?, ..usage };
            let cost = price(prices, self.tier, &usage).ok()?;
            let certainty =
                if self.shape.audio_is_measured { Certainty::Counted } else { Certainty::Bytes };
            return Some(Bound { input_tokens: 0, output_tokens: 0, cost, certainty });
        }
        let card = prices.card(self.tier)?;
        let input_tokens = text.checked_add(self.shape.audio_tokens)?;
        let dearest = [card.input, card.audio_in].into_iter().flatten().reduce(Rate::max)?;
        // A model that does not say how much it writes has no bound.
        let written = Some(output_tokens).filter(|tokens| 0 < *tokens)?;
        let cost = ExactCost::ZERO.plus(dearest, input_tokens)?.plus(card.output?, written)?;
        let cost = cost.round_up()?;
        Some(Bound { input_tokens, output_tokens, cost, certainty: Certainty::Bytes })
    }

    /// The length of the recording, which is what some models are billed by.
    pub(crate) fn seconds(&self) -> Option<Usage> {
        let seconds = self.shape.audio_ms.div_ceil(1_000);
        (0 < seconds).then(|| Usage { seconds, ..Usage::default() })
    }

    /// The same, where it was read off the file itself.
    pub(crate) fn measured_seconds(&self) -> Option<Usage> {
        self.seconds().filter(|_| self.shape.audio_is_measured)
    }

    /// What the call uses where the provider bills the characters that it was sent: known before.
    pub(crate) fn characters(&self, model: &Model) -> Option<Usage> {
        let billed = model.prices.as_ref()?.standard.character.is_some();
        let characters = self.shape.characters;
        (billed && 0 < characters).then(|| Usage { characters, ..Usage::default() })
    }

    /// Input tokens counted exactly, where the input is plain text or token ids and the
    /// tokenizer is public: those of the body alone, and none of what it goes on from.
    pub fn count_input(&self, model: &Model) -> Option<u64> {
        if self.shape.only_token_ids {
            return Some(self.shape.token_ids);
        }
        let encoding = model.encoding.filter(|_| self.shape.plain_text)?;
        match self.endpoint {
            Endpoint::ChatCompletions => count_messages(self.text("messages")?, encoding),
            Endpoint::Responses => {
                count_items(self.text("input")?, self.text("instructions"), encoding)
            }
            Endpoint::AudioSpeech => {
                let texts = [self.text("input"), self.text("instructions")];
                texts
                    .into_iter()
                    .flatten()
                    .try_fold(0_u64, |total, json| total.checked_add(count_text(json, encoding)?))
            }
            Endpoint::Completions => count_inputs(self.text("prompt")?, encoding),
            Endpoint::Embeddings => count_inputs(self.text("input")?, encoding),
            Endpoint::Moderations
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations
            | Endpoint::Realtime => None,
        }
    }

    /// Input tokens at the most: a token is at least a byte, whatever the tokenizer.
    fn input_bytes_bound(&self, model: &Model) -> u64 {
        let shape = &self.shape;
        [
            OVERHEAD_PER_CALL,
            shape.input_bytes,
            shape.messages.saturating_mul(OVERHEAD_PER_MESSAGE),
            shape.tools.saturating_mul(OVERHEAD_PER_TOOL),
            shape.images.saturating_mul(model.image_tokens_max.unwrap_or(0)),
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }

    fn dearest(&self, prices: &Prices, input: u64, output: u64) -> Option<Usd> {
        let images = 0 < self.shape.images || self.goes_on_from_images();
        let asked = cost(prices.card(self.tier)?, images, input, output)?;
        let Some(LongContext { above_input_tokens, card }) = &prices.long_context else {
            return Some(asked);
        };
        if input <= *above_input_tokens {
            return Some(asked);
        }
        match self.tier {
            ServiceTier::Default => Some(asked.max(cost(card, images, input, output)?)),
            // No price is known for long inputs at these tiers.
            ServiceTier::Flex | ServiceTier::Priority | ServiceTier::Batch => None,
        }
    }
}

/// The cost with every input token at the dearest rate it could be billed at.
fn cost(card: &RateCard, images: bool, input: u64, output: u64) -> Option<Usd> {
    let plain = card.input?;
    let dearest = [card.cached, card.cache_write, card.image_in.filter(|_| images)]
        .into_iter()
        .flatten()
        .fold(plain, Rate::max);
    let mut cost = ExactCost::ZERO.plus(dearest, input)?;
    if 0 < output {
        let rates = [card.output, card.audio_out, card.image_out];
        cost = cost.plus(rates.into_iter().flatten().reduce(Rate::max)?, output)?;
    }
    cost.round_up()
}

/// Tokens of a plain-text chat prompt (the provider's cookbook, counting tokens).
fn count_messages(json: &str, encoding: Encoding) -> Option<u64> {
    let mut total = TOKENS_REPLY_PRIMING;
    let mut add = |tokens: u64| total = total.saturating_add(tokens);
    for_each(json, "an array of messages", &mut 0, |_, message: Message<'_>| {
        add(TOKENS_PER_MESSAGE);
        add(count(encoding, message.role.name()));
        message.texts().for_each(|text| add(count(encoding, text)));
        if let Some(name) = &message.name {
            add(TOKENS_PER_NAME);
            add(count(encoding, name));
        }
        Ok(())
    })
    .ok()?;
    Some(total)
}

/// Tokens of a plain-text response prompt, whose items are rendered as a chat's messages are.
fn count_items(json: &str, instructions: Option<&str>, encoding: Encoding) -> Option<u64> {
    let mut total = TOKENS_REPLY_PRIMING;
    let mut add = |role: Role, tokens: u64| {
        let frame = TOKENS_PER_MESSAGE.saturating_add(count(encoding, role.name()));
        total = total.saturating_add(frame).saturating_add(tokens);
    };
    if let Some(json) = instructions.filter(|json| *json != "null") {
        add(Role::Developer, count_text(json, encoding)?);
    }
    if json.starts_with('"') {
        add(Role::User, count_text(json, encoding)?);
        return Some(total);
    }
    for_each(json, "an array of items", &mut 0, |_, item: Item<'_>| {
        let tokens = item.texts().map(|text| count(encoding, text));
        add(item.role.ok_or("a message has a role")?, tokens.fold(0, u64::saturating_add));
        Ok(())
    })
    .ok()?;
    Some(total)
}

/// Tokens of a JSON string, or of a null.
fn count_text(json: &str, encoding: Encoding) -> Option<u64> {
    let text: Option<Text<'_>> = serde_json::from_str(json).ok()?;
    Some(text.map_or(0, |text| count(encoding, &text)))
}

fn count_inputs(json: &str, encoding: Encoding) -> Option<u64> {
    let mut total = 0_u64;
    for_each_input(json, &mut 0, |_, input| {
        let tokens = match input {
            // A prompt of nothing is one token, which stands for the beginning of a text.
            Input::Text(text) => count(encoding, &text).max(1),
            Input::Token => 1,
            Input::Tokens(tokens) => tokens,
            Input::Part(part) => part.text.as_ref().map_or(0, |text| length(text.len())),
        };
        total = total.saturating_add(tokens);
        Ok(())
    })
    .ok()?;
    Some(total)
}
