//! Opening a data directory: its lock, its file, its migrations, its threads.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use bursar_store::ReadError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::queue::Queue;
use crate::{chain, writer};

/// The database's file in the data directory.
const FILE: &str = "bursar.db";
/// The file whose lock says that a server runs on the data directory.
const LOCK: &str = "bursar.lock";
/// Migrations in order; the database remembers how many it has seen.
const MIGRATIONS: [&str; 34] = [
    include_str!("schema.sql"),
    include_str!("schema_2_market.sql"),
    include_str!("schema_3_access.sql"),
    include_str!("schema_4_cards.sql"),
    include_str!("schema_5_tiers.sql"),
    include_str!("schema_6_leases.sql"),
    include_str!("schema_7_lent.sql"),
    include_str!("schema_8_notices.sql"),
    include_str!("schema_9_nodes.sql"),
    include_str!("schema_10_idempotency.sql"),
    include_str!("schema_11_suspense.sql"),
    include_str!("schema_12_statements.sql"),
    include_str!("schema_13_voids.sql"),
    include_str!("schema_14_corrections.sql"),
    include_str!("schema_15_chain.sql"),
    include_str!("schema_16_spend.sql"),
    include_str!("schema_17_belongings.sql"),
    include_str!("schema_18_usage.sql"),
    include_str!("schema_19_stops.sql"),
    include_str!("schema_20_prices.sql"),
    include_str!("schema_21_sealed.sql"),
    include_str!("schema_22_rates.sql"),
    include_str!("schema_23_mail.sql"),
    include_str!("schema_24_editions.sql"),
    include_str!("schema_25_identities.sql"),
    include_str!("schema_26_applying.sql"),
    include_str!("schema_27_studies.sql"),
    include_str!("schema_28_passkeys.sql"),
    include_str!("schema_29_personal.sql"),
    include_str!("schema_30_institutions.sql"),
    include_str!("schema_31_claims.sql"),
    include_str!("schema_32_panel.sql"),
    include_str!("schema_33_participants.sql"),
    include_str!("schema_34_review_drafts.sql"),
];
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 128;
/// Readers that wait for work rather than being closed.
const READERS_KEPT: usize = 8;
/// What the writer keeps of the file in memory. A group changes the ends of a dozen tables and
/// indexes; with SQLite's own 2 MB their pages are read and written anew every few calls. With much
/// more, each commit takes longer: SQLite looks through all that it keeps.
const WRITER_CACHE_KB: i64 = 12 * 1024;
/// Pages in the log before they are written to the file itself: the ends of tables and indexes
/// change with each group, and are written there once for all of them. 16 MB.
const CHECKPOINT_AFTER_PAGES: i64 = 4_000;
/// How long a reader waits for a checkpoint.
const BUSY_MS: u64 = 5_000;

/// The store in one file of a data directory.
pub struct SqliteStore {
    path: PathBuf,
    pub(crate) queue: Arc<Queue>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    commits: Arc<AtomicU64>,
    reads: AtomicU64,
    /// Held for as long as the store is open; `None` beside a running server.
    _lock: Option<File>,
}

/// Why a data directory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be made or written to.
    #[error("failed to use the data directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another server runs on it.
    #[error(
        "the data directory `{}` is in use by another bursar\n\
         hint: stop that server first, or choose another directory with `--data`",
        .0.display()
    )]
    Locked(PathBuf),
    /// There is no database in it.
    #[error(
        "there is no bursar database in `{}`\n\
         hint: `bursar serve --data DIR` makes one",
        .0.display()
    )]
    Missing(PathBuf),
    /// It was written by an earlier release, and only a server brings it up to date.
    #[error(
        "the database in `{}` was written by an earlier release of bursar\n\
         hint: back it up and start the server on it once, which brings it up to date",
        .0.display()
    )]
    TooOld(PathBuf),
    /// It was written by a later release.
    #[error(
        "the database in `{}` was written by a later release of bursar\n\
         hint: run that release or a later one",
        .0.display()
    )]
    TooNew(PathBuf),
    /// The database does not open.
    #[error("failed to open the database in `{}`", path.display())]
    Database {
        /// The directory.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl SqliteStore {
    /// Opens a data directory for a server, making it if it is not there. Nobody else can open it
    /// so at the same time.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let lock = lock_directory(directory)?;
        let broken = |source| OpenError::Database { path: directory.to_owned(), source };
        let path = directory.join(FILE);
        let mut connection = Connection::open(&path).map_err(broken)?;
        prepare_writer(&connection).map_err(broken)?;
        if !migrate(&mut connection).map_err(broken)? {
            return Err(OpenError::TooNew(directory.to_owned()));
        }
        let queue = Arc::new(Queue::default());
        let commits = Arc::<AtomicU64>::default();
        let at_fault = |source| OpenError::Directory { path: directory.to_owned(), source };
        let writer = writer::start(connection, Arc::clone(&queue), Arc::clone(&commits))
            .map_err(at_fault)?;
        Ok(Self {
            path,
            queue,
            writer: Mutex::new(Some(writer)),
            readers: Arc::default(),
            commits,
            reads: AtomicU64::default(),
            _lock: Some(lock),
        })
    }

    /// Opens a data directory to read, also beside a running server. Writes are refused.
    pub fn open_to_read(directory: &Path) -> Result<Self, OpenError> {
        let path = directory.join(FILE);
        if !path.is_file() {
            return Err(OpenError::Missing(directory.to_owned()));
        }
        let queue = Arc::new(Queue::default());
        queue.close();
        let store = Self {
            path,
            queue,
            writer: Mutex::new(None),
            readers: Arc::default(),
            commits: Arc::default(),
            reads: AtomicU64::default(),
            _lock: None,
        };
        let broken = |source| OpenError::Database { path: directory.to_owned(), source };
        let connection = open_reader(&store.path).map_err(broken)?;
        let seen: usize = seen_migrations(&connection).map_err(broken)?;
        if MIGRATIONS.len() < seen {
            return Err(OpenError::TooNew(directory.to_owned()));
        }
        // A server stopped before it had made its first table.
        if seen == 0 {
            return Err(OpenError::Missing(directory.to_owned()));
        }
        if seen < MIGRATIONS.len() {
            return Err(OpenError::TooOld(directory.to_owned()));
        }
        Ok(store)
    }

    /// How many durable commits the writer has tried since the store was opened. Batches that
    /// waited together share one.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many reads were asked for since the store was opened.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Writes what waits, and stops. Later writes are refused.
    pub fn close(&self) {
        self.queue.close();
        // Locked until the thread has ended, so that whoever else closes waits as well.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = writer.take() {
            // The thread only ends by leaving its loop: a panic in it ends the process.
            let _ = writer.join();
        }
    }

    /// Runs a query on a reader, away from the threads that serve.
    pub(crate) async fn read<T, F>(&self, query: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let (path, readers) = (self.path.clone(), Arc::clone(&self.readers));
        let work = move || {
            let kept = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = kept.map_or_else(|| open_reader(&path), Ok)?;
            let answer = query(&connection)?;
            let mut readers = readers.lock().unwrap_or_else(PoisonError::into_inner);
            if readers.len() < READERS_KEPT {
                readers.push(connection);
            }
            Ok(answer)
        };
        let answer = tokio::task::spawn_blocking(work).await;
        let answer = answer.map_err(|error| ReadError(error.to_string()))?;
        answer.map_err(|error: rusqlite::Error| ReadError(error.to_string()))
    }
}

/// Takes a data directory for one server, making it if it is not there: for as long as the file is
/// open, nobody else can.
pub fn lock_directory(directory: &Path) -> Result<File, OpenError> {
    let at_fault = |source| OpenError::Directory { path: directory.to_owned(), source };
    std::fs::create_dir_all(directory).map_err(at_fault)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(LOCK))
        .map_err(at_fault)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::Locked(directory.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(at_fault(source)),
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

fn prepare_writer(connection: &Connection) -> Result<(), rusqlite::Error> {
    prepare(connection)?;
    // FULL: an acknowledged commit survives the loss of power.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    )?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_AFTER_PAGES)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KB)
}

pub(crate) fn open_reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// What every connection has.
fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // Plans do not go by the values that are bound. Without that, SQLite compiles most statements
    // that join anew each time: at a busy writer, four fifths of all that it did.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))
}

fn seen_migrations(connection: &Connection) -> Result<usize, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", (), |row| crate::codec::count(row, 0))
}

/// Brings the database up to date, each migration whole or not at all. `false` if it is ahead of
/// this release.
fn migrate(connection: &mut Connection) -> Result<bool, rusqlite::Error> {
    let seen = seen_migrations(connection)?;
    if MIGRATIONS.len() < seen {
        return Ok(false);
    }
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(seen) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        let number = index.saturating_add(1);
        if number == chain::MIGRATION {
            chain::begin(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(true)
}
