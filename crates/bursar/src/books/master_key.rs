//! `bursar master-key`: the file that seals what has to be read again.

use std::path::PathBuf;

use anyhow::Context as _;
use bursar_service::MasterKeys;
use clap::{Args, Subcommand};
use serde::Serialize;

use bursar_commands::output::{Column, Output, table};

/// The file of master keys. It lies apart from the database, and is the same on every server.
#[derive(Debug, Subcommand)]
pub(crate) enum MasterKeyCommand {
    /// Add a newer key to the file, or make the file
    Add(FileArgs),
    /// List the names of the keys in the file, the newest first
    List(FileArgs),
}

/// Which file.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// The file
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Names {
    master_keys: Vec<String>,
}

pub(super) fn run(command: MasterKeyCommand, output: Output) -> anyhow::Result<()> {
    let names = match command {
        MasterKeyCommand::Add(args) => {
            MasterKeys::named(args.file).add().context("failed to add a master key")?
        }
        MasterKeyCommand::List(args) => {
            MasterKeys::named(args.file).names().context("failed to list the master keys")?
        }
    };
    output.show(&Names { master_keys: names }, |found| {
        let rows = found.master_keys.iter().map(|name| vec![name.clone()]).collect();
        table(&[Column::Left("MASTER KEY")], rows, "no key is in the file")
    })
}
