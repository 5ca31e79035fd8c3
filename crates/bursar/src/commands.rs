//! The commands that talk to a running server, and `verify`, which reads its books beside it.

mod access;
mod application;
mod call;
mod checkpoint;
mod clock;
mod estimate;
mod grant;
mod key;
mod mail;
mod market;
mod master_key;
mod migrate;
mod output;
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
mod verify;

use std::path::{Path, PathBuf};

pub(crate) use crate::locate;
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
pub(crate) struct Global {
    /// The data directory: what the server keeps everything in, and how a command finds the
    /// server [default: ./bursar-data]
    #[arg(long = "data", env = "BURSAR_DATA", value_name = "DIR", global = true,
        help_heading = EVERYWHERE)]
    pub(crate) data_given: Option<PathBuf>,
    /// The server's address, in place of the data directory; its administrator's token is
    /// then read from `BURSAR_TOKEN`
    #[arg(long, env = "BURSAR_URL", value_name = "URL", global = true,
        help_heading = EVERYWHERE)]
    pub(crate) url: Option<String>,
    /// Print one JSON document on standard output
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
}

impl Global {
    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        self.data_given.as_deref().unwrap_or(Path::new(DATA))
    }
}

// Not a doc comment: it would stand at the head of the help.
// The commands beside those that run a server.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
    /// Prove the books of a data directory, also beside its running server
    Verify(verify::VerifyArgs),
    /// Sign what the book has come to, to be kept elsewhere
    Checkpoint(checkpoint::CheckpointArgs),
    /// The file that seals upstreams' keys
    #[command(subcommand)]
    MasterKey(master_key::MasterKeyCommand),
    /// Move an installation from its data directory into a PostgreSQL database
    Migrate(migrate::MigrateArgs),
}

/// Runs a command.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<()> {
    let output = Output { json: global.json };
    if let Command::Verify(args) = command {
        return verify::run(args, global.data(), output).await;
    }
    if let Command::Checkpoint(args) = command {
        return checkpoint::run(args, global.data(), output).await;
    }
    if let Command::MasterKey(command) = command {
        return master_key::run(command, output);
    }
    if let Command::Migrate(args) = command {
        return migrate::run(args, output).await;
    }
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
        Command::Mail(command) => mail::run(command, &client, output).await,
        Command::Clock(command) => clock::run(command, &client, output).await,
        Command::Plan(args) => plan::run(args, &client, output).await,
        Command::Estimate(args) => estimate::run(args, &client, output).await,
        Command::Verify(_)
        | Command::Checkpoint(_)
        | Command::MasterKey(_)
        | Command::Migrate(_) => {
            unreachable!("they need no server")
        }
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
