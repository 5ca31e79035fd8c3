//! Prices are exact, and nothing is charged twice or for nothing.

use bursar_kernel::Model;
use proptest::prelude::*;

use super::*;
use crate::testing::named;

fn check(model: &str, tier: ServiceTier, usage: Usage, expected: &str) {
    let model: Model = named(model);
    let prices = model.prices.unwrap();
    let priced = match price(&prices, tier, &usage) {
        Ok(cost) => cost.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(priced, expected);
}

fn tokens(input: u64, output: u64) -> Usage {
    Usage { input, output, ..Usage::default() }
}

#[test]
fn a_thousand_and_a_hundred_mini_tokens_cost_exactly_this() {
    check("gpt-4o-mini", ServiceTier::Default, tokens(1_000, 100), "0.00021");
}

#[test]
fn eight_embedding_tokens_are_not_free() {
    check("text-embedding-3-small", ServiceTier::Default, tokens(8, 0), "0.00000016");
}

#[test]
fn a_part_of_a_nano_dollar_is_rounded_up() {
    check("gpt-4o-mini", ServiceTier::Default, tokens(1, 0), "0.00000015");
    let cached = Usage { cached: 1, ..Usage::default() };
    check("gpt-4o-mini", ServiceTier::Default, cached, "0.000000075");
    let mut prices = named("gpt-4o-mini").prices.unwrap();
    prices.standard.input = crate::testing::rate("0.000000001");
    assert_eq!(price(&prices, ServiceTier::Default, &tokens(1, 0)).unwrap().nanos(), 1);
}

#[test]
fn cached_tokens_are_charged_once_and_at_their_rate() {
    let usage = Usage { input: 200, cached: 800, output: 100, ..Usage::default() };
    check("gpt-4o-mini", ServiceTier::Default, usage, "0.00015");
}

#[test]
fn reasoning_is_part_of_the_output() {
    let usage = Usage { input: 10, output: 100, reasoning: 90, ..Usage::default() };
    check("gpt-6-sol", ServiceTier::Default, usage, "0.00102");
}

#[test]
fn a_long_input_reprices_the_whole_call() {
    check("gpt-6-sol", ServiceTier::Default, tokens(272_000, 1_000), "0.554");
    check("gpt-6-sol", ServiceTier::Default, tokens(272_001, 1_000), "1.103004");
    let cached = Usage { input: 1, cached: 272_000, output: 1_000, ..Usage::default() };
    check("gpt-6-sol", ServiceTier::Default, cached, "0.123804");
}

#[test]
fn what_has_no_rate_has_no_price() {
    let flex = "a long input has no price at the service tier `flex`";
    check("gpt-6-sol", ServiceTier::Flex, tokens(272_001, 1), flex);
    let none = "the model has no prices at the service tier `flex`";
    check("gpt-4o-mini", ServiceTier::Flex, tokens(1, 1), none);
    let audio = Usage { audio_in: 1, ..Usage::default() };
    let no_audio = "audio input tokens were used and the model has no rate for them";
    check("gpt-4o-mini", ServiceTier::Default, audio, no_audio);
    let out = "output tokens were used and the model has no rate for them";
    check("text-embedding-3-small", ServiceTier::Default, tokens(8, 1), out);
    let most = "the cost is past the largest amount";
    check("gpt-6-sol", ServiceTier::Default, tokens(u64::MAX, u64::MAX), most);
}

proptest! {
    #[test]
    fn the_sum_agrees_with_wide_integers(
        input in 0_u64..10_000_000,
        cached in 0_u64..10_000_000,
        output in 0_u64..10_000_000,
    ) {
        let usage = Usage { input, cached, output, ..Usage::default() };
        let prices = named("gpt-4o-mini").prices.unwrap();
        let cost = price(&prices, ServiceTier::Default, &usage).unwrap();
        let femtos = i128::from(input) * 150_000_000
            + i128::from(cached) * 75_000_000
            + i128::from(output) * 600_000_000;
        prop_assert_eq!(i128::from(cost.nanos()), (femtos + 999_999) / 1_000_000);
    }
}
