//! `bursar institutions`: institutions, from the public data dump of ROR.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bursar_api_types::{Institutions, TakeInstitutions, TakenInstitutions};
use bursar_client::Client;
use bursar_institutions::Institution;
use bursar_institutions::dump::read_dump;
use clap::Subcommand;
use serde::Serialize;
use tokio::sync::mpsc;

use super::output::{Column, Output, facts, table};

/// Institutions that are sent in one request, which has a limit in bytes.
const SENT_TOGETHER: usize = 300;
/// Requests whose institutions lie in memory while one is sent.
const READ_AHEAD: usize = 2;

/// Institutions.
#[derive(Debug, Subcommand)]
pub enum InstitutionsCommand {
    /// Take institutions from the JSON file of ROR's data dump (schema 2.0 or 2.1), unpacked; the
    /// same file again changes nothing
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Find institutions by words of a name
    Find {
        /// The words; each begins a word of the name
        #[arg(value_name = "TEXT")]
        text: String,
    },
}

/// What came of an import.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Records of the file.
    records: usize,
    #[serde(flatten)]
    taken: TakenInstitutions,
    /// Records that could not be read, and were left out.
    wrong: usize,
    /// Why, for the first of them.
    why: Vec<String>,
}

pub(super) async fn run(
    command: InstitutionsCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        InstitutionsCommand::Import { file } => {
            let report = import(&file, client).await?;
            output.show(&report, told)
        }
        InstitutionsCommand::Find { text } => {
            let found = client.institutions(&text).await;
            output.show(&found.context("failed to look for institutions")?, list)
        }
    }
}

/// Reads the file on a thread of its own, record by record, and sends what it reads.
async fn import(file: &Path, client: &Client) -> anyhow::Result<Report> {
    let failed = || format!("failed to read `{}`", file.display());
    let opened = File::open(file).with_context(failed)?;
    let (sender, mut receiver) = mpsc::channel(READ_AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        // Nobody listens when a request failed: that is what is told.
        let hand_on = |part: Vec<Institution>| sender.blocking_send(part).is_ok();
        read_dump(BufReader::new(opened), SENT_TOGETHER, hand_on)
    });
    let mut report = Report::default();
    while let Some(part) = receiver.recv().await {
        let institutions = part.into_iter().map(Into::into).collect();
        let taken = client.take_institutions(&TakeInstitutions { institutions }).await;
        let taken = taken.context("failed to take institutions")?;
        report.taken.new += taken.new;
        report.taken.changed += taken.changed;
        report.taken.same += taken.same;
    }
    let read = reading.await.context("the file's reader stopped")?;
    let read = read.map_err(anyhow::Error::msg).with_context(failed)?;
    report.records = read.records;
    report.wrong = read.wrong;
    report.why = read.why;
    Ok(report)
}

fn told(report: &Report) -> String {
    let Report { records, taken, wrong, why } = report;
    let left_out = (*wrong != 0).then(|| format!("{wrong}\n{}", why.join("\n")));
    facts([
        ("Records", Some(records.to_string())),
        ("New", Some(taken.new.to_string())),
        ("Changed", Some(taken.changed.to_string())),
        ("As they were", Some(taken.same.to_string())),
        ("Left out", left_out),
    ])
}

fn list(found: &Institutions) -> String {
    let columns = [Column::Left("ROR"), Column::Left("NAME"), Column::Left("WHERE")];
    let rows = found.institutions.iter().map(|found| {
        let institution = &found.institution;
        let was = found.was.as_ref().map(|was| format!(" (in place of {was})"));
        let place = [institution.city.clone(), institution.country.clone()];
        vec![
            institution.ror.clone(),
            format!("{}{}", institution.name, was.unwrap_or_default()),
            place.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ]
    });
    table(&columns, rows.collect(), "No institution has such a name.")
}
