//! What each kind of evidence comes to.

use bursar_kernel::Certainty;
use bytes::Bytes;
use expect_test::{Expect, expect};

use super::*;
use crate::answer::read_answer;
use crate::stream::StreamMeter;
use crate::testing::{CHAT, chat, named, rate, read};

/// Settles a call with a limit of 100 output tokens.
fn outcome(request: &CallRequest, evidence: &Evidence) -> String {
    outcome_with(&named(request.model.as_str()), request, evidence)
}

fn outcome_with(model: &Model, request: &CallRequest, evidence: &Evidence) -> String {
    let held = request.bound(model, 100, Certainty::Counted).unwrap();
    match settle(request, model, &held, evidence) {
        Settlement::Release => "release".to_owned(),
        Settlement::Charge(charge) => {
            let used = charge.usage.map(|usage| (usage.input_total(), usage.output_total()));
            let Charge { cost, excess, basis, estimated, .. } = charge;
            let held = held.cost;
            format!("{basis:?} {used:?} {cost} of {held} over {excess} estimated: {estimated}")
        }
    }
}

fn check(model: &str, more: &str, body: &str, expected: Expect) {
    let answer = read_answer(CHAT, body.as_bytes());
    expected.assert_eq(&outcome(&chat(model, "hi", more), &Evidence::Answer(answer)));
}

fn streamed(model: &str, events: &[&str]) -> String {
    let request = chat(model, "hi", ",\"stream\":true");
    let mut meter = StreamMeter::new(&request);
    for event in events {
        let _: Bytes = meter.push(format!("data: {event}\n\n").as_bytes()).unwrap();
    }
    outcome(&request, &meter.evidence())
}

#[test]
fn the_report_is_priced_at_the_tier_that_answered() {
    let usage = r#""usage":{"prompt_tokens":8,"completion_tokens":50}"#;
    check(
        "gpt-4o-mini",
        "",
        &format!("{{{usage}}}"),
        expect!["Reported Some((8, 50)) 0.0000312 of 0.0000612 over 0.00 estimated: false"],
    );
    check(
        "gpt-4o-mini",
        r#","service_tier":"priority""#,
        &format!(r#"{{"service_tier":"default",{usage}}}"#),
        expect!["Reported Some((8, 50)) 0.0000312 of 0.000102 over 0.00 estimated: false"],
    );
    check(
        "gpt-4o-mini",
        r#","service_tier":"priority""#,
        &format!("{{{usage}}}"),
        expect!["Reported Some((8, 50)) 0.000052 of 0.000102 over 0.00 estimated: false"],
    );
}

#[test]
fn a_report_above_the_hold_is_charged_and_told() {
    check(
        "gpt-4o-mini",
        "",
        r#"{"usage":{"prompt_tokens":8,"completion_tokens":200}}"#,
        expect!["Reported Some((8, 200)) 0.0001212 of 0.0000612 over 0.00006 estimated: false"],
    );
}

#[test]
fn a_report_without_a_price_takes_the_hold() {
    check(
        "gpt-4o-mini",
        "",
        r#"{"usage":{"prompt_tokens":8,"completion_tokens":5,
            "completion_tokens_details":{"audio_tokens":5}}}"#,
        expect!["HeldInFull Some((8, 5)) 0.0000612 of 0.0000612 over 0.00 estimated: true"],
    );
}

#[test]
fn plain_text_without_a_report_is_counted() {
    let said = r#"{"choices":[{"index":0,"message":{"content":"Hello, world!"}}]}"#;
    check(
        "gpt-4o-mini",
        "",
        said,
        expect!["Counted Some((8, 4)) 0.0000036 of 0.0000612 over 0.00 estimated: true"],
    );
    let cut = streamed("gpt-4o-mini", &[r#"{"choices":[{"delta":{"content":"Hello, world!"}}]}"#]);
    assert_eq!(cut, "Counted Some((8, 4)) 0.0000036 of 0.0000612 over 0.00 estimated: true");
}

#[test]
fn a_count_never_passes_the_hold() {
    let said = format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}]}}"#, "a b ".repeat(999));
    check(
        "gpt-4o-mini",
        "",
        &said,
        expect!["Counted Some((8, 1999)) 0.0000612 of 0.0000612 over 0.00 estimated: true"],
    );
}

#[test]
fn what_is_out_of_sight_takes_the_hold() {
    let full = "HeldInFull None 0.00128 of 0.00128 over 0.00 estimated: true";
    let hello = r#"{"choices":[{"delta":{"content":"Hello"}}]}"#;
    assert_eq!(streamed("gpt-6-sol", &[hello]), full);
    let tools = r#","tools":[{"type":"function","function":{"name":"f"}}]"#;
    check(
        "gpt-4o-mini",
        tools,
        r#"{"choices":[{"message":{"content":"Hello"}}]}"#,
        expect!["HeldInFull None 0.00008595 of 0.00008595 over 0.00 estimated: true"],
    );
}

#[test]
fn what_can_be_counted_still_takes_the_hold_where_something_hides() {
    let full = "HeldInFull None 0.0000612 of 0.0000612 over 0.00 estimated: true";
    let hello = r#"{"choices":[{"delta":{"content":"Hello"}}]}"#;
    let hidden = r#"{"choices":[{"delta":{"reasoning_content":"Hm"}}]}"#;
    assert_eq!(streamed("gpt-4o-mini", &[hello, hidden]), full);
    let request = chat("gpt-4o-mini", "hi", "");
    let said = br#"{"choices":[{"message":{"content":"Hello"}}]}"#;
    let evidence = Evidence::Answer(read_answer(CHAT, said));
    let mut thinker = named("gpt-4o-mini");
    thinker.reasoning = true;
    assert_eq!(outcome_with(&thinker, &request, &evidence), full);
    let mut writer = named("gpt-4o-mini");
    writer.prices.as_mut().unwrap().standard.cache_write = rate("0.1875");
    let dearer = "HeldInFull None 0.0000615 of 0.0000615 over 0.00 estimated: true";
    assert_eq!(outcome_with(&writer, &request, &evidence), dearer);
}

#[test]
fn silence_never_refunds_and_a_refusal_does() {
    let request = chat("gpt-4o-mini", "hi", "");
    let full = "HeldInFull None 0.0000612 of 0.0000612 over 0.00 estimated: true";
    assert_eq!(outcome(&request, &Evidence::Silence), full);
    assert_eq!(streamed("gpt-4o-mini", &[]), full);
    assert_eq!(outcome(&request, &Evidence::Refused), "release");
}

#[test]
fn embeddings_without_a_report_are_counted_and_moderation_is_free() {
    let body = r#"{"model":"text-embedding-3-small","input":[1,2,3,4,5,6,7,8]}"#;
    let request = read(Endpoint::Embeddings, body).unwrap();
    let counted = "Counted Some((8, 0)) 0.00000016 of 0.00000016 over 0.00 estimated: true";
    assert_eq!(outcome(&request, &Evidence::Silence), counted);
    let request = read(Endpoint::Moderations, r#"{"input":"a"}"#).unwrap();
    let free = "Reported Some((0, 0)) 0.00 of 0.00 over 0.00 estimated: false";
    assert_eq!(outcome(&request, &Evidence::Silence), free);
}

#[test]
fn a_stream_cut_anywhere_is_charged_for_what_came_and_never_more_than_the_hold() {
    let event = |word: &str| {
        let delta = format!(r#"{{"index":0,"delta":{{"content":"{word}"}}}}"#);
        format!("data: {{\"choices\":[{delta}]}}\n\n")
    };
    let stream = ["One", " two", " three", " four"].map(event).concat();
    let request = chat("gpt-4o-mini", "hi", ",\"stream\":true");
    let model = named("gpt-4o-mini");
    let held = request.bound(&model, 100, Certainty::Bytes).unwrap();
    let mut before = Usd::ZERO;
    for at in 0..=stream.len() {
        let mut meter = StreamMeter::new(&request);
        let _: Bytes = meter.push(&stream.as_bytes()[..at]).unwrap();
        let settlement = settle(&request, &model, &held, &meter.evidence());
        let Settlement::Charge(charge) = settlement else { panic!("released at {at}") };
        assert!(charge.cost.is_positive() && charge.cost <= held.cost, "{charge:?} at {at}");
        match charge.basis {
            Basis::HeldInFull => assert_eq!(charge.cost, held.cost),
            Basis::Counted => {
                assert!(before <= charge.cost, "{charge:?} at {at}");
                before = charge.cost;
            }
            Basis::Reported => panic!("nothing was reported"),
        }
    }
    // 8 input tokens and `One two three four`: four of output.
    assert_eq!(before.to_string(), "0.0000036");
}
