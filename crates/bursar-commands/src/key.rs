//! `bursar key`: API keys.

use anyhow::Context as _;
use bursar_api_types::{KeyCap, KeyLine, MadeKey, NewKey};
use bursar_client::Client;
use bursar_kernel::{GrantId, KeyId, ModelId, PersonId, StudyId, Usd};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Column, Output, dollars, facts, moment, table};

/// API keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key for a grant; its secret is printed once
    Create(Create),
    /// Change what a key may spend in all, on every server within a second
    Cap(Change),
    /// Stop a key: no new call begins with it
    Revoke {
        /// The key's name, never its secret
        key: KeyId,
    },
    /// List a grant's keys, without their secrets
    List {
        /// The grant
        #[arg(long, value_name = "ID")]
        grant: GrantId,
    },
}

/// Which key to make.
#[derive(Debug, Args)]
pub struct Create {
    /// The grant whose credit it spends
    #[arg(long, value_name = "ID")]
    grant: GrantId,
    /// What to call it
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// What it may spend in all, in dollars, if less than the grant
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    cap: Option<Usd>,
    /// When it stops working by itself: a date, which means its first instant in the program's
    /// zone, or an instant
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// The study whose budget it spends, for good
    #[arg(long, value_name = "ID")]
    study: Option<StudyId>,
    /// Whom it is for: somebody who takes part in the grant; its holder if left out
    #[arg(long, value_name = "PERSON")]
    person: Option<PersonId>,
    /// A model that it is for; repeat it for more, and leave it out for all that its study, or the
    /// grant, is for
    #[arg(long = "model", value_name = "MODEL", value_parser = model)]
    models: Vec<ModelId>,
}

/// Any text names a model: the server says whether there is one.
#[expect(clippy::unnecessary_wraps, reason = "it is what the parser of arguments calls")]
pub(crate) fn model(text: &str) -> Result<ModelId, std::convert::Infallible> {
    Ok(ModelId::new(text))
}

/// What a key may spend from now on.
#[derive(Debug, Args)]
pub struct Change {
    /// The key's name, never its secret
    key: KeyId,
    /// What it may spend in all, in dollars, what it has spent so far included
    #[arg(
        long,
        value_name = "USD",
        allow_negative_numbers = true,
        required_unless_present = "no_cap"
    )]
    cap: Option<Usd>,
    /// Let it spend the whole grant
    #[arg(long, conflicts_with = "cap")]
    no_cap: bool,
}

/// A key that was stopped.
#[derive(Serialize)]
struct Revoked {
    id: KeyId,
    revoked: bool,
}

pub(crate) async fn run(
    command: KeyCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        KeyCommand::Create(Create { grant, name, cap, expires, study, person, models }) => {
            let wanted = NewKey { name, cap, person, expires, study, models };
            let made = client.make_key(grant, &wanted).await.context("failed to make the key")?;
            output.show(&made, show_once)
        }
        KeyCommand::Cap(Change { key, cap, .. }) => {
            let changed = client.change_key_cap(key, &KeyCap { cap }).await;
            let changed = changed.context("failed to change the cap")?;
            output.show(&changed, |changed| match changed.cap {
                Some(cap) => format!("`{key}` may spend {} in all", dollars(cap)),
                None => format!("`{key}` may spend the whole grant"),
            })
        }
        KeyCommand::Revoke { key } => {
            client.revoke_key(key).await.context("failed to revoke the key")?;
            let revoked = Revoked { id: key, revoked: true };
            output.show(&revoked, |revoked| format!("revoked {}", revoked.id))
        }
        KeyCommand::List { grant } => {
            let grant = client.grant(grant).await.context("failed to list the keys")?;
            output.show(&grant.keys, |keys| keys_table(keys))
        }
    }
}

fn show_once(made: &MadeKey) -> String {
    facts([
        ("secret", Some(format!("{}  (shown this once)", made.secret))),
        ("key", Some(made.id.to_string())),
        ("grant", Some(made.grant.to_string())),
        ("name", Some(made.name.clone())),
        ("study", made.study.map(|study| study.to_string())),
        ("cap", made.cap.map(dollars)),
        ("expires", made.expires_at.map(moment)),
    ])
}

pub(crate) fn keys_table(keys: &[KeyLine]) -> String {
    let columns = [
        Column::Left("KEY"),
        Column::Left("NAME"),
        Column::Left("ENDS WITH"),
        Column::Left("STATE"),
        Column::Right("CAP"),
        Column::Right("SPENT"),
        Column::Right("CALLS"),
    ];
    let row = |key: &KeyLine| {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", moment(at)),
            (None, Some(at)) => format!("until {}", moment(at)),
            (None, None) => "open".to_owned(),
        };
        vec![
            key.id.to_string(),
            key.name.clone(),
            key.ends_with.clone(),
            state,
            key.cap.map(dollars).unwrap_or_default(),
            dollars(key.spent),
            key.calls.to_string(),
        ]
    };
    table(&columns, keys.iter().map(row).collect(), "no keys yet")
}
