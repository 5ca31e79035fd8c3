//! `bursar clock`: what the time is at the server; the demonstration's can be turned.

use anyhow::Context as _;
use bursar_api_types::{Advance, Advanced, ClockNow, Coming};
use bursar_client::Client;
use clap::{Args, Subcommand};

use super::output::{Column, Output, facts, moment, table};

/// What the time is there.
#[derive(Debug, Subcommand)]
pub enum ClockCommand {
    /// Show the time, and what it will bring
    Show,
    /// Turn the demonstration's clock on; all that is due on the way happens at its time
    Advance(HowFar),
}

/// How far to turn it.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct HowFar {
    /// By so much: 12h, 3d, 1w, P1W
    #[arg(value_name = "SPAN")]
    span: Option<String>,
    /// By so much, as above
    #[arg(long, value_name = "SPAN")]
    by: Option<String>,
    /// To this instant, or to the first instant of this day in UTC
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    /// To the next instant at which something is due
    #[arg(long)]
    next: bool,
}

pub(crate) async fn run(
    command: ClockCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ClockCommand::Show => {
            let clock = client.clock().await.context("failed to show the clock")?;
            output.show(&clock, show)
        }
        ClockCommand::Advance(HowFar { span, by, to, next }) => {
            let wanted = Advance { by: by.or(span), to, next };
            let advanced = client.advance_clock(&wanted).await;
            output.show(&advanced.context("failed to turn the clock")?, report)
        }
    }
}

fn show(clock: &ClockNow) -> String {
    let row = |coming: &Coming| vec![moment(coming.at), coming.what.clone()];
    let coming = clock.coming.iter().map(row).collect();
    let columns = [Column::Left("WHEN"), Column::Left("WHAT COMES")];
    let turns = if clock.turns { "yes: `bursar clock advance`" } else { "no" };
    let now = facts([("now", Some(moment(clock.now))), ("turns", Some(turns.to_owned()))]);
    format!("{now}\n{}", table(&columns, coming, "nothing is coming"))
}

fn report(advanced: &Advanced) -> String {
    let done = advanced.report;
    facts([
        ("was", Some(moment(advanced.from))),
        ("now", Some(moment(advanced.now))),
        ("reviews begun", Some(done.reviews_begun.to_string())),
        ("grants delivered", Some(done.delivered.to_string())),
        ("lots expired", Some(done.expired.to_string())),
        ("holds suspended", Some(done.suspended.to_string())),
    ])
}
