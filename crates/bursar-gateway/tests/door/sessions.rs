//! A client of realtime sessions that hides nothing: events as they come, and how the socket ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bursar_socket::{Asked, Close, Closed, Message, Offer, Reader, Writer};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::client::Answer;

const WITHIN: Duration = Duration::from_secs(20);
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A session, from its client's side.
pub(crate) struct Spoken {
    pub(crate) headers: HeaderMap,
    reader: Reader,
    pub(crate) writer: Writer,
    /// Everything that was heard.
    pub(crate) heard: Vec<Value>,
}

/// Connects; `Err` has the answer of whoever refuses.
pub(crate) async fn connect(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Spoken, Answer> {
    let asked = Asked::new().unwrap();
    let mut request = Request::get(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Empty::<Bytes>::new()).unwrap();
    asked.write(request.headers_mut());
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut response = client.request(request).await.unwrap();
    let headers = response.headers().clone();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        return Err(Answer { status, headers, body, whole: true });
    }
    // What a browser checks is checked by whoever asks.
    response.headers_mut().remove("sec-websocket-protocol");
    let socket = asked.answered(response, MESSAGE_BYTES_MAX).await.unwrap();
    let (reader, writer) = socket.split();
    Ok(Spoken { headers, reader, writer, heard: Vec::new() })
}

/// A session with a model and a key.
pub(crate) async fn session(address: SocketAddr, model: &str, key: &str) -> Spoken {
    let bearer = format!("Bearer {key}");
    let path = format!("/v1/realtime?model={model}");
    let opened = connect(address, &path, &[("authorization", &bearer)]).await;
    let mut spoken = opened.unwrap_or_else(|answer| panic!("refused: {}", answer.text()));
    spoken.until("session.created").await;
    spoken
}

impl Spoken {
    pub(crate) async fn say(&mut self, event: Value) {
        self.writer.send(event.to_string()).await.unwrap();
    }

    /// The next event, or how the session ended.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<Close>> {
        loop {
            let next = tokio::time::timeout(WITHIN, self.reader.next()).await;
            match next.expect("something comes within 20 s") {
                Ok(Message::Text(text)) => {
                    let event: Value = serde_json::from_str(&text).unwrap();
                    self.heard.push(event.clone());
                    return Ok(event);
                }
                Ok(Message::Alive | Message::Binary) => {}
                Ok(Message::Close(close)) => return Err(close),
                Err(Closed::Ended | Closed::Garbage | Closed::TooLong) => return Err(None),
            }
        }
    }

    /// Listens until an event of that type comes.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            match self.next().await {
                Ok(event) if event["type"] == kind => return event,
                Ok(event) if event["type"] == "error" => panic!("waited for {kind}: {event}"),
                Ok(_) => {}
                Err(close) => panic!("closed before {kind}: {close:?}, heard {:?}", self.kinds()),
            }
        }
    }

    /// Listens until the session is closed.
    pub(crate) async fn until_closed(&mut self) -> Option<Close> {
        loop {
            if let Err(close) = self.next().await {
                return close;
            }
        }
    }

    /// The types of all that was heard.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.heard.iter().filter_map(|event| event["type"].as_str()).collect()
    }

    /// Text alone from here on.
    pub(crate) async fn in_text(&mut self) {
        let session = json!({"type": "realtime", "output_modalities": ["text"]});
        self.say(json!({"type": "session.update", "session": session})).await;
        self.until("session.updated").await;
    }

    /// Says something, and hears the answer out.
    pub(crate) async fn ask(&mut self, text: &str) -> Value {
        self.say(user(text)).await;
        self.say(json!({"type": "response.create"})).await;
        self.until("response.done").await
    }
}

/// A user's words.
pub(crate) fn user(text: &str) -> Value {
    let content = json!([{"type": "input_text", "text": text}]);
    let item = json!({"type": "message", "role": "user", "content": content});
    json!({"type": "conversation.item.create", "item": item})
}

/// Half a second of sound and then as much silence as ends what is said, in base64.
pub(crate) fn speech(loud_ms: usize, quiet_ms: usize) -> String {
    let mut samples = vec![0x20_u8; loud_ms * 48];
    samples.resize((loud_ms + quiet_ms) * 48, 0);
    STANDARD.encode(samples)
}

/// What a double says to an event of its client's.
pub(crate) type Script = Arc<dyn Fn(&Value) -> Vec<Reply> + Send + Sync>;

/// What a double does.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Say(Value),
    Raw(String),
    HangUp,
}

/// A provider's session as it begins, which answers by itself or not.
pub(crate) fn shown(answers: bool) -> Value {
    json!({
        "type": "realtime", "object": "realtime.session", "id": "sess_1", "model": "gpt-realtime",
        "instructions": "", "tools": [], "output_modalities": ["audio"],
        "audio": {"input": {
            "format": {"type": "audio/pcm", "rate": 24_000}, "transcription": null,
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500,
                               "create_response": answers},
        }},
    })
}

/// A provider that begins a session well and then does as its script says. What it heard is told
/// through the channel.
pub(crate) async fn double(script: Script) -> (SocketAddr, UnboundedReceiver<Value>) {
    double_at("/v1/realtime", script).await
}

/// The same at another path. What it hears first is where it was asked, and with which headers.
pub(crate) async fn double_at(
    path: &str,
    script: Script,
) -> (SocketAddr, UnboundedReceiver<Value>) {
    let (told, heard) = unbounded_channel();
    let open = move |mut request: axum::extract::Request| {
        let (script, told) = (Arc::clone(&script), told.clone());
        let header = |name: &str| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let asked = json!({
            "uri": request.uri().to_string(), "api-key": header("api-key"),
            "authorization": header("authorization"),
            "protocol": header("sec-websocket-protocol"),
        });
        let _ = told.send(asked);
        async move {
            let Ok(offer) = Offer::take(&mut request) else {
                return http::Response::new(axum::body::Body::empty());
            };
            let (answer, socket) = offer.accept(None, MESSAGE_BYTES_MAX);
            tokio::spawn(async move {
                let (mut reader, mut writer) = socket.await.unwrap().split();
                let created = json!({"type": "session.created", "session": shown(true)});
                let _ = writer.send(created.to_string()).await;
                while let Ok(message) = reader.next().await {
                    let Message::Text(text) = message else { continue };
                    let event: Value = serde_json::from_str(&text).unwrap();
                    let _ = told.send(event.clone());
                    for reply in script(&event) {
                        let sent = match reply {
                            Reply::Say(event) => writer.send(event.to_string()).await,
                            Reply::Raw(text) => writer.send(text).await,
                            Reply::HangUp => return,
                        };
                        if sent.is_err() {
                            return;
                        }
                    }
                }
            });
            answer.map(|()| axum::body::Body::empty())
        }
    };
    let router = axum::Router::new().route(path, axum::routing::get(open));
    (crate::world::listen(router).await, heard)
}

/// What each double says to `session.update`: that it is done as asked.
pub(crate) fn updated(event: &Value) -> Option<Vec<Reply>> {
    (event["type"] == "session.update")
        .then(|| vec![Reply::Say(json!({"type": "session.updated", "session": shown(false)}))])
}
