//! `bursar round`: a program's review rounds.

use anyhow::Context as _;
use bursar_api_types::RoundLine;
use bursar_client::Client;
use bursar_kernel::{ProgramId, RoundId};
use clap::{Args, Subcommand};

use super::output::{Output, dollars, facts, moment};
use super::{program_id, round_id};

/// A program's review rounds.
#[derive(Debug, Subcommand)]
pub enum RoundCommand {
    /// Show what stands where in a round
    Show(Which),
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
        RoundCommand::Release(Which { program, round }) => {
            let released = client.release_round(&program, &round).await;
            let released = released.context("failed to release the round")?;
            output.show(&released, |released| format!("released {} decisions", released.released))
        }
    }
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
