//! Statements of grants and pools.

use bursar_kernel::{Actor, GrantId, HoldId, RequestId, Timestamp, TradeId, TransferId, Usd};
use bursar_service::{Entry, LineAndCall};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which statement, and how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// From this instant on: a date, which means its first instant in the program's zone, or an
    /// instant; from the beginning if left out.
    #[param(example = "2027-02-01")]
    pub from: Option<String>,
    /// Up to this instant and without it; up to the present if left out.
    #[param(example = "2027-03-01")]
    pub to: Option<String>,
    /// `json`, which it is if left out, or `csv`.
    #[serde(default)]
    #[param(inline)]
    pub format: StatementFormat,
    /// Whether each charge of a call has a line, in place of one for all on a day (UTC).
    #[serde(default)]
    pub calls: bool,
}

/// How a statement is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementFormat {
    /// One JSON document.
    #[default]
    Json,
    /// Lines of text with commas (RFC 4180).
    Csv,
}

/// A statement of a half-open period: `opening` and the lines' amounts make `closing`, which is
/// what the next period opens with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementLines {
    /// What moved at this instant or later is a line.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// What moved at this instant or later is not.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// What stood there before.
    #[schema(value_type = String, example = "0.00")]
    pub opening: Usd,
    /// What moved, in order.
    pub lines: Vec<StatementLine>,
    /// What stands there after it.
    #[schema(value_type = String, example = "249.99979")]
    pub closing: Usd,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementLine {
    /// When; of a day's calls, when the last was charged.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What kind of movement: `fund`, `commit`, `uncommit`, `issue`, `call` (one), `calls` (all of
    /// a day), `correct`, `expire`, `suspend`, `settle`, `return`, `claw_back`, `void`, `sell`, and
    /// so on.
    #[schema(example = "calls")]
    pub kind: String,
    /// The account on the other side; absent for a day's calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pool/openai-researcher-access")]
    pub counterpart: Option<String>,
    /// What it changed, below zero for what went out.
    #[schema(value_type = String, example = "-0.00021")]
    pub amount: Usd,
    /// What stands there after it.
    #[schema(value_type = String, example = "249.99979")]
    pub balance: Usd,
    /// How many charges of calls the line sums; absent for a single movement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<u64>,
    /// The call that was charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub call: Option<RequestId>,
    /// The hold that it was charged under, or a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub hold: Option<HoldId>,
    /// The trade that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub trade: Option<TradeId>,
    /// The grant on the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub grant: Option<GrantId>,
    /// Who moved it; absent for a day's calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub by: Option<Actor>,
    /// The transfer's name; absent for a day's calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub transfer: Option<TransferId>,
}

impl From<LineAndCall> for StatementLine {
    fn from((line, call): LineAndCall) -> Self {
        let entry = line.entry;
        let charges = match &entry {
            Entry::Day(day) => Some(day.charges),
            Entry::Movement(_) => None,
        };
        let movement = entry.movement();
        Self {
            at: entry.at(),
            kind: entry.kind().to_owned(),
            counterpart: movement.map(|one| one.counterpart().to_string()),
            amount: entry.change(),
            balance: line.balance,
            charges,
            call,
            hold: movement.and_then(|one| one.transfer.hold),
            trade: movement.and_then(bursar_service::Movement::trade),
            grant: movement.and_then(|one| one.grant),
            by: movement.map(|one| one.transfer.actor.clone()),
            transfer: movement.map(|one| one.transfer.id),
        }
    }
}
