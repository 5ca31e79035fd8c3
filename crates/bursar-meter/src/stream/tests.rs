//! Streams pass through; usage is read, and hidden from those who did not ask.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::testing::chat;

const PLAIN: &str = ",\"stream\":true";
const ASKED: &str = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";

const STREAM: &str = concat!(
    ": hello\n\n",
    r#"data: {"id":"c","model":"m-1","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null,"obfuscation":"x"}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}],"usage":null}"#,
    "\r\n\r\n",
    r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}]}"#,
    "\n\n",
    r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2}}"#,
    "\n\n",
    "data: [DONE]\n\n",
);

fn run(more: &str, chunks: &[&[u8]]) -> (String, StreamMeter) {
    let mut meter = StreamMeter::new(&chat("gpt-4o-mini", "hi", more));
    let mut out = Vec::new();
    for chunk in chunks {
        out.extend_from_slice(&meter.push(chunk).unwrap());
    }
    out.extend_from_slice(&meter.finish());
    (String::from_utf8(out).unwrap(), meter)
}

fn check(stream: &str, expected: Expect) {
    let (_, meter) = run(PLAIN, &[stream.as_bytes()]);
    let answer = meter.answer();
    let usage = answer.usage.map(|usage| (usage.input, usage.output));
    let text = answer.output.text(0);
    let hidden = answer.output.is_out_of_sight();
    let error = meter.error().is_some();
    expected.assert_eq(&format!("{usage:?} {text:?} hidden: {hidden}, error: {error}"));
}

#[test]
fn who_asked_for_usage_gets_every_byte_but_the_end() {
    let (out, meter) = run(ASKED, &[STREAM.as_bytes()]);
    assert_eq!(out + std::str::from_utf8(DONE_EVENT).unwrap(), STREAM);
    assert!(meter.is_done());
    assert_eq!(meter.finish_reasons(), ["stop"]);
    assert_eq!(meter.answer().model.as_deref(), Some("m-1"));
}

/// Azure begins with a chunk of no choice and of nobody's, and adds what its filters think.
#[test]
fn what_azure_adds_passes_and_changes_nothing() {
    let opinion = r#"{"hate":{"filtered":false,"severity":"safe"}}"#;
    let first = format!(
        "data: {{\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\
         \"prompt_filter_results\":[{{\"prompt_index\":0,\"content_filter_results\":{opinion}}}]}}\n\n"
    );
    let added = format!("\"index\":0,\"content_filter_results\":{opinion},");
    // What the filters think may come after the end of what was said, too.
    let late = format!(
        "data: {{\"choices\":[{{\"index\":0,\"finish_reason\":null,\"content_filter_offsets\":\
         {{\"end_offset\":6}},\"content_filter_results\":{opinion}}}]}}\n\n"
    );
    let chunks = STREAM.replace("\"index\":0,", &added);
    let (before, end) = chunks.split_at(chunks.find("data: {\"id\":\"c\",\"choices\":[]").unwrap());
    let stream = format!("{first}{before}{late}{end}");
    let (out, meter) = run(ASKED, &[stream.as_bytes()]);
    assert_eq!(out + std::str::from_utf8(DONE_EVENT).unwrap(), stream);
    assert_eq!(meter.answer().model.as_deref(), Some("m-1"));
    check(&stream, expect![[r#"Some((8, 2)) "Hello!" hidden: false, error: false"#]]);
    let (hidden, _) = run(PLAIN, &[stream.as_bytes()]);
    assert!(hidden.starts_with(&first) && hidden.contains(&late));
    assert!(!hidden.contains("usage"));
}

#[test]
fn who_did_not_ask_sees_no_usage() {
    let (out, _) = run(PLAIN, &[STREAM.as_bytes()]);
    expect![[r#"
        : hello

        data: {"id":"c","model":"m-1","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"obfuscation":"x"}

        data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

        data: {"id":"c","choices":[{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}]}

    "#]]
    .assert_eq(&out.replace('\r', ""));
}

#[test]
fn usage_is_what_the_end_of_the_stream_says() {
    check(STREAM, expect![[r#"Some((8, 2)) "Hello!" hidden: false, error: false"#]]);
    let usage = r#"data: {"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2}}"#;
    let twice = STREAM.replace(usage, &format!("{usage}\n\n{}", usage.replace(":2}", ":3}")));
    check(&twice, expect![[r#"Some((8, 2)) "Hello!" hidden: false, error: false"#]]);
    let later = STREAM.replace("data: [DONE]", &usage.replace(":2}", ":3}"));
    check(&later, expect![[r#"Some((8, 3)) "Hello!" hidden: false, error: false"#]]);
    let zero = STREAM.replace(r#""completion_tokens":2"#, r#""completion_tokens":0"#);
    check(&zero, expect![[r#"None "Hello!" hidden: false, error: false"#]]);
    let none =
        STREAM.replace(r#""usage":{"prompt_tokens":8,"completion_tokens":2}"#, r#""usage":null"#);
    check(&none, expect![[r#"None "Hello!" hidden: false, error: false"#]]);
}

#[test]
fn a_report_half_way_is_not_the_end() {
    check(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}],\
         \"usage\":{\"prompt_tokens\":8,\"completion_tokens\":1}}\n\n",
        expect![[r#"None "Hello" hidden: false, error: false"#]],
    );
}

#[test]
fn errors_and_garbage_inside_a_stream_are_noticed() {
    let start = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n";
    check(
        &format!("{start}data: {{\"error\":{{\"message\":\"overloaded\"}}}}\n\n"),
        expect![[r#"None "Hel" hidden: false, error: true"#]],
    );
    check(
        &format!("{start}data: <html>\n\n"),
        expect![[r#"None "Hel" hidden: true, error: false"#]],
    );
    check(&format!("{start}data: {{\"cho"), expect![[r#"None "Hel" hidden: true, error: false"#]]);
    check(
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":\
         {\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n",
        expect![[r#"None "f{}" hidden: true, error: false"#]],
    );
}

#[test]
fn nothing_follows_the_end() {
    let more = format!("{STREAM}data: {{\"choices\":[]}}\n\n: bye\n\n{STREAM}");
    let (out, _) = run(ASKED, &[more.as_bytes()]);
    assert_eq!(out + std::str::from_utf8(DONE_EVENT).unwrap(), STREAM);
}

#[test]
fn a_stream_that_says_nothing_is_silence() {
    let (_, meter) = run(PLAIN, &[b": keep-alive\n\n"]);
    assert_eq!(meter.evidence(), Evidence::Silence);
}

#[test]
fn an_end_without_its_blank_line_is_an_end() {
    let cut = STREAM.trim_end();
    let (_, meter) = run(PLAIN, &[cut.as_bytes()]);
    assert!(meter.is_done());
}

#[test]
fn a_stream_cut_anywhere_is_never_believed_beyond_what_came() {
    for at in 0..STREAM.len() {
        let (out, meter) = run(ASKED, &[&STREAM.as_bytes()[..at]]);
        let answer = meter.answer();
        let whole = STREAM[..at].contains(r#""completion_tokens":2}}"#);
        assert_eq!(answer.usage.is_some(), whole, "cut at {at}");
        assert!("Hello!".starts_with(answer.output.text(0)));
        assert!(out.len() <= at + 2, "cut at {at}");
    }
}

proptest! {
    #[test]
    fn chunking_changes_nothing(
        cuts in prop::collection::vec(0..STREAM.len(), 0..8),
        asked: bool,
    ) {
        let more = if asked { ASKED } else { PLAIN };
        let mut places = cuts;
        places.extend([0, STREAM.len()]);
        places.sort_unstable();
        let bytes = STREAM.as_bytes();
        let chunks: Vec<&[u8]> = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let (whole, whole_meter) = run(more, &[bytes]);
        let (parts, parts_meter) = run(more, &chunks);
        prop_assert_eq!(whole, parts);
        prop_assert_eq!(whole_meter.answer(), parts_meter.answer());
    }
}
