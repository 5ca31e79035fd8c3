//! How long a study takes at a tier.

use std::collections::BTreeMap;

use bursar_kernel::{Model, RateClassId, RateLimit, StudyPace, StudySize, Tier, Tiers};

use crate::rate::time_for;

/// How long a study takes at a tier, from what it sends to each model. What shares a limit waits
/// for it in turn; what does not goes side by side.
pub fn study_pace(tiers: &Tiers, tier: &Tier, parts: &[(&Model, StudySize)]) -> StudyPace {
    let mut by_class: BTreeMap<&RateClassId, (RateLimit, StudySize)> = BTreeMap::new();
    for (model, size) in parts {
        let class = tiers.class_of(model);
        let Some((id, limit)) = class.and_then(|it| tier.limits.get_key_value(&it.id)) else {
            return StudyPace::Closed;
        };
        let call = size.tokens.checked_div(size.calls).unwrap_or(0);
        let most = [limit.tokens_per_minute, limit.tokens_per_day].into_iter().flatten().min();
        if let Some(most) = most.filter(|most| *most < call) {
            return StudyPace::TooLong(most);
        }
        let (_, sum) = by_class.entry(id).or_insert((*limit, StudySize::default()));
        sum.calls = sum.calls.saturating_add(size.calls);
        sum.tokens = sum.tokens.saturating_add(size.tokens);
    }
    let slowest = by_class.values().filter_map(|(limit, size)| time_for(limit, *size)).max();
    slowest.map_or(StudyPace::Unlimited, StudyPace::Takes)
}

#[cfg(test)]
mod tests {
    //! What a study waits for.

    use bursar_kernel::{FamilyId, Mode, ModelId, RateClass, TierId, TierNeeds};
    use jiff::SignedDuration;

    use super::*;

    fn model(id: &str) -> Model {
        Model::named(ModelId::new(id), FamilyId::new(id), Mode::Chat)
    }

    /// Classes `a`, `b` and `c`, one for the model of each name; `c` is closed.
    fn check(parts: &[(&str, u64, u64)], expected: StudyPace) {
        let class = |id: &str| RateClass {
            id: RateClassId::new(id),
            name: id.to_owned(),
            families: Vec::new(),
            models: vec![ModelId::new(id), ModelId::new(format!("{id}2"))],
        };
        let limit = |per_minute, tokens| RateLimit {
            requests_per_minute: Some(per_minute),
            tokens_per_minute: Some(tokens),
            ..RateLimit::default()
        };
        let limits = [("a", limit(10, 1_000)), ("b", limit(2, 9_000)), ("d", RateLimit::default())];
        let tier = Tier {
            id: TierId::new("one"),
            name: "One".to_owned(),
            needs: TierNeeds::Nothing,
            limits: limits.map(|(id, limit)| (RateClassId::new(id), limit)).into(),
        };
        let classes = ["a", "b", "c", "d"].map(class).to_vec();
        let tiers = Tiers { classes, tiers: vec![tier.clone()], source: String::new() };
        let models: Vec<Model> = parts.iter().map(|(id, _, _)| model(id)).collect();
        let sizes = parts.iter().map(|(_, calls, tokens)| (*calls, *tokens));
        let parts: Vec<_> =
            models.iter().zip(sizes.map(|(calls, tokens)| StudySize { calls, tokens })).collect();
        assert_eq!(study_pace(&tiers, &tier, &parts), expected);
    }

    #[test]
    fn what_shares_a_limit_waits_and_what_does_not_goes_side_by_side() {
        let minutes = |minutes| StudyPace::Takes(SignedDuration::from_mins(minutes));
        check(&[("a", 100, 1_000)], minutes(10));
        check(&[("a", 100, 30_000)], minutes(30));
        check(&[("a", 100, 1_000), ("a2", 50, 1_000)], minutes(15));
        check(&[("a", 100, 1_000), ("b", 6, 1_000)], minutes(10));
        check(&[("a", 100, 1_000), ("b", 60, 1_000)], minutes(30));
        check(&[("d", 1_000_000, 1_000_000_000)], StudyPace::Unlimited);
        check(&[("a", 100, 1_000), ("d", 1_000_000, 1)], minutes(10));
        check(&[], StudyPace::Unlimited);
    }

    #[test]
    fn a_closed_model_and_a_call_above_the_limit_never_go() {
        check(&[("a", 1, 1), ("c", 1, 1)], StudyPace::Closed);
        check(&[("nowhere", 1, 1)], StudyPace::Closed);
        check(&[("a", 2, 2_000)], StudyPace::Takes(SignedDuration::from_mins(2)));
        check(&[("a", 2, 2_002)], StudyPace::TooLong(1_000));
    }
}
