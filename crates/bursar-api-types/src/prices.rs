//! Price tables.

use bursar_kernel::{PriceVersion, Timestamp};
use bursar_operator::PriceTableChanges;
use bursar_store::rows::{PriceStanding, PriceTable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All price tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceTables {
    /// The latest proposal first.
    pub tables: Vec<PriceTableLine>,
    /// The one that prices what begins now.
    #[schema(value_type = String, example = "openai-2026-11-22")]
    pub in_force: PriceVersion,
}

/// A price table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceTableLine {
    /// Its name: every charge names it.
    #[schema(value_type = String, example = "openai-2026-11-29")]
    pub version: PriceVersion,
    /// `proposed`, `approved` or `rejected`.
    #[schema(example = "proposed")]
    pub state: String,
    /// When somebody brought it.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Timestamp,
    /// When somebody decided on it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// From when on it holds, where it was approved: until another one does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub effective_from: Option<Timestamp>,
    /// Why it was rejected, where it was.
    pub reason: Option<String>,
}

/// A price table, and what it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceTableDetail {
    /// It.
    #[serde(flatten)]
    pub table: PriceTableLine,
    /// Whether it prices what begins now.
    pub in_force: bool,
    /// The table that it is compared with: the one before it, or the one in force.
    #[schema(value_type = String, example = "openai-2026-11-22")]
    pub compared_with: PriceVersion,
    /// What is different, in words, model by model.
    #[schema(example = json!(["gpt-4o-mini: standard input 0.15 -> 0.12 (-20 %)"]))]
    pub changes: Vec<String>,
    /// The catalog file.
    pub document: String,
}

/// A price table to be brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposePrices {
    /// A catalog file. Its `version` names the table.
    pub document: String,
}

/// The catalog file in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PricesInForce {
    /// It.
    pub document: String,
}

/// What is decided on a price table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideOnPrices {
    /// Whether it is to hold.
    pub approve: bool,
    /// From when on; at once where absent. Never before now: what was charged stays charged.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default)]
    pub effective_from: Option<Timestamp>,
    /// Why it is not used, where it is rejected.
    #[serde(default)]
    pub reason: Option<String>,
}

impl From<PriceTable> for PriceTableLine {
    fn from(table: PriceTable) -> Self {
        let state = table.standing.state().to_owned();
        let (decided_at, effective_from, reason) = match table.standing {
            PriceStanding::Proposed => (None, None, None),
            PriceStanding::Approved { at, from, .. } => (Some(at), Some(from), None),
            PriceStanding::Rejected { at, reason, .. } => (Some(at), None, Some(reason)),
        };
        let (version, proposed_at) = (table.version, table.proposed_at);
        Self { version, state, proposed_at, decided_at, effective_from, reason }
    }
}

impl From<PriceTableChanges> for PriceTableDetail {
    fn from(found: PriceTableChanges) -> Self {
        Self {
            in_force: found.is_in_force,
            compared_with: found.before,
            changes: found.changes.iter().map(ToString::to_string).collect(),
            document: found.table.document.clone(),
            table: found.table.into(),
        }
    }
}
