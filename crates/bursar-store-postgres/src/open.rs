//! Opening a database: its migrations, its writer, its readers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bursar_store::ReadError;
use deadpool_postgres::Pool;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_postgres::Row;

use crate::connect::Target;
use crate::error::DbError;
use crate::migrate::{MIGRATIONS, migrate, seen};
use crate::queue::Queue;
use crate::session::Session;
use crate::statement::{Value, rows};
use crate::writer;

/// How long a query may take with all that it waits for, before its reader is told no.
const READ_WITHIN: Duration = Duration::from_secs(40);

/// The store in a PostgreSQL database.
pub struct PostgresStore {
    pub(crate) queue: Arc<Queue>,
    pub(crate) readers: Pool,
    /// Hears what other processes change: never behind what somebody else reads.
    pub(crate) listener: Pool,
    writer: Mutex<Option<JoinHandle<()>>>,
    commits: Arc<AtomicU64>,
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be understood.
    #[error(
        "failed to understand the database's address: {0}\n\
         hint: write it as `postgres://USER@HOST:PORT/DATABASE`, or with a socket's folder as \
         `postgres://USER@%2Fvar%2Frun%2Fpostgresql/DATABASE`"
    )]
    Address(String),
    /// It does not answer, or does not let us in.
    #[error("failed to use the database `{database}`: {told}")]
    Database {
        /// Where it is.
        database: String,
        /// What it said.
        told: String,
    },
    /// Servers run on it, or an installation is moving into it.
    #[error(
        "the database `{0}` is in use by another bursar\n\
         hint: an installation moves into a database that no server runs on; stop them, or wait \
         until the move is over"
    )]
    Locked(String),
    /// There is nothing of ours in it.
    #[error(
        "there is no bursar installation in the database `{0}`\n\
         hint: `bursar serve --database URL` makes one"
    )]
    Missing(String),
    /// There is something in it, where nothing should be.
    #[error(
        "the database `{0}` holds an installation already, which stays as it is\n\
         hint: move into an empty database"
    )]
    NotEmpty(String),
    /// The way to it can be listened to.
    #[error(
        "the connection to `{0}` would not be encrypted\n\
         hint: name a socket's folder, or a tunnel that ends on this machine"
    )]
    Open(String),
    /// It was written by an earlier release, and only a server brings it up to date.
    #[error(
        "the database `{0}` was written by an earlier release of bursar\n\
         hint: back it up and start a server on it once, which brings it up to date"
    )]
    TooOld(String),
    /// It was written by a later release.
    #[error(
        "the database `{0}` was written by a later release of bursar\n\
         hint: run that release or a later one"
    )]
    TooNew(String),
}

impl PostgresStore {
    /// Opens a database to write, beside others that do so too, making its tables if they are not
    /// there. Every batch is as exact as alone; what a process leaves open when it ends is for
    /// whoever shares the database with it to see to.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let target = Target::parse(url)?;
        let broken = |error: DbError| target.broken(&error);
        let (pool, readers, listener) = (target.writer()?, target.readers()?, target.listener()?);
        let connection = pool.get().await.map_err(|error| broken(error.into()))?;
        if !migrate(&connection).await.map_err(broken)? {
            return Err(OpenError::TooNew(target.shown));
        }
        drop(connection);
        let session = Session::begin(pool).await.map_err(broken)?;
        let Some(session) = session else {
            return Err(OpenError::Locked(target.shown));
        };
        let (queue, commits) = (Arc::<Queue>::default(), Arc::<AtomicU64>::default());
        let task = writer::run(session, Arc::clone(&queue), Arc::clone(&commits));
        let writer = Mutex::new(Some(tokio::spawn(task)));
        Ok(Self { queue, readers, listener, writer, commits })
    }

    /// Opens a database to read, also beside a running server. Writes are refused.
    pub async fn open_to_read(url: &str) -> Result<Self, OpenError> {
        let target = Target::parse(url)?;
        let broken = |error: DbError| target.broken(&error);
        let readers = target.readers()?;
        let connection = readers.get().await.map_err(|error| broken(error.into()))?;
        let seen = seen(&connection).await.map_err(broken)?;
        drop(connection);
        if MIGRATIONS.len() < seen {
            return Err(OpenError::TooNew(target.shown));
        }
        if seen == 0 {
            return Err(OpenError::Missing(target.shown));
        }
        if seen < MIGRATIONS.len() {
            return Err(OpenError::TooOld(target.shown));
        }
        let (queue, listener) = (Arc::<Queue>::default(), target.listener()?);
        queue.close();
        let commits = Arc::default();
        Ok(Self { queue, readers, listener, writer: Mutex::default(), commits })
    }

    /// How many durable commits the writer has made since the store was opened. Batches that
    /// waited together share one.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Writes what waits, and stops. Later writes are refused.
    pub async fn close(&self) {
        self.queue.close();
        // Locked until the task has ended, so that whoever else closes waits as well.
        let mut writer = self.writer.lock().await;
        if let Some(writer) = writer.take() {
            // The task only ends by leaving its loop: a panic in it ends the process.
            let _ = writer.await;
        }
    }

    /// Asks on a connection that only reads. One that has broken since it was last used is
    /// exchanged, once, for another: a question that only reads can be asked again.
    pub(crate) async fn ask<T>(
        &self,
        sql: &str,
        values: &[Value],
        parse: fn(&Row) -> Result<T, DbError>,
    ) -> Result<Vec<T>, ReadError> {
        self.ask_on(&self.readers, sql, values, parse).await
    }

    /// The same on a connection of a certain pool.
    pub(crate) async fn ask_on<T>(
        &self,
        pool: &Pool,
        sql: &str,
        values: &[Value],
        parse: fn(&Row) -> Result<T, DbError>,
    ) -> Result<Vec<T>, ReadError> {
        let answer = tokio::time::timeout(READ_WITHIN, ask_twice(pool, sql, values)).await;
        let answer = answer.map_err(|_| ReadError("the database does not answer".to_owned()))?;
        let read = |rows: Vec<Row>| rows.iter().map(parse).collect();
        answer.and_then(read).map_err(|error| ReadError(error.to_string()))
    }
}

async fn ask_twice(pool: &Pool, sql: &str, values: &[Value]) -> Result<Vec<Row>, DbError> {
    match rows(&*pool.get().await?, sql, values).await {
        Err(error) if error.is_lost() => rows(&*pool.get().await?, sql, values).await,
        answer => answer,
    }
}

impl Target {
    pub(crate) fn broken(&self, error: &DbError) -> OpenError {
        OpenError::Database { database: self.shown.clone(), told: error.to_string() }
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        // What waits is still written, if the runtime lives so long; `close` waits for it.
        self.queue.close();
    }
}
