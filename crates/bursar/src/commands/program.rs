//! `bursar program`: programs and their money.

use anyhow::Context as _;
use bursar_api::client::Client;
use bursar_api::types::{Money, ProgramLine, Programs};
use bursar_kernel::{ProgramId, Usd};
use clap::Subcommand;

use super::output::{Column, Output, dollars, facts, table};
use super::program_id;

/// Programs and their money.
#[derive(Debug, Subcommand)]
pub(crate) enum ProgramCommand {
    /// List the programs that run here
    List,
    /// Show where a program's money is
    Money {
        /// The program's short name
        #[arg(value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
    },
    /// Give a program money to award
    Fund {
        /// The program's short name
        #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
        /// How much, in dollars
        #[arg(long, value_name = "USD", allow_negative_numbers = true)]
        amount: Usd,
    },
}

pub(super) async fn run(
    command: ProgramCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ProgramCommand::List => {
            let programs = client.programs().await.context("failed to list the programs")?;
            output.show(&programs, list)
        }
        ProgramCommand::Money { program } => {
            let money = client.program_money(&program).await;
            let money = money.context("failed to show the program's money")?;
            output.show(&money, accounts)
        }
        ProgramCommand::Fund { program, amount } => {
            let money = client.fund(&program, amount).await;
            let money = money.context("failed to fund the program")?;
            output.show(&money, accounts)
        }
    }
}

fn list(programs: &Programs) -> String {
    let columns = [
        Column::Left("PROGRAM"),
        Column::Left("PROVIDER"),
        Column::Right("AWARDS TO"),
        Column::Right("MONTHS"),
        Column::Right("POOL"),
        Column::Right("PROMISED"),
        Column::Right("ON GRANTS"),
        Column::Right("USED"),
    ];
    let row = |program: &ProgramLine| {
        vec![
            program.id.to_string(),
            program.provider.clone(),
            dollars(program.award_typical_max),
            program.term_months.to_string(),
            dollars(program.money.pool),
            dollars(program.money.committed),
            dollars(program.money.on_grants),
            dollars(program.money.used),
        ]
    };
    table(&columns, programs.programs.iter().map(row).collect(), "no program runs here")
}

fn accounts(money: &Money) -> String {
    facts([
        ("funded", Some(dollars(money.funded))),
        ("pool", Some(dollars(money.pool))),
        ("promised", Some(dollars(money.committed))),
        ("on grants", Some(dollars(money.on_grants))),
        ("used", Some(dollars(money.used))),
        ("expired", Some(dollars(money.expired))),
        ("suspense", Some(dollars(money.suspense))),
        ("overrun", Some(dollars(money.overrun))),
    ])
}
