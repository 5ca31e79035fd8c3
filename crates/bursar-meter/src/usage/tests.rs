//! Reports are read as the provider means them, and contradictions are not reports.

use expect_test::{Expect, expect};

use super::*;

fn check(endpoint: Endpoint, json: &str, expected: Expect) {
    let read = match read_usage(endpoint, json) {
        None => "not reported".to_owned(),
        Some(usage) => {
            let all = serde_json::to_string(&usage).unwrap().replace(['"', '{', '}'], "");
            all.split(',').filter(|kind| !kind.ends_with(":0")).collect::<Vec<_>>().join(" ")
        }
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
        expect!["input:200 cached:700 cache_write:100 output:90 audio_out:10 reasoning:64"],
    );
    check(Endpoint::Embeddings, r#"{"prompt_tokens":8,"total_tokens":8}"#, expect!["input:8"]);
}

#[test]
fn the_newer_endpoints_count_by_direction() {
    check(
        Endpoint::Responses,
        r#"{"input_tokens":1000,"output_tokens":100,"total_tokens":1100,
            "input_tokens_details":{"cached_tokens":700,"cache_write_tokens":100},
            "output_tokens_details":{"reasoning_tokens":64}}"#,
        expect!["input:200 cached:700 cache_write:100 output:100 reasoning:64"],
    );
    check(
        Endpoint::ImageGenerations,
        r#"{"input_tokens":50,"output_tokens":1056,"total_tokens":1106,
            "input_tokens_details":{"text_tokens":10,"image_tokens":40}}"#,
        expect!["input:10 image_in:40 image_out:1056"],
    );
    check(
        Endpoint::ImageGenerations,
        r#"{"input_tokens":9,"output_tokens":300,"total_tokens":309,
            "output_tokens_details":{"text_tokens":28,"image_tokens":272}}"#,
        expect!["input:9 output:28 image_out:272"],
    );
    check(
        Endpoint::AudioSpeech,
        r#"{"input_tokens":14,"output_tokens":101,"total_tokens":115}"#,
        expect!["input:14 audio_out:101"],
    );
    for report in [
        r#"{"input_tokens":0,"output_tokens":0,"total_tokens":0}"#,
        r#"{"input_tokens":9,"output_tokens":1,"total_tokens":11}"#,
        r#"{"input_tokens":9,"output_tokens":1,"output_tokens_details":{"reasoning_tokens":2}}"#,
        r#"{"input_tokens":9,"output_tokens":1,"input_tokens_details":{"cached_tokens":10}}"#,
        r#"{"prompt_tokens":9,"completion_tokens":1}"#,
        "null",
    ] {
        check(Endpoint::Responses, report, expect!["not reported"]);
    }
}

#[test]
fn a_cached_image_is_counted_once() {
    check(
        Endpoint::ChatCompletions,
        r#"{"prompt_tokens":1000,"completion_tokens":1,
            "prompt_tokens_details":{"cached_tokens":900,"image_tokens":500}}"#,
        expect!["cached:900 image_in:100 output:1"],
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
