//! How many holds are placed and captured a second, when so many tasks ask at the same time.
//!
//! Durable: each commit is synced to the disk before it is acknowledged. The baseline is one task
//! that waits for each of its commits, so that each commit is a sync of its own.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bursar_store::Commit;
use bursar_store::story::{Desk, usd};
use bursar_store_sqlite::SqliteStore;

/// How long each measurement lasts.
const MEASURED: Duration = Duration::from_secs(3);
/// Tasks that ask at the same time; the first is the baseline.
const TASKS: [u64; 4] = [1, 8, 64, 256];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime starts");
    let mut baseline = None;
    let mut out = std::io::stdout().lock();
    writeln!(out, "tasks  pairs/s  batches/commit  against one task").expect("somebody reads");
    for tasks in TASKS {
        let (pairs, commits) = runtime.block_on(measure(tasks));
        let a_second = pairs * 1_000 / u64::try_from(MEASURED.as_millis()).unwrap_or(u64::MAX);
        let tenths = a_second * 10 / (*baseline.get_or_insert(a_second)).max(1);
        let batches = pairs * 20 / commits.max(1);
        writeln!(
            out,
            "{tasks:>5} {a_second:>8} {:>13}.{} {:>16}.{}x",
            batches / 10,
            batches % 10,
            tenths / 10,
            tenths % 10
        )
        .expect("somebody reads");
    }
}

/// Pairs of hold and capture, and the durable commits that they took.
async fn measure(tasks: u64) -> (u64, u64) {
    let directory = tempfile::tempdir().expect("there is a place for a directory");
    let store = Arc::new(SqliteStore::open(directory.path()).expect("the directory opens"));
    let mut desks: Vec<Desk> = (0..tasks).map(Desk::new).collect();
    for desk in &mut desks {
        let funded = store.commit(desk.funded_lot(usd("1000000"))).await;
        funded.expect("a lot is issued");
    }
    let (before, end) = (store.commits(), Instant::now() + MEASURED);
    let running: Vec<_> = desks
        .into_iter()
        .map(|desk| tokio::spawn(pairs_until(Arc::clone(&store), desk, end)))
        .collect();
    let mut pairs = 0;
    for task in running {
        pairs += task.await.expect("a task ends at the end");
    }
    (pairs, store.commits() - before)
}

async fn pairs_until(store: Arc<SqliteStore>, mut desk: Desk, end: Instant) -> u64 {
    let mut pairs = 0;
    while Instant::now() < end {
        let (hold, place) = desk.hold(usd("1"));
        store.commit(place).await.expect("a hold is placed");
        let captured = store.commit(desk.capture(hold, usd("0.01"))).await;
        captured.expect("a hold is captured");
        pairs += 1;
    }
    pairs
}
