//! Rate limits: which tier a holder has, whether a call may go now, and how long a study takes.
//!
//! The windows slide: a request counts for a minute (and for a day, and up to a quarter of an hour
//! longer) after it was let through, so that no minute, wherever it begins, ever holds more than
//! the limit. A bucket that refills would let through twice as many around an idle moment.

mod lend;
mod measure;
mod pace;

use bursar_kernel::{RateLimit, StudySize, Tier, TierId, TierNeeds, Tiers};
use jiff::SignedDuration;

pub use lend::{Borrower, Lent, Line, RateAsk, Share, lend};
pub use measure::{Left, Measure, RateOf, Room, Size, TooFast};
pub use pace::{Hindrance, Pace, Slot};

use measure::{DAY, MINUTE};

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
    let days = |amount: u64, per: Option<u64>| {
        let days = amount.saturating_sub(1).checked_div(per?)?;
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        Some(SignedDuration::from_secs(DAY.as_secs().saturating_mul(days)))
    };
    let slowest = [
        at(size.calls, limit.requests_per_minute, MINUTE),
        days(size.calls, limit.requests_per_day),
        at(size.tokens, limit.tokens_per_minute, MINUTE),
        days(size.tokens, limit.tokens_per_day),
    ];
    slowest.into_iter().flatten().max()
}

#[cfg(test)]
mod tests;
