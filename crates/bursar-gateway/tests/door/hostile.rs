//! An upstream that no honest provider is: it says exactly what a test wants, byte for byte.

use std::net::SocketAddr;

use bursar_store::rows::{Basis, CallOutcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::client::{chat, get, post};
use crate::world::{UPSTREAM_KEY, World};

const CHAT: &str = "/v1/chat/completions";

/// Answers every connection with the same bytes, and closes it.
pub(crate) async fn saying(bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0_u8; 16 * 1024];
            let _ = socket.read(&mut buffer).await;
            let _ = socket.write_all(&bytes).await;
            let _ = socket.shutdown().await;
        }
    });
    address
}

fn response(status: &str, kind: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn what_nobody_can_read_is_held_in_full() {
    let cases = [
        ("a closed connection", Vec::new(), 502),
        ("half a head", b"HTTP/1.1 200 O".to_vec(), 502),
        (
            "a body that is too short",
            response("200 OK", "application/json", "{}")[..60].into(),
            502,
        ),
        ("a page in place of JSON", response("200 OK", "text/html", "<html>hello</html>"), 200),
        ("a gateway's timeout", response("504 Gateway Timeout", "text/html", "late"), 504),
    ];
    for (name, bytes, status) in cases {
        let world = World::before(Some(saying(bytes).await)).await;
        let funded = world.funded("1").await;
        let answer = post(world.address, CHAT, funded.secret(), &chat(60, false)).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        let call = world.call_of(funded.grant).await;
        assert_eq!((call.basis, call.cost), (Basis::HeldInFull, call.held), "{name}");
    }
}

#[tokio::test]
async fn an_upstream_that_nobody_answers_at_costs_nothing() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let world = World::before(Some(gone)).await;
    let funded = world.funded("1").await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(60, true)).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.error().1, "upstream_unavailable");
    assert_ne!(answer.header("retry-after"), "");
    let call = world.call_of(funded.grant).await;
    assert_eq!((call.basis, call.outcome), (Basis::Nothing, CallOutcome::UpstreamFailed));
    assert!(!answer.text().contains(&gone.to_string()), "{}", answer.text());
}

#[tokio::test]
async fn an_upstream_that_repeats_its_credential_is_not_repeated() {
    let said = format!(
        r#"{{"error": {{"message": "bad {UPSTREAM_KEY} at you", "type": "invalid_request_error",
           "param": "model", "code": "invalid_value"}}}}"#
    );
    let event = format!("data: {}\n\n", said.replace('\n', " "));
    for (bytes, stream, status) in [
        (response("400 Bad Request", "application/json", &said), false, 400),
        (response("401 Unauthorized", "application/json", &said), false, 503),
        (response("302 Found", "application/json", &said), false, 503),
        (response("200 OK", "text/event-stream", &event), true, 200),
    ] {
        let world = World::before(Some(saying(bytes).await)).await;
        let funded = world.funded("1").await;
        let answer = post(world.address, CHAT, funded.secret(), &chat(60, stream)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(!answer.text().contains(UPSTREAM_KEY), "{}", answer.text());
        assert!(!answer.text().contains("[DONE]"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_stream_without_done_but_with_its_finish_ends_well() {
    let chunk =
        r#"data: {"choices":[{"index":0,"delta":{"content":"Hi."},"finish_reason":"stop"}]}"#;
    let body = format!("{chunk}\n\n");
    let upstream = saying(response("200 OK", "text/event-stream", &body)).await;
    let world = World::before(Some(upstream)).await;
    let funded = world.funded("1").await;
    let answer = post(world.address, CHAT, funded.secret(), &chat(60, true)).await;
    assert!(answer.text().starts_with(&body), "{}", answer.text());
    assert!(answer.text().ends_with("data: [DONE]\n\n"), "{}", answer.text());
    let call = world.call_of(funded.grant).await;
    assert_eq!((call.basis, call.outcome), (Basis::Counted, CallOutcome::Answered));
}

#[tokio::test]
async fn a_cost_is_told_in_exact_decimals_wherever_it_is_told() {
    // In binary floating point these 1,000 and 100 tokens come to 0.00020999999999999998.
    let usage = r#""usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}"#;
    let plain = format!(
        r#"{{"model":"gpt-4o-mini","choices":[{{"index":0,"finish_reason":"stop",
           "message":{{"role":"assistant","content":"Hi."}}}}],{usage}}}"#
    );
    let streamed = format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"Hi.\"}},\
         \"finish_reason\":\"stop\"}}]}}\n\ndata: {{\"choices\":[],{usage}}}\n\ndata: [DONE]\n\n"
    );
    for (kind, said, stream) in
        [("application/json", &plain, false), ("text/event-stream", &streamed, true)]
    {
        let world = World::before(Some(saying(response("200 OK", kind, said)).await)).await;
        let funded = world.funded("1").await;
        let mut body = chat(100, stream);
        body["messages"][0]["content"] = "word ".repeat(1_000).into();
        let answer = post(world.address, CHAT, funded.secret(), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told = |name: &str| {
            if stream {
                answer.comment(name).unwrap_or_default().to_owned()
            } else {
                answer.header(&format!("x-{name}")).to_owned()
            }
        };
        assert_eq!(told("bursar-cost"), "0.00021", "{}", answer.text());
        assert_eq!(told("bursar-balance"), "0.99979");
        let request = answer.header("x-request-id");
        let path = format!("/v1/bursar/calls/{request}");
        let call = get(world.address, &path, funded.secret()).await;
        assert!(call.text().contains(r#""cost":"0.00021""#), "{}", call.text());
        assert_eq!(world.call_of(funded.grant).await.cost.nanos(), 210_000);
    }
}
