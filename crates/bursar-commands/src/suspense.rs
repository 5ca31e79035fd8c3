//! `bursar suspense`: what nobody knows whether it was spent, and settling it.

use anyhow::Context as _;
use bursar_api_types::{
    SettleSuspense, SettledSuspense, Suspense, SuspenseEnd, SuspenseLine, SuspenseQuery,
};
use bursar_client::Client;
use bursar_kernel::Usd;
use clap::{Args, Subcommand};

use super::output::{Column, Output, dollars, facts, moment, table};

/// What nobody knows whether it was spent.
#[derive(Debug, Subcommand)]
pub enum SuspenseCommand {
    /// List what lies in suspense, the longest first
    List {
        /// Leave so many lines out at the beginning
        #[arg(long, value_name = "LINES")]
        skip: Option<usize>,
    },
    /// Say what became of a line, as the provider's own figures have it
    Settle(Settle),
}

/// What became of it.
#[derive(Debug, Args)]
pub struct Settle {
    /// The line: `hold_…` or `lease_…`
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    end: End,
    /// How you know; kept in the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Exactly one of the three.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct End {
    /// All of it was spent
    #[arg(long)]
    used: bool,
    /// None of it was spent
    #[arg(long)]
    not_used: bool,
    /// So much of it was spent, in dollars
    #[arg(long, value_name = "USD")]
    cost: Option<Usd>,
}

pub(crate) async fn run(
    command: SuspenseCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        SuspenseCommand::List { skip } => {
            let found = client.suspense(&SuspenseQuery { skip }).await;
            output.show(&found.context("failed to list what lies in suspense")?, list)
        }
        SuspenseCommand::Settle(Settle { id, end, reason }) => {
            let said = match end {
                End { cost: Some(cost), .. } => (SuspenseEnd::Cost, Some(cost)),
                End { used: true, .. } => (SuspenseEnd::Used, None),
                End { .. } => (SuspenseEnd::NotUsed, None),
            };
            let said = SettleSuspense { end: said.0, cost: said.1, reason };
            let settled = client.settle_suspense(&id, &said).await;
            output.show(&settled.context("failed to settle it")?, show)
        }
    }
}

fn list(found: &Suspense) -> String {
    let columns = [
        Column::Left("ID"),
        Column::Left("SINCE"),
        Column::Left("HOLDER"),
        Column::Left("WHAT"),
        Column::Left("WHY"),
        Column::Right("AMOUNT"),
    ];
    let row = |line: &SuspenseLine| {
        let what = match (&line.limit_of, &line.call) {
            (Some(key), _) => format!("limit of {key}"),
            (None, Some(call)) => format!("{} to {}", call.id, call.model),
            (None, None) => "calls not written down".to_owned(),
        };
        vec![
            line.id.clone(),
            moment(line.since),
            line.holder.as_ref().map(|holder| holder.email.clone()).unwrap_or_default(),
            what,
            line.why.clone(),
            dollars(line.amount),
        ]
    };
    let rows: Vec<Vec<String>> = found.lines.iter().map(row).collect();
    let shown = rows.len();
    let table = table(&columns, rows, "nothing is in suspense");
    if shown < found.count { format!("{table}\n\n{shown} of {}", found.count) } else { table }
}

fn show(settled: &SettledSuspense) -> String {
    facts([("settled", Some(settled.id.clone())), ("spent", Some(dollars(settled.cost)))])
}
