//! Tiers: which one a grant's calls have, and how fast they may go.

use bursar_kernel::{RateClass, RateClassId, Tier, TierId, Tiers};
use bursar_service::TierStanding;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tier that an officer names for a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameTier {
    /// The tier of its calls, where that is higher than its holder's own.
    #[schema(value_type = String, example = "tier-1")]
    pub tier: TierId,
    /// Why, for the audit trail.
    #[schema(example = "A replication with a deadline")]
    pub reason: String,
}

/// A grant's tier, with its limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierLine {
    /// The tier that its calls have; absent in a program that limits nothing.
    #[schema(value_type = Option<String>, example = "free")]
    pub tier: Option<TierId>,
    /// Its name on a page.
    pub name: Option<String>,
    /// Whether it is an officer's word, and not its holder's own.
    pub is_named: bool,
    /// The next one that its holder can reach.
    #[schema(value_type = Option<String>, example = "tier-1")]
    pub next: Option<TierId>,
    /// The limits of each class of models.
    pub limits: Vec<RateLimitLine>,
}

/// How fast the models of a class may be called; what is absent is not limited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RateLimitLine {
    /// The class.
    #[schema(value_type = String, example = "small")]
    pub class: RateClassId,
    /// Its name on a page.
    pub name: String,
    /// Whether the tier opens it at all.
    pub is_open: bool,
    /// Requests in any minute.
    pub requests_per_minute: Option<u64>,
    /// Requests in any 24 hours.
    pub requests_per_day: Option<u64>,
    /// Tokens in any minute, input and output together.
    pub tokens_per_minute: Option<u64>,
    /// Tokens in any 24 hours, input and output together.
    pub tokens_per_day: Option<u64>,
    /// Images in any minute.
    pub images_per_minute: Option<u64>,
    /// Calls in flight at a time.
    pub concurrent_calls: Option<u64>,
    /// Input tokens of batches that have not ended, at a time.
    pub batch_queue_tokens: Option<u64>,
}

impl TierLine {
    /// Where a grant stands among the tiers.
    pub fn new(tiers: &Tiers, standing: Option<TierStanding>) -> Self {
        let (tier, next) = match &standing {
            Some(standing) => (Some(&standing.tier), standing.next.as_ref()),
            None => (None, None),
        };
        let limits = tier.map(|tier| tiers.classes.iter().map(|class| limits(class, tier)));
        Self {
            tier: tier.map(|tier| tier.id.clone()),
            name: tier.map(|tier| tier.name.clone()),
            is_named: standing.as_ref().is_some_and(|standing| standing.is_named),
            next: next.map(|next| next.id.clone()),
            limits: limits.into_iter().flatten().collect(),
        }
    }
}

fn limits(class: &RateClass, tier: &Tier) -> RateLimitLine {
    let limit = tier.limits.get(&class.id).copied();
    let most = limit.unwrap_or_default();
    RateLimitLine {
        class: class.id.clone(),
        name: class.name.clone(),
        is_open: limit.is_some(),
        requests_per_minute: most.requests_per_minute,
        requests_per_day: most.requests_per_day,
        tokens_per_minute: most.tokens_per_minute,
        tokens_per_day: most.tokens_per_day,
        images_per_minute: most.images_per_minute,
        concurrent_calls: most.concurrent_calls,
        batch_queue_tokens: most.batch_queue_tokens,
    }
}
