//! What lies in suspense.

use bursar_kernel::{Cap, GrantId, KeyId, ModelId, ProgramId, RequestId, Timestamp, Usd};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::people::PersonBrief;

/// Which lines to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuspenseQuery {
    /// So many lines are left out at the beginning.
    pub skip: Option<usize>,
}

/// What lies in suspense: credit of which nobody knows whether calls have spent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suspense {
    /// Fifty lines at the most, the longest first.
    pub lines: Vec<SuspenseLine>,
    /// How many there are in all.
    pub count: usize,
}

/// Something in suspense. It is settled whole, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SuspenseLine {
    /// Its name: of a call's hold, or of the lease that the process had.
    #[schema(example = "lease_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: String,
    /// How much.
    #[schema(value_type = String, example = "0.25")]
    pub amount: Usd,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Why: `process_ended`, `hold_overdue`, `batch_unknown` or `response_unknown`.
    #[schema(example = "process_ended")]
    pub why: String,
    /// The program; absent where the grant is not known.
    #[schema(value_type = Option<String>)]
    pub program: Option<ProgramId>,
    /// The grant.
    #[schema(value_type = Option<String>)]
    pub grant: Option<GrantId>,
    /// Who holds the grant.
    pub holder: Option<PersonBrief>,
    /// The key or the study whose limit it is; absent where it is credit.
    #[schema(value_type = Option<String>)]
    pub limit_of: Option<Cap>,
    /// The call; absent where it is not known.
    pub call: Option<LostCall>,
}

/// What is known of a call whose process ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LostCall {
    /// Its name, as its caller saw it in `x-request-id`.
    #[schema(value_type = String)]
    pub id: RequestId,
    /// The key it was made with.
    #[schema(value_type = String)]
    pub key: KeyId,
    /// The model that was asked for.
    #[schema(value_type = String, example = "gpt-4.1-mini")]
    pub model: ModelId,
    /// Where it went.
    #[schema(example = "chat_completions")]
    pub endpoint: String,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleSuspense {
    /// What became of it.
    pub end: SuspenseEnd,
    /// What it cost, where `end` is `cost`: above zero, and at most what is in suspense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.10")]
    pub cost: Option<Usd>,
    /// How that is known; kept in the audit trail.
    #[schema(example = "The provider's usage report of 22 November, 10:00 UTC")]
    pub reason: String,
}

/// What became of something in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspenseEnd {
    /// All of it was spent.
    Used,
    /// None of it was.
    NotUsed,
    /// A part of it was: `cost`.
    Cost,
}

/// What was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettledSuspense {
    /// Which line.
    pub id: String,
    /// What was spent of it; the rest is back.
    #[schema(value_type = String, example = "0.10")]
    pub cost: Usd,
}

impl From<bursar_operator::SuspenseLine> for SuspenseLine {
    fn from(line: bursar_operator::SuspenseLine) -> Self {
        Self {
            id: line.what.id.to_string(),
            amount: line.what.amount,
            since: line.what.since,
            why: line.what.why.name().to_owned(),
            program: line.grant.as_ref().map(|grant| grant.program.clone()),
            grant: line.grant.map(|grant| grant.id),
            holder: line.holder.map(PersonBrief::from),
            limit_of: line.limit_of.map(|(cap, _)| cap),
            call: line.what.call.map(|call| LostCall {
                id: call.request,
                key: call.key,
                model: call.model,
                endpoint: call.endpoint.name().to_owned(),
                started_at: call.started_at,
            }),
        }
    }
}
