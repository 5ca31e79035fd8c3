//! A sandbox that was told to be slow, broken or dishonest, and what its log says then.

use std::time::{Duration, Instant};

use bursar_sandbox::{LoggedCall, Outcome};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::served::{Served, chat_body, count, serve};

const STREAM: fn() -> Value =
    || json!({"stream": true, "stream_options": {"include_usage": true}, "max_tokens": 30});

/// Sends a request, reads until the text has arrived, and hangs up.
async fn hang_up_after(served: &Served, members: Value, text: &str) -> String {
    let body = chat_body(members).to_string();
    let mut socket = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: sandbox\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all((head + &body).as_bytes()).await.unwrap();
    let (mut read, mut buffer) = (String::new(), [0; 4_096]);
    while !read.contains(text) {
        let length = socket.read(&mut buffer).await.unwrap();
        assert!(length > 0, "the answer ended: {read}");
        read.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    read
}

/// Asks for a few words, and leaves without an answer once the log has come so far.
async fn leave_when(served: &Served, far_enough: impl Fn(&LoggedCall) -> bool) {
    let waiting = async {
        while !served.sandbox.log().last().is_some_and(&far_enough) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        reply = served.chat(json!({"max_tokens": 30})) => panic!("answered: {reply:?}"),
        () = waiting => {}
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_is_logged_with_what_was_made_for_it() {
    let profile = json!({"chunk_delay_ms": 20, "tokens_per_chunk": 1, "answer_tokens": 400});
    let served = serve(profile, None).await;
    let read = hang_up_after(&served, json!({"stream": true}), "\"content\":\" answer\"").await;
    let seen = u64::try_from(read.matches("\"content\":\"").count()).unwrap() - 1;
    let call = served.last_call().await;
    assert_eq!((call.outcome, call.aborted), (Outcome::Aborted, true));
    assert!(call.stream && call.reported.is_empty());
    // What is under way when the client leaves is made all the same: a few, of some 400.
    assert!(
        call.output_tokens >= seen.max(1) && call.output_tokens <= seen + 100,
        "{call:?} {seen}"
    );
    assert_eq!(call.input_tokens, 3 + count("user") + count("What is a lot?") + 3);
}

#[tokio::test]
async fn a_sandbox_that_hangs_answers_nobody() {
    let served = serve(json!({"hang": true}), None).await;
    leave_when(&served, |call| call.body_bytes > 0).await;
    let call = served.last_call().await;
    assert_eq!((call.outcome, call.status, call.output_tokens), (Outcome::Aborted, None, 0));
}

#[tokio::test]
async fn a_client_that_leaves_before_the_first_byte_is_logged_with_the_whole_answer() {
    let served = serve(json!({"first_byte_delay_ms": 60_000}), None).await;
    leave_when(&served, |call| call.output_tokens > 0).await;
    let call = served.last_call().await;
    // An answer that is not streamed is made, and billed, whether or not somebody waits for it.
    assert_eq!((call.outcome, call.status, call.output_tokens), (Outcome::Aborted, None, 30));
    assert!(call.reported.is_empty());
}

#[tokio::test]
async fn delays_are_waited_for() {
    let served = serve(json!({"first_byte_delay_ms": {"min": 120, "max": 130}}), None).await;
    let began = Instant::now();
    assert_eq!(served.chat(json!({})).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(120));
    let profile = json!({"chunk_delay_ms": 10, "tokens_per_chunk": 3});
    assert_eq!(served.post("/sandbox/profile", &profile).await.status, 200);
    let began = Instant::now();
    // Ten chunks of text, between an opening one and a closing one, usage and the last line.
    assert_eq!(served.chat(STREAM()).await.events().len(), 13);
    assert!(began.elapsed() >= Duration::from_millis(130));
}

#[tokio::test]
async fn calls_fail_as_often_as_they_are_told_to() {
    let served = serve(json!({}), None).await;
    let statuses = async |fail: Value| {
        served.post("/sandbox/profile", &json!({"fail": fail})).await;
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(served.chat(json!({"max_tokens": 1})).await.status.as_u16());
        }
        statuses
    };
    let failure = |members: Value| {
        let mut failure = json!({"status": 429, "type": "requests", "code": "rate_limit_exceeded",
            "retry_after_s": 7});
        failure.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        failure
    };
    assert_eq!(statuses(failure(json!({"next": 2}))).await, [429, 429, 200, 200]);
    assert_eq!(statuses(failure(json!({"every": 2}))).await, [200, 429, 200, 429]);
    assert_eq!(statuses(failure(json!({}))).await, [429, 429, 429, 429]);
    let reply = served.chat(json!({})).await;
    assert_eq!(reply.headers["retry-after"], "7");
    assert_eq!(reply.json()["error"]["code"], "rate_limit_exceeded");
    assert_eq!(served.last_call().await.outcome, Outcome::Refused);
}

#[tokio::test]
async fn a_cut_leaves_whole_chunks_and_no_ending() {
    let served = serve(json!({}), None).await;
    for (cut, whole) in [
        (json!({"after_chunks": 0}), 0),
        (json!({"after_chunks": 3}), 3),
        (json!({"after_chunks": 3, "mid_chunk": true}), 3),
    ] {
        let profile = json!({"cut": cut, "tokens_per_chunk": 2});
        served.post("/sandbox/profile", &profile).await;
        let reply = served.chat(STREAM()).await;
        assert!(reply.broken, "{reply:?}");
        assert_eq!(reply.events().len(), whole);
        let torn = !reply.text.is_empty() && !reply.text.ends_with("\n\n");
        assert_eq!(torn, cut["mid_chunk"] == true, "{reply:?}");
        let call = served.last_call().await;
        // The first chunk names the role only; the others have two tokens each.
        let tokens = u64::try_from(whole.saturating_sub(1) * 2).unwrap();
        assert_eq!((call.outcome, call.output_tokens), (Outcome::Cut, tokens));
    }
    let reply = served.chat(json!({})).await;
    assert!(reply.broken && serde_json::from_str::<Value>(&reply.text).is_err());
}

#[tokio::test]
async fn usage_is_reported_as_dishonestly_as_it_is_told_to_be() {
    let served = serve(json!({}), None).await;
    let honest = served.chat(json!({"max_tokens": 30})).await.json()["usage"].clone();
    assert_eq!(honest["completion_tokens"], 30);
    let mut tenfold = honest.clone();
    tenfold["completion_tokens"] = json!(300);
    for (usage, plain, streamed) in [
        (json!("honest"), Some(30), vec![30]),
        (json!("omitted"), None, vec![]),
        (json!("zero"), Some(0), vec![0]),
        (json!("twice"), Some(30), vec![30, 30]),
        (json!({"times": 10}), Some(300), vec![300]),
    ] {
        served.post("/sandbox/profile", &json!({"usage": usage})).await;
        let answer = served.chat(json!({"max_tokens": 30})).await.json();
        assert_eq!(answer["usage"]["completion_tokens"].as_u64(), plain);
        let events = served.chat(STREAM()).await.events();
        let reported: Vec<u64> = events
            .iter()
            .filter_map(|event| event["usage"]["completion_tokens"].as_u64())
            .collect();
        assert_eq!(reported, streamed);
        let call = served.last_call().await;
        assert_eq!(call.reported.len(), streamed.len());
        assert_eq!(call.output_tokens, 30);
    }
}

#[tokio::test]
async fn an_error_can_come_in_the_middle_of_a_stream() {
    let error = json!({"after_chunks": 2, "type": "server_error", "code": "boom"});
    let served = serve(json!({"stream_error": error}), None).await;
    let reply = served.chat(STREAM()).await;
    let events = reply.events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[2]["error"]["code"], "boom");
    assert!(!reply.broken && !reply.text.contains("[DONE]"));
    assert_eq!(served.last_call().await.outcome, Outcome::Failed);
}

#[tokio::test]
async fn the_priority_tier_can_be_downgraded() {
    let served = serve(json!({}), None).await;
    let tier = async |wanted: &str| {
        served.chat(json!({"service_tier": wanted})).await.json()["service_tier"].clone()
    };
    assert_eq!((tier("auto").await, tier("priority").await), (json!("default"), json!("priority")));
    served.post("/sandbox/profile", &json!({"downgrade_priority": true})).await;
    assert_eq!(tier("priority").await, json!("default"));
}

#[tokio::test]
async fn the_log_tells_what_was_received() {
    let served = serve(json!({}), None).await;
    let reply = served.chat(json!({"max_tokens": 5})).await;
    let path = "/sandbox/log?limit=1";
    let log = served.send("GET", path, None, String::new()).await.json();
    let call = &log["calls"][0];
    assert_eq!(call["request_id"], reply.headers["x-request-id"].to_str().unwrap());
    assert_eq!(call["path"], "/v1/chat/completions");
    assert_eq!(call["model"], "gpt-4o-mini");
    assert_eq!(call["body_bytes"], chat_body(json!({"max_tokens": 5})).to_string().len());
    assert_eq!(call["outcome"], "answered");
    assert_eq!(call["reported"], json!([reply.json()["usage"]]));
}
