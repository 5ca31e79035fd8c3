//! What is refused, in the provider's envelope.

use serde_json::{Value, json};

use crate::served::{Reply, chat_body, serve};

fn line(reply: &Reply) -> String {
    let error = &reply.json()["error"];
    let text = |name: &str| error[name].as_str().unwrap_or("-").to_owned();
    let status = reply.status.as_u16();
    format!("{status} {} {} {}", text("type"), text("code"), text("param"))
}

/// Sends each request and compares its refusal with the line beside it.
async fn check(table: Vec<(Value, &str)>) {
    let served = serve(json!({}), None).await;
    for (members, expected) in table {
        let reply = served.chat(members.clone()).await;
        let found = line(&reply).replace(" invalid_request_error", "");
        assert_eq!(found, expected, "{members} {}", reply.text);
    }
}

#[tokio::test]
async fn a_wrong_value_is_refused_with_its_place() {
    check(vec![
        (json!({"model": null}), "400 missing_required_parameter model"),
        (json!({"model": "gpt-9"}), "404 model_not_found model"),
        (json!({"model": "text-embedding-3-small"}), "404 - model"),
        (json!({"messages": null}), "400 missing_required_parameter messages"),
        (json!({"messages": []}), "400 invalid_value messages"),
        (json!({"messages": "hello"}), "400 invalid_type messages"),
        (
            json!({"messages": [{"role": "king", "content": ""}]}),
            "400 invalid_value messages[0].role",
        ),
        (
            json!({"messages": [{"role": "user"}]}),
            "400 missing_required_parameter messages[0].content",
        ),
        (json!({"n": 0}), "400 invalid_value n"),
        (json!({"n": 129}), "400 invalid_value n"),
        (json!({"n": 1.5}), "400 invalid_type n"),
        (json!({"temperature": 2.1}), "400 invalid_value temperature"),
        (json!({"temperature": "hot"}), "400 invalid_type temperature"),
        (json!({"max_tokens": 0}), "400 invalid_value max_tokens"),
        (json!({"max_tokens": -1}), "400 invalid_value max_tokens"),
        (json!({"max_tokens": 1_000_000}), "400 invalid_value max_tokens"),
        (json!({"max_completion_tokens": 0}), "400 invalid_value max_completion_tokens"),
        (json!({"max_completion_tokens": 5, "max_tokens": 5}), "400 invalid_value max_tokens"),
    ])
    .await;
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_with_its_place() {
    let long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
    let function = json!({"type": "function", "function": {"name": "f"}});
    check(vec![
        (json!({"model": "gpt-5-mini", "max_tokens": 5}), "400 unsupported_parameter max_tokens"),
        (json!({"model": "gpt-5-mini", "temperature": 0}), "400 unsupported_value temperature"),
        (json!({"reasoning_effort": "low"}), "400 unsupported_parameter reasoning_effort"),
        (json!({"functions": []}), "400 unsupported_parameter functions"),
        (json!({"wings": 2}), "400 unknown_parameter wings"),
        (json!({"stream_options": {}}), "400 invalid_value stream_options"),
        (json!({"top_logprobs": 2}), "400 invalid_value top_logprobs"),
        (json!({"tools": [function], "tool_choice": "maybe"}), "400 invalid_value tool_choice"),
        (json!({"tool_choice": "auto"}), "400 invalid_value tool_choice"),
        (json!({"stop": ["", "a"]}), "400 invalid_value stop"),
        (json!({"service_tier": "flex"}), "400 invalid_value service_tier"),
        (json!({"response_format": {"type": "json_object"}}), "400 invalid_value messages"),
        (json!({"response_format": {"type": "yaml"}}), "400 invalid_value response_format.type"),
        (
            json!({"response_format": {"type": "json_schema",
                "json_schema": {"name": "x", "schema": {"enum": []}}}}),
            "400 invalid_json_schema response_format",
        ),
        (
            json!({"model": "gpt-small", "messages": [{"role": "user", "content": long}]}),
            "400 context_length_exceeded messages",
        ),
        (
            json!({"model": "gpt-small", "messages": [{"role": "user", "content":
                [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}),
            "400 unsupported_value messages[0].content",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_call_to_nowhere_is_told_so() {
    let served = serve(json!({}), None).await;
    let send = async |method: &str, path: &str, body: &str| {
        let reply = served.send(method, path, None, body.to_owned()).await;
        (line(&reply), reply.json()["error"]["message"].as_str().unwrap().to_owned())
    };
    let (found, message) = send("POST", "/v1/wishes", "{}").await;
    assert_eq!(found, "404 invalid_request_error unknown_url -");
    assert_eq!(message, "Invalid URL (POST /v1/wishes)");
    let (found, _) = send("PUT", "/v1/embeddings", "{}").await;
    assert_eq!(found, "405 invalid_request_error method_not_supported -");
    let (found, message) = send("POST", "/v1/chat/completions", "{\"model\": ").await;
    assert_eq!(found, "400 invalid_request_error - -");
    assert!(message.starts_with("The request body is not valid JSON: EOF"), "{message}");
    let (found, _) = send("POST", "/v1/chat/completions", "[]").await;
    assert_eq!(found, "400 invalid_request_error - -");
    let long = " ".repeat(16 * 1024 * 1024 + 1);
    let (found, _) = send("POST", "/v1/chat/completions", &long).await;
    assert_eq!(found, "413 invalid_request_error request_too_large -");
    let (found, _) = send("GET", "/v1/models/gpt-9", "").await;
    assert_eq!(found, "404 invalid_request_error model_not_found model");
}

#[tokio::test]
async fn nobody_passes_without_the_key_that_is_set() {
    let served = serve(json!({}), Some("sk-right")).await;
    let body = chat_body(json!({})).to_string();
    for key in [None, Some("sk-wrong"), Some("")] {
        for (method, path) in [
            ("POST", "/v1/chat/completions"),
            ("GET", "/v1/models"),
            ("GET", "/sandbox/log"),
            ("POST", "/sandbox/profile"),
        ] {
            let reply = served.send(method, path, key, body.clone()).await;
            assert_eq!(line(&reply), "401 invalid_request_error invalid_api_key -");
            assert!(!reply.text.contains("sk-"), "the key is echoed: {}", reply.text);
        }
    }
    let path = "/v1/chat/completions";
    let reply = served.send("POST", path, Some("sk-right"), body).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_profile_that_makes_no_sense_changes_nothing() {
    let served = serve(json!({"chunk_delay_ms": 3}), None).await;
    for (profile, part) in [
        (json!({"speed": 1}), "unknown field `speed`"),
        (json!({"tokens_per_chunk": 0}), "`tokens_per_chunk` is 0"),
        (json!({"first_byte_delay_ms": {"min": 5, "max": 2}}), "`max` below its `min`"),
        (json!({"fail": {"status": 200, "type": "x"}}), "not from 400 to 599"),
        (json!({"fail": {"status": 500, "type": "x", "next": 1, "every": 2}}), "keep one"),
    ] {
        let reply = served.post("/sandbox/profile", &profile).await;
        assert_eq!(reply.status, 400);
        assert!(reply.text.contains(part), "{}", reply.text);
    }
    let profile = served.send("GET", "/sandbox/profile", None, String::new()).await.json();
    assert_eq!(profile["chunk_delay_ms"], 3);
    assert_eq!(profile["fail"], Value::Null);
}
