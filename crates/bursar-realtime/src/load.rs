//! What a session has been fed, in tokens at the most, and what hearing it costs.

use bursar_kernel::{Bound, Certainty, ExactCost, Model, Rate, RateCard};

/// Tokens that any format adds to an item, at the most: the provider's guide speaks of two.
pub(crate) const OVERHEAD_PER_ITEM: u64 = 16;
/// Tokens that rendering a tool adds to its JSON, at the most.
pub(crate) const OVERHEAD_PER_TOOL: u64 = 16;
/// Tokens that open and close what a response is made from, at the most.
const OVERHEAD_PER_RESPONSE: u64 = 64;
/// Audio tokens of a second of what is heard, at the most. The provider's guide to costs says ten
/// for what a user says and twenty for what the model says.
const TOKENS_PER_SECOND_MAX: u64 = 20;
const MS_PER_SECOND: u64 = 1_000;

/// Input tokens at the most, by what they are billed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Of text.
    pub text: u64,
    /// Of audio.
    pub audio: u64,
    /// Of images.
    pub image: u64,
}

impl Load {
    /// A text of so many bytes: a token has at least one.
    pub(crate) fn text(bytes: u64) -> Self {
        Self { text: bytes, ..Self::default() }
    }

    /// So much speech.
    pub(crate) fn audio_ms(milliseconds: u64) -> Self {
        let tokens = milliseconds.saturating_mul(TOKENS_PER_SECOND_MAX).div_ceil(MS_PER_SECOND);
        Self { audio: tokens, ..Self::default() }
    }

    /// Both.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            text: self.text.saturating_add(other.text),
            audio: self.audio.saturating_add(other.audio),
            image: self.image.saturating_add(other.image),
        }
    }

    /// The larger of each.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            text: self.text.max(other.text),
            audio: self.audio.max(other.audio),
            image: self.image.max(other.image),
        }
    }

    pub(crate) fn total(self) -> u64 {
        self.text.saturating_add(self.audio).saturating_add(self.image)
    }
}

/// What may come out of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// Tokens at the most.
    pub(crate) tokens: u64,
    /// Whether all of them are text.
    pub(crate) is_text: bool,
}

/// The most that a response can cost. `None` where something that it may use has no price.
///
/// What was fed is capped at what the model takes in all, since the provider drops the oldest of
/// it; what is dearest counts first. A price for long inputs counts as if the step were always
/// taken.
pub(crate) fn bound(model: &Model, fed: Load, spoken: Spoken) -> Option<Bound> {
    let prices = model.prices.as_ref()?;
    let load = fed.plus(Load::text(OVERHEAD_PER_RESPONSE));
    let most = model.input_tokens_max.unwrap_or(u64::MAX);
    let long = prices.long_context.as_ref().map(|long| &long.card);
    let cards = [Some(&prices.standard), long];
    let mut costs = cards.into_iter().flatten().map(|card| cost(card, load, most, spoken));
    let cost = costs.try_fold(None, |dearest, cost| Some(Some(cost?).max(dearest)))??;
    Some(Bound {
        input_tokens: load.total().min(most),
        output_tokens: spoken.tokens,
        cost,
        certainty: Certainty::Bytes,
    })
}

fn cost(card: &RateCard, load: Load, most: u64, spoken: Spoken) -> Option<bursar_kernel::Usd> {
    let text = [card.input, card.cached, card.cache_write].into_iter().flatten();
    let text = text.reduce(Rate::max)?;
    let heard = card.audio_in.map(|rate| card.audio_cached.map_or(rate, |cached| rate.max(cached)));
    let seen = card.image_in.or(card.input).map(|rate| rate.max(text));
    let mut parts = vec![(text, load.text)];
    for (rate, tokens) in [(heard, load.audio), (seen, load.image)] {
        if 0 < tokens {
            parts.push((rate?, tokens));
        }
    }
    parts.sort_by_key(|(rate, _)| std::cmp::Reverse(*rate));
    let (mut cost, mut room) = (ExactCost::ZERO, most);
    for (rate, tokens) in parts {
        let tokens = tokens.min(room);
        room = room.saturating_sub(tokens);
        cost = cost.plus(rate, tokens)?;
    }
    let said = if spoken.is_text { card.output? } else { card.output?.max(card.audio_out?) };
    cost.plus(said, spoken.tokens)?.round_up()
}

#[cfg(test)]
mod tests {
    //! Bounds against prices that are written down here.

    use bursar_kernel::{ModelId, Usd};

    use super::*;

    fn realtime() -> Model {
        let catalog = bursar_catalog::shipped();
        (*catalog.models[&ModelId::new("gpt-realtime")]).clone()
    }

    fn most(load: Load, tokens: u64, is_text: bool) -> Usd {
        bound(&realtime(), load, Spoken { tokens, is_text }).unwrap().cost
    }

    #[test]
    fn each_kind_counts_at_its_own_price_and_speech_at_the_dearest() {
        // $4 text, $32 audio, $5 images in; $16 text and $64 audio out, a million each.
        let load = |text, audio, image| Load { text, audio, image };
        let usd = |dollars: &str| dollars.parse::<Usd>().unwrap();
        assert_eq!(most(load(936, 0, 0), 0, true), usd("0.004"));
        assert_eq!(most(load(936, 1_000, 0), 0, true), usd("0.036"));
        assert_eq!(most(load(936, 0, 1_000), 0, true), usd("0.009"));
        assert_eq!(most(load(936, 0, 0), 1_000, true), usd("0.02"));
        assert_eq!(most(load(936, 0, 0), 1_000, false), usd("0.068"));
    }

    #[test]
    fn what_is_fed_is_capped_at_what_the_model_takes_and_the_dearest_is_kept() {
        let all = Load { text: u64::MAX, audio: 30_000, image: u64::MAX };
        // 30,000 of audio, and 2,000 of images.
        assert_eq!(most(all, 0, true), "0.97".parse().unwrap());
        let bound = bound(&realtime(), all, Spoken { tokens: 1, is_text: true }).unwrap();
        assert_eq!((bound.input_tokens, bound.output_tokens), (32_000, 1));
    }

    #[test]
    fn what_has_no_price_has_no_bound() {
        let mut deaf = realtime();
        deaf.prices.as_mut().unwrap().standard.audio_in = None;
        let spoken = Spoken { tokens: 1, is_text: true };
        assert!(bound(&deaf, Load::text(1), spoken).is_some());
        assert_eq!(bound(&deaf, Load::audio_ms(1), spoken), None);
        let mut dumb = realtime();
        dumb.prices.as_mut().unwrap().standard.audio_out = None;
        assert!(bound(&dumb, Load::text(1), spoken).is_some());
        assert_eq!(bound(&dumb, Load::text(1), Spoken { is_text: false, ..spoken }), None);
    }
}
