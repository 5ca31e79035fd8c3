//! Credit that is taken back from a grant.

use bursar_kernel::{TransferId, Usd};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::grants::GrantLine;

/// A part of a grant's credit to be taken back for its program's pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClawBack {
    /// The movement's name: the same again gives the first result and takes nothing more. Drawn if
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "transfer_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: Option<TransferId>,
    /// How much: at the most what is free.
    #[schema(value_type = String, example = "100.00")]
    pub amount: Usd,
    /// Why: its holder reads it.
    #[schema(example = "The study ended early.")]
    pub reason: String,
}

/// A grant whose credit is taken back, all that is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// The movement's name: the same again gives the first result. Drawn if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "transfer_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: Option<TransferId>,
    /// Why: its holder reads it.
    #[schema(example = "The terms of the program were broken.")]
    pub reason: String,
}

/// What was taken back, and how the grant stands after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakenBack {
    /// The movement's name.
    #[schema(value_type = String)]
    pub id: TransferId,
    /// How much went back to the pool.
    #[schema(value_type = String, example = "100.00")]
    pub amount: Usd,
    /// The grant.
    pub grant: GrantLine,
}
