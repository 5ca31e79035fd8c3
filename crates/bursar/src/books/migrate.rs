//! `bursar migrate`: moves an installation from the embedded engine to PostgreSQL.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use bursar_store::BookReads as _;
use bursar_store::moving::{Sum, Table};
use bursar_store_postgres::{Arrival, PostgresStore};
use bursar_store_sqlite::SqliteStore;
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use bursar_commands::output::Output;

/// Rows that travel at a time.
const PAGE: usize = 1_000;

/// What `bursar migrate` takes.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The installation: `sqlite:` and its data directory. No server may run on it
    #[arg(long, value_name = "sqlite:DIR", value_parser = from)]
    from: PathBuf,
    /// An empty PostgreSQL database; with a password, put it into the environment
    #[arg(long, env = "BURSAR_DATABASE", value_name = "URL", hide_env_values = true)]
    to: SecretString,
}

fn from(text: &str) -> Result<PathBuf, String> {
    let directory = text.strip_prefix("sqlite:").filter(|directory| !directory.is_empty());
    directory.map(PathBuf::from).ok_or_else(|| "write it as `sqlite:DIR`".to_owned())
}

/// What has moved.
#[derive(Debug, Serialize)]
struct Moved {
    rows: BTreeMap<String, u64>,
    balanced: bool,
}

pub(super) async fn run(args: MigrateArgs, output: Output) -> anyhow::Result<()> {
    // Read first, so that a folder without an installation does not become one.
    drop(SqliteStore::open_to_read(&args.from)?);
    let source = SqliteStore::open(&args.from)?;
    let (counts, findings) = source.audit().await?.finish();
    if !findings.is_empty() {
        bail!("the books do not balance, and stay where they are\nhint: see `bursar verify`");
    }
    let target = PostgresStore::arrive(args.to.expose_secret()).await?;
    let rows = carry(&source, &target).await?;
    let arrived = target.audit().await?.finish();
    if arrived != (counts, findings) {
        bail!("the books arrived otherwise than they were; nothing has moved");
    }
    target.commit().await.context("failed to keep what had arrived")?;
    output.show(&Moved { rows, balanced: true }, |moved| told(moved, &args.from))
}

/// Carries every table over and holds what arrived against what left.
async fn carry(source: &SqliteStore, target: &Arrival) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut tables = source.tables().await?;
    let in_order = tables.clone();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let others = target.tables().await?;
    if let Some(table) = tables.iter().find(|table| !others.contains(table)) {
        bail!("the database has no place for `{}`; nothing has moved", table.name);
    }
    let mut rows = BTreeMap::new();
    for table in &in_order {
        let expected = carry_table(source, target, table).await?;
        if target.sum(table).await? != expected {
            bail!("`{}` arrived otherwise than it was; nothing has moved", table.name);
        }
        rows.insert(table.name.clone(), expected.rows);
    }
    Ok(rows)
}

async fn carry_table(source: &SqliteStore, target: &Arrival, table: &Table) -> anyhow::Result<Sum> {
    let (mut expected, mut after) = (Sum::default(), None);
    loop {
        let (records, last) = source.page(table, after, PAGE).await?;
        if records.is_empty() {
            return Ok(expected);
        }
        after = last;
        let put = target.put(table, records, &mut expected).await;
        put.with_context(|| format!("failed to move `{}`; nothing has moved", table.name))?;
    }
}

fn told(moved: &Moved, from: &std::path::Path) -> String {
    let rows = moved.rows.iter().map(|(table, rows)| format!("{table:<20} {rows:>10}\n"));
    format!(
        "{}\nall of it has moved, and the books balance on both sides\n\
         hint: `bursar serve --data {}` with this database in BURSAR_DATABASE goes on from here; \
         the file `bursar.db` stays as it was\n",
        rows.collect::<String>(),
        from.display()
    )
}
