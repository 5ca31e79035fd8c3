//! `bursar person`: people and their roles.

use anyhow::Context as _;
use bursar_api_types::{Appoint, CardCheckLine, CardFaceLine, CardState, PersonLine};
use bursar_client::Client;
use bursar_kernel::Role;
use clap::{Args, Subcommand, ValueEnum};

use super::output::{Column, Output, dollars, facts, moment, table};

/// People and their roles.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Give somebody an account with these roles, in place of those they had
    Appoint(Appointment),
    /// Show somebody's payment card and its checks; never its number
    Card {
        /// Their mail address
        #[arg(long, value_name = "EMAIL")]
        email: String,
    },
}

/// Whom to appoint to what.
#[derive(Debug, Args)]
pub struct Appointment {
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

pub(crate) async fn run(
    command: PersonCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        PersonCommand::Appoint(Appointment { email, name, roles }) => {
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
        PersonCommand::Card { email } => {
            let found = client.card(&email).await.context("failed to show the card")?;
            output.show(&found, card)
        }
    }
}

fn card(found: &CardState) -> String {
    let face = |face: &CardFaceLine| {
        format!("{} ending in {}, good through {}", face.brand, face.last4, face.good_through)
    };
    let shown = match &found.card {
        Some(card) => {
            facts([("card", Some(face(&card.face))), ("verified", Some(moment(card.verified_at)))])
        }
        None => "no verified card\n".to_owned(),
    };
    let columns = [
        Column::Left("CHECK"),
        Column::Left("STATE"),
        Column::Right("HOLD"),
        Column::Left("BEGUN"),
        Column::Left("HELD"),
        Column::Left("ENDED"),
        Column::Left("SAID"),
    ];
    let row = |check: &CardCheckLine| {
        vec![
            check.id.to_string(),
            check.state.clone(),
            dollars(check.amount),
            moment(check.started_at),
            check.held_at.map(moment).unwrap_or_default(),
            check.ended_at.map(moment).unwrap_or_default(),
            check.said.clone().unwrap_or_default(),
        ]
    };
    let checks = table(&columns, found.checks.iter().map(row).collect(), "no checks yet");
    format!("{shown}\n{checks}")
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
