//! `bursar plan`: from a day to a round, and back.

use anyhow::Context as _;
use bursar_api_types::{PlanLine, PlanQuery};
use bursar_client::Client;
use bursar_kernel::ProgramId;
use clap::Args;

use super::output::{Output, facts, moment};
use super::program_id;

/// When to submit, and when credit arrives.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The program's short name
    #[arg(value_name = "PROGRAM", value_parser = program_id())]
    program: ProgramId,
    /// If somebody submits on this day [default: today]
    #[arg(long, value_name = "DAY", conflicts_with = "need_by")]
    submit_on: Option<String>,
    /// If somebody needs credit by this day
    #[arg(long, value_name = "DAY")]
    need_by: Option<String>,
}

pub(crate) async fn run(args: PlanArgs, client: &Client, output: Output) -> anyhow::Result<()> {
    let PlanArgs { program, submit_on, need_by } = args;
    let plan = client.plan(&program, &PlanQuery { submit_on, need_by }).await;
    output.show(&plan.context("failed to plan an application")?, planned)
}

fn planned(plan: &PlanLine) -> String {
    facts([
        ("round", Some(plan.round.to_string())),
        ("best by", Some(moment(plan.advised_by))),
        ("submit from", Some(moment(plan.submit_from))),
        ("submit before", Some(moment(plan.submit_before))),
        ("decision from", plan.decision_from.map(moment)),
        ("decision by", plan.decision_by.map(moment)),
        ("credit from", plan.credit_from.map(moment)),
        ("credit to", plan.credit_to.map(moment)),
        ("expires from", plan.expires_from.map(moment)),
        ("expires to", plan.expires_to.map(moment)),
    ])
}
