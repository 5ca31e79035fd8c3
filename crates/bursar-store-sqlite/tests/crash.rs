//! Killed in the middle: whatever was acknowledged is in the book, and the book is proven.
//!
//! The test runs itself again as a child that commits as fast as it can and prints each hold once
//! it is captured; the parent kills it at a moment from a seed, opens the directory, and looks.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;

use bursar_ledger::Account;
use bursar_store::{BookReads, Commit};
use bursar_store_sqlite::SqliteStore;
use bursar_story::{Chance, Desk, usd};

/// Times that a child is killed, all on the same directory.
const KILLS: u64 = 5;
/// Tasks of a child that commit at the same time.
const TASKS: u64 = 8;
/// What tells the child from the parent.
const CHILD: &str = "commit-until-killed";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("a runtime starts");
    match arguments.get(1..) {
        Some([child, directory, seed]) if child == CHILD => {
            let seed = seed.parse().expect("the seed is a number");
            runtime.block_on(commit_until_killed(Path::new(directory), seed));
        }
        _ => runtime.block_on(killed_again_and_again()),
    }
}

async fn commit_until_killed(directory: &Path, seed: u64) {
    let store = Arc::new(SqliteStore::open(directory).expect("the directory opens"));
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| tokio::spawn(spend_forever(Arc::clone(&store), seed * TASKS + task)))
        .collect();
    for task in tasks {
        task.await.expect("a task goes on until it is killed");
    }
}

async fn spend_forever(store: Arc<SqliteStore>, seed: u64) {
    let mut desk = Desk::new(seed);
    let funded = store.commit(desk.funded_lot(usd("1000000"))).await;
    funded.expect("a lot is issued");
    loop {
        let (hold, place) = desk.hold(usd("1"));
        store.commit(place).await.expect("a hold is placed");
        let captured = store.commit(desk.capture(hold, usd("0.25"))).await;
        captured.expect("a hold is captured");
        writeln!(std::io::stdout().lock(), "{hold}").expect("the parent listens");
    }
}

async fn killed_again_and_again() {
    let directory = tempfile::tempdir().expect("there is a place for a directory");
    let (mut acknowledged, mut chance) = (0, Chance::new(42));
    for seed in 0..KILLS {
        let lines_before_kill = 50 + chance.below(1_500);
        acknowledged += kill_after(directory.path(), seed, lines_before_kill);
        let store = SqliteStore::open(directory.path()).expect("the directory opens again");
        let (counts, findings) = store.audit().await.expect("the book is read").finish();
        assert_eq!(findings, [], "after kill {seed}");
        let used = store.balance(Account::Used(Desk::new(0).program())).await;
        let used = used.expect("the book is read").posted.nanos() / 250_000_000;
        let used = u64::try_from(used).expect("use is not negative");
        // Each task may have had one capture on its way, neither acknowledged nor lost.
        let unheard = (seed + 1) * TASKS;
        assert!(
            acknowledged <= used && used <= acknowledged + unheard,
            "{acknowledged} captures were acknowledged and {used} are in the book: {counts:?}"
        );
    }
}

/// Kills a child once it has printed so many lines, and counts those that it printed in all, each
/// of which must be a captured hold.
fn kill_after(directory: &Path, seed: u64, lines_before_kill: u64) -> u64 {
    let myself = std::env::current_exe().expect("the test knows its own path");
    let mut child = Process::new(myself)
        .args([CHILD.as_ref(), directory.as_os_str()])
        .arg(seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test runs itself");
    let output = child.stdout.take().expect("the output is piped");
    let mut acknowledged = Vec::new();
    for line in BufReader::new(output).split(b'\n') {
        acknowledged.push(line.expect("the child prints"));
        if u64::try_from(acknowledged.len()) == Ok(lines_before_kill) {
            // SIGKILL: no destructor runs, no buffer is flushed.
            child.kill().expect("the child can be killed");
        }
    }
    let status = child.wait().expect("the child ends");
    assert!(!status.success(), "the child was killed, and did not end by itself");
    // The pipe may end in the middle of a name: that hold was acknowledged to nobody.
    let whole = |line: &&Vec<u8>| line.len() == "hold_".len() + 26;
    let names = acknowledged.iter().filter(whole);
    let captured = captured(directory);
    let mut count = 0;
    for name in names {
        let name = String::from_utf8_lossy(name).into_owned();
        assert!(captured.contains(&name), "`{name}` was acknowledged and is lost");
        count += 1;
    }
    assert!(lines_before_kill <= count, "the child went on until it was killed");
    count
}

/// The names of captured holds, read from the database's file itself.
fn captured(directory: &Path) -> std::collections::HashSet<String> {
    let file = directory.join("bursar.db");
    let database = rusqlite::Connection::open(file).expect("the database opens");
    let mut statement = database
        .prepare("SELECT hold FROM resolution WHERE kind = 'captured' AND captured = 250000000")
        .expect("the statement is right");
    let rows = statement.query_map((), |row| row.get(0));
    rows.expect("the rows are read")
        .map(|hold| bursar_kernel::HoldId::from_bytes(hold.expect("a row is read")).to_string())
        .collect()
}
