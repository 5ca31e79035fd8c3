//! `bursar verify`: proves the books of a data directory, or of a database.

mod reprice;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use bursar_kernel::{Catalog, PriceVersion};
use bursar_store::Store;
use bursar_store::rows::Call;
use clap::Args;
use serde::Serialize;

use self::reprice::{Verdict, reprice};
use super::checkpoint::{Kept, VerifierKey};
use crate::config::Config;
use crate::engine::{DatabaseArgs, Engine};
use bursar_commands::output::{Output, facts};

/// What `bursar verify` takes.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The configuration file, if it names a catalog other than the one that ships
    #[arg(long, env = "BURSAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
    /// A file of checkpoints that were kept elsewhere: the book has to go on from each
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The key that has to have signed them, as `bursar checkpoint --key` prints it
    #[arg(long, value_name = "KEY", requires = "against")]
    signed_by: Option<VerifierKey>,
}

/// What was read and what was found.
#[derive(Debug, Serialize)]
struct Proof {
    balanced: bool,
    accounts: u64,
    transfers: u64,
    lots: u64,
    holds: u64,
    calls: Calls,
    /// The number of the last link of the chain, and its hash.
    links: u64,
    head: Option<String>,
    /// How many checkpoints the book goes on from.
    checkpoints: Option<usize>,
    findings: Vec<String>,
}

/// What became of the calls that were priced again.
#[derive(Clone, Copy, Debug, Default, Serialize)]
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
    // Read first: a file that is none of ours is said before a long audit.
    let kept = args.against.as_deref().map(Kept::read).transpose()?;
    let engine = Engine::open_to_read(directory, database.as_ref()).await?;
    let store = engine.store();
    let calls = Arc::<Mutex<Calls>>::default();
    let counted = Arc::clone(&calls);
    let tables = tables(&*store, catalog).await?;
    let check = move |call: &Call| {
        let mut calls = counted.lock().unwrap_or_else(PoisonError::into_inner);
        calls.count(reprice(&tables, call))
    };
    let auditor = store.audit_with(Box::new(check)).await.context("failed to read the books")?;
    let (counts, findings) = auditor.finish();
    let mut findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    if let Some(kept) = &kept {
        findings.extend(kept.disagreements(&*store, args.signed_by.as_ref()).await?);
    }
    let calls = *calls.lock().unwrap_or_else(PoisonError::into_inner);
    let proof = Proof {
        balanced: findings.is_empty(),
        accounts: counts.accounts,
        transfers: counts.transfers,
        lots: counts.lots,
        holds: counts.holds,
        calls,
        links: counts.head.map_or(0, |link| link.number),
        head: counts.head.map(|link| link.digest.to_string()),
        checkpoints: kept.map(|kept| kept.len()),
        findings,
    };
    output.show(&proof, told)?;
    if proof.balanced { Ok(()) } else { bail!("the books do not balance\n{HINT}") }
}

/// Every price table that ever priced a call, as the book has it; but the one of the configuration
/// as that has it: whoever can change the book's charges can change its tables as well.
async fn tables(
    store: &dyn Store,
    configured: Catalog,
) -> anyhow::Result<BTreeMap<PriceVersion, Catalog>> {
    let mut tables = BTreeMap::from([(configured.version.clone(), configured)]);
    for row in store.price_tables().await.context("failed to read the price tables")? {
        if row.standing.holds_from().is_some() {
            let name = format!("price table {}", row.version);
            let catalog = bursar_catalog::read(&name, &row.document)?;
            tables.entry(row.version).or_insert(catalog);
        }
    }
    Ok(tables)
}

const HINT: &str = "hint: keep a copy of the database as it is, and stop the server until \
                    each finding is explained";

impl Calls {
    /// Counts a call by what was found of its price; gives what is wrong with it, if anything.
    fn count(&mut self, verdict: Verdict) -> Option<String> {
        self.read = self.read.saturating_add(1);
        let counted = match verdict {
            Verdict::Exact => &mut self.repriced,
            Verdict::Estimate => &mut self.estimated,
            Verdict::Free => &mut self.free,
            Verdict::OtherTable => &mut self.other_table,
            Verdict::Wrong(finding) => return Some(finding),
        };
        *counted = counted.saturating_add(1);
        None
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
        ("links of the chain", Some(proof.links.to_string())),
        ("  the last one", proof.head.clone()),
        ("checkpoints", proof.checkpoints.map(|count| count.to_string())),
    ]);
    if proof.balanced {
        return format!("{counts}\nthe books balance\n");
    }
    let findings = proof.findings.iter().map(|finding| format!("- {finding}\n"));
    format!("{counts}\n{}", findings.collect::<String>())
}
