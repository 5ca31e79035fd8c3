//! The writer's one connection, and what has to be true before it writes.

use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tracing::warn;

use crate::codec::Id;
use crate::error::DbError;

/// The lock of the one server of a database, held for as long as its writer's connection lives:
/// who lost it cannot write. See `MIGRATION_LOCK` for the number.
const SERVER_LOCK: &str = "SELECT pg_try_advisory_lock(x'627572736172'::BIGINT * 256 + 2)";
/// How often a lock that our own lost connection may still hold is tried again, and how long apart.
const LOCK_TRIES: u32 = 50;
const LOCK_EVERY: Duration = Duration::from_millis(100);

const FORGET_WRITERS: &str = "DELETE FROM writer";
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
    /// Whether nobody else may have such a place.
    alone: bool,
    id: Id,
    /// The number of the latest transaction that was begun; each has a new one.
    number: i64,
    connection: Option<Object>,
    backend: Option<Backend>,
}

impl Session {
    /// Takes a place; `None` if somebody else has the only one.
    pub(crate) async fn begin(pool: Pool, alone: bool) -> Result<Option<Self>, DbError> {
        let connection = pool.get().await?;
        if alone {
            if !try_lock(&connection).await? {
                return Ok(None);
            }
            connection.execute(FORGET_WRITERS, &[]).await?;
        }
        let id = connection.query_one(BECOME_A_WRITER, &[]).await?.try_get(0)?;
        let backend = Some(who_am_i(&connection).await?);
        let connection = Some(connection);
        Ok(Some(Self { pool, alone, id, number: 0, connection, backend }))
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
        if self.alone {
            let mut tries = 0_u32;
            while !try_lock(&connection).await? {
                tries = tries.saturating_add(1);
                if LOCK_TRIES < tries {
                    return Err(taken_over());
                }
                tokio::time::sleep(LOCK_EVERY).await;
            }
        }
        self.backend = Some(who_am_i(&connection).await?);
        self.connection = Some(connection);
        Ok(())
    }
}

/// Takes the place of the one server, if nobody has it.
pub(crate) async fn try_lock(connection: &ClientWrapper) -> Result<bool, DbError> {
    Ok(connection.query_one(SERVER_LOCK, &[]).await?.try_get(0)?)
}

async fn who_am_i(connection: &ClientWrapper) -> Result<Backend, DbError> {
    let row = connection.query_one(WHO_AM_I, &[]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Somebody else runs on the database since we lost it.
fn taken_over() -> DbError {
    DbError::Broken("another bursar has taken the database over".to_owned())
}
