//! What can be asked about what a grant's calls used and cost: of hours and days from sums that are
//! kept, of minutes from the calls themselves.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bursar_kernel::{Endpoint, GrantId, KeyId, ModelId, ServiceTier, Timestamp, Usage, Usd};

use crate::reads::ReadError;
use crate::rows::Call;

/// The milliseconds of an hour: what is kept by hour has the number of hours since 1970.
pub const HOUR_MS: i64 = 60 * 60 * 1_000;

/// The most that one call counts of anything: a report of nonsense must not make a sum that no
/// column holds.
pub const COUNTED_MAX: u64 = 1_000_000_000_000;

/// How many numbers are kept of what calls used.
pub const COUNTED: usize = 11;

/// How wide the parts of a period are; each begins at a whole one since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Read from the calls themselves.
    Minute,
    /// Read from sums.
    Hour,
    /// Read from sums.
    Day,
}

impl Width {
    /// Its milliseconds.
    pub const fn millis(self) -> i64 {
        match self {
            Self::Minute => 60 * 1_000,
            Self::Hour => HOUR_MS,
            Self::Day => crate::sums::DAY_MS,
        }
    }
}

/// Whose usage, and when: a half-open period of whole hours or, of minutes, whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageFilter {
    /// Paid by this grant.
    pub grant: GrantId,
    /// From this instant on.
    pub from: Timestamp,
    /// Before this one.
    pub to: Timestamp,
    /// In parts of this width.
    pub width: Width,
}

/// Which calls are summed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageOf {
    /// When the part of the period begins, in milliseconds since 1970.
    pub at: i64,
    /// Made with this key.
    pub key: KeyId,
    /// Priced as this model.
    pub model: ModelId,
    /// Of this endpoint.
    pub endpoint: Endpoint,
    /// At this service tier.
    pub tier: ServiceTier,
}

/// What some calls used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// How many calls there were.
    pub calls: u64,
    /// What they used, in the order of the columns that keep it.
    pub counts: [u64; COUNTED],
}

/// What calls of a day (UTC) cost, with the last word on each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostSum {
    /// When the day begins.
    pub day: Timestamp,
    /// Made with this key.
    pub key: KeyId,
    /// Priced as this model.
    pub model: ModelId,
    /// What they cost.
    pub cost: Usd,
}

/// What can be asked about what a grant's calls used and cost.
#[async_trait]
pub trait UsageReads: Send + Sync {
    /// What calls used that ended within a period, part by part, in order; parts without a call
    /// are left out.
    async fn usage(&self, which: UsageFilter) -> Result<Vec<(UsageOf, Used)>, ReadError>;
    /// When the call ended that has so many of the period before it; `None` if there is none.
    async fn call_behind(
        &self,
        which: UsageFilter,
        calls: usize,
    ) -> Result<Option<Timestamp>, ReadError>;
    /// What calls cost within a half-open period of whole days, by day, key and model, in order.
    async fn costs(
        &self,
        grant: GrantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CostSum>, ReadError>;
}

impl UsageOf {
    /// Where a call is summed, in parts of a width.
    pub fn of(call: &Call, width: Width) -> Self {
        let at = call.ended_at.as_millisecond().div_euclid(width.millis());
        Self {
            at: at.saturating_mul(width.millis()),
            key: call.key,
            model: call.model.clone(),
            endpoint: call.endpoint,
            tier: call.tier,
        }
    }
}

impl Used {
    /// One call. Reasoning is part of the output, and no sum is kept of it; what was read from the
    /// cache is one sum, of text and of audio.
    pub fn one(it: &Usage) -> Self {
        let [written, image_in, image_out] = [it.cache_write, it.image_in, it.image_out];
        let cached = it.cached.saturating_add(it.audio_cached);
        let read = [it.input, cached, written, it.audio_in, image_in, it.output, it.audio_out];
        let other = [image_out, it.characters, it.seconds, it.images];
        let mut counts = [0; COUNTED];
        for (sum, count) in counts.iter_mut().zip(read.into_iter().chain(other)) {
            *sum = count.min(COUNTED_MAX);
        }
        Self { calls: 1, counts }
    }

    /// What they used.
    pub const fn usage(&self) -> Usage {
        let [input, cached, written, audio_in, image_in, output, ..] = self.counts;
        let [.., spoken, drawn, characters, seconds, images] = self.counts;
        Usage {
            input,
            cached,
            cache_write: written,
            audio_in,
            audio_cached: 0,
            image_in,
            output,
            audio_out: spoken,
            image_out: drawn,
            characters,
            seconds,
            reasoning: 0,
            images,
        }
    }

    /// Takes in others.
    pub fn add(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum = sum.saturating_add(count);
        }
    }
}

/// Sums of calls.
#[derive(Clone, Debug, Default)]
pub struct UsageSums(BTreeMap<UsageOf, Used>);

impl UsageSums {
    /// Takes in what some calls used.
    pub fn add(&mut self, of: UsageOf, used: &Used) {
        self.0.entry(of).or_default().add(used);
    }

    /// All sums, in order.
    pub fn finish(self) -> Vec<(UsageOf, Used)> {
        self.0.into_iter().collect()
    }
}
