//! `bursar application`: applications, as an officer's list shows them.

use anyhow::Context as _;
use bursar_api::client::Client;
use bursar_api::types::{ApplicationLine, Applications, ApplicationsQuery};
use bursar_kernel::{ProgramId, RoundId};
use bursar_service::State;
use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use super::output::{Column, Output, dollars, moment, table};
use super::{program_id, round_id};

/// Applications.
#[derive(Debug, Subcommand)]
pub(crate) enum ApplicationCommand {
    /// List applications, latest first; drafts are their writers' own
    List {
        /// Of this program only
        #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
        program: Option<ProgramId>,
        /// In this state only
        #[arg(long, value_name = "STATE", value_parser = states())]
        state: Option<String>,
        /// In this round only: 2026-12
        #[arg(long, value_name = "ROUND", value_parser = round_id())]
        round: Option<RoundId>,
    },
}

/// The states that a list can show: all but the draft.
fn states() -> PossibleValuesParser {
    let shown = State::ALL.iter().filter(|state| **state != State::Draft);
    PossibleValuesParser::new(shown.map(|state| state.name()))
}

pub(super) async fn run(
    command: ApplicationCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let ApplicationCommand::List { program, state, round } = command;
    let which = ApplicationsQuery { state, program, round };
    let found = client.applications(&which).await.context("failed to list the applications")?;
    output.show(&found, list)
}

fn list(found: &Applications) -> String {
    let columns = [
        Column::Left("APPLICATION"),
        Column::Left("ROUND"),
        Column::Left("STATE"),
        Column::Left("APPLICANT"),
        Column::Right("ASKS FOR"),
        Column::Right("AWARDED"),
        Column::Left("SUBMITTED"),
    ];
    let row = |line: &ApplicationLine| {
        vec![
            line.id.to_string(),
            line.round.as_ref().map(RoundId::to_string).unwrap_or_default(),
            line.state.clone(),
            line.applicant.email.clone(),
            line.requested.map(dollars).unwrap_or_default(),
            line.awarded.map(dollars).unwrap_or_default(),
            line.submitted_at.map(moment).unwrap_or_default(),
        ]
    };
    table(&columns, found.applications.iter().map(row).collect(), "no application matches")
}
