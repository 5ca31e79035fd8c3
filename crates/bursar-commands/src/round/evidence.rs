//! What a round came to, for people, for programs and for whoever studies it.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use bursar_api_types::{
    AcceptanceTable, ReviewerWork, RoundReportDetail, SimulateRound, SimulatedLine, SimulatedRound,
    SpansLine, WithoutLine,
};
use bursar_client::Client;
use bursar_kernel::{ApplicationId, ProgramId, RoundId, Usd};
use clap::{Args, ValueEnum};

use super::Which;
use crate::output::{Column, Output, dollars, facts, table};

/// As what an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Lines of text with commas
    Csv,
    /// One JSON document
    Json,
}

/// What is tried.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Which round
    #[command(flatten)]
    which: Which,
    /// With so much to award, in dollars
    #[arg(long, value_name = "USD")]
    pool: Option<Usd>,
    /// With another weight of a criterion, 0 to 100: `method=50`
    #[arg(long = "weight", value_name = "CRITERION=N", value_parser = weight)]
    weights: Vec<(String, u32)>,
    /// With so many reviews of each application, drawn by the seed
    #[arg(long, value_name = "N")]
    reviews: Option<usize>,
    /// Without the reviews of a reviewer, by mail address
    #[arg(long = "drop-reviewer", value_name = "EMAIL")]
    without: Vec<String>,
    /// Also say what each reviewer alone decides: the line without each in turn
    #[arg(long)]
    each_reviewer: bool,
    /// How often reviews are drawn anew [default: 100]
    #[arg(long, value_name = "N")]
    draws: Option<u32>,
    /// What chance comes out of; the same number draws the same
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

fn weight(text: &str) -> Result<(String, u32), String> {
    let wrong = || format!("`{text}` is no weight\nhint: write it like `method=50`");
    let (criterion, weight) = text.split_once('=').ok_or_else(wrong)?;
    Ok((criterion.to_owned(), weight.parse().map_err(|_| wrong())?))
}

pub(super) async fn report(
    client: &Client,
    output: Output,
    program: &ProgramId,
    round: &RoundId,
) -> anyhow::Result<()> {
    let found = client.round_report(program, round).await.context("failed to report the round")?;
    output.show(&found, reported)
}

pub(super) async fn export(
    client: &Client,
    program: &ProgramId,
    round: &RoundId,
    format: ExportFormat,
    out: Option<&Path>,
) -> anyhow::Result<()> {
    let text = match format {
        ExportFormat::Csv => {
            let found = client.round_export_csv(program, round).await;
            found.context("failed to export the round")?.to_vec()
        }
        ExportFormat::Json => {
            let found = client.round_export(program, round).await;
            let mut text = serde_json::to_vec(&found.context("failed to export the round")?)?;
            text.push(b'\n');
            text
        }
    };
    let Some(file) = out else {
        return match io::stdout().lock().write_all(&text) {
            // Whoever read along has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        };
    };
    std::fs::write(file, text)
        .with_context(|| format!("failed to write the export to `{}`", file.display()))
}

pub(super) async fn simulate(
    client: &Client,
    output: Output,
    args: SimulateArgs,
) -> anyhow::Result<()> {
    let SimulateArgs { which: Which { program, round }, pool, weights, reviews, .. } = args;
    let wanted = SimulateRound {
        pool,
        weights: weights.into_iter().collect::<BTreeMap<String, u32>>(),
        reviews,
        without: args.without,
        each_reviewer: args.each_reviewer,
        draws: args.draws,
        seed: args.seed,
    };
    let found = client.simulate_round(&program, &round, &wanted).await;
    output.show(&found.context("failed to simulate the round")?, simulated)
}

fn reported(found: &RoundReportDetail) -> String {
    let count = |count: u32| Some(count.to_string());
    let mut parts = vec![facts([
        ("round", Some(found.round.to_string())),
        ("applications", Some(found.applications.to_string())),
        ("accepted", count(found.accepted)),
        ("declined", count(found.declined)),
        ("withdrawn", Some(found.withdrawn.to_string())),
        ("asked for", Some(dollars(found.asked))),
        ("awarded", Some(dollars(found.awarded))),
        ("left in the pool", Some(dollars(found.pool))),
        ("to the decision", found.to_decision.map(took)),
        ("to the release", found.to_release.map(took)),
    ])];
    parts.extend(found.groups.iter().map(acceptance));
    parts.push(work(&found.reviewers));
    parts.join("\n")
}

fn took(spans: SpansLine) -> String {
    format!(
        "{} days at the median, {} for a quarter, {} for nine tenths of {}",
        days(spans.median_seconds),
        days(spans.quarter_seconds),
        days(spans.nine_tenths_seconds),
        spans.count
    )
}

/// Days with a decimal, rounded half up.
fn days(seconds: i64) -> String {
    let tenths = (seconds * 10 + 43_200) / 86_400;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn share(per_mille: u32) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

fn acceptance(found: &AcceptanceTable) -> String {
    let columns = [
        Column::Left("GROUP"),
        Column::Right("ACCEPTED"),
        Column::Right("DECLINED"),
        Column::Right("SHARE"),
    ];
    let figure = |count: Option<u32>| count.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let rows = found.groups.iter().map(|line| {
        vec![
            line.name.clone(),
            figure(line.accepted),
            figure(line.declined),
            line.accepted_per_mille.map_or_else(|| "-".to_owned(), share),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let nothing = if found.note.is_some() { "all groups are left out" } else { "nothing decided" };
    let mut text = format!("by {}\n{}", found.label, table(&columns, rows, nothing));
    if let Some(note) = &found.note {
        text = format!("{}\n{note}\n", text.trim_end());
    }
    text
}

fn work(reviewers: &[ReviewerWork]) -> String {
    let columns = [
        Column::Left("REVIEWER"),
        Column::Right("ASKED"),
        Column::Right("DONE"),
        Column::Right("DECLINED"),
        Column::Right("OPEN"),
        Column::Right("LATE"),
        Column::Right("DAYS"),
    ];
    let rows = reviewers.iter().map(|one| {
        let counts = [one.asked, one.done, one.declined, one.open, one.late];
        let mut row = vec![one.name.clone()];
        row.extend(counts.map(|count| count.to_string()));
        row.push(one.median_seconds.map(days).unwrap_or_default());
        row
    });
    table(&columns, rows.collect(), "nobody was asked for a review")
}

fn simulated(found: &SimulatedRound) -> String {
    let columns = [
        Column::Right("PLACE"),
        Column::Left("APPLICATION"),
        Column::Left("TITLE"),
        Column::Right("SCORE"),
        Column::Right("AWARD"),
        Column::Left("THEN"),
        Column::Left("IN FACT"),
        Column::Right("DRAWN"),
    ];
    let word = |is_funded: bool| if is_funded { "funded" } else { "not funded" }.to_owned();
    let rows = found.applications.iter().map(|line| {
        vec![
            line.place.to_string(),
            line.application.to_string(),
            line.title.clone(),
            line.points.clone().unwrap_or_default(),
            dollars(line.amount),
            word(line.is_funded),
            word(line.is_funded_in_fact),
            format!("{} of {}", line.drawn, found.draws),
        ]
    });
    let agreement = found.agreement_per_mille.map(|share_of| {
        format!("{} of what is funded is funded by a draw of its reviews", share(share_of))
    });
    let mut parts = vec![
        table(&columns, rows.collect(), "no application is in review"),
        facts([
            ("to award", Some(dollars(found.pool))),
            ("awarded", Some(dollars(found.awarded))),
            ("left", Some(dollars(found.left))),
            ("changes", Some(found.changes.to_string())),
            ("agreement", agreement),
        ]),
    ];
    if !found.reviewers.is_empty() {
        parts.push(each(&found.reviewers, &found.applications));
    }
    parts.join("\n")
}

fn each(reviewers: &[WithoutLine], applications: &[SimulatedLine]) -> String {
    let columns = [
        Column::Left("WITHOUT"),
        Column::Left("FUNDED INSTEAD"),
        Column::Left("NOT FUNDED ANY MORE"),
    ];
    let titles = |ids: &[ApplicationId]| {
        let title = |id: &ApplicationId| {
            let line = applications.iter().find(|line| line.application == *id);
            line.map_or_else(|| id.to_string(), |line| line.title.clone())
        };
        if ids.is_empty() {
            return "nothing".to_owned();
        }
        ids.iter().map(title).collect::<Vec<_>>().join(", ")
    };
    let rows =
        reviewers.iter().map(|one| vec![one.name.clone(), titles(&one.gain), titles(&one.lose)]);
    table(&columns, rows.collect(), "")
}
