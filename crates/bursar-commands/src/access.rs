//! `bursar access`: requests for models that credit alone does not open.

use anyhow::Context as _;
use bursar_api_types::{
    AccessDecision, AccessRequestLine, AccessRequests, AnswerAccess, AskForModel,
};
use bursar_client::Client;
use bursar_kernel::{AccessRequestId, GrantId};
use clap::Subcommand;

use super::output::{Column, Output, facts, moment, table};

/// Requests for limited models.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Ask for a limited model in a grant's name
    Ask {
        /// The grant whose keys want to call it
        #[arg(long, value_name = "ID")]
        grant: GrantId,
        /// The model, by its name or an alias
        #[arg(long, value_name = "MODEL")]
        model: String,
        /// What it is needed for
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List the requests that wait, the longest first, and the latest that are answered
    List,
    /// Show a request
    Show {
        /// The request
        request: AccessRequestId,
    },
    /// Approve a request: the model opens at once
    Approve {
        /// The request
        request: AccessRequestId,
        /// When the approval lapses: a date, which means its first instant in the program's zone,
        /// or an instant; with the grant if left out
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// What the holder is told
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Decline a request, or end an approval
    Decline {
        /// The request
        request: AccessRequestId,
        /// Why, for the holder
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Take a request back that nobody has answered
    Withdraw {
        /// The request
        request: AccessRequestId,
    },
}

pub(crate) async fn run(
    command: AccessCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let answer = |decision, note, until| AnswerAccess { decision, note, until };
    match command {
        AccessCommand::Ask { grant, model, reason } => {
            let asked = client.ask_for_model(&AskForModel { grant, model, reason }).await;
            output.show(&asked.context("failed to ask for the model")?, show)
        }
        AccessCommand::List => {
            let found = client.access_requests().await.context("failed to list the requests")?;
            output.show(&found, list)
        }
        AccessCommand::Show { request } => {
            let found = client.access_request(request).await;
            output.show(&found.context("failed to show the request")?, show)
        }
        AccessCommand::Approve { request, until, note } => {
            let given = answer(AccessDecision::Approve, note, until);
            let answered = client.answer_access_request(request, &given).await;
            output.show(&answered.context("failed to approve the request")?, show)
        }
        AccessCommand::Decline { request, note } => {
            let given = answer(AccessDecision::Decline, Some(note), None);
            let answered = client.answer_access_request(request, &given).await;
            output.show(&answered.context("failed to decline the request")?, show)
        }
        AccessCommand::Withdraw { request } => {
            let withdrawn = client.withdraw_access_request(request).await;
            output.show(&withdrawn.context("failed to take the request back")?, show)
        }
    }
}

fn show(request: &AccessRequestLine) -> String {
    facts([
        ("request", Some(request.id.to_string())),
        ("grant", Some(request.grant.to_string())),
        ("holder", Some(request.holder.email.clone())),
        ("model", Some(request.model.to_string())),
        ("reason", Some(request.reason.clone())),
        ("asked", Some(moment(request.asked_at))),
        ("state", Some(request.state.clone())),
        ("answered", request.decided_at.map(moment)),
        ("until", request.until.map(moment)),
        ("note", request.note.clone()),
    ])
}

fn list(found: &AccessRequests) -> String {
    let columns = [
        Column::Left("REQUEST"),
        Column::Left("STATE"),
        Column::Left("MODEL"),
        Column::Left("HOLDER"),
        Column::Left("GRANT"),
        Column::Left("ASKED"),
    ];
    let row = |request: &AccessRequestLine| {
        vec![
            request.id.to_string(),
            request.state.clone(),
            request.model.to_string(),
            request.holder.email.clone(),
            request.grant.to_string(),
            moment(request.asked_at),
        ]
    };
    let rows = found.waiting.iter().chain(&found.answered).map(row);
    table(&columns, rows.collect(), "nobody has asked for a limited model")
}
