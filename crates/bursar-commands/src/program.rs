//! `bursar program`: programs and their money.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bursar_api_types::{
    EligibilityLine, FindingLine, GivenAnswers, Money, PreviewProgram, ProgramLine, ProgramPreview,
    Programs, UnderEdition,
};
use bursar_client::{Client, Statement, Stoppable};
use bursar_kernel::{ProgramId, Usd};
use clap::Subcommand;

use super::output::{Column, Output, dollars, facts, table};
use super::program_file::FileCommand;
use super::statement::{self, StatementArgs};
use super::{program_id, stops};

/// Programs and their money.
#[derive(Debug, Subcommand)]
pub enum ProgramCommand {
    #[command(flatten)]
    File(FileCommand),
    /// List the programs that run here
    List,
    /// Show where a program's money is
    Money {
        /// The program's short name
        #[arg(value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
    },
    /// Show what stood in a program's pool, what moved and what stands in it now
    Statement {
        /// The program's short name
        #[arg(value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
        #[command(flatten)]
        args: StatementArgs,
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
    /// Stop the calls of all grants of a program, at once and on every server; no money moves
    Stop {
        /// The program's short name
        #[arg(value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
        /// Why: the holders of its grants read it
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Start the calls of all grants of a program again
    Start {
        /// The program's short name
        #[arg(value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
        /// Why, for the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Say what a later file of a program would change, and what goes on under which version
    Preview {
        /// The later file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Say whether somebody qualifies, from answers to the form's questions
    Eligibility {
        /// The program's short name
        #[arg(value_name = "PROGRAM", value_parser = program_id())]
        program: ProgramId,
        /// Answers, as `role=phd_student country=KE`
        #[arg(value_name = "QUESTION=ANSWER", value_parser = answer)]
        answers: Vec<(String, String)>,
    },
}

fn answer(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(question, _)| !question.is_empty());
    let (question, answer) = pair.ok_or("write a question and its answer, like `country=KE`")?;
    Ok((question.to_owned(), answer.to_owned()))
}

pub(crate) async fn run(
    command: ProgramCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        ProgramCommand::File(_) => unreachable!("a file needs no server"),
        ProgramCommand::List => {
            let programs = client.programs().await.context("failed to list the programs")?;
            output.show(&programs, list)
        }
        ProgramCommand::Money { program } => {
            let money = client.program_money(&program).await;
            let money = money.context("failed to show the program's money")?;
            output.show(&money, accounts)
        }
        ProgramCommand::Statement { program, args } => {
            statement::run(Statement::Pool(program), args, client, output).await
        }
        ProgramCommand::Fund { program, amount } => {
            let money = client.fund(&program, amount).await;
            let money = money.context("failed to fund the program")?;
            output.show(&money, accounts)
        }
        ProgramCommand::Stop { program, reason } => {
            stops::stop(Stoppable::Program(program), reason, client, output).await
        }
        ProgramCommand::Start { program, reason } => {
            stops::start(Stoppable::Program(program), reason, client, output).await
        }
        ProgramCommand::Preview { file } => {
            let document = std::fs::read_to_string(&file)
                .with_context(|| format!("failed to read `{}`", file.display()))?;
            let program = named(&file, &document)?;
            let found = client.preview_program(&program, &PreviewProgram { document }).await;
            output.show(&found.context("failed to look at the file")?, previewed)
        }
        ProgramCommand::Eligibility { program, answers } => {
            let given = GivenAnswers { answers: answers.into_iter().collect() };
            let found = client.eligibility(&program, &given).await;
            output.show(&found.context("failed to check the answers")?, standing)
        }
    }
}

/// The program that a file says it is of.
fn named(file: &Path, document: &str) -> anyhow::Result<ProgramId> {
    let name = file.display().to_string();
    let root = bursar_toml::Document::parse(&name, document)?;
    let id = root.leaves().into_iter().find(|leaf| leaf.key == "id");
    let id = id.and_then(|leaf| leaf.values.into_iter().next());
    id.map(ProgramId::new).with_context(|| format!("`{name}` names no program: it has no `id`"))
}

fn previewed(found: &ProgramPreview) -> String {
    let differences = if found.differences.is_empty() {
        "the two say the same".to_owned()
    } else {
        found.differences.join("\n")
    };
    let columns = [
        Column::Right("VERSION"),
        Column::Right("DRAFTS"),
        Column::Right("UNDER WAY"),
        Column::Right("AWARDED"),
        Column::Right("GRANTS"),
    ];
    let row = |under: &UnderEdition| {
        let counts = [under.drafts, under.under_way, under.awarded, under.grants];
        std::iter::once(under.version.to_string())
            .chain(counts.map(|count| count.to_string()))
            .collect()
    };
    let under = table(&columns, found.under.iter().map(row).collect(), "nothing is under way");
    format!("{differences}\n\nwhat has begun goes on under its version:\n{under}")
}

fn standing(found: &EligibilityLine) -> String {
    let columns = [Column::Left("QUESTION"), Column::Left("STANDING"), Column::Left("WHY")];
    let row = |finding: &FindingLine| {
        let advice = finding.advice.as_deref().unwrap_or_default();
        let why = format!("{} {advice}", finding.reason);
        vec![finding.field.clone(), finding.standing.clone(), why.trim_end().to_owned()]
    };
    let rows = found.findings.iter().map(row).collect();
    format!("{}\n\n{}", found.standing, table(&columns, rows, "the program has no rules"))
}

fn list(programs: &Programs) -> String {
    let columns = [
        Column::Left("PROGRAM"),
        Column::Left("PROVIDER"),
        Column::Right("AWARDS TO"),
        Column::Left("TERM"),
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
            program.term.clone(),
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
