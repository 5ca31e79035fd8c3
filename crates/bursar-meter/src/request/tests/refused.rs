//! What is not forwarded, and what the client is told.

use bursar_kernel::Endpoint;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::request::{BadRequestKind, resolve};
use crate::testing::{CHAT, catalog, read};

fn refused(endpoint: Endpoint, body: &str) -> String {
    match read(endpoint, body) {
        Ok(request) => format!("forwarded as {}", request.model),
        Err(error) => {
            let code = error.kind.code();
            let param = error.param.as_deref().unwrap_or("-");
            format!("{} {code} {param}: {}", error.status(), error.message)
        }
    }
}

fn check(endpoint: Endpoint, body: &str, expected: Expect) {
    expected.assert_eq(&refused(endpoint, body));
}

/// A chat with one more field.
fn with(more: &str) -> String {
    let messages = r#"[{"role":"user","content":"hi"}]"#;
    format!(r#"{{"model":"gpt-4o-mini","messages":{messages},{more}}}"#)
}

/// A chat with these messages.
fn messages(messages: &str) -> String {
    format!(r#"{{"model":"gpt-4o-mini","messages":{messages}}}"#)
}

#[test]
fn json_that_is_none_says_where() {
    check(
        CHAT,
        "{\n \"model\": }",
        expect![
            "400 invalid_json -: the body is not a JSON object: expected value at line 2 column 11"
        ],
    );
    check(
        CHAT,
        "[]",
        expect![[r"
        400 invalid_json -: the body is not a JSON object: invalid type: sequence, expected an object at line 1 column 0"]],
    );
    check(
        CHAT,
        "",
        expect![
            "400 invalid_json -: the body is not a JSON object: EOF while parsing a value at line 1 column 0"
        ],
    );
    check(
        CHAT,
        "{} {}",
        expect![
            "400 invalid_json -: the body is not a JSON object: trailing characters at line 1 column 4"
        ],
    );
}

#[test]
fn a_field_twice_is_refused_however_it_is_spelled() {
    check(
        CHAT,
        &with(r#""model":"gpt-6-sol""#),
        expect![[r"
        400 duplicate_parameter model: the field `model` appears twice
        hint: send it once"]],
    );
    let escaped = refused(CHAT, &with(r#""mod\u0065l":"gpt-6-sol""#));
    assert!(escaped.starts_with("400 duplicate_parameter model"), "{escaped}");
    let role = refused(CHAT, &messages(r#"[{"role":"user","role":"user","content":"x"}]"#));
    assert!(role.contains("duplicate field `role`"), "{role}");
    let url = r#"[{"role":"user","content":[{"type":"text","text":"a","text":"b"}]}]"#;
    assert!(refused(CHAT, &messages(url)).contains("duplicate field `text`"));
}

#[test]
fn what_nobody_can_price_is_refused_by_name() {
    check(
        CHAT,
        &with(r#""best_of":20"#),
        expect![[r"
        400 unknown_parameter best_of: `best_of` is not a field that this gateway forwards to `/chat/completions`: what it costs is not known
        hint: leave it out, or ask the operator to add it"]],
    );
    check(
        CHAT,
        &with(r#""web_search_options":{}"#),
        expect![
            "400 unsupported_value web_search_options: web search is billed for each search and is not offered here yet"
        ],
    );
    check(
        CHAT,
        &with(r#""store":true"#),
        expect![[r"
        400 unsupported_value store: stored chats are not offered through this gateway: they would lie in the upstream's account
        hint: leave `store` out, or store an answer of `/v1/responses`"]],
    );
    check(
        CHAT,
        &with(r#""modalities":["text","audio"]"#),
        expect![[r"
        400 unsupported_value modalities: only text answers are offered through this gateway yet
        hint: leave `modalities` out"]],
    );
    for harmless in [
        r#""store":false"#,
        r#""audio":null"#,
        r#""modalities":["text"]"#,
        r#""web_search_options":null"#,
        r#""n":null"#,
        r#""stream_options":null"#,
        r#""temperature":0.70"#,
    ] {
        assert_eq!(refused(CHAT, &with(harmless)), "forwarded as gpt-4o-mini", "{harmless}");
    }
}

/// The fields of the provider's `CreateChatCompletionRequest` (API description 2.3.0).
const CHAT_FIELDS: &str = "\
    audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens \
    max_tokens messages metadata modalities model moderation n parallel_tool_calls prediction \
    presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention \
    reasoning_effort response_format safety_identifier seed service_tier stop store stream \
    stream_options temperature tool_choice tools top_logprobs top_p user verbosity \
    web_search_options";

#[test]
fn every_field_of_the_provider_is_known_and_null_harms_nobody() {
    for field in CHAT_FIELDS.split(' ').filter(|field| !matches!(*field, "model" | "messages")) {
        let answer = refused(CHAT, &with(&format!(r#""{field}":null"#)));
        assert_eq!(answer, "forwarded as gpt-4o-mini", "{field}");
    }
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    check(
        CHAT,
        &with(r#""max_tokens":-1"#),
        expect![
            "400 invalid_value max_tokens: `max_tokens` must be a whole number of tokens, at least 1"
        ],
    );
    check(
        CHAT,
        &with(r#""max_completion_tokens":16385"#),
        expect![[r"
        400 invalid_value max_completion_tokens: `max_completion_tokens` is 16385 and `gpt-4o-mini` makes at most 16384 tokens
        hint: ask for at most 16384"]],
    );
    check(
        CHAT,
        &with(r#""max_tokens":5,"max_completion_tokens":5"#),
        expect![[r"
        400 invalid_value max_tokens: `max_tokens` and `max_completion_tokens` are one limit
        hint: send only `max_completion_tokens`"]],
    );
    check(
        CHAT,
        &with(r#""n":129"#),
        expect!["400 invalid_value n: `n` must be a whole number from 1 to 128"],
    );
    check(
        CHAT,
        &with(r#""stream":"yes""#),
        expect!["400 invalid_value stream: `stream` must be true or false"],
    );
    check(
        CHAT,
        &with(r#""stream_options":{"include_usage":true}"#),
        expect![[r"
        400 invalid_value stream_options: `stream_options` needs `stream: true`
        hint: leave it out, or stream"]],
    );
    check(
        CHAT,
        &with(r#""service_tier":"flex""#),
        expect![[r"
        400 unsupported_value service_tier: `gpt-4o-mini` has no price at the service tier `flex`
        hint: leave `service_tier` out"]],
    );
    for absurd in ["0", "1.5", "1e3", "99999999999999999999999", "\"5\"", "[]", "true"] {
        let answer = refused(CHAT, &with(&format!(r#""max_completion_tokens":{absurd}"#)));
        assert!(answer.starts_with("400 invalid_value max_completion_tokens"), "{answer}");
    }
}

#[test]
fn content_that_hides_cost_is_refused() {
    check(
        CHAT,
        &messages("[]"),
        expect![[r"
        400 invalid_value messages: `messages` is empty
        hint: send at least one"]],
    );
    check(
        CHAT,
        &messages(r#""hi""#),
        expect![[r#"
        400 invalid_value messages: `messages`: invalid type: string "hi", expected an array of messages"#]],
    );
    check(
        CHAT,
        r#"{"model":"gpt-4o-mini"}"#,
        expect![[r"
        400 missing_required_parameter messages: the request has no `messages`
        hint: add the field `messages`"]],
    );
    check(
        CHAT,
        &messages(r#"[{"role":"user","content":"a"},{"role":"user","content":5}]"#),
        expect![
            "400 invalid_value messages[1]: `messages[1]`: invalid type: integer `5`, expected a string or an array of content parts"
        ],
    );
    let part = |part: &str| messages(&format!(r#"[{{"role":"user","content":[{part}]}}]"#));
    check(
        CHAT,
        &part(r#"{"type":"input_audio","input_audio":{"data":"","format":"wav"}}"#),
        expect![
            "400 invalid_value messages[0]: `messages[0]`: `input_audio` parts are not offered through this gateway yet"
        ],
    );
    check(
        CHAT,
        &part(r#"{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}"#),
        expect![
            "400 invalid_value messages[0]: `messages[0]`: an image's `url` begins with `https://` or `data:`"
        ],
    );
    check(
        CHAT,
        &part(r#"{"type":"text","text":"a","image_url":{"url":"https://x"}}"#),
        expect![
            "400 invalid_value messages[0]: `messages[0]`: a `text` part has the member `text` and no other content"
        ],
    );
    check(
        CHAT,
        &with(r#""tools":[{"type":"web_search"}]"#),
        expect![
            "400 invalid_value tools[0]: `tools[0]`: a tool is of type `function` or `custom`, with the member of that name; tools that the provider runs are not offered through this gateway yet"
        ],
    );
    let image =
        r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}"#;
    check(
        CHAT,
        &format!(r#"{{"model":"text-only","messages":[{image}]}}"#),
        expect![[r"
        400 unsupported_value messages: `text-only` takes no images
        hint: choose a model that does"]],
    );
}

#[test]
fn models_that_cannot_be_called_are_not_found() {
    let ask = |model: &str| format!(r#"{{"model":"{model}","messages":[]}}"#);
    check(
        CHAT,
        &ask("gpt-9"),
        expect![[r"
        404 model_not_found model: the model `gpt-9` does not exist here
        hint: `GET /v1/models` lists the models that you can call"]],
    );
    check(
        CHAT,
        &ask("text-embedding-3-small"),
        expect![[r"
        404 model_not_found model: the model `text-embedding-3-small` does not answer at `/chat/completions`, but at `/embeddings`
        hint: `GET /v1/models` lists the models that you can call"]],
    );
    check(
        CHAT,
        r#"{"messages":[]}"#,
        expect![[r"
        400 missing_required_parameter model: the request has no `model`
        hint: add the field `model`"]],
    );
}

#[test]
fn a_model_without_a_price_is_refused() {
    let body = r#"{"model":"mystery","messages":[{"role":"user","content":"hi"}]}"#;
    check(
        CHAT,
        body,
        expect![[r"
        404 model_not_found model: the model `mystery` has no price here, so no call can be paid
        hint: `GET /v1/models` lists the models that you can call"]],
    );
    let unpriced = read(CHAT, body).unwrap_err();
    assert_eq!(unpriced.kind, BadRequestKind::Unpriced { model: "mystery".into() });
    // Nor at a service tier that it has no price for.
    let flex = refused(CHAT, &with(r#""service_tier":"flex""#));
    assert!(flex.contains("`gpt-4o-mini` has no price at the service tier `flex`"), "{flex}");
}

#[test]
fn inputs_are_of_one_kind_and_not_empty() {
    let embed = |input: &str| format!(r#"{{"model":"text-embedding-3-small","input":{input}}}"#);
    for good in [r#""a""#, r#"["a","b"]"#, "[1,2]", "[[1,2],[3]]"] {
        let answer = refused(Endpoint::Embeddings, &embed(good));
        assert_eq!(answer, "forwarded as text-embedding-3-small");
    }
    for bad in [
        r#""""#,
        "[]",
        "[[]]",
        r#"["a",1]"#,
        "[1,[2]]",
        "[-1]",
        "5",
        "{}",
        r#"[{"type":"text","text":"a"}]"#,
    ] {
        let answer = refused(Endpoint::Embeddings, &embed(bad));
        assert!(answer.starts_with("400 invalid_value input"), "{bad}: {answer}");
    }
    let many = format!("[{}]", vec!["\"a\""; 2_049].join(","));
    check(
        Endpoint::Embeddings,
        &embed(&many),
        expect!["400 invalid_value input[2048]: `input[2048]`: a call takes at most 2048 inputs"],
    );
    let moderate = r#"{"input":[{"type":"text","text":"a"}]}"#;
    assert_eq!(refused(Endpoint::Moderations, moderate), "forwarded as omni-moderation-latest");
}

#[test]
fn the_envelope_is_the_providers() {
    let error = read(CHAT, &with(r#""n":0"#)).unwrap_err();
    let json = String::from_utf8(error.envelope().to_bytes().to_vec()).unwrap();
    expect![[r#"{"error":{"message":"`n` must be a whole number from 1 to 128.","type":"invalid_request_error","param":"n","code":"invalid_value"}}"#]]
    .assert_eq(&json);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, place: prop::sample::Index, byte: u8) {
        let catalog = catalog();
        let mut good = with(r#""n":2,"tools":[{"type":"function","function":{"name":"f"}}]"#).into_bytes();
        let place = place.index(good.len());
        good[place] = byte;
        for endpoint in [CHAT, Endpoint::Embeddings, Endpoint::Moderations] {
            let _ = resolve(endpoint, &bytes.clone().into(), &catalog);
            let _ = resolve(endpoint, &good.clone().into(), &catalog);
        }
    }
}
