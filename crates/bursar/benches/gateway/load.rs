//! The load: connections that ask again as soon as they are answered, or at a steady rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::upstream::Kind;
use crate::wire::{Connection, find};

/// Whom to ask, and with which key.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: String,
    pub(crate) key: String,
}

/// How long it took until something of the answer's body came, until all of it had, and how much
/// of that the server says that it waited for its commit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timing {
    pub(crate) first: Duration,
    pub(crate) whole: Duration,
    pub(crate) commit: Duration,
}

impl Target {
    pub(crate) fn request(&self, body: &str) -> Vec<u8> {
        let Self { address, key } = self;
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\
             \r\ncontent-type: application/json\r\naccept: application/json\r\nuser-agent: \
             OpenAI/Python 3.54.0\r\nx-stainless-lang: python\r\nx-stainless-retry-count: 0\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }
}

/// Answers that so many connections get in a time, each asking again at once.
pub(crate) async fn closed_loop(target: &Target, connections: usize, lasts: Duration) -> u64 {
    let request = Arc::new(target.request(&Kind::Plain.body()));
    let end = Instant::now() + lasts;
    let mut running = Vec::new();
    for _ in 0..connections {
        let (mut connection, request) = (Connection::open(&target.address).await, request.clone());
        running.push(tokio::spawn(async move {
            let mut answers = 0_u64;
            while Instant::now() < end {
                ask(&mut connection, &request).await;
                answers += 1;
            }
            answers
        }));
    }
    let mut answers = 0;
    for task in running {
        answers += task.await.expect("a task ends at the end");
    }
    answers
}

/// Asks so often a second, evenly, whether or not the earlier ones were answered. A connection
/// serves one request at a time; the next request takes whichever is free.
pub(crate) async fn steadily(
    target: &Target,
    kind: Kind,
    (a_second, lasts): (u64, Duration),
) -> Vec<Timing> {
    let request = Arc::new(target.request(&kind.body()));
    let free: Arc<Mutex<Vec<Connection>>> = Arc::default();
    let waiting = Arc::new(AtomicUsize::new(0));
    let (began, mut running) = (Instant::now(), Vec::new());
    let asked = a_second * lasts.as_secs();
    for ordinal in 0..asked {
        sleep_until(began + Duration::from_nanos(ordinal * 1_000_000_000 / a_second)).await;
        let (request, free, address) = (request.clone(), free.clone(), target.address.clone());
        let waiting = waiting.clone();
        waiting.fetch_add(1, Ordering::Relaxed);
        running.push(tokio::spawn(async move {
            let kept = free.lock().await.pop();
            let mut connection = match kept {
                Some(connection) => connection,
                None => Connection::open(&address).await,
            };
            let timing = ask(&mut connection, &request).await;
            free.lock().await.push(connection);
            waiting.fetch_sub(1, Ordering::Relaxed);
            timing
        }));
    }
    let mut timings = Vec::new();
    for task in running {
        timings.push(task.await.expect("a task ends at the end"));
    }
    // What came while connections were made and caches filled is not counted.
    timings.split_off(timings.len() / 5)
}

/// One request and its answer.
pub(crate) async fn ask(connection: &mut Connection, request: &[u8]) -> Timing {
    let began = Instant::now();
    connection.send(request).await.expect("somebody reads");
    let head = connection.head().await.expect("somebody answers");
    connection.first_byte(head).await.expect("the answer has a body");
    let first = began.elapsed();
    connection.message().await.expect("the answer ends");
    let whole = began.elapsed();
    let answer = connection.bytes();
    let is_good = answer.starts_with(b"HTTP/1.1 200");
    assert!(is_good, "refused: {}", String::from_utf8_lossy(answer));
    let commit = waited_for_commit(answer);
    connection.forget();
    Timing { first, whole, commit }
}

/// What the answer's `server-timing` says of the wait for the commit.
fn waited_for_commit(answer: &[u8]) -> Duration {
    let mark = b"commit;dur=";
    let Some(at) = find(answer, mark) else { return Duration::ZERO };
    let text = &answer[at + mark.len()..];
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
    let text: String = digits.map(|byte| char::from(*byte)).collect();
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    let millis: u64 = whole.parse().expect("a number");
    let micros: u64 = format!("{part:0<3}")[..3].parse().expect("a number");
    Duration::from_micros(millis * 1_000 + micros)
}

/// The time that so many of a hundred were within, in microseconds.
pub(crate) fn percentile(mut times: Vec<Duration>, hundredth: usize) -> u64 {
    times.sort_unstable();
    let at = times.len() * hundredth / 100;
    let time = times.get(at.min(times.len().saturating_sub(1))).copied().unwrap_or_default();
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
