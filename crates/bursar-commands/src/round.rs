//! `bursar round`: a program's review rounds.

use std::path::PathBuf;

use anyhow::Context as _;
use bursar_api_types::{
    ApproveRound, ByLineQuery, DecideByLine, DecidedByLine, PanelDetail, PlanPanel, PlannedPanel,
    ProposalDetail, RoundLine, WaitingList,
};
use bursar_client::Client;
use bursar_kernel::{ProgramId, RoundId, Usd};
use clap::{Args, Subcommand};

use super::output::{Column, Output, dollars, facts, moment, table};
use super::{program_id, round_id};

mod evidence;

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
    /// Show what deciding a round as its line says would come to; nothing is recorded
    Propose {
        /// Which round
        #[command(flatten)]
        which: Which,
        /// How
        #[command(flatten)]
        how: HowArgs,
    },
    /// Record what `propose` showed, in an officer's name
    Decide(Box<DecideArgs>),
    /// Approve, in a second officer's name, all of a round that waits for one and is another's
    Approve {
        /// Which round
        #[command(flatten)]
        which: Which,
        /// The second officer's mail address
        #[arg(long, value_name = "EMAIL")]
        officer: String,
    },
    /// Show who waits for an award of a round to come back
    Waiting(Which),
    /// Make a round's decisions known, once its review is over
    Release(Which),
    /// Show what a round came to: acceptance by group, times, reviewers, money
    Report(Which),
    /// Write a round's scores and outcomes without anybody's name, a row for each application
    Export {
        /// Which round
        #[command(flatten)]
        which: Which,
        /// As what
        #[arg(long, value_name = "FORMAT", default_value = "csv")]
        format: evidence::ExportFormat,
        /// Into this file in place of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Try a round once more: who would be funded by other weights, another pool or fewer reviews
    Simulate(evidence::SimulateArgs),
}

/// How a round is to be decided.
#[derive(Debug, Args)]
pub struct HowArgs {
    /// How much there is to award, in dollars; what the program has left, if nothing is said
    #[arg(long, value_name = "USD")]
    pool: Option<Usd>,
    /// What a draw among those whom the evidence cannot tell apart is made with
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// Decide those by their place, where nothing is drawn
    #[arg(long)]
    band: bool,
    /// How many of those behind the line go on the waiting list
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    waiting: u32,
}

/// What is recorded.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// Which round
    #[command(flatten)]
    which: Which,
    /// How; as it was proposed
    #[command(flatten)]
    how: HowArgs,
    /// The officer's mail address
    #[arg(long, value_name = "EMAIL")]
    officer: String,
    /// The stamp of what was proposed: nothing else is recorded
    #[arg(long, value_name = "STAMP")]
    stamp: String,
    /// What those with an award read
    #[arg(long, value_name = "TEXT", default_value = "")]
    award_reasons: String,
    /// What those on the waiting list read
    #[arg(long, value_name = "TEXT", default_value = "")]
    waitlist_reasons: String,
    /// What those without either read
    #[arg(long, value_name = "TEXT", default_value = "")]
    decline_reasons: String,
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
        RoundCommand::Propose { which: Which { program, round }, how } => {
            let HowArgs { pool, seed, band, waiting } = how;
            let how = ByLineQuery { pool, seed, band, waiting };
            let found = client.proposal(&program, &round, &how).await;
            output.show(&found.context("failed to propose decisions")?, proposed)
        }
        RoundCommand::Decide(args) => decide(*args, client, output).await,
        RoundCommand::Approve { which: Which { program, round }, officer } => {
            let shown = client.to_approve(&program, &round, &officer).await;
            let stamp = shown.context("failed to look what waits for approval")?.stamp;
            let wanted = ApproveRound { officer, stamp };
            let approved = client.approve_round(&program, &round, &wanted).await;
            let approved = approved.context("failed to approve the round")?;
            output.show(&approved, |approved| format!("approved {} decisions", approved.approved))
        }
        RoundCommand::Waiting(Which { program, round }) => {
            let list = client.waiting_list(&program, &round).await;
            output.show(&list.context("failed to show the waiting list")?, waiting)
        }
        RoundCommand::Release(Which { program, round }) => {
            let released = client.release_round(&program, &round).await;
            let released = released.context("failed to release the round")?;
            output.show(&released, |released| format!("released {} decisions", released.released))
        }
        RoundCommand::Report(Which { program, round }) => {
            evidence::report(client, output, &program, &round).await
        }
        RoundCommand::Export { which: Which { program, round }, format, out } => {
            evidence::export(client, &program, &round, format, out.as_deref()).await
        }
        RoundCommand::Simulate(args) => evidence::simulate(client, output, args).await,
    }
}

async fn decide(args: DecideArgs, client: &Client, output: Output) -> anyhow::Result<()> {
    let DecideArgs { which: Which { program, round }, how, officer, stamp, .. } = args;
    let wanted = DecideByLine {
        officer,
        stamp,
        pool: how.pool,
        seed: how.seed,
        band: how.band,
        waiting: how.waiting,
        award_reasons: args.award_reasons,
        waitlist_reasons: args.waitlist_reasons,
        decline_reasons: args.decline_reasons,
    };
    let decided = client.decide_by_line(&program, &round, &wanted).await;
    output.show(&decided.context("failed to decide the round")?, |decided| {
        let DecidedByLine { awards, waiting, declines } = decided;
        format!("recorded {awards} awards, {waiting} on the waiting list, {declines} declined")
    })
}

fn proposed(found: &ProposalDetail) -> String {
    let columns = [
        Column::Right("place"),
        Column::Left("application"),
        Column::Left("title"),
        Column::Left("would be"),
        Column::Right("amount"),
    ];
    let rows = found.lines.iter().map(|line| {
        let left = line.left_because.as_ref().map(|why| format!("left to you: {why}"));
        vec![
            line.place.to_string(),
            line.application.to_string(),
            line.title.clone(),
            line.decision.clone().or(left).unwrap_or_default(),
            line.amount.map(dollars).unwrap_or_default(),
        ]
    });
    let table = table(&columns, rows.collect(), "nothing is left to decide");
    format!("{table}\n\nof {} to award; stamp {}", dollars(found.pool), found.stamp)
}

fn waiting(list: &WaitingList) -> String {
    let columns = [
        Column::Right("place"),
        Column::Left("application"),
        Column::Right("amount"),
        Column::Left("until"),
    ];
    let rows = list.waiting.iter().map(|line| {
        vec![
            line.place.to_string(),
            line.application.to_string(),
            dollars(line.amount),
            line.until.map(moment).unwrap_or_default(),
        ]
    });
    let table = table(&columns, rows.collect(), "nobody waits");
    format!("{table}\n\n{} came back and is not offered yet", dollars(list.came_back))
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
