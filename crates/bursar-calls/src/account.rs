//! What a caller may know of its own grant's account: never of another's.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::limits::USAGE_CALLS_READ_MAX;
use bursar_kernel::{KeyId, RequestId, StudyId, Timestamp, Usd};
use bursar_policy::{Action, Viewer, may};
use bursar_store::rows::Call;
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
        let mut found = self.store.usage(which).await?;
        if let Some(own) = self.own_keys(caller).await? {
            found.retain(|(of, _)| own.contains(&of.key));
        }
        Ok((found, which.to))
    }

    /// The keys whose spending a caller may know of; `None` for all of its grant's. A key of the
    /// holder's, and of whoever sees every figure of the grant, tells of all; any other of those
    /// that are for the same person.
    async fn own_keys(&self, caller: &Caller) -> Result<Option<BTreeSet<KeyId>>, ReadError> {
        let (grant, holder) = (caller.grant(), caller.holder());
        let person = match self.store.key(caller.key()).await? {
            Some(key) if key.person == holder => return Ok(None),
            Some(key) => key.person,
            None => return Ok(Some(BTreeSet::new())),
        };
        let parts = self.store.participations(person).await?;
        let parts = parts.iter().filter(|row| row.grant == grant);
        let role = parts.filter_map(|row| row.part_of(person)).map(|part| part.role).next();
        let viewer = Viewer::Person { id: person, roles: BTreeSet::new() };
        if may(&viewer, Action::ReadFigures { holder, role }) {
            return Ok(None);
        }
        let keys = self.store.keys(grant).await?.into_iter();
        Ok(Some(keys.filter(|key| key.person == person).map(|key| key.id).collect()))
    }

    /// What the caller's grant was charged for calls within a half-open period of whole days.
    pub async fn costs(
        &self,
        caller: &Caller,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<CostSum>, ReadError> {
        let mut found = self.store.costs(caller.grant(), from, to).await?;
        if let Some(own) = self.own_keys(caller).await? {
            found.retain(|sum| own.contains(&sum.key));
        }
        Ok(found)
    }

    /// What the caller's grant was given, has used and can spend.
    pub async fn credit(&self, caller: &Caller) -> Result<Credit, ReadError> {
        let (grant, now) = (caller.grant(), self.now());
        let lots = self.store.lots(LotFilter::Grant(grant)).await?;
        let by_key = self.store.spend_by_key(grant).await?;
        let suspense = self.store.suspense_of(grant).await?;
        let own = self.own_keys(caller).await?;
        let is_told = |key: &KeyId| own.as_ref().is_none_or(|own| own.contains(key));
        let all = Usd::sum(by_key.iter().map(|(_, spend)| spend.cost)).unwrap_or(Usd::MAX);
        let told = by_key.iter().filter(|(key, _)| is_told(key)).map(|(_, spend)| spend.cost);
        let of_calls = Usd::sum(told).unwrap_or(Usd::MAX);
        let used = all.checked_add(suspense.found_spent).unwrap_or(Usd::MAX);
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

    /// A settled call of the caller's own grant, made with a key that it may know of; any other
    /// does not exist for it.
    pub async fn call_of(
        &self,
        caller: &Caller,
        request: RequestId,
    ) -> Result<Option<Call>, ReadError> {
        let call = self.store.call(request).await?.filter(|call| call.grant == caller.grant());
        let Some(call) = call else { return Ok(None) };
        // Most ask about a call of their own key, which needs no more looking.
        let is_told = call.key == caller.key()
            || self.own_keys(caller).await?.is_none_or(|own| own.contains(&call.key));
        Ok(is_told.then_some(call))
    }

    /// Whether the holder of the caller's grant has a card that was verified.
    pub async fn has_card(&self, caller: &Caller) -> Result<bool, ReadError> {
        Ok(self.store.card(caller.holder()).await?.is_some())
    }
}
