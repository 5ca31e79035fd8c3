//! Honest answers: their words, their shape, their usage.

use serde_json::{Value, json};

use crate::served::{count, serve};

#[tokio::test]
async fn usage_is_what_the_tokenizer_counts() {
    let served = serve(json!({}), None).await;
    for seed in 0..20 {
        let answer = served.chat(json!({"seed": seed})).await.json();
        let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
        assert!(text.starts_with("This is a sandbox answer"), "{text}");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
        assert_eq!(answer["usage"]["completion_tokens"], count(text), "{text}");
        // Three for the message, its role and its content, and three for the reply.
        let prompt = 3 + count("user") + count("What is a lot?") + 3;
        assert_eq!(answer["usage"]["prompt_tokens"], prompt);
        let total = prompt + count(text);
        assert_eq!(answer["usage"]["total_tokens"], total);
    }
}

#[tokio::test]
async fn the_same_request_gets_the_same_words_and_another_seed_others() {
    let served = serve(json!({}), None).await;
    let text = async |members: Value| {
        let answer = served.chat(members).await.json();
        answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    };
    assert_eq!(text(json!({"seed": 1})).await, text(json!({"seed": 1})).await);
    assert_ne!(text(json!({"seed": 1})).await, text(json!({"seed": 2})).await);
    let limited = text(json!({"seed": 1, "max_tokens": 30})).await;
    assert!(text(json!({"seed": 1})).await.starts_with(&limited));
    // Every call has its own id all the same.
    let id = async || served.chat(json!({"seed": 1})).await.json()["id"].clone();
    assert_ne!(id().await, id().await);
}

#[tokio::test]
async fn a_limit_cuts_at_the_very_token() {
    let served = serve(json!({"answer_tokens": 300}), None).await;
    for limit in [1_u64, 2, 9, 10, 11, 64, 299] {
        for name in ["max_tokens", "max_completion_tokens"] {
            let answer = served.chat(json!({name: limit})).await.json();
            assert_eq!(answer["usage"]["completion_tokens"], limit);
            assert_eq!(answer["choices"][0]["finish_reason"], "length");
            let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
            assert_eq!(count(text), limit, "{text}");
        }
    }
}

#[tokio::test]
async fn each_choice_has_its_own_words_and_its_own_limit() {
    let served = serve(json!({"answer_tokens": 50}), None).await;
    let answer = served.chat(json!({"n": 5, "max_tokens": 40})).await.json();
    assert_eq!(answer["usage"]["completion_tokens"], 200);
    let texts: std::collections::BTreeSet<&str> = answer["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["message"]["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts.len(), 5);
}

#[tokio::test]
async fn a_stop_sequence_ends_the_answer_before_itself() {
    let served = serve(json!({"answer_tokens": 100}), None).await;
    let answer = served.chat(json!({"stop": ["zebra", " without"]})).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["content"], "This is a sandbox answer, written");
    assert_eq!(choice["finish_reason"], "stop");
}

#[tokio::test]
async fn a_stream_says_what_the_plain_answer_says() {
    let served = serve(json!({}), None).await;
    let options = json!({"include_usage": true});
    for members in [json!({}), json!({"max_tokens": 33}), json!({"n": 3, "logprobs": true})] {
        let plain = served.chat(members.clone()).await.json();
        let mut members = members;
        members["stream"] = json!(true);
        members["stream_options"] = options.clone();
        let reply = served.chat(members).await;
        assert!(reply.text.ends_with("data: [DONE]\n\n"));
        assert_eq!(reply.headers["content-type"], "text/event-stream; charset=utf-8");
        let events = reply.events();
        let (last, chunks) = events.split_last().unwrap();
        assert_eq!(json!(reply.streamed_text()), plain["choices"][0]["message"]["content"]);
        assert_eq!(last["usage"], plain["usage"]);
        assert_eq!(last["choices"], json!([]));
        for chunk in chunks {
            assert_eq!(chunk.get("usage"), Some(&Value::Null));
            assert!(chunk["obfuscation"].is_string());
        }
        let logprobs: Vec<Value> = chunks
            .iter()
            .filter(|chunk| chunk["choices"][0]["index"] == 0)
            .filter_map(|chunk| chunk["choices"][0]["logprobs"]["content"].as_array().cloned())
            .flatten()
            .collect();
        let whole = &plain["choices"][0]["logprobs"]["content"];
        assert_eq!(logprobs, whole.as_array().cloned().unwrap_or_default());
    }
}

#[tokio::test]
async fn a_stream_mentions_no_usage_unless_asked() {
    let served = serve(json!({}), None).await;
    let reply = served
        .chat(json!({"stream": true, "stream_options": {"include_obfuscation": false}}))
        .await;
    for event in reply.events() {
        assert!(event.get("usage").is_none() && event.get("obfuscation").is_none(), "{event}");
    }
    let call = served.last_call().await;
    assert_eq!(call.output_tokens, count(&reply.streamed_text()));
    assert!(call.reported.is_empty() && !call.aborted);
}

#[tokio::test]
async fn reasoning_counts_inside_the_limit() {
    let served = serve(json!({"answer_tokens": 400}), None).await;
    let reasoned = async |members: Value| {
        let mut members = members;
        members["model"] = json!("gpt-5-mini");
        served.chat(members).await.json()
    };
    let answer = reasoned(json!({"max_completion_tokens": 60})).await;
    let details = &answer["usage"]["completion_tokens_details"];
    assert_eq!(details["reasoning_tokens"], 60);
    assert_eq!(answer["usage"]["completion_tokens"], 60);
    assert_eq!(answer["choices"][0]["message"]["content"], "");
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    let answer =
        reasoned(json!({"max_completion_tokens": 5_000, "reasoning_effort": "high"})).await;
    let reasoning = answer["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64();
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    let completion = answer["usage"]["completion_tokens"].as_u64();
    assert_eq!(completion, reasoning.map(|reasoning| reasoning + count(text)));
    assert!(reasoning >= Some(640) && reasoning.is_some_and(|tokens| tokens % 64 == 0));
    let answer = reasoned(json!({"reasoning_effort": "none"})).await;
    assert_eq!(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 0);
}

#[tokio::test]
async fn functions_are_called_when_they_are_asked_for() {
    let served = serve(json!({}), None).await;
    let function = |name: &str| {
        json!({"type": "function", "function": {"name": name, "parameters": {
            "type": "object", "required": ["city"], "additionalProperties": false,
            "properties": {"city": {"type": "string", "enum": ["Bonn", "Oslo"]}},
        }}})
    };
    let tools = json!([function("get_weather"), function("get_time")]);
    let said = |text: &str| json!([{"role": "user", "content": text}]);
    let both = said("use get_weather and get_time");
    for (messages, choice, parallel, called, finish) in [
        (said("hello"), json!("auto"), true, 0, "stop"),
        (both.clone(), json!("auto"), true, 2, "tool_calls"),
        (both.clone(), json!("auto"), false, 1, "tool_calls"),
        (both, json!("none"), true, 0, "stop"),
        (said("hello"), json!("required"), true, 1, "tool_calls"),
        (
            said("hello"),
            json!({"type": "function", "function": {"name": "get_time"}}),
            true,
            1,
            "stop",
        ),
    ] {
        let members = json!({"messages": messages, "tools": tools, "tool_choice": choice,
            "parallel_tool_calls": parallel});
        let answer = served.chat(members.clone()).await.json();
        let choice = &answer["choices"][0];
        assert_eq!(choice["finish_reason"], finish, "{members}");
        let calls = choice["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
        assert_eq!(calls.len(), called, "{members}");
        for call in calls {
            let arguments = call["function"]["arguments"].as_str().unwrap();
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            assert!(arguments["city"] == "Bonn" || arguments["city"] == "Oslo");
        }
    }
}

#[tokio::test]
async fn a_long_prefix_is_cached_the_second_time() {
    let served = serve(json!({}), None).await;
    let long = "one two three four five six seven eight nine ten ".repeat(150);
    let ask = async |question: &str| {
        let messages = json!([{"role": "system", "content": long},
            {"role": "user", "content": question}]);
        let usage = served.chat(json!({"messages": messages})).await.json()["usage"].clone();
        let read = |value: &Value| value.as_u64().unwrap();
        (read(&usage["prompt_tokens_details"]["cached_tokens"]), read(&usage["prompt_tokens"]))
    };
    let (cached, _) = ask("first?").await;
    assert_eq!(cached, 0);
    let (cached, prompt) = ask("second?").await;
    assert!(cached >= 1_024 && cached % 128 == 0 && prompt - cached < 128 + 16);
}

#[tokio::test]
async fn images_count_a_tile_estimate_and_are_not_fetched() {
    let served = serve(json!({}), None).await;
    for (detail, tokens) in [("low", 85), ("high", 765), ("auto", 765)] {
        let image = json!({"type": "image_url",
            "image_url": {"url": "http://127.0.0.1:9/none.png", "detail": detail}});
        let content = json!([{"type": "text", "text": "What is this?"}, image]);
        let reply = served.chat(json!({"messages": [{"role": "user", "content": content}]})).await;
        let expected = 3 + count("user") + count("What is this?") + tokens + 3;
        assert_eq!(reply.json()["usage"]["prompt_tokens"], expected);
    }
}

#[tokio::test]
async fn every_answer_is_labelled() {
    let served = serve(json!({}), None).await;
    for reply in [
        served.chat(json!({})).await,
        served.chat(json!({"stream": true})).await,
        served.chat(json!({"model": "none"})).await,
        served.post("/v1/nothing", &json!({})).await,
        served.send("GET", "/v1/models", None, String::new()).await,
    ] {
        for name in [
            "x-request-id",
            "openai-organization",
            "openai-processing-ms",
            "openai-version",
            "x-ratelimit-limit-requests",
            "x-ratelimit-limit-tokens",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-requests",
            "x-ratelimit-reset-tokens",
        ] {
            assert!(reply.headers.contains_key(name), "{name} {reply:?}");
        }
        assert_eq!(reply.headers["x-bursar-sandbox"], "true");
        assert!(reply.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    }
}

#[tokio::test]
async fn models_are_listed_and_served_after_their_last_day() {
    let served = serve(json!({}), None).await;
    let list = served.send("GET", "/v1/models", None, String::new()).await.json();
    let names: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "gpt-4o-mini",
            "gpt-5-mini",
            "gpt-small",
            "omni-moderation-latest",
            "text-embedding-3-large",
            "text-embedding-3-small",
            "gpt-4o-mini-2024-07-18"
        ]
    );
    let path = "/v1/models/gpt-4o-mini-2024-07-18";
    let one = served.send("GET", path, None, String::new()).await.json();
    assert_eq!(one["shutdown_date"], "2020-01-14");
    let answer = served.chat(json!({"model": "gpt-4o-mini-2024-07-18"})).await;
    assert_eq!(answer.json()["model"], "gpt-4o-mini-2024-07-18");
}
