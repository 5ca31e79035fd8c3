//! The fake upstream: it reads a request whole, and answers at once with what it always answers.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

use crate::wire::{Connection, find};

/// How often a slow stream says something.
const SLOW_EVERY: Duration = Duration::from_secs(1);
/// Pieces of a long stream.
const PIECES_OF_A_LONG_STREAM: u32 = 400_000;

/// What a request asks the upstream for, by what its prompt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A short answer.
    Plain,
    /// The same as a stream of a few pieces.
    Stream,
    /// A stream that says something every second, until nobody listens.
    SlowStream,
    /// A stream of as many pieces as it can send.
    LongStream,
}

/// A provider that costs nothing to ask.
pub(crate) struct Upstream(SocketAddr);

impl Upstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket));
            }
        });
        Self(address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0
    }
}

impl Kind {
    /// A request of this kind.
    pub(crate) fn body(self) -> String {
        let prompt = format!("Say what you found, {}, in a sentence.", self.word());
        let stream = if self == Self::Plain { "" } else { ",\"stream\":true" };
        format!(
            "{{\"model\":\"gpt-4o-mini\",\"messages\":[{{\"role\":\"system\",\"content\":\"You \
             are a careful reader of abstracts.\"}},{{\"role\":\"user\",\"content\":\"{prompt}\"}}\
             ],\"max_completion_tokens\":100,\"temperature\":0{stream}}}"
        )
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plainly",
            Self::Stream => "word by word",
            Self::SlowStream => "very slowly",
            Self::LongStream => "at great length",
        }
    }

    fn of(request: &[u8]) -> Self {
        let kinds = [Self::Stream, Self::SlowStream, Self::LongStream];
        let asked = kinds.into_iter().find(|kind| find(request, kind.word().as_bytes()).is_some());
        asked.unwrap_or(Self::Plain)
    }
}

/// Serves a connection until it ends.
async fn serve(socket: TcpStream) -> Option<()> {
    let mut connection = Connection::new(socket);
    let plain = plain();
    loop {
        connection.message().await?;
        let kind = Kind::of(&connection.bytes()[..connection.bytes().len().min(4096)]);
        connection.forget();
        match kind {
            Kind::Plain => connection.send(plain.as_bytes()).await?,
            Kind::Stream => stream(&mut connection, 8, None).await?,
            Kind::SlowStream => stream(&mut connection, u32::MAX, Some(SLOW_EVERY)).await?,
            Kind::LongStream => stream(&mut connection, PIECES_OF_A_LONG_STREAM, None).await?,
        }
    }
}

fn plain() -> String {
    let body = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1790000000,\
        \"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"message\":{\"role\":\
        \"assistant\",\"content\":\"The authors find that leases let many servers spend one budget \
        without any of them asking a database.\",\"refusal\":null,\"annotations\":[]},\"logprobs\":\
        null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":36,\"completion_tokens\":17,\
        \"total_tokens\":53,\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\
        \"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,\
        \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}},\"service_tier\":\
        \"default\",\"system_fingerprint\":\"fp_1\"}";
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nopenai-processing-ms: 1\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn stream(connection: &mut Connection, pieces: u32, every: Option<Duration>) -> Option<()> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\n\r\n";
    connection.send(head.as_bytes()).await?;
    let piece = chunk(&event(
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\
         \"finish_reason\":null}],\"usage\":null",
    ));
    let began = Instant::now();
    for number in 0..pieces {
        if let Some(every) = every {
            sleep_until(began + every * number).await;
        }
        connection.send(piece.as_bytes()).await?;
    }
    let usage = event(
        "\"choices\":[],\"usage\":{\"prompt_tokens\":36,\"completion_tokens\":17,\
         \"total_tokens\":53}",
    );
    let last = format!("{}{}0\r\n\r\n", chunk(&usage), chunk("data: [DONE]\n\n"));
    connection.send(last.as_bytes()).await
}

fn event(fields: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\
         \"created\":1790000000,\"model\":\"gpt-4o-mini-2024-07-18\",\
         \"service_tier\":\"default\",{fields}}}\n\n"
    )
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}
