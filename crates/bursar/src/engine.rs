//! Which engine remembers: the embedded one in the data directory, or PostgreSQL.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bursar_store::Store;
use bursar_store_postgres::PostgresStore;
use bursar_store_sqlite::{SqliteStore, lock_directory};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use tracing::warn;

use crate::config::Config;

/// What names a database in place of the embedded one.
#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// A PostgreSQL database, in place of the embedded one in the data directory; with a password,
    /// put it into the environment
    #[arg(
        id = "database",
        long = "database",
        env = "BURSAR_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    given: Option<SecretString>,
}

impl DatabaseArgs {
    /// The database that was named, on the command line or in the configuration file.
    pub(crate) fn or(self, config: &Config) -> Option<SecretString> {
        self.given.or_else(|| config.database.clone().map(SecretString::from))
    }
}

/// An open store, of one kind or the other.
pub(crate) enum Engine {
    /// In the data directory.
    Sqlite(Arc<SqliteStore>),
    /// In a database; the data directory still has the token and the server's address.
    Postgres {
        /// The store.
        store: Arc<PostgresStore>,
        /// Held for as long as the store is open: one server a directory; `None` to read.
        _directory: Option<File>,
    },
}

impl Engine {
    /// Opens a store for a server.
    pub(crate) async fn open(
        directory: &Path,
        database: Option<&SecretString>,
    ) -> anyhow::Result<Self> {
        let Some(database) = database else {
            return Ok(Self::Sqlite(Arc::new(SqliteStore::open(directory)?)));
        };
        let locked = lock_directory(directory)?;
        let store = Arc::new(PostgresStore::open(database.expose_secret()).await?);
        if SqliteStore::open_to_read(directory).is_ok() && is_new(&store).await? {
            warn!(
                "`{}` holds an installation, and the database is new: \
                 `bursar migrate` moves the one into the other while the database is empty",
                directory.display()
            );
        }
        Ok(Self::Postgres { store, _directory: Some(locked) })
    }

    /// Opens a store to read, also beside its running server.
    pub(crate) async fn open_to_read(
        directory: &Path,
        database: Option<&SecretString>,
    ) -> anyhow::Result<Self> {
        let Some(database) = database else {
            return Ok(Self::Sqlite(Arc::new(SqliteStore::open_to_read(directory)?)));
        };
        let store = PostgresStore::open_to_read(database.expose_secret()).await?;
        Ok(Self::Postgres { store: Arc::new(store), _directory: None })
    }

    /// What everything else knows of it.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            Self::Postgres { store, .. } => Arc::clone(store) as Arc<dyn Store>,
        }
    }

    /// Writes what waits, and stops.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close(),
            Self::Postgres { store, .. } => store.close().await,
        }
    }
}

/// Whether nobody has an account in a database.
async fn is_new(store: &PostgresStore) -> anyhow::Result<bool> {
    use bursar_store::Reads as _;
    Ok(store.people().await.context("failed to read the database")?.is_empty())
}
