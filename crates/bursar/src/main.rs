//! Runs a research API-credits program: the server, the demonstration, and the commands.
//! Never decides anything: it reads the command line, wires the rooms together, and stops them.

mod books;
mod config;
mod demo;
mod engine;
mod installation;
mod payments;
mod secrets;
mod serve;
mod server;
mod watching;

use std::process::ExitCode;

use bursar_kernel::Diagnostics;
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// A call makes a few hundred small allocations, and some of them end on another thread: the
/// system's allocator took a tenth of its time. SQLite's, which are C's, go the same way (feature
/// `override`): the system gave a group's pages back after each commit, and took them again.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Runs a research API-credits program, from the call for proposals to the last token.
#[derive(Debug, Parser)]
#[command(name = "bursar", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: bursar_commands::Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::ServeArgs),
    /// Run the server over a believable world with a clock that can be turned
    Demo(demo::DemoArgs),
    #[command(flatten)]
    Client(bursar_commands::Command),
    #[command(flatten)]
    Books(books::Command),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(args, &cli.global).await,
            Command::Demo(args) => demo::run(args, &cli.global).await,
            Command::Client(command) => bursar_commands::run(command, &cli.global).await,
            Command::Books(command) => books::run(command, &cli.global).await,
        }
    })
}

/// The whole chain of an error, once, with its hints on lines of their own; and each mistake in a
/// file with the hint that goes with it.
#[expect(clippy::print_stderr, reason = "this is where errors are told")]
fn report(error: &anyhow::Error) {
    let mut hints = Vec::new();
    let mut words = Vec::new();
    let mut mistakes = None;
    for cause in error.chain() {
        if let Some(found) = cause.downcast_ref::<Diagnostics>() {
            mistakes = Some(found);
            break;
        }
        for line in cause.to_string().lines() {
            if line.starts_with("hint: ") {
                hints.push(line.to_owned());
            } else {
                words.push(line.to_owned());
            }
        }
    }
    let words = words.join(": ");
    match mistakes {
        None => eprintln!("error: {words}"),
        Some(found) if words.is_empty() => eprintln!("error: {found}"),
        Some(found) => eprintln!("error: {words}\n{found}"),
    }
    for hint in hints {
        eprintln!("{hint}");
    }
}
