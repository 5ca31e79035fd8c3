//! `bursar grant people`: who spends a grant beside its holder.

use anyhow::Context as _;
use bursar_api_types::{
    ChangeParticipant, InviteParticipant, ParticipantLine, Participants, RemoveParticipant,
};
use bursar_client::Client;
use bursar_kernel::{GrantId, GrantRole, ParticipantId, PersonId, StudyId};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use crate::output::{Column, Output, dollars, facts, moment, table};

/// Who spends a grant beside its holder.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List those who take part, were invited, declined or are out
    List {
        /// The grant
        grant: GrantId,
    },
    /// Invite somebody; they accept or decline on a page, within two weeks
    Invite {
        /// The grant
        grant: GrantId,
        /// Where the letter goes; only whoever is signed in with it can accept
        #[arg(long, value_name = "EMAIL")]
        email: String,
        #[command(flatten)]
        part: PartArgs,
    },
    /// Send an invitation again, with a new link
    SendAgain {
        /// The grant
        grant: GrantId,
        /// Whose invitation
        participant: ParticipantId,
    },
    /// Change what somebody may do
    Change {
        /// The grant
        grant: GrantId,
        /// Whose part
        participant: ParticipantId,
        #[command(flatten)]
        part: PartArgs,
        /// Who has the keys then that this leaves no room for; they are revoked if left out
        #[arg(long, value_name = "PERSON")]
        keys_to: Option<PersonId>,
    },
    /// Take somebody out, or take an invitation back
    Remove {
        /// The grant
        grant: GrantId,
        /// Whose part
        participant: ParticipantId,
        /// Who has their keys then; they are revoked if left out
        #[arg(long, value_name = "PERSON")]
        keys_to: Option<PersonId>,
    },
}

/// What somebody may do, and where.
#[derive(Debug, Args)]
pub struct PartArgs {
    /// What they may do
    #[arg(long, value_name = "ROLE", value_parser = role())]
    role: GrantRole,
    /// A study that a member belongs to; repeat it for more, and leave it out for the whole grant
    #[arg(long = "study", value_name = "STUDY")]
    studies: Vec<StudyId>,
}

/// The roles by their names in JSON.
fn role() -> impl TypedValueParser<Value = GrantRole> {
    let names = GrantRole::ALL.map(GrantRole::name);
    let read = |name: String| GrantRole::from_name(&name).unwrap_or(GrantRole::ReadOnly);
    PossibleValuesParser::new(names).map(read)
}

pub(super) async fn run(
    command: PeopleCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let line = match command {
        PeopleCommand::List { grant } => {
            let found = client.participants(grant).await.context("failed to list the people")?;
            return output.show(&found, list);
        }
        PeopleCommand::Invite { grant, email, part: PartArgs { role, studies } } => {
            let wanted = InviteParticipant { email, role, studies };
            let invited = client.invite_participant(grant, &wanted).await;
            invited.context("failed to invite them")?
        }
        PeopleCommand::SendAgain { grant, participant } => {
            let sent = client.send_invitation_again(grant, participant).await;
            sent.context("failed to send it again")?
        }
        PeopleCommand::Change { grant, participant, part, keys_to } => {
            let PartArgs { role, studies } = part;
            let wanted = ChangeParticipant { role, studies, version: None, keys_to };
            let changed = client.change_participant(grant, participant, &wanted).await;
            changed.context("failed to change what they may do")?
        }
        PeopleCommand::Remove { grant, participant, keys_to } => {
            let wanted = RemoveParticipant { version: None, keys_to };
            let removed = client.remove_participant(grant, participant, &wanted).await;
            removed.context("failed to take them out")?
        }
    };
    output.show(&line, show)
}

fn show(line: &ParticipantLine) -> String {
    facts([
        ("participant", Some(line.id.to_string())),
        ("email", Some(line.email.clone())),
        ("person", line.person.as_ref().map(|person| person.id.to_string())),
        ("role", Some(line.role.name().to_owned())),
        ("where", Some(place(line))),
        ("state", Some(line.state.clone())),
        ("keys", Some(line.keys.to_string())),
        ("spent", line.spent.map(dollars)),
        ("invited", Some(moment(line.invited_at))),
        ("answered", line.answered_at.map(moment)),
        ("out", line.removed_at.map(moment)),
    ])
}

fn place(line: &ParticipantLine) -> String {
    if line.studies.is_empty() {
        return "the whole grant".to_owned();
    }
    line.studies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn list(found: &Participants) -> String {
    let columns = [
        Column::Left("PARTICIPANT"),
        Column::Left("EMAIL"),
        Column::Left("ROLE"),
        Column::Left("STATE"),
        Column::Right("KEYS"),
        Column::Right("SPENT"),
    ];
    let row = |line: &ParticipantLine| {
        vec![
            line.id.to_string(),
            line.email.clone(),
            line.role.name().to_owned(),
            line.state.clone(),
            line.keys.to_string(),
            line.spent.map(dollars).unwrap_or_default(),
        ]
    };
    let rows = found.participants.iter().map(row).collect();
    let nothing = format!("nobody but {} spends it", found.holder.email);
    table(&columns, rows, &nothing)
}
