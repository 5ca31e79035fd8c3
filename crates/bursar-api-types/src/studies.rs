//! Studies.

use bursar_kernel::{GrantId, ModelId, StudyId, Timestamp, Usd};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::KeyLine;

/// What a study is to be: all of it, whatever it was before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyTerms {
    /// What its people call it.
    #[schema(example = "Pilot")]
    pub name: String,
    /// What its keys may spend together; absent for as much as the grant has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "200.00")]
    pub budget: Option<Usd>,
    /// Whether calls stop where the budget ends; `false` lets them go on.
    #[serde(default = "yes")]
    pub stops: bool,
    /// From when on its keys may call: a date, which means its first instant in the program's
    /// zone, or an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-01-04")]
    pub starts: Option<String>,
    /// From when on they may not any more, said in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-03-01")]
    pub ends: Option<String>,
    /// The models that it is for; none for all of the grant's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub models: Vec<ModelId>,
    /// Words that it is found and summed by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What is noted about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

const fn yes() -> bool {
    true
}

/// Budget that goes from one study to another of the same grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBudget {
    /// The study that gets it.
    #[schema(value_type = String, example = "study_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub to: StudyId,
    /// How much.
    #[schema(value_type = String, example = "50.00")]
    pub amount: Usd,
}

/// A study with what it has spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StudyLine {
    /// Its name in the store.
    #[schema(value_type = String, example = "study_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: StudyId,
    /// The grant whose credit it spends.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// What its people call it.
    pub name: String,
    /// What its keys may spend together; `null` for as much as the grant has.
    #[schema(value_type = Option<String>, example = "200.00")]
    pub budget: Option<Usd>,
    /// Whether calls stop where the budget ends.
    pub stops: bool,
    /// What it has spent.
    #[schema(value_type = String, example = "18.441")]
    pub spent: Usd,
    /// What is left of the budget; below zero where it does not stop calls.
    #[schema(value_type = Option<String>, example = "181.559")]
    pub left: Option<Usd>,
    /// In how many calls.
    pub calls: u64,
    /// When last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_call_at: Option<Timestamp>,
    /// From when on its keys may call.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// From when on they may not any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// The models that it is for; none for all of the grant's.
    #[schema(value_type = Vec<String>)]
    pub models: Vec<ModelId>,
    /// Words that it is found and summed by.
    pub tags: Vec<String>,
    /// What is noted about it.
    pub notes: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// Its keys, in the order they were made.
    pub keys: Vec<KeyLine>,
}

/// The studies of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Studies {
    /// In the order they were made.
    pub studies: Vec<StudyLine>,
}

impl From<bursar_studies::StudyLine> for StudyLine {
    fn from(line: bursar_studies::StudyLine) -> Self {
        let left = line.left();
        Self {
            id: line.study.id,
            grant: line.study.grant,
            name: line.study.terms.name,
            budget: line.study.terms.budget,
            stops: line.study.terms.stops,
            spent: line.spend.cost,
            left,
            calls: line.spend.calls,
            last_call_at: line.spend.last_at,
            starts_at: line.study.terms.starts_at,
            ends_at: line.study.terms.ends_at,
            models: line.study.terms.scope.models.into_iter().flatten().collect(),
            tags: line.study.terms.tags,
            notes: line.study.terms.notes,
            created_at: line.study.created_at,
            closed_at: line.study.closed_at,
            keys: line.keys.into_iter().map(KeyLine::from).collect(),
        }
    }
}
