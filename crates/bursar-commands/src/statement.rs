//! Statements of grants and pools, for people, for programs and for spreadsheets.

use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use bursar_api_types::{StatementFormat, StatementLine, StatementLines, StatementQuery};
use bursar_client::{Client, ClientError, Statement};
use clap::Args;

use super::output::{Column, Output, dollars, moment, table};

/// Which part of a statement, and how it is printed.
#[derive(Debug, Args)]
pub struct StatementArgs {
    /// From this instant on: a date, which means its first instant in the program's zone, or an
    /// instant [default: the beginning]
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Up to this instant and without it [default: the present]
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Print CSV for a spreadsheet, however long it is
    #[arg(long)]
    csv: bool,
    /// A line for each charge of a call, in place of one for all of a day (UTC)
    #[arg(long)]
    calls: bool,
}

pub(crate) async fn run(
    of: Statement,
    args: StatementArgs,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let StatementArgs { from, to, csv, calls } = args;
    let which = StatementQuery { from, to, calls, format: StatementFormat::default() };
    if csv && output.json {
        bail!("a statement is either CSV or JSON\nhint: leave `--csv` or `--json` out");
    }
    if !csv {
        let found = client.statement(&of, &which).await.context("failed to make the statement")?;
        return output.show(&found, shown);
    }
    let mut out = io::stdout().lock();
    match client.statement_csv(&of, &which, |piece| out.write_all(piece)).await {
        // Whoever read along has seen enough.
        Err(ClientError::NotWritten(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        made => made.context("failed to make the statement"),
    }
}

fn shown(found: &StatementLines) -> String {
    let columns = [
        Column::Left("WHEN"),
        Column::Left("WHAT"),
        Column::Left("COUNTERPART"),
        Column::Right("AMOUNT"),
        Column::Right("BALANCE"),
    ];
    let end = |at, what: &str, balance| {
        let none = String::new;
        vec![moment(at), what.to_owned(), none(), none(), dollars(balance)]
    };
    let row = |line: &StatementLine| {
        let counterpart = match line.charges {
            Some(1) => "1 charge".to_owned(),
            Some(charges) => format!("{charges} charges"),
            None => line.counterpart.clone().unwrap_or_default(),
        };
        let what = line.kind.replace('_', " ");
        vec![moment(line.at), what, counterpart, dollars(line.amount), dollars(line.balance)]
    };
    let mut rows = vec![end(found.from, "opening", found.opening)];
    rows.extend(found.lines.iter().map(row));
    rows.push(end(found.to, "closing", found.closing));
    table(&columns, rows, "")
}
