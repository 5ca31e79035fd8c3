//! `bursar study`: named budgets of a grant.

use anyhow::Context as _;
use bursar_api_types::{MoveBudget, StudyLine, StudyTerms};
use bursar_client::Client;
use bursar_kernel::{GrantId, ModelId, StudyId, Usd};
use clap::{Args, Subcommand};

use super::key::{keys_table, model};
use super::output::{Column, Output, dollars, facts, moment, table};

/// Named budgets of a grant, which their keys share.
#[derive(Debug, Subcommand)]
pub enum StudyCommand {
    /// Make a study; keys are made for it with `bursar key create --study`
    Create {
        /// The grant whose credit it spends
        #[arg(long, value_name = "ID")]
        grant: GrantId,
        #[command(flatten)]
        terms: Terms,
    },
    /// Say anew what a study is, all of it
    Change {
        /// The study
        study: StudyId,
        #[command(flatten)]
        terms: Terms,
    },
    /// Move budget to another study of the same grant: both change, or neither
    Move {
        /// The study that gives
        study: StudyId,
        /// The study that gets it
        #[arg(long, value_name = "ID")]
        to: StudyId,
        /// How much, in dollars
        #[arg(long, value_name = "USD", allow_negative_numbers = true)]
        amount: Usd,
    },
    /// Close a study: its keys make no more calls, and its figures stay
    Close {
        /// The study
        study: StudyId,
    },
    /// A study with its keys
    Show {
        /// The study
        study: StudyId,
    },
    /// List a grant's studies
    List {
        /// The grant
        #[arg(long, value_name = "ID")]
        grant: GrantId,
    },
}

/// What a study is.
#[derive(Debug, Args)]
pub struct Terms {
    /// What to call it
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// What its keys may spend together, in dollars
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    budget: Option<Usd>,
    /// Let calls go on where the budget ends
    #[arg(long)]
    no_stop: bool,
    /// From when on its keys may call: a date, which means its first instant in the program's
    /// zone, or an instant
    #[arg(long, value_name = "DATE")]
    starts: Option<String>,
    /// From when on they may not any more, said in the same way
    #[arg(long, value_name = "DATE")]
    ends: Option<String>,
    /// A model that it is for; repeat it for more, and leave it out for all of the grant's
    #[arg(long = "model", value_name = "MODEL", value_parser = model)]
    models: Vec<ModelId>,
    /// A word that it is found by; repeat it for more
    #[arg(long = "tag", value_name = "TEXT")]
    tags: Vec<String>,
    /// What to note about it
    #[arg(long, value_name = "TEXT", default_value = "")]
    notes: String,
}

impl From<Terms> for StudyTerms {
    fn from(terms: Terms) -> Self {
        Self {
            name: terms.name,
            budget: terms.budget,
            stops: !terms.no_stop,
            starts: terms.starts,
            ends: terms.ends,
            models: terms.models,
            tags: terms.tags,
            notes: terms.notes,
        }
    }
}

pub(crate) async fn run(
    command: StudyCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    let study = match command {
        StudyCommand::Create { grant, terms } => {
            client.make_study(grant, &terms.into()).await.context("failed to make the study")?
        }
        StudyCommand::Change { study, terms } => {
            let changed = client.change_study(study, &terms.into()).await;
            changed.context("failed to change the study")?
        }
        StudyCommand::Move { study, to, amount } => {
            let moved = client.move_budget(study, &MoveBudget { to, amount }).await;
            moved.context("failed to move the budget")?
        }
        StudyCommand::Close { study } => {
            client.close_study(study).await.context("failed to close the study")?
        }
        StudyCommand::Show { study } => {
            client.study(study).await.context("failed to read the study")?
        }
        StudyCommand::List { grant } => {
            let found = client.studies(grant).await.context("failed to list the studies")?;
            return output.show(&found, |found| studies_table(&found.studies));
        }
    };
    output.show(&study, shown)
}

fn shown(study: &StudyLine) -> String {
    let models = study.models.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let of = facts([
        ("study", Some(study.id.to_string())),
        ("grant", Some(study.grant.to_string())),
        ("name", Some(study.name.clone())),
        ("budget", study.budget.map(dollars)),
        ("at its end", study.budget.map(|_| at_the_end(study).to_owned())),
        ("spent", Some(format!("{} in {} calls", dollars(study.spent), study.calls))),
        ("left", study.left.map(dollars)),
        ("starts", study.starts_at.map(moment)),
        ("ends", study.ends_at.map(moment)),
        ("closed", study.closed_at.map(moment)),
        ("models", (!models.is_empty()).then_some(models)),
        ("tags", (!study.tags.is_empty()).then(|| study.tags.join(", "))),
    ]);
    format!("{of}\n\n{}", keys_table(&study.keys))
}

const fn at_the_end(study: &StudyLine) -> &'static str {
    if study.stops { "calls stop" } else { "calls go on" }
}

fn studies_table(studies: &[StudyLine]) -> String {
    let columns = [
        Column::Left("STUDY"),
        Column::Left("NAME"),
        Column::Left("STATE"),
        Column::Right("BUDGET"),
        Column::Right("SPENT"),
        Column::Right("LEFT"),
        Column::Right("KEYS"),
    ];
    let row = |study: &StudyLine| {
        let state = match (study.closed_at, study.ends_at) {
            (Some(at), _) => format!("closed {}", moment(at)),
            (None, Some(at)) => format!("until {}", moment(at)),
            (None, None) => "open".to_owned(),
        };
        vec![
            study.id.to_string(),
            study.name.clone(),
            state,
            study.budget.map(dollars).unwrap_or_default(),
            dollars(study.spent),
            study.left.map(dollars).unwrap_or_default(),
            study.keys.len().to_string(),
        ]
    };
    table(&columns, studies.iter().map(row).collect(), "no studies yet")
}
