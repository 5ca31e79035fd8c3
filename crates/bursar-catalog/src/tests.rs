//! The catalog that ships, figure by figure; and broken ones, with all that is said about each.

use std::fmt::Write;

use bursar_kernel::{Endpoint, Mode, RateCard, ServiceTier};
use expect_test::{Expect, expect, expect_file};

use super::*;

fn check(text: &str, expected: Expect) {
    let said = match read("prices.toml", text) {
        Ok(catalog) => format!("{} models", catalog.models.len()),
        Err(mistakes) => mistakes.to_string(),
    };
    expected.assert_eq(&said);
}

/// Input, cached, cache write; output; audio in, out; image in, out; by character, by second.
fn line(name: &str, card: &RateCard) -> String {
    let rates = [
        card.input,
        card.cached,
        card.cache_write,
        card.output,
        card.audio_in,
        card.audio_out,
        card.image_in,
        card.image_out,
        card.character,
        card.second,
    ];
    let cells: Vec<String> =
        rates.iter().map(|rate| rate.map_or("-".to_owned(), |rate| rate.to_string())).collect();
    format!("    {name:<13}{}\n", cells.join(" "))
}

/// Compared by hand with the provider's list when it was written: a change of any price shows here.
#[test]
fn each_price_is_what_the_list_says() {
    let mut table = String::new();
    for model in shipped().models.values() {
        writeln!(table, "{}", model.id).unwrap();
        let Some(prices) = &model.prices else {
            table += "    unpriced\n";
            continue;
        };
        table += &line("standard", &prices.standard);
        for (name, card) in
            [("batch", &prices.batch), ("flex", &prices.flex), ("priority", &prices.priority)]
        {
            if let Some(card) = card {
                table += &line(name, card);
            }
        }
        if let Some(long) = &prices.long_context {
            table += &line(&format!("> {}", long.above_input_tokens), &long.card);
        }
    }
    expect_file!["tests/prices.expected"].assert_eq(&table);
}

#[test]
fn the_guides_families_have_the_models_of_the_coverage_table() {
    let catalog = shipped();
    let mut table = String::new();
    for family in &catalog.families {
        let members: Vec<&str> = catalog
            .models
            .values()
            .filter(|model| model.family == family.id)
            .map(|model| model.id.as_str())
            .collect();
        writeln!(table, "{}\n    {}", family.label, members.join("\n    ")).unwrap();
    }
    expect_file!["tests/families.expected"].assert_eq(&table);
}

#[test]
fn models_leave_on_their_last_day() {
    let catalog = shipped();
    let mut leaving: Vec<String> = catalog
        .models
        .values()
        .filter_map(|model| {
            let successor = model.successor.as_ref().map_or("-", ModelId::as_str);
            model.shutdown.map(|day| format!("{day} {} -> {successor}\n", model.id))
        })
        .collect();
    leaving.sort();
    expect_file!["tests/leaving.expected"].assert_eq(&leaving.concat());
}

#[test]
fn a_dated_name_is_the_model_it_dates() {
    let catalog = shipped();
    let named = |name| catalog.model(name).map(|model| model.id.as_str());
    assert_eq!(named("gpt-5-2025-08-07"), Some("gpt-5"));
    assert_eq!(named("gpt-4o-2024-08-06"), Some("gpt-4o"));
    // The first GPT-4o costs twice as much; it must not be billed at today's price.
    assert_eq!(named("gpt-4o-2024-05-13"), Some("gpt-4o-2024-05-13"));
    assert_eq!(named("gpt-99"), None);
    // That a name begins as another does says nothing of its price.
    assert_eq!((named("gpt-5-2099-01-01"), named("gpt-")), (None, None));
}

#[test]
fn what_the_gateway_can_answer_is_priced_at_every_tier_it_names() {
    for model in shipped().models.values() {
        let Some(prices) = &model.prices else {
            assert!(model.id.as_str().contains("-search-"), "{} has no price", model.id);
            continue;
        };
        if model.mode.answers(Endpoint::ChatCompletions) {
            for tier in [ServiceTier::Default, ServiceTier::Flex, ServiceTier::Priority] {
                let card = prices.card(tier);
                assert!(card.is_none_or(|card| card.input.is_some() && card.output.is_some()));
            }
            assert!(model.input_tokens_max.is_some() && model.output_tokens_max.is_some());
        }
        if model.mode == Mode::Moderation {
            assert_eq!(prices.standard.input.map(bursar_kernel::Rate::nanos_per_million), Some(0));
        }
    }
}

#[test]
fn a_small_catalog_is_read() {
    check(
        r#"
version = "2026"
source = "the shop"
[[family]]
id = "a"
label = "A"
about = "all"
[model.one]
family = "a"
mode = "chat"
standard = { input = "1", output = "2" }
[model.two]
family = "a"
mode = "speech"
standard = { character = "15" }
"#,
        expect!["2 models"],
    );
}

#[test]
fn everything_wrong_with_a_catalog_is_said_at_once() {
    let mistakes = read("broken.toml", include_str!("tests/broken.toml")).unwrap_err();
    expect_file!["tests/broken.expected"].assert_eq(&format!("{mistakes}\n"));
}

#[test]
fn an_empty_file_is_told_what_it_lacks() {
    check(
        "",
        expect![[r"
        prices.toml:1:1: missing key `family`
        hint: add `family = ...` to this table
        prices.toml:1:1: missing key `model`
        hint: add `model = ...` to this table
        prices.toml:1:1: missing key `source`
        hint: add `source = ...` to this table
        prices.toml:1:1: missing key `version`
        hint: add `version = ...` to this table"]],
    );
}
