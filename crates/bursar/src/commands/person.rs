//! `bursar person`: people and their roles.

use anyhow::Context as _;
use bursar_api::client::Client;
use bursar_api::types::{Appoint, PersonLine};
use bursar_kernel::Role;
use clap::{Args, Subcommand, ValueEnum};

use super::output::{Output, facts};

/// People and their roles.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Give somebody an account with these roles, in place of those they had
    Appoint(Appointment),
}

/// Whom to appoint to what.
#[derive(Debug, Args)]
pub(crate) struct Appointment {
    /// Their mail address, which is how they sign in
    #[arg(long, value_name = "EMAIL")]
    email: String,
    /// How they want to be called
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What they may be; may be given several times
    #[arg(long = "role", value_name = "ROLE", required = true, value_delimiter = ',')]
    roles: Vec<RoleName>,
}

/// A role, as the command line spells it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Applies for credit and spends it
    Researcher,
    /// Reads applications in review and advises
    Reviewer,
    /// Runs programs: decides, releases, issues
    Officer,
    /// Runs the installation
    Operator,
}

pub(super) async fn run(
    command: PersonCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let PersonCommand::Appoint(Appointment { email, name, roles }) = command;
    let roles = roles.into_iter().map(|role| match role {
        RoleName::Researcher => Role::Researcher,
        RoleName::Reviewer => Role::Reviewer,
        RoleName::Officer => Role::Officer,
        RoleName::Operator => Role::Operator,
    });
    let wanted = Appoint { email, name, roles: roles.collect() };
    let person = client.appoint(&wanted).await.context("failed to appoint the person")?;
    output.show(&person, show)
}

fn show(person: &PersonLine) -> String {
    let roles = person.roles.iter().map(|role| match role {
        Role::Researcher => "researcher",
        Role::Reviewer => "reviewer",
        Role::Officer => "officer",
        Role::Operator => "operator",
    });
    facts([
        ("person", Some(person.id.to_string())),
        ("email", Some(person.email.clone())),
        ("name", Some(person.name.clone())),
        ("roles", Some(roles.collect::<Vec<_>>().join(", "))),
    ])
}
