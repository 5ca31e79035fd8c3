//! `bursar call`: what a call cost after all.

use anyhow::Context as _;
use bursar_api_types::{CallLine, CorrectCall, CorrectionLine};
use bursar_client::Client;
use bursar_kernel::{CorrectionId, RequestId, Usd};
use clap::Subcommand;

use super::output::{Column, Output, dollars, facts, moment, table};

/// What a call cost after all.
#[derive(Debug, Subcommand)]
pub enum CallCommand {
    /// Correct what a call was charged: less goes back to the lots that paid, more is taken from
    /// them as far as they have it, the rest is the program's overrun
    Correct {
        /// The call's `x-request-id`
        call: RequestId,
        /// What it cost, in dollars
        #[arg(long, value_name = "USD", allow_negative_numbers = true)]
        cost: Usd,
        /// Who knows, and how, for the audit trail: the provider's cost report of a day
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The correction's name, so that the same command again moves nothing more
        /// [default: drawn]
        #[arg(long, value_name = "CORRECTION")]
        id: Option<CorrectionId>,
    },
    /// Show a settled call with its corrections
    Show {
        /// The call's `x-request-id`
        call: RequestId,
    },
}

pub(crate) async fn run(
    command: CallCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        CallCommand::Correct { call, cost, reason, id } => {
            let corrected = client.correct_call(call, &CorrectCall { id, cost, reason }).await;
            output.show(&corrected.context("failed to correct the call")?, shown)
        }
        CallCommand::Show { call } => {
            let call = client.call(call).await.context("failed to show the call")?;
            output.show(&call, shown)
        }
    }
}

fn shown(call: &CallLine) -> String {
    let text = facts([
        ("call", Some(call.id.to_string())),
        ("grant", Some(call.grant.to_string())),
        ("model", Some(call.model.to_string())),
        ("ended", Some(moment(call.ended_at))),
        ("basis", Some(call.basis.clone())),
        ("charged at first", Some(dollars(call.cost))),
        ("costs since", call.corrected.map(dollars)),
    ]);
    let columns = [
        Column::Left("CORRECTION"),
        Column::Left("WHEN"),
        Column::Right("BEFORE"),
        Column::Right("AFTER"),
        Column::Left("WHY"),
    ];
    let row = |made: &CorrectionLine| {
        let (before, cost) = (dollars(made.before), dollars(made.cost));
        vec![made.id.to_string(), moment(made.at), before, cost, made.reason.clone()]
    };
    let rows = call.corrections.iter().map(row).collect();
    format!("{text}\n{}", table(&columns, rows, "nobody has corrected it\n"))
}
