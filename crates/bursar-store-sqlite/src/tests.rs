//! One group of jobs at a time: what a full disk and a broken neighbour leave behind.

use bursar_ledger::Account;
use bursar_store::rows::Mail;
use bursar_store::{Batch, CommitError, Receipt, Write};
use bursar_story::{Desk, usd};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::SqliteStore;
use crate::book::balance_of;
use crate::queue::Job;
use crate::read::audit::audit;
use crate::writer::commit_together;

fn database() -> (TempDir, Connection) {
    let directory = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(directory.path()).unwrap());
    let connection = Connection::open(directory.path().join("bursar.db")).unwrap();
    (directory, connection)
}

/// Commits batches as one group and gives each one's answer.
fn together(
    connection: &Connection,
    batches: impl IntoIterator<Item = Batch>,
) -> Vec<Result<Receipt, CommitError>> {
    let (mut jobs, mut answers) = (Vec::new(), Vec::new());
    for batch in batches {
        let (reply, answer) = oneshot::channel();
        jobs.push(Job { batch, reply });
        answers.push(answer);
    }
    commit_together(connection, jobs);
    let told = |mut answer: oneshot::Receiver<_>| answer.try_recv().unwrap();
    answers.into_iter().map(told).collect()
}

fn pool(connection: &Connection, desk: &Desk) -> String {
    let pool = balance_of(connection, &Account::Pool(desk.program())).unwrap();
    assert_eq!(
        audit(connection.path().unwrap().as_ref(), Box::new(|_| None)).unwrap().finish().1,
        []
    );
    pool.posted.to_string()
}

fn funds(desk: &mut Desk, dollars: &[&str]) -> Vec<Batch> {
    let batch = |dollars: &&str| {
        let fund = desk.fund(usd(dollars));
        desk.batch().with(fund)
    };
    dollars.iter().map(batch).collect()
}

/// A mail of a megabyte, beside a movement of the book.
fn large(desk: &mut Desk) -> Batch {
    let mail = Mail {
        id: bursar_kernel::MailId::new(desk.now, desk.chance.entropy()),
        to: "ada@example.edu".to_owned(),
        subject: "Long".to_owned(),
        body: "x".repeat(1_000_000),
        html: "<p>It is so.</p>".to_owned(),
        letter: "submitted".to_owned(),
        useless_after: None,
        created_at: desk.now,
        sent_at: None,
    };
    let fund = desk.fund(usd("100"));
    desk.batch().with(fund).with(mail)
}

fn limit_pages(connection: &Connection, pages: i64) {
    let set = format!("PRAGMA max_page_count = {pages}");
    connection.query_row(&set, (), |_| Ok(())).unwrap();
}

#[test]
fn a_full_disk_stops_writes_with_nothing_half_written_until_there_is_space_again() {
    let (_directory, connection) = database();
    let mut desk = Desk::new(1);
    let answers = together(&connection, funds(&mut desk, &["1"]));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let pages: i64 = connection.query_row("PRAGMA page_count", (), |row| row.get(0)).unwrap();
    limit_pages(&connection, pages + 20);

    let (before, large, after) =
        (funds(&mut desk, &["10"]), large(&mut desk), funds(&mut desk, &["20"]));
    let batches = || before.iter().chain([&large]).chain(&after).cloned();
    let full = Err(CommitError::Unavailable("database or disk is full".to_owned()));
    assert_eq!(together(&connection, batches()), [full.clone(), full.clone(), full]);
    assert_eq!(pool(&connection, &desk), "1.00");

    // What fits is still written; with space again, so is the same group.
    assert!(together(&connection, funds(&mut desk, &["2"]))[0].is_ok());
    assert_eq!(pool(&connection, &desk), "3.00");
    limit_pages(&connection, pages + 2_000);
    let answers = together(&connection, batches());
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(pool(&connection, &desk), "133.00");
}

#[test]
fn a_refused_batch_leaves_no_trace_and_disturbs_no_neighbour() {
    let (_directory, connection) = database();
    let mut desk = Desk::new(1);
    let mut batches = funds(&mut desk, &["1", "10", "2"]);
    let used = batches[1].clone();
    batches[1] = used.with(Write::UseSignInLink([0; 32]));
    let answers = together(&connection, batches);
    let conflict = CommitError::Conflict("the sign-in link".to_owned());
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(answers[1], Err(conflict));
    assert_eq!(pool(&connection, &desk), "3.00");
}

#[test]
fn a_batch_that_is_refused_alone_leaves_no_trace_either() {
    let (_directory, connection) = database();
    let mut desk = Desk::new(1);
    let [funded, refused, again] =
        [funds(&mut desk, &["1"]), funds(&mut desk, &["10"]), funds(&mut desk, &["2"])];
    let refused: Vec<Batch> =
        refused.into_iter().map(|batch| batch.with(Write::UseSignInLink([0; 32]))).collect();
    assert!(together(&connection, funded)[0].is_ok());
    let conflict = CommitError::Conflict("the sign-in link".to_owned());
    assert_eq!(together(&connection, refused), [Err(conflict)]);
    assert!(connection.is_autocommit(), "nothing is left open");
    assert!(together(&connection, again)[0].is_ok());
    assert_eq!(pool(&connection, &desk), "3.00");
    let links = "SELECT COUNT(*), MAX(number) FROM chain_link";
    let links = connection.query_row(links, (), |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(links, Ok((2, 2)), "what was refused makes no link");
}

#[test]
fn a_row_that_cannot_be_read_stops_its_own_batches_only() {
    let (_directory, connection) = database();
    let (mut desk, mut other) = (Desk::new(1), Desk::new(2));
    let lots = [desk.funded_lot(usd("5")), other.funded_lot(usd("5"))];
    assert!(together(&connection, lots).iter().all(Result::is_ok));
    let broken = "UPDATE lot SET body = '{' WHERE holder = ?1";
    let changed = connection.execute(broken, [desk.holder.to_bytes()]);
    assert_eq!(changed, Ok(1));
    let fund = desk.fund(usd("50"));
    let on_broken = desk.hold(usd("1")).1;
    let batch = desk.batch().with(fund);
    let writes = batch.writes.into_iter().chain(on_broken.writes);
    let batch = writes.fold(desk.batch(), Batch::with);
    let answers = together(&connection, [batch, other.hold(usd("1")).1]);
    assert!(matches!(answers[0], Err(CommitError::Unavailable(_))), "{answers:?}");
    assert!(answers[1].is_ok(), "{answers:?}");
    let pool = balance_of(&connection, &Account::Pool(desk.program())).unwrap();
    assert!(pool.posted.is_zero(), "the first half of the broken batch was undone");
}

#[test]
fn what_the_tables_refuse_stops_its_own_batch_only() {
    let (_directory, connection) = database();
    let mut desk = Desk::new(1);
    let (funded, holds) = (desk.funded_lot(usd("5")), [(); 3].map(|()| desk.hold(usd("1"))));
    let placed = holds.each_ref().map(|(_, place)| place.clone());
    let answers = together(&connection, [funded].into_iter().chain(placed));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    // Two such bills pass what 64 bits hold, which the part of the book at hand does not show.
    let absurd = usd("9000000000");
    let [first, second, third] = holds.map(|(hold, _)| hold);
    let captures = [(first, absurd), (second, absurd), (third, usd("0"))];
    let batches = captures.map(|(hold, amount)| desk.capture(hold, amount));
    let answers = together(&connection, batches);
    assert!(matches!(answers[1], Err(CommitError::Unavailable(_))), "{answers:?}");
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(pool(&connection, &desk), "0.00");
}
