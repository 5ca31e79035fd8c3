//! The writer's one connection, and what has to be true before it writes.

use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tracing::warn;

use crate::codec::Id;
use crate::error::DbError;

/// The lock that servers of a database share, each for as long as its writer's connection lives.
/// Whoever wants the database for itself takes it alone. See `MIGRATION_LOCK` for the number.
const LOCK_SHARED: &str = "SELECT pg_try_advisory_lock_shared(x'627572736172'::BIGINT * 256 + 2)";
const LOCK_ALONE: &str = "SELECT pg_try_advisory_lock(x'627572736172'::BIGINT * 256 + 2)";
/// How often the lock is tried again that somebody may have for itself, and how long apart.
const LOCK_TRIES: u32 = 50;
const LOCK_EVERY: Duration = Duration::from_millis(100);

// What others left behind that ended without a word: whoever lives writes every second.
const FORGET_WRITERS: &str = "DELETE FROM writer WHERE last_at < now() - INTERVAL '7 days'";
const FORGET_WRITER: &str = "DELETE FROM writer WHERE id = $1";
const BECOME_A_WRITER: &str = "INSERT INTO writer DEFAULT VALUES RETURNING id";
const WHO_AM_I: &str = "SELECT pid, backend_start::TEXT FROM pg_stat_activity
     WHERE pid = pg_backend_pid()";
const END_BEFORE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE pid = $1 AND backend_start::TEXT = $2 AND pid <> pg_backend_pid()";
// Waits for a transaction that has changed the row and has not ended.
const LAST_COMMIT: &str = "SELECT last_commit FROM writer WHERE id = $1 FOR UPDATE";

/// A process of the database: its number, and since when it has that number.
type Backend = (i32, String);

/// A writer's place in the database.
pub(crate) struct Session {
    pool: Pool,
    id: Id,
    /// The number of the latest transaction that was begun; each has a new one.
    number: i64,
    connection: Option<Object>,
    backend: Option<Backend>,
}

impl Session {
    /// Takes a place; `None` if somebody has the database for itself.
    pub(crate) async fn begin(pool: Pool) -> Result<Option<Self>, DbError> {
        let connection = pool.get().await?;
        if !is_locked(&connection, LOCK_SHARED).await? {
            return Ok(None);
        }
        connection.execute(FORGET_WRITERS, &[]).await?;
        let id = connection.query_one(BECOME_A_WRITER, &[]).await?.try_get(0)?;
        let backend = Some(who_am_i(&connection).await?);
        let connection = Some(connection);
        Ok(Some(Self { pool, id, number: 0, connection, backend }))
    }

    /// The connection, made again if it was lost, and the number of a new transaction.
    pub(crate) async fn next(&mut self) -> Result<(&ClientWrapper, Id, i64), DbError> {
        let is_open = |connection: &Object| !connection.is_closed();
        if !self.connection.as_ref().is_some_and(is_open) {
            self.reconnect().await?;
        }
        self.number = self.number.saturating_add(1);
        let Some(connection) = &self.connection else {
            return Err(DbError::Broken("there is no connection".to_owned()));
        };
        Ok((connection, self.id, self.number))
    }

    /// The connection, if there is one.
    pub(crate) fn connection(&self) -> Option<&ClientWrapper> {
        self.connection.as_deref()
    }

    /// Gives the connection up.
    pub(crate) fn lose(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Not back into the pool.
            drop(Object::take(connection));
        }
    }

    /// Whether the latest transaction was committed, after its connection was lost.
    pub(crate) async fn was_committed(&mut self) -> Result<bool, DbError> {
        self.lose();
        self.reconnect().await?;
        let Some(connection) = &self.connection else {
            return Err(DbError::Broken("there is no connection".to_owned()));
        };
        let row = connection.query_opt(LAST_COMMIT, &[&self.id]).await?;
        let last: Option<i64> = row.map(|row| row.try_get(0)).transpose()?;
        last.map(|last| last == self.number).ok_or_else(taken_over)
    }

    /// Gives the place up.
    pub(crate) async fn end(mut self) {
        let Some(connection) = self.connection.take() else { return };
        if let Err(error) = connection.execute(FORGET_WRITER, &[&self.id]).await {
            warn!(error = %DbError::from(error), "failed to take leave of the database");
        }
        drop(Object::take(connection));
    }

    /// A new connection. What is left of the one before is ended first: it may have locks.
    async fn reconnect(&mut self) -> Result<(), DbError> {
        self.lose();
        let connection = self.pool.get().await?;
        if let Some((pid, since)) = &self.backend {
            connection.execute(END_BEFORE, &[pid, since]).await?;
        }
        let mut tries = 0_u32;
        while !is_locked(&connection, LOCK_SHARED).await? {
            tries = tries.saturating_add(1);
            if LOCK_TRIES < tries {
                return Err(taken_over());
            }
            tokio::time::sleep(LOCK_EVERY).await;
        }
        self.backend = Some(who_am_i(&connection).await?);
        self.connection = Some(connection);
        Ok(())
    }
}

/// Takes the database for a connection alone, if no server runs on it.
pub(crate) async fn lock_alone(connection: &ClientWrapper) -> Result<bool, DbError> {
    is_locked(connection, LOCK_ALONE).await
}

async fn is_locked(connection: &ClientWrapper, lock: &str) -> Result<bool, DbError> {
    Ok(connection.query_one(lock, &[]).await?.try_get(0)?)
}

async fn who_am_i(connection: &ClientWrapper) -> Result<Backend, DbError> {
    let row = connection.query_one(WHO_AM_I, &[]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// The database is not ours to write to any more.
fn taken_over() -> DbError {
    DbError::Broken("the database does not know this process any more".to_owned())
}
