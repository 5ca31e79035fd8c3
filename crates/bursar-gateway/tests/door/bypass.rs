//! Ways around the meter: the path, the query, the headers. None of them reaches the upstream.

use std::net::SocketAddr;

use bursar_kernel::Usd;
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{chat, post, send};
use crate::world::{UPSTREAM_KEY, World};

const CHAT: &str = "/v1/chat/completions";

/// Posts a body in chunks, so that nothing says how long it is.
pub(crate) async fn chunked(address: SocketAddr, key: &str, body: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: bursar\r\nauthorization: Bearer {key}\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    for part in body.chunks(1024 * 1024) {
        let size = format!("{:x}\r\n", part.len());
        let sent = [size.as_bytes(), part, b"\r\n"].concat();
        if socket.write_all(&sent).await.is_err() {
            break;
        }
    }
    let _ = socket.write_all(b"0\r\n\r\n").await;
    let mut answer = [0_u8; 4096];
    let read = socket.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn neither_query_nor_header_names_another_model() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    let bearer = format!("Bearer {}", funded.secret());
    let headers = [
        ("authorization", &*bearer),
        ("x-model", "gpt-5"),
        ("openai-model", "gpt-5"),
        ("x-forwarded-uri", "/v1/responses"),
    ];
    let path = format!("{CHAT}?model=gpt-5&api-version=1");
    let body = chat(9, false).to_string();
    let answer = send(world.address, Method::POST, &path, &headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let logged = world.sandbox.log().pop().unwrap();
    assert_eq!(logged.model.as_deref(), Some("gpt-4o-mini"));
    assert_eq!(logged.path, CHAT);
    let call = world.call_of(funded.grant).await;
    assert_eq!(call.model.as_str(), "gpt-4o-mini");
}

#[tokio::test]
async fn only_what_was_understood_is_forwarded() {
    // An upstream that keeps what it hears and hangs up.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0_u8; 64 * 1024];
        let mut read = 0;
        while !String::from_utf8_lossy(&bytes[..read]).contains("\"stream\"") {
            read += socket.read(&mut bytes[read..]).await.unwrap();
        }
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    });
    let world = World::before(Some(address)).await;
    let funded = world.funded("1").await;
    let bearer = format!("Bearer {}", funded.secret());
    let headers = [
        ("authorization", &*bearer),
        ("openai-organization", "org-canary"),
        ("cookie", "canary=1"),
        ("x-stainless-lang", "python"),
    ];
    let path = format!("{CHAT}?canary=1");
    let body = json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Hi."}],
        "stream": false,
    });
    send(world.address, Method::POST, &path, &headers, body.to_string()).await;
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("authorization: Bearer {UPSTREAM_KEY}\r\n")), "{heard}");
    assert!(heard.contains(r#""max_completion_tokens":"#), "the program's default: {heard}");
    assert!(heard.contains(r#""service_tier":"default""#), "{heard}");
    for hidden in [funded.secret(), "canary=1", "org-canary", "stainless"] {
        assert!(!heard.contains(hidden), "{heard}");
    }
}

#[tokio::test]
async fn every_endpoint_is_metered() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    for (path, body) in [
        (CHAT, chat(9, false)),
        ("/v1/embeddings", json!({"model": "text-embedding-3-small", "input": "Hi."})),
        ("/v1/moderations", json!({"input": "Hi."})),
    ] {
        let answer = post(world.address, path, funded.secret(), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_ne!(answer.header("x-bursar-hold"), "", "{path}");
        assert_ne!(answer.header("x-bursar-cost"), "", "{path}");
    }
    let calls = world.calls_of(funded.grant).await;
    assert_eq!(calls.len(), 3);
    let spent = Usd::sum(calls.iter().map(|call| call.cost)).unwrap();
    let left = Usd::from_dollars(1).unwrap().checked_sub(spent).unwrap();
    assert_eq!(world.money(funded.grant).await, (left, Usd::ZERO), "no endpoint keeps its hold");
    world.verify().await;
}
