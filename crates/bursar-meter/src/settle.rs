//! What a call is charged, by what is known of it. Silence never refunds.

use bursar_kernel::{Bound, Endpoint, Model, Usage, Usd};

use crate::answer::Answer;
use crate::audio;
use crate::price::price;
use crate::request::{CallRequest, Shows};

/// What is known of a call that was forwarded.
#[expect(clippy::large_enum_variant, reason = "most calls have an answer, and each is one value")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The upstream refused it before making anything, or was never reached.
    Refused,
    /// An answer, whole or as far as it was read.
    Answer(Answer),
    /// It was sent and nothing readable came back.
    Silence,
}

/// What becomes of the hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// All of it goes back.
    Release,
    /// Some of it is charged.
    Charge(Charge),
}

/// What a call is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What it used: reported or counted. `None` where nobody knows.
    pub usage: Option<Usage>,
    /// What it costs. Above the hold only if the provider reports so.
    pub cost: Usd,
    /// What the cost has above the hold: a bound was wrong, which deserves an alarm.
    pub excess: Usd,
    /// What the cost rests on.
    pub basis: Basis,
    /// Whether the provider's own report is missing, so that the cost awaits reconciliation.
    pub estimated: bool,
}

/// What a cost rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The provider's report; or the request itself, where that is what the provider bills.
    Reported,
    /// The input and the output that was seen, counted with the public tokenizer.
    Counted,
    /// Nothing that is known: the whole hold.
    HeldInFull,
}

/// Settles a call: by the provider's report, else by what can be counted, else in full.
pub fn settle(
    request: &CallRequest,
    model: &Model,
    held: &Bound,
    evidence: &Evidence,
) -> Settlement {
    let answer = match evidence {
        Evidence::Refused => return Settlement::Release,
        Evidence::Answer(answer) => Some(answer),
        Evidence::Silence => None,
    };
    if request.endpoint == Endpoint::Moderations {
        return Settlement::Charge(charge(
            Some(Usage::default()),
            Usd::ZERO,
            held,
            Basis::Reported,
        ));
    }
    if let Some(usage) = answer.and_then(|_| request.characters(model)) {
        // What was sent is what is billed, whatever came back.
        return Settlement::Charge(charge(Some(usage), held.cost, held, Basis::Reported));
    }
    if let Some((answer, usage)) = answer.and_then(|answer| Some((answer, answer.usage?))) {
        return Settlement::Charge(reported(request, model, held, answer, usage));
    }
    let counted = counted(request, model, held, answer);
    Settlement::Charge(counted.unwrap_or_else(|| charge(None, held.cost, held, Basis::HeldInFull)))
}

fn reported(
    request: &CallRequest,
    model: &Model,
    held: &Bound,
    answer: &Answer,
    usage: Usage,
) -> Charge {
    let tier = answer.tier.unwrap_or(request.tier);
    let prices = model.prices.as_ref();
    match prices.and_then(|prices| price(prices, tier, &usage).ok()) {
        Some(cost) => charge(Some(usage), cost, held, Basis::Reported),
        // The provider used something that has no price here: a person has to look.
        None => charge(Some(usage), held.cost, held, Basis::HeldInFull),
    }
}

/// Counts what nobody reported, where everything that can be billed was in sight.
fn counted(
    request: &CallRequest,
    model: &Model,
    held: &Bound,
    answer: Option<&Answer>,
) -> Option<Charge> {
    let prices = model.prices.as_ref()?;
    let mut usage = Usage::default();
    match request.endpoint {
        // What a stored answer counts as input is bounded here, and counted by nobody.
        Endpoint::Responses if request.previous_response.is_some() => return None,
        Endpoint::ChatCompletions | Endpoint::Responses | Endpoint::Completions => {
            let output = &answer?.output;
            let is_hidden = output.is_out_of_sight() || request.shape.shows == Shows::BestAlone;
            if model.reasoning || is_hidden {
                return None;
            }
            usage.output = output.count(model.encoding?);
        }
        // Vectors are not tokens: the input is all there is.
        Endpoint::Embeddings => {}
        Endpoint::AudioSpeech => usage.audio_out = audio::tokens(answer?.speech_ms?),
        Endpoint::AudioTranscriptions | Endpoint::AudioTranslations => {
            // The length of the recording is what is billed, where anything else would be unknown.
            let usage = request.measured_seconds().filter(|_| prices.standard.second.is_some())?;
            let cost = price(prices, request.tier, &usage).ok()?.min(held.cost);
            return Some(charge(Some(usage), cost, held, Basis::Counted));
        }
        Endpoint::Moderations
        | Endpoint::ImageGenerations
        | Endpoint::ImageEdits
        | Endpoint::Realtime => return None,
    }
    let tier = answer.and_then(|answer| answer.tier).unwrap_or(request.tier);
    let card = prices.card(tier)?;
    if card.input < card.cache_write {
        // How much of the input was written to the cache is out of sight, and is dearer.
        return None;
    }
    usage.input = request.count_input(model)?;
    let cost = price(prices, tier, &usage).ok()?.min(held.cost);
    Some(charge(Some(usage), cost, held, Basis::Counted))
}

fn charge(usage: Option<Usage>, cost: Usd, held: &Bound, basis: Basis) -> Charge {
    let excess = cost.checked_sub(held.cost).unwrap_or(Usd::ZERO).max(Usd::ZERO);
    let estimated = match basis {
        Basis::Reported => false,
        Basis::Counted | Basis::HeldInFull => true,
    };
    Charge { usage, cost, excess, basis, estimated }
}

#[cfg(test)]
mod tests;
