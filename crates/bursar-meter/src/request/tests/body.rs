//! What goes upstream is what came, but for the few edits that money needs.

use expect_test::{Expect, expect};

use crate::testing::{CHAT, read};

fn check(body: &str, limit: u64, pin_tier: bool, expected: Expect) {
    let request = read(CHAT, body).unwrap();
    let upstream = request.upstream_body(limit, pin_tier, None);
    expected.assert_eq(std::str::from_utf8(&upstream).unwrap());
    let again = read(CHAT, std::str::from_utf8(&upstream).unwrap()).unwrap();
    assert_eq!(again.client_output_limit, Some(limit));
}

#[test]
fn numbers_and_order_are_kept_byte_for_byte() {
    check(
        r#"{ "temperature": 0.70, "logit_bias": {"50256": -100.0},
            "model": "gpt-4o-mini-2024-07-18", "max_tokens": 5,
            "messages": [ {"role":"user", "content":"\u00e9\/"} ] }"#,
        3,
        false,
        expect![[
            r#"{"temperature":0.70,"logit_bias":{"50256": -100.0},"model":"gpt-4o-mini-2024-07-18","max_tokens":3,"messages":[ {"role":"user", "content":"\u00e9\/"} ]}"#
        ]],
    );
}

#[test]
fn a_stream_reports_its_usage_and_keeps_its_options() {
    check(
        r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a"}],"stream":true}"#,
        16,
        true,
        expect![[
            r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a"}],"stream":true,"max_completion_tokens":16,"stream_options":{"include_usage":true},"service_tier":"default"}"#
        ]],
    );
    check(
        r#"{"model":"gpt-4o-mini","stream":true,"service_tier":"auto",
            "stream_options":{"include_obfuscation":false,"include_usage":false},
            "max_completion_tokens":null,"messages":[{"role":"user","content":"a"}]}"#,
        16,
        true,
        expect![[
            r#"{"model":"gpt-4o-mini","stream":true,"service_tier":"default","stream_options":{"include_usage":true,"include_obfuscation":false},"max_completion_tokens":16,"messages":[{"role":"user","content":"a"}]}"#
        ]],
    );
}

#[test]
fn a_tier_that_the_client_chose_is_kept() {
    check(
        r#"{"model":"gpt-4o-mini","service_tier":"priority","messages":[{"role":"user"}]}"#,
        16,
        true,
        expect![[
            r#"{"model":"gpt-4o-mini","service_tier":"priority","messages":[{"role":"user"}],"max_completion_tokens":16}"#
        ]],
    );
}

#[test]
fn other_endpoints_have_no_limit_and_a_named_model() {
    use bursar_kernel::Endpoint;
    let body =
        read(Endpoint::Moderations, r#"{"input":"a"}"#).unwrap().upstream_body(16, true, None);
    assert_eq!(&*body, br#"{"input":"a","model":"omni-moderation-latest"}"#);
}

#[test]
fn a_model_is_called_as_its_upstream_calls_it() {
    let body = r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a"}]}"#;
    let upstream = read(CHAT, body).unwrap().upstream_body(9, false, Some("my-mini"));
    expect![[
        r#"{"model":"my-mini","messages":[{"role":"user","content":"a"}],"max_completion_tokens":9}"#
    ]]
    .assert_eq(std::str::from_utf8(&upstream).unwrap());
}
