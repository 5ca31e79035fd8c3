//! Tiers: how fast a holder may call, and what a faster one takes.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::catalog::Model;
use crate::ids::{FamilyId, ModelId, RateClassId, TierId};

/// A program's tiers, from the lowest to the highest, and the classes of models that they limit.
/// Without tiers nothing is limited.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Tiers {
    /// Models that share a limit. The last one may be for all that no other names.
    pub classes: Vec<RateClass>,
    /// The tiers, in ascending order: the first one needs nothing.
    pub tiers: Vec<Tier>,
    /// Where the figures come from, with a date; empty without tiers.
    pub source: String,
}

impl Tiers {
    /// The class that a model's calls count in: the one that names it, else the one of its
    /// family, else the one for all the others.
    pub fn class_of(&self, model: &Model) -> Option<&RateClass> {
        let by =
            |which: &dyn Fn(&RateClass) -> bool| self.classes.iter().find(|class| which(class));
        by(&|class| class.models.contains(&model.id))
            .or_else(|| by(&|class| class.families.contains(&model.family)))
            .or_else(|| by(&RateClass::is_the_rest))
    }

    /// The tier of a name.
    pub fn tier(&self, id: &TierId) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.id == *id)
    }

    /// The tier after another, where there is one that a holder can reach.
    pub fn next(&self, after: &TierId) -> Option<&Tier> {
        let place = self.tiers.iter().position(|tier| tier.id == *after)?;
        self.tiers.iter().skip(place).skip(1).find(|tier| tier.needs != TierNeeds::Officer)
    }
}

/// Models that share a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateClass {
    /// Its short name: `small`.
    pub id: RateClassId,
    /// Its name on a page: `Small models`.
    pub name: String,
    /// Families that are of it.
    pub families: Vec<FamilyId>,
    /// Models that are of it, whatever their family.
    pub models: Vec<ModelId>,
}

impl RateClass {
    /// Whether it is for all models that no other class names.
    pub fn is_the_rest(&self) -> bool {
        self.families.is_empty() && self.models.is_empty()
    }
}

/// A set of rate limits, and what it takes to have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Its short name: `free`.
    pub id: TierId,
    /// Its name on a page: `Free (Explore)`.
    pub name: String,
    /// What it takes.
    pub needs: TierNeeds,
    /// The limit of each class; a class that is not here is closed at this tier.
    pub limits: BTreeMap<RateClassId, RateLimit>,
}

/// What a tier takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierNeeds {
    /// Nothing.
    Nothing,
    /// A checked payment card.
    Card,
    /// An officer who names it when they issue the grant.
    Officer,
}

/// How fast, and how much at a time, the models of a class may be called; what is absent is not
/// limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RateLimit {
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

/// How large a study is: what it will send and be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySize {
    /// Calls.
    pub calls: u64,
    /// Tokens of all its calls, input and output together.
    pub tokens: u64,
}

/// How long a study takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudyPace {
    /// It can never be made: a model is closed at the tier.
    Closed,
    /// It can never be made: one of its calls has more tokens than this, which is what its limit
    /// lets through in a minute, or in a day.
    TooLong(u64),
    /// Nothing limits it.
    Unlimited,
    /// So long, at the slowest of its limits.
    Takes(SignedDuration),
}

#[cfg(test)]
mod tests {
    //! Which class a model counts in, and which tier comes next.

    use super::*;

    fn class(id: &str, families: &[&str], models: &[&str]) -> RateClass {
        RateClass {
            id: RateClassId::new(id),
            name: id.to_owned(),
            families: families.iter().map(|name| FamilyId::new(*name)).collect(),
            models: models.iter().map(|name| ModelId::new(*name)).collect(),
        }
    }

    fn model(id: &str, family: &str) -> Model {
        Model::named(ModelId::new(id), FamilyId::new(family), crate::Mode::Chat)
    }

    #[test]
    fn a_model_counts_where_it_is_named_before_where_its_family_is() {
        let classes = vec![
            class("large", &["gpt-4o"], &[]),
            class("small", &[], &["gpt-4o-mini"]),
            class("other", &[], &[]),
        ];
        let tiers = Tiers { classes, ..Tiers::default() };
        let found = |id, family| tiers.class_of(&model(id, family)).map(|class| class.id.as_str());
        assert_eq!(found("gpt-4o-mini", "gpt-4o"), Some("small"));
        assert_eq!(found("gpt-4o", "gpt-4o"), Some("large"));
        assert_eq!(found("whisper-1", "audio"), Some("other"));
        assert_eq!(Tiers::default().class_of(&model("gpt-4o", "gpt-4o")), None);
    }

    #[test]
    fn a_tier_that_only_an_officer_names_is_never_the_next() {
        let tier = |id: &str, needs| Tier {
            id: TierId::new(id),
            name: id.to_owned(),
            needs,
            limits: BTreeMap::new(),
        };
        let tiers = vec![
            tier("free", TierNeeds::Nothing),
            tier("tier-1", TierNeeds::Card),
            tier("tier-5", TierNeeds::Officer),
        ];
        let tiers = Tiers { tiers, ..Tiers::default() };
        let next = |id| tiers.next(&TierId::new(id)).map(|tier| tier.id.as_str());
        assert_eq!(next("free"), Some("tier-1"));
        assert_eq!(next("tier-1"), None);
        assert_eq!(next("gold"), None);
    }
}
