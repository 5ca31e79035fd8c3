//! The one thread that writes: many batches in one durable commit, each whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use bursar_store::{CommitError, Receipt};
use rusqlite::{Connection, ErrorCode};
use tracing::error;

use crate::chain::NextLink;
use crate::error::WriteError;
use crate::queue::{Job, Queue};
use crate::write::write;

/// Starts the writer. It ends when the queue is closed and empty.
pub(crate) fn start(
    connection: Connection,
    queue: Arc<Queue>,
    commits: Arc<AtomicU64>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("bursar-writer".to_owned()).spawn(move || {
        // A panic here means that the book would have broken: nothing may be written after it.
        let _abort = AbortOnPanic;
        while let Some(jobs) = queue.take() {
            commit_together(&connection, jobs);
            commits.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(error) = connection.close() {
            error!(error = %error.1, "failed to close the database");
        }
    })
}

struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            error!("the writer met a bug and stops the process; nothing half-done is written");
            std::process::abort();
        }
    }
}

/// Writes jobs in one transaction. A job that is refused leaves no trace and disturbs no other; a
/// failure of the database itself undoes them all.
pub(crate) fn commit_together(connection: &Connection, jobs: Vec<Job>) {
    match write_all(connection, &jobs) {
        Ok(results) => {
            for (job, result) in jobs.into_iter().zip(results) {
                answer(job, result);
            }
        }
        Err(failure) => {
            error!(error = %failure, "failed to commit; every waiting write was undone");
            // SQLite has undone it all by itself after some failures, such as a full disk.
            if !connection.is_autocommit()
                && let Err(error) = connection.execute_batch("ROLLBACK")
            {
                error!(error = %error, "failed to undo a commit");
            }
            for job in jobs {
                answer(job, unavailable(&failure));
            }
        }
    }
}

/// What became of each job, durably. The outer error is the database's own failure.
fn write_all(
    connection: &Connection,
    jobs: &[Job],
) -> Result<Vec<Result<Receipt, CommitError>>, rusqlite::Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut link = NextLink::begin(connection)?;
    let results = if let [job] = jobs {
        // Nobody else's is to be kept from its failure, so it needs no savepoint, for which SQLite
        // copies each page that is touched.
        let result = written(connection, job, &mut link)?;
        if result.is_err() {
            connection.execute_batch("ROLLBACK")?;
            return Ok(vec![result]);
        }
        vec![result]
    } else {
        let results = jobs.iter().map(|job| write_one(connection, job, &mut link));
        results.collect::<Result<Vec<_>, _>>()?
    };
    link.finish(connection)?;
    connection.execute_batch("COMMIT")?;
    Ok(results)
}

/// Writes one job inside a savepoint. The outer error is the database's own failure.
fn write_one(
    connection: &Connection,
    job: &Job,
    link: &mut NextLink,
) -> Result<Result<Receipt, CommitError>, rusqlite::Error> {
    connection.prepare_cached("SAVEPOINT job")?.execute(())?;
    let moved_before = link.rows.len();
    let result = written(connection, job, link)?;
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute(())?;
        link.rows.truncate(moved_before);
    }
    connection.prepare_cached("RELEASE job")?.execute(())?;
    Ok(result)
}

/// Writes one job; what of it is there after a refusal is to be undone.
fn written(
    connection: &Connection,
    job: &Job,
    link: &mut NextLink,
) -> Result<Result<Receipt, CommitError>, rusqlite::Error> {
    match write(connection, &job.batch, link) {
        Ok(receipt) => Ok(Ok(receipt)),
        Err(WriteError::Refused(error)) => Ok(Err(error)),
        Err(WriteError::Database(error)) if is_of_the_job(&error) => {
            error!(error = %error, "failed to write a batch; it alone was undone");
            Ok(unavailable(&error))
        }
        Err(WriteError::Database(error)) => Err(error),
    }
}

/// Whether a failure lies in one job's own rows (a value that does not fit, a constraint that the
/// book should have kept, a row that cannot be read), so that its neighbours need not suffer.
fn is_of_the_job(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code().is_none_or(|code| {
        matches!(code, ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig)
    })
}

fn unavailable(error: &rusqlite::Error) -> Result<Receipt, CommitError> {
    Err(CommitError::Unavailable(error.to_string()))
}

/// Whoever asked may have stopped waiting; what was written stays written.
fn answer(job: Job, result: Result<Receipt, CommitError>) {
    let _ = job.reply.send(result);
}
