//! `bursar upstream`, and `stop` and `start` of programs and grants.

use anyhow::Context as _;
use bursar_api::types::{StopState, TurnStop, Upstreams};
use bursar_client::{Client, Stoppable};
use clap::Subcommand;

use super::output::{Column, Output, facts, moment, table};

/// Where calls go.
#[derive(Debug, Subcommand)]
pub(crate) enum UpstreamCommand {
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
}

pub(super) async fn run(
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
    }
}

pub(super) async fn stop(
    of: Stoppable,
    reason: String,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let stopped = client.turn(&of, &TurnStop { stopped: true, reason }).await;
    output.show(&stopped.context("failed to stop it")?, show)
}

pub(super) async fn start(
    of: Stoppable,
    reason: String,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let started = client.turn(&of, &TurnStop { stopped: false, reason }).await;
    output.show(&started.context("failed to start it again")?, show)
}

/// Since when and why, in a line.
pub(super) fn told(state: &StopState) -> String {
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

fn list(found: &Upstreams) -> String {
    let columns = [Column::Left("UPSTREAM"), Column::Left("STATE")];
    let row = |state: &StopState| {
        let shown =
            if state.stopped { format!("stopped {}", told(state)) } else { "in use".into() };
        vec![state.name.clone(), shown]
    };
    table(&columns, found.upstreams.iter().map(row).collect(), "no upstream is configured")
}
