//! The one task that writes: many batches in one durable commit, each whole or not at all.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bursar_store::{CommitError, Receipt};
use deadpool_postgres::ClientWrapper;
use futures_util::future::{FutureExt as _, join};
use tracing::{error, warn};

use crate::chain::{HEAD, NextLink, read_link};
use crate::codec::Id;
use crate::error::{DbError, WriteError};
use crate::queue::{Group, Job, Queue};
use crate::session::Session;
use crate::statement::{execute, rows, statement};
use crate::write::write;

/// How often a group is carried out before its callers are told to come back.
const TRIES: u32 = 10;
/// How long a database is asked what became of a commit, and how often.
const ASKED_FOR: Duration = Duration::from_secs(30);
const ASKED_EVERY: Duration = Duration::from_millis(200);
/// How long a group may take with all that it waits for: then its connection counts as lost.
const GROUP_WITHIN: Duration = Duration::from_mins(1);

/// Writes groups until the queue is closed and empty.
pub(crate) async fn run(session: Session, queue: Arc<Queue>, commits: Arc<AtomicU64>) {
    let written = AssertUnwindSafe(write_groups(session, &queue, &commits)).catch_unwind();
    if written.await.is_err() {
        // The book would have broken: nothing may be written after it.
        error!("the writer met a bug and stops the process; nothing half-done is written");
        std::process::abort();
    }
}

async fn write_groups(mut session: Session, queue: &Queue, commits: &AtomicU64) {
    while let Some(group) = queue.take().await {
        let results = commit_together(&mut session, &group, commits).await;
        for (job, result) in group.jobs.into_iter().zip(results) {
            // Whoever asked may have stopped waiting; what was written stays written.
            let _ = job.reply.send(result);
        }
    }
    session.end().await;
}

type Results = Vec<Result<Receipt, CommitError>>;

/// Why a group was not written.
#[derive(Debug)]
enum Failure {
    /// Another transaction was in the way; nothing was written.
    Collision(DbError),
    /// The connection was lost before anything was committed; nothing was written.
    Lost(DbError),
    /// The connection was lost while it committed: this came of the jobs if it was.
    Unknown(DbError, Results),
    /// The database would not; nothing was written.
    Database(DbError),
}

/// What became of each job of a group, durably.
async fn commit_together(session: &mut Session, group: &Group, commits: &AtomicU64) -> Results {
    let mut reason = String::new();
    for _ in 0..TRIES {
        let failure = match attempt(session, group).await {
            Ok(results) => {
                commits.fetch_add(1, Ordering::Relaxed);
                return results;
            }
            Err(failure) => failure,
        };
        match failure {
            Failure::Collision(failure) => {
                undo(session).await;
                reason = failure.to_string();
            }
            Failure::Lost(failure) => {
                warn!(error = %failure, "lost the database before anything was committed");
                session.lose();
                reason = failure.to_string();
            }
            Failure::Unknown(failure, results) => {
                warn!(error = %failure, "lost the database while it committed, and ask it");
                match was_committed(session).await {
                    Ok(true) => return results,
                    Ok(false) => reason = failure.to_string(),
                    Err(failure) => return nobody(group, session, &failure),
                }
            }
            Failure::Database(failure) => return nobody(group, session, &failure),
        }
    }
    nobody(group, session, &DbError::Broken(format!("{TRIES} tries ended with: {reason}")))
}

/// Whether a group was committed whose connection was lost meanwhile, asked for as long as a
/// database takes to come back or to be replaced: whoever waits would do it again, were it told
/// that nothing was written.
async fn was_committed(session: &mut Session) -> Result<bool, DbError> {
    let began = Instant::now();
    loop {
        match session.was_committed().await {
            Err(error) if error.is_lost() && began.elapsed() < ASKED_FOR => {
                tokio::time::sleep(ASKED_EVERY).await;
            }
            answer => return answer,
        }
    }
}

/// Nothing was written, or nobody can tell; no connection is left in the middle of anything.
fn nobody(group: &Group, session: &mut Session, failure: &DbError) -> Results {
    error!(error = %failure, "failed to commit; whoever waits is told to come back");
    session.lose();
    let told = |_: &Job| Err(CommitError::Unavailable(failure.to_string()));
    group.jobs.iter().map(told).collect()
}

/// Leaves a transaction that failed.
async fn undo(session: &mut Session) {
    let undone = match session.connection() {
        Some(client) => client.batch_execute("ROLLBACK").await.is_ok(),
        None => true,
    };
    if !undone {
        session.lose();
    }
}

/// Carries a group out once.
async fn attempt(session: &mut Session, group: &Group) -> Result<Results, Failure> {
    let (client, writer, number) = session.next().await.map_err(Failure::Database)?;
    let written = tokio::time::timeout(GROUP_WITHIN, write_all(client, group, writer, number));
    let late = || DbError::Broken("the database did not answer in time".to_owned());
    written.await.unwrap_or_else(|_| Err(Failure::Database(late())))
}

const BEGIN_SETTLEMENTS: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED; LOCK TABLE turn IN EXCLUSIVE MODE";
// The lock comes before the first look at anything, which is when a serializable transaction
// decides what it sees.
const BEGIN_OTHERS: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE turn IN EXCLUSIVE MODE";
const NUMBER: &str = "UPDATE writer SET last_commit = $2, last_at = now() WHERE id = $1";

/// Carries a group out in one transaction, and commits it.
async fn write_all(
    client: &ClientWrapper,
    group: &Group,
    writer: Id,
    number: i64,
) -> Result<Results, Failure> {
    let begin = if group.settles { BEGIN_SETTLEMENTS } else { BEGIN_OTHERS };
    client.batch_execute(begin).await.map_err(|error| before_commit(error.into()))?;
    let numbered = execute(client, &statement!(NUMBER, writer, number)).await;
    if numbered.map_err(before_commit)? != 1 {
        let told = "the database does not know this process any more".to_owned();
        return Err(Failure::Database(DbError::Broken(told)));
    }
    let mut link = last_link(client).await.map_err(before_commit)?;
    let mut results = Vec::with_capacity(group.jobs.len());
    for job in &group.jobs {
        results.push(write_one(client, job, &mut link).await.map_err(before_commit)?);
    }
    link.finish(client).await.map_err(before_commit)?;
    match client.batch_execute("COMMIT").await.map_err(DbError::from) {
        Ok(()) => Ok(results),
        Err(error) if error.is_collision() => Err(Failure::Collision(error)),
        Err(error) => Err(Failure::Unknown(error, results)),
    }
}

/// The link that the group adds to the chain: nobody else adds one until the group has ended.
async fn last_link(client: &ClientWrapper) -> Result<NextLink, DbError> {
    let last = rows(client, HEAD, &[]).await?;
    NextLink::after(last.first().map(read_link).transpose()?)
}

fn before_commit(error: DbError) -> Failure {
    if error.is_collision() {
        Failure::Collision(error)
    } else if error.is_lost() {
        Failure::Lost(error)
    } else {
        Failure::Database(error)
    }
}

/// Writes one job inside a savepoint. The outer error is the database's own failure.
async fn write_one(
    client: &ClientWrapper,
    job: &Job,
    link: &mut NextLink,
) -> Result<Result<Receipt, CommitError>, DbError> {
    let moved_before = link.rows.len();
    // The savepoint is on its way before the first statement is, and is not waited for alone.
    let (saved, written) =
        join(client.batch_execute("SAVEPOINT job"), write(client, &job.batch, link)).await;
    saved?;
    let result = match written {
        Ok(receipt) => Ok(receipt),
        Err(WriteError::Refused(error)) => Err(error),
        Err(WriteError::Database(error)) if error.is_of_the_job() => {
            error!(error = %error, "failed to write a batch; it alone was undone");
            Err(CommitError::Unavailable(error.to_string()))
        }
        Err(WriteError::Database(error)) => return Err(error),
    };
    if result.is_err() {
        link.rows.truncate(moved_before);
    }
    let leave = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    client.batch_execute(leave).await?;
    Ok(result)
}
