//! What every refusal looks like.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal: nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemBody {
    /// What went wrong.
    pub error: Problem,
}

/// What went wrong, for programs (`code`) and for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// One word to branch on.
    #[schema(example = "not_found")]
    pub code: String,
    /// What went wrong, in a sentence without a full stop.
    #[schema(example = "there is no program `openai`")]
    pub message: String,
    /// What to do next, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The fields that do not fit, each with what to do about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<BadField>,
    /// The line of the request's body, from 1, where it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in that line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

/// A field that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BadField {
    /// Its name in the request.
    pub field: String,
    /// What to do about it, in a sentence without a full stop.
    pub message: String,
}
