//! How a call's cost came about: units times rate, kind by kind. Shown only where it comes to what
//! was charged, to the nano-dollar.

use bursar_kernel::{Catalog, ExactCost, Rate, RateCard, ServiceTier};
use bursar_store::rows::Call;

use crate::pages::wallet::CostLine;

/// The lines of a call's cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Arithmetic {
    /// Units times rate, for each kind that was used.
    pub(super) lines: Vec<CostLine>,
    /// Their sum before it is rounded up, where the charge differs from it.
    pub(super) sum: Option<String>,
}

/// Billionths of a nano-dollar's thousand: the places that a rate times units can have.
const PLACES: usize = 15;

/// The lines of a call's cost; none where they do not come to the charge, because it rests on
/// something else or on a price table that is no longer loaded.
pub(super) fn arithmetic(catalog: &Catalog, call: &Call) -> Arithmetic {
    let lines = lines(catalog, call).unwrap_or_default();
    let mut exact = ExactCost::ZERO;
    let mut sum = 0_u128;
    for line in &lines {
        let Some(more) = exact.plus(line.rate, line.units) else { return Arithmetic::default() };
        exact = more;
        sum = sum.saturating_add(product(line.rate, line.units));
    }
    if lines.is_empty() || exact.round_up() != Some(call.cost) {
        return Arithmetic::default();
    }
    let charged = u128::try_from(call.cost.nanos()).unwrap_or(0).saturating_mul(1_000_000);
    Arithmetic { lines, sum: (sum != charged).then(|| decimal(sum)) }
}

fn lines(catalog: &Catalog, call: &Call) -> Option<Vec<CostLine>> {
    let prices = catalog.models.get(&call.model)?.prices.as_ref()?;
    let usage = &call.usage;
    let card: &RateCard = match &prices.long_context {
        Some(long)
            if call.tier == ServiceTier::Default
                && long.above_input_tokens < usage.input_total() =>
        {
            &long.card
        }
        Some(_) | None => prices.card(call.tier)?,
    };
    let parts = [
        ("Input tokens", usage.input, card.input),
        ("Input tokens from the cache", usage.cached, card.cached.or(card.input)),
        ("Input tokens to the cache", usage.cache_write, card.cache_write.or(card.input)),
        ("Audio input tokens", usage.audio_in, card.audio_in),
        ("Audio tokens from the cache", usage.audio_cached, card.audio_cached.or(card.audio_in)),
        ("Image input tokens", usage.image_in, card.image_in.or(card.input)),
        ("Output tokens", usage.output, card.output),
        ("Audio output tokens", usage.audio_out, card.audio_out),
        ("Image output tokens", usage.image_out, card.image_out),
        ("Characters", usage.characters, card.character),
    ];
    let used = parts.into_iter().filter(|(_, units, _)| 0 < *units);
    used.map(|(kind, units, rate)| {
        let rate = rate?;
        Some(CostLine { kind: kind.to_owned(), units, rate, cost: decimal(product(rate, units)) })
    })
    .collect()
}

/// Nano-dollars a million times units: 10⁻¹⁵ dollars.
fn product(rate: Rate, units: u64) -> u128 {
    u128::try_from(rate.nanos_per_million()).unwrap_or(0).saturating_mul(u128::from(units))
}

/// 10⁻¹⁵ dollars as a decimal, with two places at the least.
fn decimal(amount: u128) -> String {
    let digits = format!("{amount:0>width$}", width = PLACES + 1);
    let (whole, fraction) = digits.split_at(digits.len() - PLACES);
    let places = fraction.trim_end_matches('0').len().max(2);
    format!("{whole}.{}", &fraction[..places])
}

#[cfg(test)]
mod tests {
    //! The lines come to the charge, or are not shown.

    use super::*;

    #[test]
    fn an_amount_shows_every_digit() {
        let amounts = [0, 1, 150_000_000_000, 2_000_000_000_000_000];
        let text = amounts.map(decimal).join(" ");
        assert_eq!(text, "0.00 0.000000000000001 0.00015 2.00");
    }
}
