//! Reports are read as the provider means them, and contradictions are not reports.

use expect_test::{Expect, expect};

use super::*;

fn check(endpoint: Endpoint, json: &str, expected: Expect) {
    let read = match read_usage(endpoint, json) {
        None => "not reported".to_owned(),
        Some(usage) => serde_json::to_string(&usage).unwrap().replace('"', ""),
    };
    expected.assert_eq(&read);
}

#[test]
fn kinds_are_split_out_of_the_whole() {
    check(
        Endpoint::ChatCompletions,
        r#"{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,
            "prompt_tokens_details":{"cached_tokens":700,"cache_write_tokens":100,"new":1},
            "completion_tokens_details":{"reasoning_tokens":64,"audio_tokens":10}}"#,
        expect![
            "{input:200,cached:700,cache_write:100,audio_in:0,image_in:0,output:90,audio_out:10,\
             reasoning:64}"
        ],
    );
    check(
        Endpoint::Embeddings,
        r#"{"prompt_tokens":8,"total_tokens":8}"#,
        expect![
            "{input:8,cached:0,cache_write:0,audio_in:0,image_in:0,output:0,audio_out:0,\
             reasoning:0}"
        ],
    );
}

#[test]
fn a_cached_image_is_counted_once() {
    check(
        Endpoint::ChatCompletions,
        r#"{"prompt_tokens":1000,"completion_tokens":1,
            "prompt_tokens_details":{"cached_tokens":900,"image_tokens":500}}"#,
        expect![
            "{input:0,cached:900,cache_write:0,audio_in:0,image_in:100,output:1,audio_out:0,\
             reasoning:0}"
        ],
    );
}

#[test]
fn contradictions_are_not_reports() {
    let reports = [
        r#"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":11}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":1,
            "prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":5}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"image_tokens":11}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":1,
            "completion_tokens_details":{"reasoning_tokens":2}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":1,"total_tokens":500}"#,
        r#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#,
        r#"{"prompt_tokens":-5,"completion_tokens":1}"#,
        r#"{"prompt_tokens":1e3,"completion_tokens":1}"#,
        r#"{"prompt_tokens":18446744073709551615,"completion_tokens":1}"#,
        r#"{"prompt_tokens":10}"#,
        "{}",
        "null",
        "[",
    ];
    for report in reports {
        check(Endpoint::ChatCompletions, report, expect!["not reported"]);
    }
}
