//! Whole answers: what they report, and what could be seen of them.

use super::*;
use crate::testing::CHAT;

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","model":"gpt-4o-mini-2024-07-18",
    "service_tier":"default","choices":[
    {"index":0,"message":{"role":"assistant","content":"Hello!","refusal":null,"annotations":[]}},
    {"index":1,"message":{"role":"assistant","content":null,"refusal":"No."}}],
    "usage":{"prompt_tokens":8,"completion_tokens":5,"total_tokens":13}}"#;

#[test]
fn the_report_the_tier_and_the_texts_are_read() {
    let answer = read_answer(CHAT, ANSWER.as_bytes());
    assert_eq!(answer.usage, Some(Usage { input: 8, output: 5, ..Usage::default() }));
    assert_eq!(answer.tier, Some(ServiceTier::Default));
    assert_eq!(answer.model.as_deref(), Some("gpt-4o-mini-2024-07-18"));
    assert_eq!((answer.output.text(0), answer.output.text(1)), ("Hello!", "No."));
    assert_eq!(answer.output.count(Encoding::O200kBase), 4);
    assert!(!answer.output.is_out_of_sight());
}

#[test]
fn each_reason_that_choices_ended_for_is_known_once_and_a_strange_one_harms_nobody() {
    let names = |body: &str| -> Vec<&str> {
        let answer = read_answer(CHAT, body.as_bytes());
        assert!(!answer.output.is_out_of_sight(), "{body}");
        answer.finish_reasons.names().collect()
    };
    let ended = |reason: &str| format!(r#"{{"message":{{}},"finish_reason":{reason}}}"#);
    let [stop, length] = [ended("\"stop\""), ended("\"length\"")];
    let many = format!(r#"{{"choices":[{length},{stop},{stop}]}}"#);
    assert_eq!(names(&many), ["stop", "length"]);
    for strange in ["7", "null", "{}", "\"because\""] {
        let body = format!(r#"{{"choices":[{},{stop}]}}"#, ended(strange));
        assert_eq!(names(&body), ["stop"], "{strange}");
    }
}

#[test]
fn a_report_of_no_output_is_not_believed_where_output_was_seen() {
    let zero =
        ANSWER.replace(r#""completion_tokens":5,"total_tokens":13"#, r#""completion_tokens":0"#);
    assert_eq!(read_answer(CHAT, zero.as_bytes()).usage, None);
    let nothing_said = r#"{"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":0}}"#;
    assert!(read_answer(CHAT, nothing_said.as_bytes()).usage.is_some());
}

#[test]
fn tools_reasoning_audio_and_garbage_are_out_of_sight() {
    let said = |message: &str| format!(r#"{{"choices":[{{"index":0,"message":{message}}}]}}"#);
    for body in [
        said(r#"{"tool_calls":[{"id":"t","function":{"name":"f","arguments":"{}"}}]}"#),
        said(r#"{"function_call":{"name":"f","arguments":"{}"}}"#),
        said(r#"{"content":"a","reasoning_content":"b"}"#),
        said(r#"{"content":"a","audio":{"id":"x"}}"#),
        "<html>".to_owned(),
    ] {
        let answer = read_answer(CHAT, body.as_bytes());
        assert!(answer.output.is_out_of_sight(), "{body}");
        assert_eq!(answer.usage, None);
    }
    let calls = said(r#"{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}"#);
    assert_eq!(read_answer(CHAT, calls.as_bytes()).output.text(0), "f{}");
}

#[test]
fn embeddings_report_their_input() {
    let body =
        br#"{"object":"list","data":[],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    let answer = read_answer(Endpoint::Embeddings, body);
    assert_eq!(answer.usage, Some(Usage { input: 8, ..Usage::default() }));
}
