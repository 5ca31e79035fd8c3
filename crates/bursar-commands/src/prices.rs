//! `bursar prices`: the price tables, and the public files that they are brought up to date from.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bursar_api_types::{
    DecideOnPrices, PriceTableDetail, PriceTableLine, PriceTables, ProposePrices,
};
use bursar_catalog::{Format, HeldBack, Import, Imported, LeftOut, PRICE_FILE_BYTES_MAX, import};
use bursar_client::Client;
use bursar_kernel::{Clock as _, ModelId, PriceVersion, Timestamp};
use bursar_service::clock::SystemClock;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::output::{Column, Output, facts, moment, table};

/// Price tables: what calls cost, from when on.
#[derive(Debug, Subcommand)]
pub enum PricesCommand {
    /// List the price tables, and which of them holds
    List,
    /// Show a price table, and what it changes
    Show {
        /// Its name
        #[arg(value_name = "TABLE")]
        name: String,
        /// Print the catalog file alone
        #[arg(long)]
        file: bool,
    },
    /// Lay the prices of a public file over those in force, show what that changes, and propose it
    Import(ImportArgs),
    /// Propose a catalog file of your own
    Propose {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Let a price table hold, at once or from an instant on
    Approve {
        /// Its name
        #[arg(value_name = "TABLE")]
        name: String,
        /// From when on, such as 2026-12-01T00:00Z [default: now]
        #[arg(long, value_name = "INSTANT")]
        from: Option<Timestamp>,
    },
    /// Say that a price table is not used
    Reject {
        /// Its name
        #[arg(value_name = "TABLE")]
        name: String,
        /// Why, for the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What an import takes.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The price file, downloaded before
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose file it is
    #[arg(long, value_enum)]
    format: FileFormat,
    /// Take these prices of a model though they look like a slip (may be repeated)
    #[arg(long, value_name = "MODEL")]
    accept: Vec<String>,
    /// Leave out models that the catalog does not have
    #[arg(long)]
    known_only: bool,
    /// What the new price table is called [default: openai-DAY]
    #[arg(long, value_name = "TABLE")]
    name: Option<String>,
    /// Where the figures come from [default: the file's name, with the day]
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// The day whose prices are taken, where the file has several [default: today]
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
    /// Only show what it changes
    #[arg(long)]
    dry_run: bool,
}

/// The public price files that are known.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileFormat {
    /// `model_prices_and_context_window.json`
    Litellm,
    /// `prices/new_data/v2/data.json`
    GenaiPrices,
}

/// What came of an import.
#[derive(Serialize)]
struct ImportReport {
    version: String,
    /// Whether it was proposed, and waits for a decision.
    proposed: bool,
    changes: Vec<String>,
    held_back: Vec<HeldLine>,
    left_out: Vec<String>,
    assumed: Vec<String>,
}

#[derive(Serialize)]
struct HeldLine {
    model: String,
    findings: Vec<String>,
}

pub(crate) async fn run(
    command: PricesCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        PricesCommand::List => {
            let found = client.price_tables().await.context("failed to list the price tables")?;
            output.show(&found, list)
        }
        PricesCommand::Show { name, file } => {
            let found = client.price_table(&PriceVersion::new(name)).await;
            let found = found.context("failed to show the price table")?;
            output.show(&found, |found| if file { found.document.clone() } else { show(found) })
        }
        PricesCommand::Import(args) => bring(args, client, output).await,
        PricesCommand::Propose { file } => {
            let document = read(&file)?;
            // Said here, with the file's own name and its lines.
            bursar_catalog::read(&file.display().to_string(), &document)?;
            let wanted = ProposePrices { document };
            let found = client.propose_prices(&wanted).await;
            output.show(&found.context("failed to propose the price table")?, show)
        }
        PricesCommand::Approve { name, from } => {
            let decision = DecideOnPrices { approve: true, effective_from: from, reason: None };
            decide(name, decision, client, output).await
        }
        PricesCommand::Reject { name, reason } => {
            let reason = Some(reason);
            let decision = DecideOnPrices { approve: false, effective_from: None, reason };
            decide(name, decision, client, output).await
        }
    }
}

async fn decide(
    name: String,
    decision: DecideOnPrices,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let decided = client.decide_on_prices(&PriceVersion::new(name), &decision).await;
    output.show(&decided.context("failed to decide on the price table")?, show)
}

async fn bring(args: ImportArgs, client: &Client, output: Output) -> anyhow::Result<()> {
    let text = read(&args.file)?;
    let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let on = args.on.unwrap_or(today);
    let in_force = client.prices_in_force().await.context("failed to ask for the prices")?;
    let onto = bursar_catalog::read("the price table in force", &in_force.document)?;
    let file = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let wanted = Import {
        format: match args.format {
            FileFormat::Litellm => Format::LiteLlm,
            FileFormat::GenaiPrices => Format::GenaiPrices,
        },
        on,
        version: PriceVersion::new(args.name.unwrap_or_else(|| format!("openai-{on}"))),
        source: args.source.unwrap_or_else(|| format!("{}, {on}", file.unwrap_or_default())),
        accepted: args.accept.iter().map(|model| ModelId::new(model.as_str())).collect(),
        adds_models: !args.known_only,
    };
    let imported = import(&text, &onto, &wanted)
        .with_context(|| format!("failed to read `{}`", args.file.display()))?;
    check_accepted(&wanted.accepted, &text)?;
    let proposes = !args.dry_run && !imported.changes.is_empty();
    if proposes {
        let document = bursar_catalog::write(&imported.catalog);
        let proposed = client.propose_prices(&ProposePrices { document }).await;
        proposed.context("failed to propose the price table; `--name` gives it another name")?;
    }
    output.show(&report(imported, proposes), told)
}

/// A name that the file does not have was mistyped.
fn check_accepted(accepted: &BTreeSet<ModelId>, text: &str) -> anyhow::Result<()> {
    match accepted.iter().find(|model| !text.contains(&format!("\"{model}\""))) {
        Some(model) => bail!("the file has no model `{model}`\nhint: check `--accept`"),
        None => Ok(()),
    }
}

fn report(imported: Imported, proposed: bool) -> ImportReport {
    let held = |HeldBack { model, findings }| HeldLine { model: model.to_string(), findings };
    ImportReport {
        version: imported.catalog.version.to_string(),
        proposed,
        changes: imported.changes.iter().map(ToString::to_string).collect(),
        held_back: imported.held_back.into_iter().map(held).collect(),
        left_out: imported.left_out.iter().map(LeftOut::to_string).collect(),
        assumed: imported.assumed,
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let failed = || format!("failed to read `{}`", path.display());
    let length = std::fs::metadata(path).with_context(failed)?.len();
    if u64::try_from(PRICE_FILE_BYTES_MAX).is_ok_and(|most| most < length) {
        bail!("`{}` has {length} bytes, more than any price file", path.display());
    }
    std::fs::read_to_string(path).with_context(failed)
}

fn list(found: &PriceTables) -> String {
    let columns = [
        Column::Left("VERSION"),
        Column::Left("STATE"),
        Column::Left("PROPOSED"),
        Column::Left("HOLDS FROM"),
    ];
    let row = |line: &PriceTableLine| {
        let is_in_force = line.version == found.in_force;
        let state = if is_in_force { "in force" } else { &line.state };
        vec![
            line.version.to_string(),
            state.to_owned(),
            moment(line.proposed_at),
            line.effective_from.map(moment).unwrap_or_default(),
        ]
    };
    table(&columns, found.tables.iter().map(row).collect(), "no price table")
}

fn show(found: &PriceTableDetail) -> String {
    let line = &found.table;
    let state = if found.in_force { "in force" } else { &line.state };
    let mut text = facts([
        ("price table", Some(line.version.to_string())),
        ("state", Some(state.to_owned())),
        ("proposed", Some(moment(line.proposed_at))),
        ("decided", line.decided_at.map(moment)),
        ("holds from", line.effective_from.map(moment)),
        ("why not", line.reason.clone()),
        ("compared with", Some(found.compared_with.to_string())),
    ]);
    section(&mut text, "changes", &found.changes);
    if found.changes.is_empty() {
        text.push_str("nothing is different\n");
    }
    text
}

fn told(report: &ImportReport) -> String {
    let mut text = String::new();
    section(&mut text, "changes", &report.changes);
    let held = report.held_back.iter().flat_map(|held| {
        let findings = held.findings.iter();
        findings.map(|finding| format!("{}: {finding}", held.model))
    });
    let held: Vec<String> = held.collect();
    section(&mut text, "held back: look at these, and take them with `--accept MODEL`", &held);
    section(&mut text, "assumed", &report.assumed);
    section(&mut text, "left out", &report.left_out);
    let version = &report.version;
    let _ = match (report.changes.is_empty(), report.proposed) {
        (true, _) => writeln!(text, "nothing is different"),
        (false, true) => writeln!(
            text,
            "proposed as `{version}`: `bursar prices approve {version}` lets it hold"
        ),
        (false, false) => writeln!(text, "nothing is proposed"),
    };
    text
}

fn section(text: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "{heading}:");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}
