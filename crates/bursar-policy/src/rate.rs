//! Rate limits: which tier a holder has, whether a call may go now, and how long a study takes.
//!
//! The windows slide: a request counts for exactly a minute (and a day) after it was let through,
//! so that no minute, wherever it begins, ever holds more than the limit. A bucket that refills
//! would let through twice as many around an idle moment.

use std::collections::VecDeque;

use bursar_kernel::{RateLimit, StudySize, Tier, TierId, TierNeeds, Tiers, Timestamp};
use jiff::SignedDuration;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The tier of a holder: the highest whose needs are met, or the one that an officer named for
/// their grant, where that is higher. `None` in a program without tiers.
pub fn tier_of<'t>(tiers: &'t Tiers, has_card: bool, named: Option<&TierId>) -> Option<&'t Tier> {
    let is_met = |tier: &&Tier| match tier.needs {
        TierNeeds::Nothing => true,
        TierNeeds::Card => has_card,
        TierNeeds::Officer => false,
    };
    let reached = |tier: &&Tier| is_met(tier) || named == Some(&tier.id);
    tiers.tiers.iter().rev().find(reached)
}

/// What a holder's calls of one class have taken, as far back as it counts. In memory only: a
/// server that starts again starts with empty windows.
#[derive(Debug, Default)]
pub struct Pace {
    minute: VecDeque<Taken>,
    day: VecDeque<Timestamp>,
    /// The sum of `minute`.
    tokens: u64,
    taken: u64,
    latest: Timestamp,
}

#[derive(Debug)]
struct Taken {
    slot: Slot,
    at: Timestamp,
    tokens: u64,
}

/// A request's place in the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u64);

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests in a minute.
    RequestsPerMinute,
    /// Requests in a day.
    RequestsPerDay,
    /// Tokens in a minute.
    TokensPerMinute,
}

/// Why a call may not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFast {
    /// Which limit it meets.
    pub measure: Measure,
    /// What that limit is.
    pub limit: u64,
    /// What has been taken of it.
    pub used: u64,
    /// What the call would take.
    pub asked: u64,
    /// How long until it fits; `None` if it never does, since it asks for more than the limit.
    pub wait: Option<SignedDuration>,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The limit.
    pub limit: u64,
    /// What is left of it now.
    pub remaining: u64,
    /// How long until all of it is there again.
    pub reset: SignedDuration,
}

/// What is left of a class's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Room {
    /// Requests: of the minute or of the day, whichever leaves fewer.
    pub requests: Option<Left>,
    /// Tokens of the minute.
    pub tokens: Option<Left>,
}

impl Pace {
    /// Whether a call with so many tokens at the most could go now. Takes nothing.
    pub fn check(&mut self, limit: &RateLimit, tokens: u64, now: Timestamp) -> Result<(), TooFast> {
        let now = self.forget(now);
        let refusals = [
            self.minute_refusal(limit, now),
            self.day_refusal(limit, now),
            self.tokens_refusal(limit, tokens, now),
        ];
        // The one that lasts longest: waiting for less would be refused again.
        let longest = |refusal: &TooFast| refusal.wait.unwrap_or(SignedDuration::MAX);
        refusals.into_iter().flatten().max_by_key(longest).map_or(Ok(()), Err)
    }

    /// Lets a call with so many tokens at the most through, if it fits every limit.
    pub fn take(
        &mut self,
        limit: &RateLimit,
        tokens: u64,
        now: Timestamp,
    ) -> Result<Slot, TooFast> {
        self.check(limit, tokens, now)?;
        let (slot, at) = (Slot(self.taken), self.latest);
        self.taken = self.taken.saturating_add(1);
        self.tokens = self.tokens.saturating_add(tokens);
        self.minute.push_back(Taken { slot, at, tokens });
        if limit.requests_per_day.is_some() {
            self.day.push_back(at);
        }
        Ok(slot)
    }

    /// Says how many tokens a call took in the end: what it did not take is free again.
    pub fn settle(&mut self, slot: Slot, tokens: u64) {
        if let Ok(place) = self.minute.binary_search_by_key(&slot, |taken| taken.slot) {
            let taken = &mut self.minute[place];
            self.tokens = self.tokens.saturating_sub(taken.tokens).saturating_add(tokens);
            taken.tokens = tokens;
        }
    }

    /// What is left of the limits.
    pub fn room(&mut self, limit: &RateLimit, now: Timestamp) -> Room {
        let now = self.forget(now);
        let last = self.minute.back().map(|taken| taken.at);
        let left = |limit: u64, used: u64, last: Option<Timestamp>, window: SignedDuration| Left {
            limit,
            remaining: limit.saturating_sub(used),
            reset: last.map_or(SignedDuration::ZERO, |at| until(at, window, now)),
        };
        let minute = limit.requests_per_minute;
        let minute = minute.map(|limit| left(limit, count(self.minute.len()), last, MINUTE));
        let day = limit.requests_per_day;
        let day =
            day.map(|limit| left(limit, count(self.day.len()), self.day.back().copied(), DAY));
        let tokens = limit.tokens_per_minute;
        Room {
            requests: minute.into_iter().chain(day).min_by_key(|left| left.remaining),
            tokens: tokens.map(|limit| left(limit, self.tokens, last, MINUTE)),
        }
    }

    /// Whether nothing that it remembers counts any longer.
    pub fn is_idle(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        self.minute.is_empty() && self.day.is_empty()
    }

    /// Drops what no window holds any longer. The present, which never goes back here.
    fn forget(&mut self, now: Timestamp) -> Timestamp {
        self.latest = self.latest.max(now);
        let now = self.latest;
        while let Some(first) = self.minute.front().filter(|taken| is_over(taken.at, MINUTE, now)) {
            self.tokens = self.tokens.saturating_sub(first.tokens);
            self.minute.pop_front();
        }
        while self.day.front().is_some_and(|at| is_over(*at, DAY, now)) {
            self.day.pop_front();
        }
        now
    }

    fn minute_refusal(&self, limit: &RateLimit, now: Timestamp) -> Option<TooFast> {
        let (limit, used) = (limit.requests_per_minute?, count(self.minute.len()));
        // So many of the oldest have to be over before one more fits.
        let over = used.checked_sub(limit)?;
        let last = usize::try_from(over).ok().and_then(|over| self.minute.get(over));
        let wait = last.filter(|_| 0 < limit).map(|taken| until(taken.at, MINUTE, now));
        Some(TooFast { measure: Measure::RequestsPerMinute, limit, used, asked: 1, wait })
    }

    fn day_refusal(&self, limit: &RateLimit, now: Timestamp) -> Option<TooFast> {
        let (limit, used) = (limit.requests_per_day?, count(self.day.len()));
        let over = used.checked_sub(limit)?;
        let last = usize::try_from(over).ok().and_then(|over| self.day.get(over));
        let wait = last.filter(|_| 0 < limit).map(|at| until(*at, DAY, now));
        Some(TooFast { measure: Measure::RequestsPerDay, limit, used, asked: 1, wait })
    }

    fn tokens_refusal(&self, limit: &RateLimit, asked: u64, now: Timestamp) -> Option<TooFast> {
        let (limit, used) = (limit.tokens_per_minute?, self.tokens);
        if asked <= limit.saturating_sub(used) {
            return None;
        }
        let mut left = used;
        let freeing = self.minute.iter().find(|taken| {
            left = left.saturating_sub(taken.tokens);
            asked <= limit.saturating_sub(left)
        });
        let wait = freeing.map(|taken| until(taken.at, MINUTE, now));
        Some(TooFast { measure: Measure::TokensPerMinute, limit, used, asked, wait })
    }
}

/// How long a study takes at a limit: whichever of its calls and its tokens is slowest. What a day
/// allows can go at its beginning, so a study that fits into one day does not wait for its end.
/// `None` where nothing limits it, or where it can never be made.
pub fn time_for(limit: &RateLimit, size: StudySize) -> Option<SignedDuration> {
    let at = |amount: u64, per: Option<u64>, window: SignedDuration| {
        let window = u128::try_from(window.as_secs()).ok()?;
        let seconds = u128::from(amount).saturating_mul(window);
        let seconds = seconds.checked_next_multiple_of(u128::from(per?))? / u128::from(per?);
        Some(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
    };
    let days = limit.requests_per_day.and_then(|per| {
        let days = size.calls.saturating_sub(1).checked_div(per)?;
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        Some(SignedDuration::from_secs(DAY.as_secs().saturating_mul(days)))
    });
    let slowest = [
        at(size.calls, limit.requests_per_minute, MINUTE),
        days,
        at(size.tokens, limit.tokens_per_minute, MINUTE),
    ];
    slowest.into_iter().flatten().max()
}

fn is_over(at: Timestamp, window: SignedDuration, now: Timestamp) -> bool {
    window <= now.duration_since(at)
}

fn until(at: Timestamp, window: SignedDuration, now: Timestamp) -> SignedDuration {
    window.saturating_sub(now.duration_since(at))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
