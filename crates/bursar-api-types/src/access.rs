//! Limited models: how they stand to a grant, requests for them, and answers.

use bursar_kernel::{AccessRequestId, GrantId, ModelId, Timestamp};
use bursar_policy::AccessRequest;
use bursar_service::{AccessDesk, AccessLine, GrantModels, ModelAccess, ModelLine};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::people::PersonBrief;

/// The models as they stand to a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelStandings {
    /// Those that have a price here, by name.
    pub models: Vec<ModelStanding>,
}

/// A model as it stands to a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelStanding {
    /// The model.
    #[schema(value_type = String, example = "gpt-5.4-pro")]
    pub model: ModelId,
    /// `open`, `limited` (it needs a further approval), `asked` or `approved`.
    #[schema(example = "limited")]
    pub access: String,
    /// When its approval lapses, if before the grant.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Whether the grant has used it in the last four weeks.
    pub in_use: bool,
    /// The first day on which its provider no longer serves it.
    #[schema(value_type = Option<String>, format = Date)]
    pub shutdown: Option<Date>,
    /// What its provider names in its place.
    #[schema(value_type = Option<String>)]
    pub successor: Option<ModelId>,
}

/// A request for a limited model, to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForModel {
    /// The grant whose keys want to call it.
    #[schema(value_type = String, example = "grant_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub grant: GrantId,
    /// The model, by its name or an alias.
    #[schema(example = "gpt-5.4-pro")]
    pub model: String,
    /// What it is needed for.
    pub reason: String,
}

/// What is decided on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessDecision {
    /// The model is opened to the grant, at once.
    Approve,
    /// It is not opened; an approval ends.
    Decline,
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerAccess {
    /// What is decided.
    pub decision: AccessDecision,
    /// What the holder is told; a decline needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When an approval lapses: a date, which means its first instant in the program's zone, or
    /// an instant. With the grant if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-03-01")]
    pub until: Option<String>,
}

/// Requests for limited models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequests {
    /// Those that wait for an answer, the longest first.
    pub waiting: Vec<AccessRequestLine>,
    /// The latest 50 that are answered or taken back, newest first.
    pub answered: Vec<AccessRequestLine>,
}

/// A request for a limited model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequestLine {
    /// Its name.
    #[schema(value_type = String, example = "access_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: AccessRequestId,
    /// The grant whose keys want to call the model.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// Who holds the grant.
    pub holder: PersonBrief,
    /// The model.
    #[schema(value_type = String, example = "gpt-5.4-pro")]
    pub model: ModelId,
    /// What it is needed for.
    pub reason: String,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// `asked`, `approved`, `declined` or `withdrawn`.
    #[schema(example = "asked")]
    pub state: String,
    /// When it was answered or taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// What the holder was told.
    pub note: Option<String>,
    /// When its approval lapses, if before the grant.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl From<GrantModels> for ModelStandings {
    fn from(found: GrantModels) -> Self {
        Self { models: found.models.into_iter().map(ModelStanding::from).collect() }
    }
}

impl From<ModelLine> for ModelStanding {
    fn from(line: ModelLine) -> Self {
        Self {
            model: line.model.id.clone(),
            access: line.access.name().to_owned(),
            until: match line.access {
                ModelAccess::Approved(until) => until,
                ModelAccess::Open | ModelAccess::Limited | ModelAccess::Asked => None,
            },
            in_use: line.in_use,
            shutdown: line.model.shutdown,
            successor: line.model.successor.clone(),
        }
    }
}

impl From<AccessDesk> for AccessRequests {
    fn from(desk: AccessDesk) -> Self {
        let lines = |lines: Vec<AccessLine>| lines.into_iter().map(Into::into).collect();
        Self { waiting: lines(desk.waiting), answered: lines(desk.answered) }
    }
}

impl From<AccessLine> for AccessRequestLine {
    fn from(line: AccessLine) -> Self {
        let AccessRequest { id, grant, model, reason, asked_at, state, .. } = line.request;
        let AccessRequest { decided_at, note, until, .. } = line.request;
        let (holder, state) = (line.holder.into(), state.name().to_owned());
        Self { id, grant, holder, model, reason, asked_at, state, decided_at, note, until }
    }
}
