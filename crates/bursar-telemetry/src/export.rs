//! The queue of spans, and what empties it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bursar_kernel::BasisPoints;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{info, warn};

use crate::settings::{BadSettings, Settings};
use crate::span::Span;
use crate::trace::Trace;
use crate::wire;

/// Spans that wait for the collector at the most, some two megabytes: a few seconds of a busy
/// server. What comes beyond that is dropped and counted.
pub const SPANS_WAITING_MAX: usize = 4_096;
/// Spans of one request: some 700 kilobytes, below what any collector takes.
const SPANS_AT_A_TIME: usize = 512;
/// How long the first span of a request waits for others.
const GATHERED_FOR: Duration = Duration::from_secs(1);
/// How long a request may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How often a request is sent that the collector may take later, and how long it waits before the
/// second time, twice as long before the third. What is lost then is counted.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long a server that stops waits for the collector.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read: nothing of it is of use, and a connection lives on.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What calls are told to. Clones share one queue.
#[derive(Clone, Debug)]
pub struct Spans {
    queue: mpsc::Sender<Span>,
    counts: Arc<Counts>,
    share: BasisPoints,
}

/// What became of spans since the server started.
#[derive(Debug, Default)]
struct Counts {
    exported: AtomicU64,
    dropped: AtomicU64,
    lost: AtomicU64,
}

/// The same at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Told {
    /// Spans that the collector took.
    pub exported: u64,
    /// Spans that were dropped because the queue was full.
    pub dropped: u64,
    /// Spans that the collector did not take, or could not be told.
    pub lost: u64,
    /// Spans that wait.
    pub waiting: usize,
}

/// What empties the queue: one task's.
pub struct Exporter {
    queue: mpsc::Receiver<Span>,
    counts: Arc<Counts>,
    stop: Arc<Notify>,
    collector: Collector,
}

/// Tells an exporter to send what waits and to end.
pub struct Stop(Arc<Notify>);

/// A queue, and what empties it.
pub fn start(settings: Settings) -> Result<(Spans, Exporter), BadSettings> {
    let (sender, queue) = mpsc::channel(SPANS_WAITING_MAX);
    let counts = Arc::new(Counts::default());
    let spans = Spans { queue: sender, counts: Arc::clone(&counts), share: settings.share };
    let collector = Collector::new(settings)?;
    Ok((spans, Exporter { queue, counts, stop: Arc::default(), collector }))
}

impl Spans {
    /// The place of a call that begins, with such headers. `None` where nothing is told of it.
    pub fn begin(&self, headers: &HeaderMap) -> Option<Trace> {
        Trace::begin(headers, self.share)
    }

    /// Tells of a call. Never waits: a queue that is full drops it, and counts that.
    pub fn push(&self, span: Span) {
        if self.queue.try_send(span).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What became of all that was told.
    pub fn told(&self) -> Told {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let Counts { exported, dropped, lost } = &*self.counts;
        let waiting = SPANS_WAITING_MAX.saturating_sub(self.queue.capacity());
        Told { exported: count(exported), dropped: count(dropped), lost: count(lost), waiting }
    }
}

impl Stop {
    /// Has the exporter send what waits, and end.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

impl Exporter {
    /// What tells it to end.
    pub fn stop(&self) -> Stop {
        Stop(Arc::clone(&self.stop))
    }

    /// Sends spans until it is told to stop; then what waits, for as long as that may take.
    pub async fn run(mut self) {
        let stop = Arc::clone(&self.stop);
        let mut group = Vec::with_capacity(SPANS_AT_A_TIME);
        tokio::select! {
            () = self.go_on(&mut group) => {}
            () = stop.notified() => {}
        }
        // What was on its way goes once more: a collector knows a span by its name.
        if timeout(LAST_WORDS, self.send_the_rest(group)).await.is_err() {
            warn!("the collector of traces did not take what was left for it in time");
        }
    }

    /// Ends where nobody is left to tell of calls.
    async fn go_on(&mut self, group: &mut Vec<Span>) {
        let mut is_out = false;
        while let Some(first) = self.queue.recv().await {
            group.push(first);
            let until = Instant::now() + GATHERED_FOR;
            while group.len() < SPANS_AT_A_TIME {
                match timeout_at(until, self.queue.recv()).await {
                    Ok(Some(span)) => group.push(span),
                    Ok(None) | Err(_) => break,
                }
            }
            let sent = self.send(group, TRIES).await;
            group.clear();
            match (&sent, is_out) {
                (Ok(()), true) => info!("the collector of traces takes them again"),
                (Err(why), false) => {
                    warn!(why, "traces are lost: the collector does not take them");
                }
                (Ok(()), false) | (Err(_), true) => {}
            }
            is_out = sent.is_err();
        }
    }

    /// Sends what is left, each once.
    async fn send_the_rest(&mut self, mut group: Vec<Span>) {
        self.queue.close();
        let room = SPANS_AT_A_TIME.saturating_sub(group.len());
        if 0 < room {
            self.queue.recv_many(&mut group, room).await;
        }
        while !group.is_empty() {
            // It was told why before, if there is a reason.
            drop(self.send(&group, 1).await);
            group.clear();
            self.queue.recv_many(&mut group, SPANS_AT_A_TIME).await;
        }
    }

    /// Sends some, and counts what became of them.
    async fn send(&self, group: &[Span], tries: u32) -> Result<(), String> {
        let body = Bytes::from(wire::body(group));
        let mut pause = FIRST_PAUSE;
        let mut tried = 1;
        let sent = loop {
            match self.collector.send(body.clone()).await {
                Ok(()) => break Ok(()),
                Err(refused) if !refused.may_pass || tries <= tried => break Err(refused.why),
                Err(_) => {
                    sleep(pause).await;
                    (tried, pause) = (tried.saturating_add(1), pause.saturating_mul(2));
                }
            }
        };
        let count = if sent.is_ok() { &self.counts.exported } else { &self.counts.lost };
        count.fetch_add(u64::try_from(group.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        sent
    }
}

/// The other end.
struct Collector {
    connections: Connections,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// In clear or not: certificates are loaded only where they are needed.
enum Connections {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// Why some were not taken.
struct Refused {
    why: String,
    /// Whether the same may be taken later (OTLP 1.5, "Failures").
    may_pass: bool,
}

impl Collector {
    fn new(settings: Settings) -> Result<Self, BadSettings> {
        let uri = settings.traces()?;
        let mut pool = Client::builder(TokioExecutor::new());
        pool.pool_timer(TokioTimer::new()).timer(TokioTimer::new()).pool_max_idle_per_host(1);
        let connections = if uri.scheme_str() == Some("https") {
            let https = HttpsConnectorBuilder::new().with_native_roots();
            let https = https.map_err(BadSettings::Certificates)?.https_only().enable_http1();
            Connections::Secure(pool.build(https.build()))
        } else {
            Connections::Plain(pool.build(HttpConnector::new()))
        };
        Ok(Self { connections, uri, headers: settings.headers })
    }

    async fn send(&self, body: Bytes) -> Result<(), Refused> {
        let mut request = Request::post(self.uri.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body)).expect("each header was read before");
        let unreachable = |why: String| Refused { why, may_pass: true };
        let answer = async {
            match &self.connections {
                Connections::Plain(client) => client.request(request).await,
                Connections::Secure(client) => client.request(request).await,
            }
        };
        let answer = timeout(ANSWERED_WITHIN, answer).await;
        let answer = answer.map_err(|_| unreachable("it does not answer".to_owned()))?;
        let answer = answer.map_err(|error| unreachable(error.to_string()))?;
        let status = answer.status();
        let rest = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect();
        drop(timeout(ANSWERED_WITHIN, rest).await);
        if status.is_success() {
            return Ok(());
        }
        let may_pass = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        );
        Err(Refused { why: format!("it answers {status}"), may_pass })
    }
}
