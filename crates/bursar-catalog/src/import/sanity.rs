//! What is odd about new prices. Public price files have had a priority price fifty times the
//! standard one, a batch at the full price and a batch dearer than the call: each is found by a
//! rule here, and waits for a person.

use bursar_kernel::{Model, Rate, RateCard};

use crate::compare::Band;
use crate::prices::kinds;

/// A ratio of two prices, in hundredths.
type Hundredths = i128;

/// What prices of a tier are of the standard ones at least and at most. OpenAI's batch and flex
/// prices are half of the standard ones, its priority prices 1.2 to 3 times those, and a long
/// input costs up to twice as much.
const OF_STANDARD: [(Band, Hundredths, Hundredths); 4] = [
    (Band::Batch, 50, 50),
    (Band::Flex, 50, 50),
    (Band::Priority, 120, 300),
    (Band::LongContext, 100, 200),
];
/// How far a price falls or rises at once before somebody looks at it.
const OF_BEFORE: (Hundredths, Hundredths) = (50, 200);
/// What writing to the cache costs of the input's price.
const CACHE_WRITE: (Hundredths, Hundredths) = (100, 250);

/// What is odd about the prices of a model that differ from what they were.
pub(super) fn check(old: Option<&Model>, new: &Model) -> Vec<String> {
    let mut findings = Vec::new();
    let Some(prices) = &new.prices else { return findings };
    if old.is_some_and(|model| model.prices.is_none()) {
        findings.push("it has no price on purpose: what else it bills is not metered".to_owned());
    }
    if old.is_none() && new.id.as_str().split('-').any(|word| word == "search") {
        findings.push("it may bill each search, which no rate card has a price for".to_owned());
    }
    let old = old.and_then(|model| model.prices.as_ref());
    let nothing = RateCard::default();
    for band in Band::ALL {
        let Some(card) = band.card(prices) else { continue };
        let before = old.and_then(|prices| band.card(prices)).unwrap_or(&nothing);
        let of = OF_STANDARD.iter().find(|(of, _, _)| *of == band);
        let standard = kinds(&prices.standard);
        for (((kind, now), (_, before)), (_, usual)) in
            kinds(card).into_iter().zip(kinds(before)).zip(standard)
        {
            let Some(now) = now.filter(|now| Some(*now) != before) else { continue };
            let name = format!("{} {kind}", band.as_str());
            if let Some(before) = before.filter(|before| !within(now, *before, OF_BEFORE)) {
                findings.push(format!("{name} would go from {before} to {now} at once"));
            }
            if let Some((usual, (_, least, most))) = usual.zip(of)
                && !within(now, usual, (*least, *most))
            {
                findings.push(format!("{name} is {now}, and the standard price is {usual}"));
            }
        }
        cache(band, card, before, &mut findings);
    }
    findings
}

/// The cache's prices beside the input's of the same card.
fn cache(band: Band, card: &RateCard, before: &RateCard, findings: &mut Vec<String>) {
    let Some(input) = card.input else { return };
    let is_new = |now: Option<Rate>, before: Option<Rate>| now.filter(|_| now != before);
    let band = band.as_str();
    if let Some(cached) = is_new(card.cached, before.cached).filter(|cached| input < *cached) {
        findings.push(format!("{band} cached is {cached}, more than input at {input}"));
    }
    let write = is_new(card.cache_write, before.cache_write);
    if let Some(write) = write.filter(|write| !within(*write, input, CACHE_WRITE)) {
        findings.push(format!("{band} cache_write is {write}, and input is {input}"));
    }
}

/// Whether a price is between two ratios of another.
fn within(price: Rate, of: Rate, (least, most): (Hundredths, Hundredths)) -> bool {
    let [price, of] = [price, of].map(|rate| i128::from(rate.nanos_per_million()));
    let price = price.saturating_mul(100);
    of.saturating_mul(least) <= price && price <= of.saturating_mul(most)
}
