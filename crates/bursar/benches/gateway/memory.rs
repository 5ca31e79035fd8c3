//! What the server takes of memory: at rest, with thousands of open streams, with a stream that is
//! long, and with prompts that are large.

use std::time::{Duration, Instant};

use crate::figures::Figure;
use crate::load::ask;
use crate::servers::Bursar;
use crate::upstream::{Kind, Upstream};
use crate::wire::Connection;

const MEBIBYTE: u64 = 1024 * 1024;
/// Streams that are open at the same time.
const STREAMS: usize = 5_000;
/// Large prompts at the same time, and how large each is.
const PROMPTS: usize = 4;
const PROMPT_BYTES: usize = 10 * 1024 * 1024;

/// From the start of the process to its first answer, and what it takes then.
pub(crate) async fn at_rest(upstream: &Upstream) {
    let bursar = Bursar::start(upstream.address());
    size("memory at rest", bursar.memory(), 30);
    let request = bursar.target.request(&Kind::Plain.body());
    let began = Instant::now();
    ask(&mut Connection::open(&bursar.target.address).await, &request).await;
    let millis = (bursar.ready_after + began.elapsed()).as_millis();
    Figure {
        name: "start to first answer",
        value: u64::try_from(millis).expect("not that long"),
        unit: "ms",
        baseline: "what it may be",
        baseline_value: 300,
        goal: 1_000,
    }
    .less_is_better();
}

/// Open streams, a long stream, large prompts.
pub(crate) async fn under_load(upstream: &Upstream) {
    open_streams(upstream).await;
    let bursar = Bursar::start(upstream.address());
    let request = bursar.target.request(&Kind::Plain.body());
    let mut connection = Connection::open(&bursar.target.address).await;
    ask(&mut connection, &request).await;
    let before = bursar.memory();
    long_stream(&bursar).await;
    size("memory that a stream of 70 MiB takes", bursar.memory().saturating_sub(before), 8);
    let before = bursar.memory();
    let peak = large_prompts(&bursar).await;
    let each = peak.saturating_sub(before) / u64::try_from(PROMPTS).expect("a few");
    size("memory that a prompt of 10 MiB takes", each, 25);
}

async fn open_streams(upstream: &Upstream) {
    let bursar = Bursar::start(upstream.address());
    let request = bursar.target.request(&Kind::SlowStream.body());
    let mut open = Vec::new();
    for _ in 0..STREAMS {
        let mut connection = Connection::open(&bursar.target.address).await;
        connection.send(&request).await.expect("somebody reads");
        open.push(connection);
    }
    for connection in &mut open {
        let head = connection.head().await.expect("it answers");
        connection.first_byte(head).await.expect("it says something");
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    size("memory with 5,000 open streams", bursar.memory(), 400);
}

/// Reads a long stream as fast as it comes, and keeps none of it.
async fn long_stream(bursar: &Bursar) {
    let request = bursar.target.request(&Kind::LongStream.body());
    let mut connection = Connection::open(&bursar.target.address).await;
    connection.send(&request).await.expect("somebody reads");
    let head = connection.head().await.expect("it answers");
    connection.first_byte(head).await.expect("it says something");
    connection.drain_to(b"data: [DONE]").await.expect("it ends");
}

/// The most memory that was seen while they were under way.
async fn large_prompts(bursar: &Bursar) -> u64 {
    let text = "a careful reader of abstracts ".repeat(PROMPT_BYTES / 30);
    let body = format!(
        "{{\"model\":\"gpt-4o-mini\",\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}],\
         \"max_completion_tokens\":100}}"
    );
    let mut running = Vec::new();
    for _ in 0..PROMPTS {
        let request = bursar.target.request(&body);
        let mut connection = Connection::open(&bursar.target.address).await;
        running.push(tokio::spawn(async move {
            connection.send(&request).await.expect("somebody reads");
            connection.message().await.expect("it answers");
        }));
    }
    let mut peak = 0;
    while running.iter().any(|task| !task.is_finished()) {
        peak = peak.max(bursar.memory());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    peak
}

/// A size beside what it may be, in mebibytes.
fn size(name: &str, bytes: u64, goal: u64) {
    Figure {
        name,
        value: bytes.div_ceil(MEBIBYTE),
        unit: "MiB",
        baseline: "what it may be",
        baseline_value: goal,
        goal: 1_000,
    }
    .less_is_better();
}
