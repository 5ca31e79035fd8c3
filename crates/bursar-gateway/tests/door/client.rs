//! A client that hides nothing: status, headers and bytes as they come.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the body ended as its framing says, not by a broken connection.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    /// The error's type, code and message.
    pub(crate) fn error(&self) -> (String, String, String) {
        let error = &self.json()["error"];
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        assert!(error.get("param").is_some(), "the envelope has four members: {error}");
        (text("type"), text("code"), text("message"))
    }

    /// The data of each event of a stream.
    pub(crate) fn events(&self) -> Vec<&str> {
        self.text().lines().filter_map(|line| line.strip_prefix("data: ")).collect()
    }

    /// A comment of a stream.
    pub(crate) fn comment(&self, name: &str) -> Option<&str> {
        let start = format!(": {name} ");
        self.text().lines().find_map(|line| line.strip_prefix(&start))
    }
}

/// Sends a request and reads its answer to the end.
pub(crate) async fn send(
    address: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body.into())).unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.unwrap();
    let (head, mut incoming) = response.into_parts();
    let (mut body, mut whole) = (Vec::new(), true);
    while let Some(frame) = incoming.frame().await {
        let Ok(frame) = frame else {
            whole = false;
            break;
        };
        body.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
    }
    Answer { status: head.status, headers: head.headers, body: body.into(), whole }
}

/// Posts JSON with a key.
pub(crate) async fn post(address: SocketAddr, path: &str, key: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    send(address, Method::POST, path, &headers, body.to_string()).await
}

/// Gets a path with a key.
pub(crate) async fn get(address: SocketAddr, path: &str, key: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    send(address, Method::GET, path, &[("authorization", &bearer)], "").await
}

/// A chat call that runs to its output limit when the sandbox is talkative.
pub(crate) fn chat(tokens: u64, stream: bool) -> Value {
    json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Count the ways a budget can fail."}],
        "max_completion_tokens": tokens,
        "stream": stream,
    })
}

/// Posts a chat call over a bare connection and hangs up once `seen` holds of what has come.
pub(crate) async fn hang_up(
    address: SocketAddr,
    key: &str,
    body: &Value,
    mut seen: impl FnMut(&str) -> bool,
) -> String {
    let mut socket = open(address, "/v1/chat/completions", key, &body.to_string()).await;
    let (mut read, mut buffer) = (Vec::new(), [0_u8; 4096]);
    while !seen(&String::from_utf8_lossy(&read)) {
        let bytes = tokio::time::timeout(Duration::from_secs(20), socket.read(&mut buffer));
        match bytes.await.expect("something comes within 20 s").unwrap() {
            0 => break,
            bytes => read.extend_from_slice(&buffer[..bytes]),
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// A bare connection on which a request was sent.
pub(crate) async fn open(address: SocketAddr, path: &str, key: &str, body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bursar\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(body.as_bytes()).await.unwrap();
    socket
}
