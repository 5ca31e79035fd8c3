//! What is done with the books without a server: proven, signed, moved, and the file that seals
//! upstreams' keys.

mod checkpoint;
mod master_key;
mod migrate;
mod verify;

use bursar_commands::Global;
use bursar_commands::output::Output;
use clap::Subcommand;

// Not a doc comment: it would stand at the head of the help.
// The commands that need no server.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
    match command {
        Command::Verify(args) => verify::run(args, global.data(), output).await,
        Command::Checkpoint(args) => checkpoint::run(args, global.data(), output).await,
        Command::MasterKey(command) => master_key::run(command, output),
        Command::Migrate(args) => migrate::run(args, output).await,
    }
}
