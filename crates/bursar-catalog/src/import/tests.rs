//! Files in the formats of both, with the slips that they have had; and what is made of them.

use expect_test::{Expect, expect};

use super::*;
use crate::{read, shipped, write};

fn file(format: Format, adds_models: bool) -> Import {
    Import {
        format,
        on: Date::constant(2026, 11, 29),
        version: PriceVersion::new("openai-2026-11-29"),
        source: "a test".to_owned(),
        accepted: BTreeSet::new(),
        adds_models,
    }
}

/// What came of a file, as whoever approves it reads it.
fn told(imported: &Imported) -> String {
    let mut lines: Vec<String> = imported.changes.iter().map(ToString::to_string).collect();
    for held in &imported.held_back {
        lines.push(format!("{} waits:", held.model));
        lines.extend(held.findings.iter().map(|finding| format!("    {finding}")));
    }
    lines.extend(imported.left_out.iter().map(|left| format!("left out: {left}")));
    lines.extend(imported.assumed.iter().map(|assumed| format!("assumed: {assumed}")));
    lines.join("\n")
}

fn check(import_as: &Import, text: &str, expected: Expect) -> Catalog {
    let imported = import(text, &shipped(), import_as).unwrap();
    expected.assert_eq(&told(&imported));
    imported.catalog
}

#[test]
fn a_price_that_changed_is_shown_and_what_the_file_lacks_stays() {
    let text = r#"{
        "gpt-4o-mini": {
            "litellm_provider": "openai", "mode": "chat", "max_input_tokens": 128000,
            "input_cost_per_token": 1.2e-07, "output_cost_per_token": 6e-07,
            "input_cost_per_token_batches": 6e-08
        },
        "o3": {
            "litellm_provider": "azure", "mode": "chat", "input_cost_per_token": 1
        }
    }"#;
    let catalog = check(
        &file(Format::LiteLlm, true),
        text,
        expect![[r#"
            gpt-4o-mini: standard input 0.15 -> 0.12 (-20 %)
            gpt-4o-mini: batch input 0.075 -> 0.06 (-20 %)"#]],
    );
    let prices = catalog.model("gpt-4o-mini").unwrap().prices.as_ref().unwrap();
    assert_eq!(prices.standard.cached, Some("0.075".parse().unwrap()));
    assert_eq!(catalog.version.as_str(), "openai-2026-11-29");
}

/// Each of these stood in a release of the file once, or is like one that did.
#[test]
fn slips_wait_for_somebody_to_accept_them_by_name() {
    let text = r#"{
        "gpt-5-nano": {
            "litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07,
            "input_cost_per_token_priority": 2.5e-06
        },
        "gpt-4o": {
            "litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": 2.5e-06, "cache_read_input_token_cost": 3e-06,
            "output_cost_per_token": 1e-04
        },
        "gpt-3.5-turbo": {
            "litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": 5e-07, "input_cost_per_token_batches": 5e-07
        }
    }"#;
    let mut import_as = file(Format::LiteLlm, true);
    check(
        &import_as,
        text,
        expect![[r#"
            gpt-3.5-turbo waits:
                batch input is 0.50, and the standard price is 0.50
            gpt-4o waits:
                standard cached would go from 1.25 to 3.00 at once
                standard output would go from 10.00 to 100.00 at once
                standard cached is 3.00, more than input at 2.50
            gpt-5-nano waits:
                priority input is 2.50, and the standard price is 0.05"#]],
    );
    import_as.accepted.insert(ModelId::new("gpt-4o"));
    let refused = import(text, &shipped(), &import_as).unwrap_err().to_string();
    expect![[r#"
        the catalog would not be sound with these prices
        the new catalog:231:39: `cached` is 3.00, more than `input` at 2.50
        hint: input from the cache is never dearer; correct one of the two
        the new catalog:233:39: `cached` is 2.125 in `priority`, less than the standard 3.00
        hint: prices are dollars per million units; correct one of the two
        the new catalog:233:57: `output` is 17.00 in `priority`, less than the standard 100.00
        hint: prices are dollars per million units; correct one of the two"#]]
    .assert_eq(&refused);
}

const NEW: &str = r#"{
        "whisper-1": {
            "litellm_provider": "openai", "mode": "audio_transcription",
            "input_cost_per_second": 0.0001, "output_cost_per_second": 0.0001
        },
        "gpt-4o-transcribe": {
            "litellm_provider": "openai", "mode": "audio_transcription",
            "input_cost_per_token": 2.5e-06, "input_cost_per_audio_token": 2.5e-06,
            "output_cost_per_token": 1e-05, "input_cost_per_second": 0.0001
        },
        "gpt-6.2-sol": {
            "litellm_provider": "openai", "mode": "chat", "supports_vision": true,
            "supports_reasoning": true, "max_input_tokens": 922000, "max_output_tokens": 128000,
            "input_cost_per_token": 2e-06, "cache_read_input_token_cost": 2e-07,
            "cache_creation_input_token_cost": 2.5e-06, "output_cost_per_token": 1e-05,
            "input_cost_per_token_above_272k_tokens": 4e-06,
            "output_cost_per_token_above_272k_tokens": 1.5e-05,
            "input_cost_per_token_above_272k_tokens_flex": 2e-06
        },
        "gpt-6.2-sol-2027-01-01": {
            "litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": 2e-06, "cache_read_input_token_cost": 2e-07,
            "cache_creation_input_token_cost": 2.5e-06, "output_cost_per_token": 1e-05,
            "input_cost_per_token_above_272k_tokens": 4e-06,
            "output_cost_per_token_above_272k_tokens": 1.5e-05
        },
        "gpt-live-9": {
            "litellm_provider": "openai", "mode": "realtime",
            "input_cost_per_second": 0.000833333333333
        },
        "gpt-image-9": {
            "litellm_provider": "openai", "mode": "image_generation",
            "input_cost_per_token": 5e-06, "output_cost_per_image_token": 3e-05
        },
        "sora-9": {"litellm_provider": "openai", "mode": "video_generation"},
        "ft:gpt-4o": {"litellm_provider": "openai", "mode": "chat"},
        "1024-x-1024/gpt-image-1.5": {"litellm_provider": "openai", "mode": "image_generation"},
        "zz-1": {
            "litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06
        },
        "gpt-6-fine": {
            "litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": 1e-22, "output_cost_per_token": 1e-06
        }
    }"#;

#[test]
fn each_model_has_one_unit_and_a_new_one_is_added_with_what_is_assumed() {
    check(
        &file(Format::LiteLlm, true),
        NEW,
        expect![[r#"
            gpt-6.2-sol is new
            gpt-6.2-sol: aliases none -> gpt-6.2-sol-2027-01-01
            left out: 1024-x-1024/gpt-image-1.5 is a price by size or session of another entry
            left out: ft:gpt-4o is fine-tuned, and which programs allow that is not known here
            left out: sora-9 makes what is not metered here
            left out: gpt-6-fine has `input_cost_per_token`: `1e-22` is finer than a billionth of a dollar for a million units
            left out: gpt-6-fine has no price for `input`, which its calls use
            left out: gpt-image-9 makes images, and how many tokens one takes is in no price file: add it to the catalog by hand
            left out: gpt-live-9 has no price for `input`, which its calls use
            left out: zz-1 is like no model of the catalog: add it there with its family
            assumed: gpt-6.2-sol is of the family `gpt-6`, like its nearest name, and an image takes up to 48169 tokens"#]],
    );
    check(
        &file(Format::LiteLlm, false),
        NEW,
        expect![[r#"
        left out: 1024-x-1024/gpt-image-1.5 is a price by size or session of another entry
        left out: ft:gpt-4o is fine-tuned, and which programs allow that is not known here
        left out: sora-9 makes what is not metered here
        left out: gpt-6-fine has `input_cost_per_token`: `1e-22` is finer than a billionth of a dollar for a million units
        left out: gpt-6-fine is not in the catalog
        left out: gpt-6.2-sol is not in the catalog
        left out: gpt-6.2-sol-2027-01-01 is not in the catalog
        left out: gpt-image-9 is not in the catalog
        left out: gpt-live-9 is not in the catalog
        left out: zz-1 is not in the catalog"#]],
    );
}

#[test]
fn genai_prices_are_those_of_the_day() {
    let text = r#"[
        {"id": "anthropic", "models": [{"id": "o3", "match": {"equals": "o3"},
            "prices": {"input_mtok": 99}}]},
        {"id": "openai", "models": [
            {"id": "o3", "match": {"or": [{"equals": "o3"}, {"equals": "o3-2025-04-16"},
                {"starts_with": "o3-x"}]}, "prices": [
                    {"prices": {"input_mtok": 10, "output_mtok": 40}},
                    {"constraint": {"start_date": "2025-06-10"},
                        "prices": {"input_mtok": 2.0, "output_mtok": 9}},
                    {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 1}}],
                "price_variants": [
                    {"when": {"service_tier": "flex"}, "prices": {"output_mtok": 4.5},
                        "constraint": {"start_date": "2026-10-12"}},
                    {"when": {"processing": "batch"}, "prices": {"output_mtok": 4.5}},
                    {"when": {"service_tier": "default"}, "prices": {}}]},
            {"id": "gpt-5.4", "match": {"equals": "gpt-5.4"}, "prices": {
                "input_mtok": {"base": 2.5, "tiers": [{"start": 272000, "price": 4.9}]}}},
            {"id": "whisper-1", "match": {"equals": "whisper-1"},
                "prices": {"audio_hours": 0.36, "input_audio_hours": 0.36}},
            {"id": "gpt-9", "match": {"equals": "gpt-9"}, "prices": {"input_mtok": 2}}
        ]}
    ]"#;
    check(
        &file(Format::GenaiPrices, true),
        text,
        expect![[r#"
        gpt-5.4: long_context input 5.00 -> 4.90 (-2 %)
        o3: standard output 8.00 -> 9.00 (+12 %)
        o3: batch output 4.00 -> 4.50 (+12 %)
        o3: flex output 4.00 -> 4.50 (+12 %)
        left out: gpt-9 is not in the catalog, and this file does not say what it answers"#]],
    );
}

#[test]
fn what_is_no_price_file_is_told() {
    let say =
        |format, text: &str| import(text, &shipped(), &file(format, true)).unwrap_err().to_string();
    expect![[r#"
        the price file is not of this format
        hint: `litellm` is `model_prices_and_context_window.json`, `genai-prices` is `prices/new_data/v2/data.json`"#]].assert_eq(&say(Format::LiteLlm, "[1]"));
    expect![[r#"
        the price file is not of this format
        hint: `litellm` is `model_prices_and_context_window.json`, `genai-prices` is `prices/new_data/v2/data.json`"#]].assert_eq(&say(Format::GenaiPrices, "{}"));
    expect![[r#"
        the price file has no model of OpenAI's
        hint: check that it is whole, and that `--format` names whose it is"#]]
    .assert_eq(&say(Format::GenaiPrices, "[]"));
}

#[test]
fn a_catalog_is_written_as_it_is_read() {
    let mut catalog = shipped();
    catalog.source = "a \"test\"\\ of\n two lines\u{7f}".to_owned();
    let text = write(&catalog);
    assert_eq!(read("written.toml", &text).unwrap(), catalog);
    assert_eq!(write(&read("written.toml", &text).unwrap()), text);
}
