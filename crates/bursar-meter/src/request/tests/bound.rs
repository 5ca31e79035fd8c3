//! The bound: never below what may be billed, and as near as it can be told.

use bursar_kernel::{Bound, Certainty, Endpoint, ServiceTier, Usage};
use proptest::prelude::*;

use crate::price::price;
use crate::testing::{CHAT, chat, named, read};

fn bound(model: &str, content: &str, more: &str, certainty: Certainty) -> Bound {
    chat(model, content, more).bound(&named(model), 1_000, certainty).unwrap()
}

#[test]
fn plain_text_is_counted_as_the_provider_counts_it() {
    // The example of the OpenAI cookbook, "How to count tokens with tiktoken": 124 tokens for
    // gpt-4o and gpt-4o-mini.
    let say = |role: &str, name: &str, text: &str| {
        let name = if name.is_empty() { String::new() } else { format!(r#""name":"{name}","#) };
        format!(r#"{{"role":"{role}",{name}"content":"{text}"}}"#)
    };
    let messages = [
        say(
            "system",
            "",
            "You are a helpful, pattern-following assistant that translates \
            corporate jargon into plain English.",
        ),
        say("system", "example_user", "New synergies will help drive top-line growth."),
        say("system", "example_assistant", "Things working well together will increase revenue."),
        say(
            "system",
            "example_user",
            "Let's circle back when we have more bandwidth to touch \
            base on opportunities for increased leverage.",
        ),
        say(
            "system",
            "example_assistant",
            "Let's talk later when we're less busy about how to \
            do better.",
        ),
        say(
            "user",
            "",
            "This late pivot means we don't have time to boil the ocean for the \
            client deliverable.",
        ),
    ];
    let body = format!(r#"{{"model":"gpt-4o-mini","messages":[{}]}}"#, messages.join(","));
    let request = read(CHAT, &body).unwrap();
    assert_eq!(request.count_input(&named("gpt-4o-mini")), Some(124));
}

#[test]
fn the_client_limit_the_default_and_the_model_bound_the_output() {
    let tokens = |more: &str| bound("gpt-4o-mini", "hi", more, Certainty::Bytes).output_tokens;
    assert_eq!(tokens(""), 1_000);
    assert_eq!(tokens(r#","max_tokens":7"#), 7);
    assert_eq!(tokens(r#","max_completion_tokens":7,"n":3"#), 21);
    let prediction = r#","max_tokens":7,"n":2,"prediction":{"type":"content","content":"abc"}"#;
    assert_eq!(tokens(prediction), 2 * (7 + 34));
    let request = chat("gpt-4o-mini", "hi", "");
    assert_eq!(request.output_limit(&named("gpt-4o-mini"), 1_000_000), 16_384);
}

#[test]
fn the_dearest_rate_of_the_tier_bounds_the_cost() {
    let counted = bound("gpt-4o-mini", "hi", r#","max_tokens":100"#, Certainty::Counted);
    assert_eq!(counted.certainty, Certainty::Counted);
    assert_eq!((counted.input_tokens, counted.cost.to_string()), (8, "0.0000612".to_owned()));
    let priority = r#","max_tokens":100,"service_tier":"priority""#;
    let priority = bound("gpt-4o-mini", "hi", priority, Certainty::Counted);
    assert_eq!(priority.cost.to_string(), "0.000102");
    // Reasoning and an unknown tokenizer: bytes, at the rate of cache writes.
    let sol = bound("gpt-6-sol", "hi", r#","max_completion_tokens":100"#, Certainty::Counted);
    assert_eq!(sol.certainty, Certainty::Bytes);
    assert_eq!(sol.input_tokens, 64 + 16 + 32);
    assert_eq!(sol.cost.to_string(), "0.00128");
}

#[test]
fn a_long_input_is_held_at_the_dearer_step_or_not_at_all() {
    let long = "a ".repeat(200_000);
    let held = bound("gpt-6-sol", &long, r#","max_completion_tokens":1"#, Certainty::Bytes);
    assert_eq!(held.cost.to_string(), "2.000565");
    let flex = chat("gpt-6-sol", &long, r#","service_tier":"flex""#);
    assert_eq!(flex.bound(&named("gpt-6-sol"), 1, Certainty::Bytes), None);
}

#[test]
fn an_image_costs_its_most_and_not_its_bytes() {
    let data = "A".repeat(1_000_000);
    let part =
        format!(r#"{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}}"#);
    let body =
        format!(r#"{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":[{part}]}}]}}"#);
    let request = read(CHAT, &body).unwrap();
    let held = request.bound(&named("gpt-4o-mini"), 1, Certainty::Counted).unwrap();
    assert_eq!(held.certainty, Certainty::Bytes);
    assert_eq!(held.input_tokens, 48_169 + 64 + 16 + 73);
}

#[test]
fn embeddings_count_texts_and_ids() {
    let model = named("text-embedding-3-small");
    let tokens = |input: &str| {
        let body = format!(r#"{{"model":"text-embedding-3-small","input":{input}}}"#);
        let held = read(Endpoint::Embeddings, &body).unwrap();
        held.bound(&model, 1_000, Certainty::Counted).unwrap()
    };
    assert_eq!(tokens(r#"["tiktoken is great!","tiktoken is great!"]"#).input_tokens, 12);
    assert_eq!(tokens("[[1,2,3],[4]]").input_tokens, 4);
    let eight = tokens("[1,2,3,4,5,6,7,8]");
    assert_eq!((eight.cost.to_string(), eight.output_tokens), ("0.00000016".to_owned(), 0));
}

#[test]
fn moderation_is_free() {
    let request = read(Endpoint::Moderations, r#"{"input":["a","b"]}"#).unwrap();
    let model = named("omni-moderation-latest");
    assert!(request.bound(&model, 1_000, Certainty::Bytes).unwrap().cost.is_zero());
}

/// A usage within the bound: shares of it, in thousandths.
fn usage(held: &Bound, input: u64, output: u64, cached: u64, written: u64) -> Usage {
    let part = |whole: u64, share: u64| whole * share / 1_000;
    let input = part(held.input_tokens, input);
    let output = part(held.output_tokens, output);
    let cached = part(input, cached);
    let cache_write = part(input - cached, written);
    let input = input - cached - cache_write;
    Usage { input, cached, cache_write, output, reasoning: output / 2, ..Usage::default() }
}

proptest! {
    // Bodies of up to a megabyte: fewer cases than usual reach every price step.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_fits_the_bound_never_costs_more(
        content in ".{0,40}",
        repeat in 1_usize..20_000,
        model in prop::sample::select(&["gpt-4o-mini", "gpt-6-sol", "text-only"]),
        n in 1_u64..4,
        limit in 1_u64..4_096,
        dear: bool,
        (input, output, cached, written) in (0_u64..=1_000, 0_u64..=1_000, 0_u64..=1_000, 0_u64..=1_000),
    ) {
        let (tier, more) = match (dear, model) {
            (true, "gpt-4o-mini") => (ServiceTier::Priority, r#","service_tier":"priority""#),
            (true, "gpt-6-sol") => (ServiceTier::Flex, r#","service_tier":"flex""#),
            _ => (ServiceTier::Default, ""),
        };
        let more = format!(r#","n":{n},"max_completion_tokens":{limit}{more}"#);
        let request = chat(model, &content.repeat(repeat), &more);
        let model = named(model);
        if let Some(held) = request.bound(&model, 1_000, Certainty::Bytes) {
            let prices = model.prices.unwrap();
            for share in [input, 1_000] {
                let used = usage(&held, share, output, cached, written);
                prop_assert!(price(&prices, tier, &used).unwrap() <= held.cost);
            }
        }
    }

}

proptest! {
    #[test]
    fn a_count_is_never_above_the_bytes(
        content in any::<String>(),
        // Long enough that the tokens around it make up for nothing.
        times in 1_usize..40,
        name in "[a-z]{1,9}",
    ) {
        let content = serde_json::to_string(&content.repeat(times)).unwrap();
        let message = format!(r#"{{"role":"assistant","name":"{name}","content":{content}}}"#);
        let body = format!(r#"{{"model":"gpt-4o-mini","messages":[{message}]}}"#);
        let request = read(CHAT, &body).unwrap();
        let of = |certainty| request.bound(&named("gpt-4o-mini"), 10, certainty).unwrap();
        let (counted, bytes) = (of(Certainty::Counted), of(Certainty::Bytes));
        prop_assert!(counted.input_tokens <= bytes.input_tokens);
        prop_assert!(counted.cost <= bytes.cost);
    }
}
