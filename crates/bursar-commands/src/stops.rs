//! `bursar upstream`, and `stop` and `start` of programs and grants.

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use bursar_api_types::{
    SetUpstreamKey, StopState, TurnStop, UpstreamKeyLine, UpstreamKeys, Upstreams,
};
use bursar_client::{Client, Stoppable};
use clap::Subcommand;

use super::output::{Column, Output, facts, moment, table};

/// Bytes of a key, and of what a file has around it.
const KEY_BYTES_MAX: usize = 8 * 1024;

/// Where calls go.
#[derive(Debug, Subcommand)]
pub enum UpstreamCommand {
    /// List the upstreams of the server, and what is stopped
    List,
    /// Let no call, file or batch go to an upstream, at once and on every server; others of its
    /// group take them
    Stop {
        /// Its name in the configuration
        #[arg(value_name = "UPSTREAM")]
        upstream: String,
        /// Why: it stands on the upstreams' page and in the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Let calls go to an upstream again
    Start {
        /// Its name in the configuration
        #[arg(value_name = "UPSTREAM")]
        upstream: String,
        /// Why, for the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// The keys that upstreams are called with
    #[command(subcommand)]
    Key(UpstreamKeyCommand),
}

/// The keys that upstreams are called with: sealed ones go before their configuration's.
#[derive(Debug, Subcommand)]
pub enum UpstreamKeyCommand {
    /// List the sealed keys, by fingerprint
    List,
    /// Seal a key that is read from standard input: new calls go out with it at once, everywhere
    Set {
        /// The upstream's name in the configuration
        #[arg(value_name = "UPSTREAM")]
        upstream: String,
    },
    /// Take a sealed key out: the configuration's holds again
    Remove {
        /// The upstream's name in the configuration
        #[arg(value_name = "UPSTREAM")]
        upstream: String,
    },
    /// Seal all keys anew under the newest master key of the server's file
    Reseal,
}

pub(crate) async fn run(
    command: UpstreamCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        UpstreamCommand::List => {
            let found = client.upstreams().await.context("failed to list the upstreams")?;
            output.show(&found, list)
        }
        UpstreamCommand::Stop { upstream, reason } => {
            stop(Stoppable::Upstream(upstream), reason, client, output).await
        }
        UpstreamCommand::Start { upstream, reason } => {
            start(Stoppable::Upstream(upstream), reason, client, output).await
        }
        UpstreamCommand::Key(command) => keys(command, client, output).await,
    }
}

async fn keys(command: UpstreamKeyCommand, client: &Client, output: Output) -> anyhow::Result<()> {
    match command {
        UpstreamKeyCommand::List => {
            let found = client.upstream_keys().await.context("failed to list the keys")?;
            output.show(&found, list_keys)
        }
        UpstreamKeyCommand::Set { upstream } => {
            let key = SetUpstreamKey { key: from_standard_input()? };
            let set = client.set_upstream_key(&upstream, &key).await;
            let list =
                |line: &UpstreamKeyLine| list_keys(&UpstreamKeys { keys: vec![line.clone()] });
            output.show(&set.context("failed to seal the key")?, list)
        }
        UpstreamKeyCommand::Remove { upstream } => {
            let left = client.remove_upstream_key(&upstream).await;
            output.show(&left.context("failed to take the key out")?, list_keys)
        }
        UpstreamKeyCommand::Reseal => {
            let done = client.reseal().await.context("failed to seal the keys anew")?;
            output.show(&done, |done| format!("{} sealed anew", done.resealed))
        }
    }
}

/// A key from a pipe or a file: never an argument, which others on the machine can see, and never
/// typed, which stays on the screen.
fn from_standard_input() -> anyhow::Result<String> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        bail!(
            "the key is read from standard input, which is a terminal\n\
             hint: `bursar upstream key set UPSTREAM < FILE`, and remove the file afterwards"
        );
    }
    let mut text = String::new();
    let most = u64::try_from(KEY_BYTES_MAX).unwrap_or(u64::MAX);
    input.by_ref().take(most).read_to_string(&mut text).context("failed to read the key")?;
    Ok(text.trim().to_owned())
}

pub(crate) async fn stop(
    of: Stoppable,
    reason: String,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let stopped = client.turn(&of, &TurnStop { stopped: true, reason }).await;
    output.show(&stopped.context("failed to stop it")?, show)
}

pub(crate) async fn start(
    of: Stoppable,
    reason: String,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let started = client.turn(&of, &TurnStop { stopped: false, reason }).await;
    output.show(&started.context("failed to start it again")?, show)
}

/// Since when and why, in a line.
pub(crate) fn told(state: &StopState) -> String {
    let since = state.at.map(moment).unwrap_or_default();
    format!("since {since}: {}", state.reason.as_deref().unwrap_or_default())
}

fn show(state: &StopState) -> String {
    facts([
        (&*state.kind, Some(state.name.clone())),
        ("stopped", Some(if state.stopped { "yes" } else { "no" }.to_owned())),
        ("since", state.at.map(moment)),
        ("why", state.reason.clone()),
    ])
}

fn list_keys(found: &UpstreamKeys) -> String {
    let columns = [
        Column::Left("UPSTREAM"),
        Column::Left("KEY"),
        Column::Left("MASTER KEY"),
        Column::Left("SET"),
    ];
    let row = |line: &UpstreamKeyLine| {
        let opens = if line.opens { "" } else { " (does not open here)" };
        vec![
            line.upstream.clone(),
            line.fingerprint.clone(),
            format!("{}{opens}", line.master_key),
            moment(line.at),
        ]
    };
    let nothing = "no key is sealed: all are the configuration's";
    table(&columns, found.keys.iter().map(row).collect(), nothing)
}

fn list(found: &Upstreams) -> String {
    let columns = [Column::Left("UPSTREAM"), Column::Left("STATE")];
    let row = |state: &StopState| {
        let shown =
            if state.stopped { format!("stopped {}", told(state)) } else { "in use".into() };
        vec![state.name.clone(), shown]
    };
    table(&columns, found.upstreams.iter().map(row).collect(), "no upstream is configured")
}
