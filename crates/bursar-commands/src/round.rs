//! `bursar round`: a program's review rounds.

use anyhow::Context as _;
use bursar_api_types::{PanelDetail, PlanPanel, PlannedPanel, RoundLine};
use bursar_client::Client;
use bursar_kernel::{ProgramId, RoundId};
use clap::{Args, Subcommand};

use super::output::{Column, Output, dollars, facts, moment, table};
use super::{program_id, round_id};

/// A program's review rounds.
#[derive(Debug, Subcommand)]
pub enum RoundCommand {
    /// Show what stands where in a round
    Show(Which),
    /// Show who reviews what, and what is missing
    Panel(Which),
    /// Plan who reviews what; whoever was asked stays, and nobody is told
    Plan {
        /// Which round
        #[command(flatten)]
        which: Which,
        /// What decides between plans of one cost; the same number makes the same plan
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        seed: u64,
    },
    /// Ask the reviewers whom the plan proposes, by mail
    Invite(Which),
    /// Make a round's decisions known, once its review is over
    Release(Which),
}

/// Which round.
#[derive(Debug, Args)]
pub struct Which {
    /// The program's short name
    #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
    program: ProgramId,
    /// The round, named by the month in which its review begins: 2026-12
    #[arg(value_name = "ROUND", value_parser = round_id())]
    round: RoundId,
}

pub(crate) async fn run(
    command: RoundCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        RoundCommand::Show(Which { program, round }) => {
            let round = client.round(&program, &round).await.context("failed to show the round")?;
            output.show(&round, stands)
        }
        RoundCommand::Panel(Which { program, round }) => {
            let panel = client.panel(&program, &round).await.context("failed to show the panel")?;
            output.show(&panel, reviewed)
        }
        RoundCommand::Plan { which: Which { program, round }, seed } => {
            let planned = client.plan_panel(&program, &round, &PlanPanel { seed }).await;
            output.show(&planned.context("failed to plan the round")?, planned_in_words)
        }
        RoundCommand::Invite(Which { program, round }) => {
            let invited = client.invite_panel(&program, &round).await;
            let invited = invited.context("failed to invite the reviewers")?;
            output.show(&invited, |invited| {
                format!("asked {} reviewers for {} reviews", invited.reviewers, invited.reviews)
            })
        }
        RoundCommand::Release(Which { program, round }) => {
            let released = client.release_round(&program, &round).await;
            let released = released.context("failed to release the round")?;
            output.show(&released, |released| format!("released {} decisions", released.released))
        }
    }
}

fn reviewed(panel: &PanelDetail) -> String {
    let columns = [
        Column::Left("application"),
        Column::Left("title"),
        Column::Left("reviewers"),
        Column::Right("missing"),
    ];
    let rows = panel.applications.iter().map(|line| {
        let reviewers = line.reviewers.iter();
        let reviewers: Vec<String> = reviewers
            .map(|one| {
                let state = if one.is_reviewed { "reviewed" } else { &one.state };
                format!("{} ({state})", one.name)
            })
            .collect();
        vec![
            line.application.to_string(),
            line.title.clone(),
            reviewers.join(", "),
            line.missing.to_string(),
        ]
    });
    table(&columns, rows.collect(), "no application is in review")
}

fn planned_in_words(planned: &PlannedPanel) -> String {
    let mut lines = vec![format!("{} added, {} dropped", planned.added, planned.dropped)];
    let short = planned.short.iter();
    lines.extend(short.map(|short| format!("{}: {}", short.application, short.says)));
    if 1 < planned.groups {
        lines.push(format!(
            "no common reviewer connects {} groups of applications: their scores cannot be \
             compared",
            planned.groups
        ));
    }
    lines.join("\n")
}

fn stands(round: &RoundLine) -> String {
    facts([
        ("round", Some(round.id.to_string())),
        ("collects from", Some(moment(round.collects_from))),
        ("review begins", Some(moment(round.review_begins))),
        ("decided from", Some(moment(round.decided_from))),
        ("review ends", Some(moment(round.review_ends))),
        ("applications", Some(round.applications.to_string())),
        ("undecided", Some(round.undecided.to_string())),
        ("to release", Some(round.decided.to_string())),
        ("to award", Some(dollars(round.to_award))),
    ])
}
