//! The one thread that writes: many batches in one durable commit, each whole or not at all.

use std::sync::Arc;
use std::thread::JoinHandle;

use bursar_store::{CommitError, Receipt};
use rusqlite::Connection;
use tracing::error;

use crate::queue::{Job, Queue};
use crate::write::{WriteError, write};

/// Starts the writer. It ends when the queue is closed and empty.
pub(crate) fn start(connection: Connection, queue: Arc<Queue>) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name("bursar-writer".to_owned())
        .spawn(move || {
            // A panic here means that the book would have broken: nothing may be written after it.
            let _abort = AbortOnPanic;
            while let Some(jobs) = queue.take() {
                commit_together(&connection, jobs);
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
fn commit_together(connection: &Connection, jobs: Vec<Job>) {
    let mut written: Vec<(Job, Result<Receipt, CommitError>)> = Vec::with_capacity(jobs.len());
    let outcome = (|| {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut jobs = jobs.into_iter();
        for job in jobs.by_ref() {
            match write_one(connection, &job) {
                Ok(result) => written.push((job, result)),
                Err(error) => {
                    let failed = unavailable(&error);
                    written.push((job, failed.clone()));
                    written.extend(jobs.map(|job| (job, failed.clone())));
                    return Err(error);
                }
            }
        }
        connection.execute_batch("COMMIT")
    })();
    if let Err(failure) = outcome {
        error!(error = %failure, "failed to commit; every waiting write was undone");
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            error!(error = %error, "failed to undo a commit");
        }
        for (job, _) in written {
            answer(job, unavailable(&failure));
        }
        return;
    }
    for (job, result) in written {
        answer(job, result);
    }
}

/// Writes one job inside a savepoint. The outer error is the database's own failure.
fn write_one(
    connection: &Connection,
    job: &Job,
) -> Result<Result<Receipt, CommitError>, rusqlite::Error> {
    connection.prepare_cached("SAVEPOINT job")?.execute(())?;
    let result = write(connection, &job.batch);
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO job")?.execute(())?;
    }
    connection.prepare_cached("RELEASE job")?.execute(())?;
    match result {
        Ok(receipt) => Ok(Ok(receipt)),
        Err(WriteError::Refused(error)) => Ok(Err(error)),
        Err(WriteError::Database(error)) => Err(error),
    }
}

fn unavailable(error: &rusqlite::Error) -> Result<Receipt, CommitError> {
    Err(CommitError::Unavailable(error.to_string()))
}

/// Whoever asked may have stopped waiting; what was written stays written.
fn answer(job: Job, result: Result<Receipt, CommitError>) {
    let _ = job.reply.send(result);
}
