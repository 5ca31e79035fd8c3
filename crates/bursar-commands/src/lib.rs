//! The commands that talk to a running server, or read a program's file.
//! Never opens a database: what has to be done without a server is the binary's.

mod access;
mod application;
mod call;
mod clock;
mod estimate;
mod grant;
mod institutions;
mod key;
pub mod locate;
mod mail;
mod market;
pub mod output;
mod person;
mod plan;
mod prices;
mod program;
mod program_file;
mod round;
mod statement;
mod stops;
mod study;
mod suspense;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bursar_client::Client;
use bursar_kernel::{ProgramId, RoundId};
use clap::builder::{NonEmptyStringValueParser, TypedValueParser};
use clap::{Args, Subcommand};

use self::output::Output;

/// Where everything is kept unless somebody says otherwise.
const DATA: &str = "./bursar-data";

/// What the help calls the options that every command takes.
const EVERYWHERE: &str = "Options of every command";

/// What every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The data directory: what the server keeps everything in, and how a command finds the
    /// server [default: ./bursar-data]
    #[arg(long = "data", env = "BURSAR_DATA", value_name = "DIR", global = true,
        help_heading = EVERYWHERE)]
    pub data_given: Option<PathBuf>,
    /// The server's address, in place of the data directory; its administrator's token is
    /// then read from `BURSAR_TOKEN`
    #[arg(long, env = "BURSAR_URL", value_name = "URL", global = true,
        help_heading = EVERYWHERE)]
    pub url: Option<String>,
    /// Print one JSON document on standard output
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
}

impl Global {
    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data_given.as_deref().unwrap_or(Path::new(DATA))
    }
}

// Not a doc comment: it would stand at the head of the help.
// The commands that a server answers.
#[expect(missing_docs, reason = "what is said here stands at the head of the help")]
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Programs and their money
    #[command(subcommand)]
    Program(program::ProgramCommand),
    /// A program's review rounds
    #[command(subcommand)]
    Round(round::RoundCommand),
    /// Applications
    #[command(subcommand)]
    Application(application::ApplicationCommand),
    /// Grants and their calls
    #[command(subcommand)]
    Grant(grant::GrantCommand),
    /// What calls cost after all
    #[command(subcommand)]
    Call(call::CallCommand),
    /// Requests for limited models
    #[command(subcommand)]
    Access(access::AccessCommand),
    /// API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Named budgets of a grant, which their keys share
    #[command(subcommand)]
    Study(study::StudyCommand),
    /// Credit that changes hands
    #[command(subcommand)]
    Market(market::MarketCommand),
    /// What nobody knows whether it was spent
    #[command(subcommand)]
    Suspense(suspense::SuspenseCommand),
    /// Where calls go: what is stopped, and stopping it
    #[command(subcommand)]
    Upstream(stops::UpstreamCommand),
    /// What calls cost: price tables, from when on each holds, and the files they come from
    #[command(subcommand)]
    Prices(prices::PricesCommand),
    /// People and their roles
    #[command(subcommand)]
    Person(person::PersonCommand),
    /// Institutions: bringing them from a file of ROR's, and finding one
    #[command(subcommand)]
    Institutions(institutions::InstitutionsCommand),
    /// Mails on their way: how far each is, another try, and what came back
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// What the time is there; the demonstration's can be turned
    #[command(subcommand)]
    Clock(clock::ClockCommand),
    /// When to submit to a program, and when credit arrives
    Plan(plan::PlanArgs),
    /// What a study costs before it starts, and how long it takes
    Estimate(estimate::EstimateArgs),
}

/// Runs a command.
pub async fn run(command: Command, global: &Global) -> anyhow::Result<()> {
    let output = Output { json: global.json };
    if let Command::Program(program::ProgramCommand::File(command)) = command {
        return program_file::run(command, output);
    }
    let client = connect(global)?;
    match command {
        Command::Program(command) => program::run(command, &client, output).await,
        Command::Round(command) => round::run(command, &client, output).await,
        Command::Application(command) => application::run(command, &client, output).await,
        Command::Grant(command) => grant::run(command, &client, output).await,
        Command::Call(command) => call::run(command, &client, output).await,
        Command::Access(command) => access::run(command, &client, output).await,
        Command::Key(command) => key::run(command, &client, output).await,
        Command::Study(command) => study::run(command, &client, output).await,
        Command::Market(command) => market::run(command, &client, output).await,
        Command::Suspense(command) => suspense::run(command, &client, output).await,
        Command::Upstream(command) => stops::run(command, &client, output).await,
        Command::Prices(command) => prices::run(command, &client, output).await,
        Command::Person(command) => person::run(command, &client, output).await,
        Command::Institutions(command) => institutions::run(command, &client, output).await,
        Command::Mail(command) => mail::run(command, &client, output).await,
        Command::Clock(command) => clock::run(command, &client, output).await,
        Command::Plan(args) => plan::run(args, &client, output).await,
        Command::Estimate(args) => estimate::run(args, &client, output).await,
    }
}

/// A client of the server that was named, or of the one that runs on the data directory.
fn connect(global: &Global) -> anyhow::Result<Client> {
    if let Some(url) = &global.url {
        let token = token_in_environment().with_context(|| {
            format!(
                "`{url}` needs its administrator's token\n\
                 hint: put it into the environment as BURSAR_TOKEN; the server keeps it in \
                 `{}` in its data directory",
                locate::TOKEN_FILE
            )
        })?;
        return Ok(Client::connect(url, &token)?);
    }
    let directory = global.data();
    let found = locate::read_server(directory)?.zip(locate::read_token(directory)?);
    let (server, token) = found.with_context(|| {
        let directory = directory.display();
        format!(
            "no server runs on the data directory `{directory}`\n\
             hint: `bursar serve --data {directory}` starts one, or `bursar demo --data \
             {directory}`; or name one by BURSAR_URL and BURSAR_TOKEN"
        )
    })?;
    Ok(Client::connect(&server.url, &token)?)
}

#[expect(clippy::disallowed_methods, reason = "a token on the command line would be seen by all")]
fn token_in_environment() -> Option<String> {
    std::env::var("BURSAR_TOKEN").ok().map(|token| token.trim().to_owned())
}

fn program_id() -> impl TypedValueParser<Value = ProgramId> {
    NonEmptyStringValueParser::new().map(ProgramId::new)
}

fn round_id() -> impl TypedValueParser<Value = RoundId> {
    NonEmptyStringValueParser::new().map(RoundId::new)
}
