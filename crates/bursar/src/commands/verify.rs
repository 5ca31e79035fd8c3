//! `bursar verify`: proves the books of a data directory, or of a database.

mod reprice;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bursar_kernel::Catalog;
use clap::Args;
use serde::Serialize;

use self::reprice::{Verdict, reprice};
use super::output::{Output, facts};
use crate::config::Config;
use crate::engine::{DatabaseArgs, Engine};

/// Calls that are read at a time.
const PAGE: usize = 1_000;

/// What `bursar verify` takes.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The configuration file, if it names a catalog other than the one that ships
    #[arg(long, env = "BURSAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// What was read and what was found.
#[derive(Debug, Default, Serialize)]
struct Proof {
    balanced: bool,
    accounts: u64,
    transfers: u64,
    lots: u64,
    holds: u64,
    calls: Calls,
    findings: Vec<String>,
}

/// What became of the calls that were priced again.
#[derive(Debug, Default, Serialize)]
struct Calls {
    /// All of them.
    read: u64,
    /// Those that cost what the price table says of the usage that was reported.
    repriced: u64,
    /// Those whose cost is an estimate within its hold.
    estimated: u64,
    /// Those that cost nothing.
    free: u64,
    /// Those that another price table priced, which is not here to ask.
    other_table: u64,
}

pub(super) async fn run(args: VerifyArgs, directory: &Path, output: Output) -> anyhow::Result<()> {
    let config = args.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    let catalog = config.load_catalog()?;
    let database = args.database.or(&config);
    let engine = Engine::open_to_read(directory, database.as_ref()).await?;
    let auditor = engine.store().audit().await.context("failed to read the books")?;
    let (counts, findings) = auditor.finish();
    let mut proof = Proof {
        accounts: counts.accounts,
        transfers: counts.transfers,
        lots: counts.lots,
        holds: counts.holds,
        findings: findings.into_iter().map(|finding| finding.to_string()).collect(),
        ..Proof::default()
    };
    read_calls(&engine, &catalog, &mut proof).await?;
    proof.balanced = proof.findings.is_empty();
    output.show(&proof, told)?;
    if proof.balanced { Ok(()) } else { bail!("the books do not balance\n{HINT}") }
}

const HINT: &str = "hint: keep a copy of the database as it is, and stop the server until \
                    each finding is explained";

async fn read_calls(engine: &Engine, catalog: &Catalog, proof: &mut Proof) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = engine.calls_after(after, PAGE).await.context("failed to read the calls")?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.request);
        for call in &page {
            let tally = &mut proof.calls;
            tally.read = tally.read.saturating_add(1);
            let counted = match reprice(catalog, call) {
                Verdict::Exact => &mut tally.repriced,
                Verdict::Estimate => &mut tally.estimated,
                Verdict::Free => &mut tally.free,
                Verdict::OtherTable => &mut tally.other_table,
                Verdict::Wrong(finding) => {
                    proof.findings.push(finding);
                    continue;
                }
            };
            *counted = counted.saturating_add(1);
        }
    }
}

fn told(proof: &Proof) -> String {
    let calls = &proof.calls;
    let counts = facts([
        ("accounts", Some(proof.accounts.to_string())),
        ("transfers", Some(proof.transfers.to_string())),
        ("lots", Some(proof.lots.to_string())),
        ("holds", Some(proof.holds.to_string())),
        ("calls", Some(calls.read.to_string())),
        ("  cost exactly price x usage", Some(calls.repriced.to_string())),
        ("  estimated within their holds", Some(calls.estimated.to_string())),
        ("  free", Some(calls.free.to_string())),
        ("  priced by another table", Some(calls.other_table.to_string())),
    ]);
    if proof.balanced {
        return format!("{counts}\nthe books balance\n");
    }
    let findings = proof.findings.iter().map(|finding| format!("- {finding}\n"));
    format!("{counts}\n{}", findings.collect::<String>())
}
