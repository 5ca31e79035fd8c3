//! What a caller may know of its own grant's account: never of another's.

use std::collections::BTreeMap;

use bursar_kernel::limits::USAGE_CALLS_READ_MAX;
use bursar_kernel::{KeyId, StudyId, Timestamp, Usd};
use bursar_store::{
    CostSum, LotFilter, LotState, ReadError, Spend, UsageFilter, UsageOf, Used, Width,
};

use crate::{Caller, Calls};

/// What a caller's grant was given, has used and can spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The lots of the grant, with what stands on each.
    pub lots: Vec<LotState>,
    /// What its calls have cost, with what was found to be spent by calls that nobody knows.
    pub used: Usd,
    /// The same of its calls alone.
    pub of_calls: Usd,
    /// Whether the grant may pay for calls at all.
    pub available: bool,
    /// What the key may still spend, if it has a cap.
    pub left_of_cap: Option<Usd>,
}

impl Calls {
    /// What the caller's grant used within a half-open period, part by part, and where what was
    /// read ends: of minutes, where it would take too many calls, before the period does.
    pub async fn usage(
        &self,
        caller: &Caller,
        (from, to): (Timestamp, Timestamp),
        width: Width,
    ) -> Result<(Vec<(UsageOf, Used)>, Timestamp), ReadError> {
        let mut which = UsageFilter { grant: caller.grant(), from, to, width };
        if width == Width::Minute
            && let Some(behind) = self.store.call_behind(which, USAGE_CALLS_READ_MAX).await?
        {
            // The minute that would be too much is left to the next page, unless it is the first.
            let width = width.millis();
            let minute = behind.as_millisecond().div_euclid(width).saturating_mul(width);
            let first = from.as_millisecond().saturating_add(width);
            which.to = Timestamp::from_millisecond(minute.max(first)).unwrap_or(to).min(to);
        }
        Ok((self.store.usage(which).await?, which.to))
    }

    /// What the caller's grant was charged for calls within a half-open period of whole days.
    pub async fn costs(
        &self,
        caller: &Caller,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<CostSum>, ReadError> {
        self.store.costs(caller.grant(), from, to).await
    }

    /// What the caller's grant was given, has used and can spend.
    pub async fn credit(&self, caller: &Caller) -> Result<Credit, ReadError> {
        let (grant, now) = (caller.grant(), self.now());
        let lots = self.store.lots(LotFilter::Grant(grant)).await?;
        let by_key = self.store.spend_by_key(grant).await?;
        let suspense = self.store.suspense_of(grant).await?;
        let of_calls = Usd::sum(by_key.iter().map(|(_, spend)| spend.cost)).unwrap_or(Usd::MAX);
        let used = of_calls.checked_add(suspense.found_spent).unwrap_or(Usd::MAX);
        let left_of_cap = self.left_of_caps(caller, &by_key).await?;
        let available = caller.may_call(now).is_ok();
        Ok(Credit { lots, used, of_calls, available, left_of_cap })
    }

    /// What the caller's key, and its study, may still spend: the less of both, where they have
    /// caps.
    async fn left_of_caps(
        &self,
        caller: &Caller,
        by_key: &[(KeyId, Spend)],
    ) -> Result<Option<Usd>, ReadError> {
        let spent = |of: &dyn Fn(&KeyId) -> bool| {
            let costs = by_key.iter().filter(|(key, _)| of(key)).map(|(_, spend)| spend.cost);
            Usd::sum(costs).unwrap_or(Usd::MAX)
        };
        let left = |cap: Usd, spent: Usd| cap.checked_sub(spent).unwrap_or(Usd::ZERO);
        let key = self.store.key(caller.key()).await?;
        let cap = key.and_then(|key| key.cap);
        let of_key = cap.map(|cap| left(cap, spent(&|key| *key == caller.key())));
        let study = match caller.caps().study {
            Some(study) => self.store.study(study).await?,
            None => None,
        };
        let of_study = match study.and_then(|study| study.terms.budget.zip(Some(study.id))) {
            Some((budget, id)) => {
                let keys = self.keys_of_studies(caller).await?;
                Some(left(budget, spent(&|key| keys.get(key) == Some(&id))))
            }
            None => None,
        };
        Ok(of_key.into_iter().chain(of_study).min().map(|left| left.max(Usd::ZERO)))
    }

    /// The keys of the caller's grant that belong to studies, with those.
    pub async fn keys_of_studies(
        &self,
        caller: &Caller,
    ) -> Result<BTreeMap<KeyId, StudyId>, ReadError> {
        let keys = self.store.keys(caller.grant()).await?;
        Ok(keys.into_iter().filter_map(|key| Some((key.id, key.study?))).collect())
    }
    /// Whether the holder of the caller's grant has a card that was verified.
    pub async fn has_card(&self, caller: &Caller) -> Result<bool, ReadError> {
        Ok(self.store.card(caller.holder()).await?.is_some())
    }
}
