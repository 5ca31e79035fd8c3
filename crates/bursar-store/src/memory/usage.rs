//! What calls used and cost, asked of the reference: it adds up every call.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bursar_kernel::{GrantId, Timestamp, Usd};

use super::{MemoryStore, State};
use crate::reads::ReadError;
use crate::rows::Call;
use crate::sums::DAY_MS;
use crate::usage::{CostSum, UsageFilter, UsageOf, UsageReads, UsageSums, Used};

#[async_trait]
impl UsageReads for MemoryStore {
    async fn usage(&self, which: UsageFilter) -> Result<Vec<(UsageOf, Used)>, ReadError> {
        let mut sums = UsageSums::default();
        for call in self.state().calls_of(which.grant, which.from, which.to) {
            sums.add(UsageOf::of(call, which.width), &Used::one(&call.usage));
        }
        Ok(sums.finish())
    }

    async fn call_behind(
        &self,
        which: UsageFilter,
        calls: usize,
    ) -> Result<Option<Timestamp>, ReadError> {
        let state = self.state();
        let within = state.calls_of(which.grant, which.from, which.to);
        let mut ended: Vec<Timestamp> = within.map(|call| call.ended_at).collect();
        ended.sort();
        Ok(ended.get(calls).copied())
    }

    async fn costs(
        &self,
        grant: GrantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CostSum>, ReadError> {
        let state = self.state();
        let mut sums = BTreeMap::<_, Usd>::new();
        for call in state.calls_of(grant, from, to) {
            let day = call.ended_at.as_millisecond().div_euclid(DAY_MS);
            let sum = sums.entry((day, call.key, call.model.clone())).or_default();
            *sum = sum.checked_add(state.last_word(call)).unwrap_or(Usd::MAX);
        }
        let costs = sums.into_iter().map(|((day, key, model), cost)| {
            let day = Timestamp::from_millisecond(day.saturating_mul(DAY_MS));
            CostSum { day: day.unwrap_or(from), key, model, cost }
        });
        Ok(costs.collect())
    }
}

impl State {
    fn calls_of(
        &self,
        grant: GrantId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &Call> {
        let within = move |call: &&Call| from <= call.ended_at && call.ended_at < to;
        self.calls.values().filter(move |call| call.grant == grant).filter(within)
    }

    /// What a call cost, after every correction.
    fn last_word(&self, call: &Call) -> Usd {
        let made = self.book.corrections.values().filter(|made| made.charge == call.hold);
        made.max_by_key(|made| made.number).map_or(call.cost, |made| made.cost)
    }
}
