//! A call's price: its usage at the list prices, summed exactly and rounded up once.

use bursar_kernel::{ExactCost, Prices, Rate, RateCard, ServiceTier, Usage, Usd};

/// What kept a usage from being priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// The model has no prices at this service tier.
    #[error("the model has no prices at the service tier `{}`", .0.name())]
    Tier(ServiceTier),
    /// A long input at a tier for which only the normal step is known.
    #[error("a long input has no price at the service tier `{}`", .0.name())]
    LongContext(ServiceTier),
    /// Some of this kind was used and the model has no rate for it.
    #[error("{0} were used and the model has no rate for them")]
    Kind(&'static str),
    /// The sum is past the largest amount.
    #[error("the cost is past the largest amount")]
    TooLarge,
}

/// The price of a usage at a service tier.
///
/// Past the step for long inputs the whole call is repriced. A kind that was not used needs no
/// rate; cached, cache-writing and image tokens without one are billed as plain input.
pub fn price(prices: &Prices, tier: ServiceTier, usage: &Usage) -> Result<Usd, Unpriced> {
    price_on(card(prices, tier, usage.input_total())?, usage)
}

/// The price of a usage on a rate card.
pub(crate) fn price_on(card: &RateCard, usage: &Usage) -> Result<Usd, Unpriced> {
    let parts = [
        ("input tokens", usage.input, card.input),
        ("cached input tokens", usage.cached, card.cached.or(card.input)),
        ("cache-writing input tokens", usage.cache_write, card.cache_write.or(card.input)),
        ("audio input tokens", usage.audio_in, card.audio_in),
        ("cached audio tokens", usage.audio_cached, card.audio_cached.or(card.audio_in)),
        ("image input tokens", usage.image_in, card.image_in.or(card.input)),
        ("output tokens", usage.output, card.output),
        ("audio output tokens", usage.audio_out, card.audio_out),
        ("image output tokens", usage.image_out, card.image_out),
        ("characters", usage.characters, card.character),
        ("seconds", usage.seconds, card.second),
    ];
    let mut cost = ExactCost::ZERO;
    for (kind, units, rate) in parts {
        if 0 < units {
            let rate: Rate = rate.ok_or(Unpriced::Kind(kind))?;
            cost = cost.plus(rate, units).ok_or(Unpriced::TooLarge)?;
        }
    }
    cost.round_up().ok_or(Unpriced::TooLarge)
}

/// The rate card of a call with so many input tokens.
pub(crate) fn card(prices: &Prices, tier: ServiceTier, input: u64) -> Result<&RateCard, Unpriced> {
    let card = prices.card(tier).ok_or(Unpriced::Tier(tier))?;
    match (&prices.long_context, tier) {
        (Some(long), ServiceTier::Default) if long.above_input_tokens < input => Ok(&long.card),
        (Some(long), ServiceTier::Flex | ServiceTier::Priority)
            if long.above_input_tokens < input =>
        {
            Err(Unpriced::LongContext(tier))
        }
        // Of a batch it is the sum of many calls, each of which was held against the step.
        (Some(_) | None, _) => Ok(card),
    }
}

#[cfg(test)]
mod tests;
