//! `bursar program lint`, `plan`, `guide`, `diff` and `schema`: a program's file, before any
//! server runs on it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bursar_kernel::{Catalog, Clock as _, Diagnostic, Diagnostics, Program, Timestamp};
use bursar_program::calendar::{self, Between, Plan};
use bursar_program::lint::Gravity;
use bursar_program::{editions, format, guide, lint};
use bursar_sources::clock::SystemClock;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::Serialize;

use super::output::{Column, Output, table};

/// Months that a calendar shows unless somebody says otherwise.
const MONTHS: u32 = 24;
/// Months that it shows at the most: what the calendar looks ahead for.
const MONTHS_MAX: i64 = 120;

/// A program's file.
#[derive(Debug, Subcommand)]
pub enum FileCommand {
    /// Look for everything that is wrong with a program file, and for what contradicts itself
    Lint(FileArgs),
    /// Show the rounds of a program file: when to submit, when credit arrives, when it expires
    Plan {
        #[command(flatten)]
        file: FileArgs,
        /// How many months ahead
        #[arg(long, value_name = "COUNT", default_value_t = MONTHS,
            value_parser = clap::value_parser!(u32).range(1..=MONTHS_MAX))]
        months: u32,
    },
    /// Write the guide of a program file, as Markdown
    Guide(FileArgs),
    /// Say in words what a program file says differently from an earlier one
    Diff {
        /// The earlier file
        #[arg(value_name = "BEFORE")]
        before: PathBuf,
        /// The later file
        #[arg(value_name = "AFTER")]
        after: PathBuf,
    },
    /// Print the JSON Schema of program files, for editors that check them as they are written
    Schema,
}

/// Which file, and what it is read with.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The program's file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The catalog that its models are looked up in [default: the one that ships]
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// As if it were this day, in the program's zone [default: today]
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
}

#[derive(Serialize)]
struct Linted {
    program: Option<String>,
    version: Option<u32>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    line: usize,
    column: usize,
    /// `mistake` where the file cannot be used, `contradiction` where it cannot be meant, `remark`
    /// where it helps nobody.
    kind: &'static str,
    message: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct Rounds {
    program: String,
    zone: String,
    ahead: Vec<RoundLine>,
}

#[derive(Serialize)]
struct RoundLine {
    round: String,
    advised_by: Timestamp,
    submit_from: Timestamp,
    submit_before: Timestamp,
    decision: Option<Span>,
    credit: Option<Span>,
    expires: Option<Span>,
}

#[derive(Serialize)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

#[derive(Serialize)]
struct Guide {
    guide: String,
}

#[derive(Serialize)]
struct Differences {
    differences: Vec<String>,
}

pub(crate) fn run(command: FileCommand, output: Output) -> anyhow::Result<()> {
    match command {
        FileCommand::Lint(args) => look_through(&args, output),
        FileCommand::Plan { file, months } => {
            let (program, now) = read(&file)?;
            let zone = program.review.zone.iana_name().unwrap_or("UTC").to_owned();
            let ahead = calendar::months_ahead(&program, now, months);
            let ahead = ahead.into_iter().map(RoundLine::from).collect();
            let found = Rounds { program: program.id.to_string(), zone, ahead };
            output.show(&found, |found| rounds_shown(found, &program))
        }
        FileCommand::Guide(args) => {
            let (program, now) = read(&args)?;
            let ahead = calendar::months_ahead(&program, now, MONTHS / 2);
            let guide = Guide { guide: guide::text(&program, &ahead) };
            output.show(&guide, |written| written.guide.trim_end().to_owned())
        }
        FileCommand::Diff { before, after } => {
            let texts = (text(&before)?, text(&after)?);
            let names = (shown(&before), shown(&after));
            let differences = editions::difference((&names.0, &texts.0), (&names.1, &texts.1))?;
            output.show(&Differences { differences }, |found| match found.differences.as_slice() {
                [] => "the two say the same".to_owned(),
                differences => differences.join("\n"),
            })
        }
        FileCommand::Schema => {
            let schema = format::schema(&bursar_catalog::shipped());
            output.show(&schema, |schema| format!("{schema:#}"))
        }
    }
}

fn look_through(args: &FileArgs, output: Output) -> anyhow::Result<()> {
    let (catalog, text) = (catalog(args)?, text(&args.file)?);
    let name = shown(&args.file);
    let mut linted = lint::lint(&name, &text, &catalog, SystemClock.now());
    // The day is in the program's own zone, which only the file tells.
    if let (Ok((program, _)), Some(_)) = (&linted, args.on) {
        linted = lint::lint(&name, &text, &catalog, on(program, args)?);
    }
    let (program, found) = match linted {
        Ok((program, found)) => (Some(program), found),
        Err(mistakes) if output.json => {
            let findings = mistakes.0.iter().map(|one| Finding::new(one, "mistake")).collect();
            let linted = Linted { program: None, version: None, findings };
            output.show(&linted, |_| String::new())?;
            return Err(mistakes).context("the file cannot be used");
        }
        Err(mistakes) => return Err(mistakes).context("the file cannot be used"),
    };
    let findings = found.iter().map(|one| Finding::new(&one.diagnostic, one.gravity.name()));
    let linted = Linted {
        program: program.as_ref().map(|program| program.id.to_string()),
        version: program.as_ref().map(|program| program.version),
        findings: findings.collect(),
    };
    let (grave, remarks): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|one| one.gravity == Gravity::Contradiction);
    output.show(&linted, |linted| {
        let said = remarks.iter().map(|one| format!("{}\n", one.diagnostic));
        let (id, version) = (linted.program.as_deref(), linted.version.unwrap_or_default());
        let is = if grave.is_empty() { "is sound" } else { "can be read" };
        let id = id.unwrap_or_default();
        format!("{}{name}: program `{id}`, version {version}, {is}", said.collect::<String>())
    })?;
    if grave.is_empty() {
        return Ok(());
    }
    let grave = grave.into_iter().map(|one| one.diagnostic).collect();
    Err(Diagnostics(grave)).context("the file contradicts itself")
}

/// A sound program, and the instant that it is looked at from.
fn read(args: &FileArgs) -> anyhow::Result<(Program, Timestamp)> {
    let (catalog, text) = (catalog(args)?, text(&args.file)?);
    let program = bursar_program::read(&shown(&args.file), &text, &catalog)?;
    let now = on(&program, args)?;
    Ok((program, now))
}

fn on(program: &Program, args: &FileArgs) -> anyhow::Result<Timestamp> {
    let Some(day) = args.on else { return Ok(SystemClock.now()) };
    let midnight = day.to_zoned(program.review.zone.clone());
    let midnight = midnight.with_context(|| format!("there is no day `{day}` in that zone"))?;
    Ok(midnight.timestamp())
}

fn catalog(args: &FileArgs) -> anyhow::Result<Catalog> {
    let Some(file) = &args.catalog else { return Ok(bursar_catalog::shipped()) };
    Ok(bursar_catalog::read(&shown(file), &text(file)?)?)
}

fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

impl Finding {
    fn new(diagnostic: &Diagnostic, kind: &'static str) -> Self {
        let Diagnostic { file: _, line, column, message, hint } = diagnostic.clone();
        Self { line, column, kind, message, hint }
    }
}

impl From<Plan> for RoundLine {
    fn from(plan: Plan) -> Self {
        Self {
            round: plan.round.id.to_string(),
            advised_by: plan.advised_by,
            submit_from: plan.round.collects_from,
            submit_before: plan.round.review_begins,
            decision: plan.decision.map(Span::from),
            credit: plan.credit.map(Span::from),
            expires: plan.expires.map(Span::from),
        }
    }
}

impl From<Between> for Span {
    fn from((from, to): Between) -> Self {
        Self { from, to }
    }
}

fn rounds_shown(found: &Rounds, program: &Program) -> String {
    let columns = [
        Column::Left("ROUND"),
        Column::Left("BEST BY"),
        Column::Left("SUBMIT BEFORE"),
        Column::Left("DECISION"),
        Column::Left("CREDIT"),
        Column::Left("EXPIRES"),
    ];
    let day = |at: Timestamp| at.to_zoned(program.review.zone.clone()).date().to_string();
    let between = |span: &Option<Span>| match span {
        Some(span) if span.from == span.to => format!("from {}", day(span.from)),
        Some(span) => format!("{} to {}", day(span.from), day(span.to)),
        None => "not said".to_owned(),
    };
    let row = |round: &RoundLine| {
        vec![
            round.round.clone(),
            day(round.advised_by),
            day(round.submit_before),
            between(&round.decision),
            between(&round.credit),
            between(&round.expires),
        ]
    };
    let rows = found.ahead.iter().map(row).collect();
    let rounds = table(&columns, rows, "no round begins in that time");
    format!("days in {}; a day begins at midnight there\n\n{rounds}", found.zone)
}
