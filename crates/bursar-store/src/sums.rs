//! Proves the sums that an engine keeps: by day of what calls cost and of what charges took, by
//! hour of what calls used.

use std::collections::HashMap;

use bursar_kernel::{GrantId, KeyId, ModelId, Timestamp, Usd};
use bursar_ledger::{Account, Transfer};
use jiff::tz::TimeZone;

use crate::rows::Call;
use crate::usage::{HOUR_MS, UsageOf, Used, Width};

/// The milliseconds of a day: what is kept by day has the number of days since 1970 (UTC).
pub const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What is kept of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySum {
    /// Calls, or charges.
    pub count: u64,
    /// What they came to.
    pub amount: Usd,
    /// When the first was, where that is kept.
    pub first_at: Option<Timestamp>,
    /// When the last was.
    pub last_at: Timestamp,
}

/// Whose calls of a day are summed: a grant's with a key and a model.
pub type SpendOf = (GrantId, KeyId, ModelId, i64);

/// The sums of all calls and charges that went by, which are held against those that are kept: as
/// much memory as those take.
#[derive(Debug, Default)]
pub struct Sums {
    spend: HashMap<SpendOf, DaySum>,
    charged: HashMap<(Account, i64), DaySum>,
    used: HashMap<(GrantId, UsageOf), Used>,
}

impl Sums {
    /// Takes a call in, with the last word on what it cost.
    pub fn call(&mut self, call: &Call, cost: Usd) {
        let day = day_of(call.ended_at);
        let of = (call.grant, call.key, call.model.clone(), day);
        let one = DaySum { count: 1, amount: cost, first_at: None, last_at: call.ended_at };
        self.spend.entry(of).and_modify(|sum| sum.add(&one)).or_insert(one);
        let of = (call.grant, UsageOf::of(call, Width::Hour));
        self.used.entry(of).or_default().add(&Used::one(&call.usage));
    }

    /// Takes a transfer in.
    pub fn transfer(&mut self, transfer: &Transfer) {
        if transfer.kind.is_charge() {
            let (at, amount) = (transfer.at, transfer.amount);
            let one = DaySum { count: 1, amount, first_at: Some(at), last_at: at };
            let of = (transfer.debit.clone(), day_of(at));
            self.charged.entry(of).and_modify(|sum| sum.add(&one)).or_insert(one);
        }
    }

    /// The sums of calls that one reader saw go by, and of charges that another did.
    #[must_use]
    pub fn with_calls(self, of_calls: Self) -> Self {
        Self { spend: of_calls.spend, used: of_calls.used, ..self }
    }

    /// Holds what is kept of some calls against them, and says where it strays.
    pub fn spend(&mut self, of: SpendOf, kept: DaySum) -> Option<String> {
        let counted = self.spend.remove(&of);
        (counted != Some(kept)).then(|| spend_strays(&of, counted, Some(kept)))
    }

    /// Holds what is kept of an account's charges against them, and says where it strays.
    pub fn charged(&mut self, of: (Account, i64), kept: DaySum) -> Option<String> {
        let counted = self.charged.remove(&of);
        (counted != Some(kept)).then(|| charged_strays(&of, counted, Some(kept)))
    }

    /// Holds what is kept of what calls used against them, and says where it strays.
    pub fn used(&mut self, of: (GrantId, UsageOf), kept: Used) -> Option<String> {
        let counted = self.used.remove(&of);
        (counted != Some(kept)).then(|| used_strays(&of, counted, Some(kept)))
    }

    /// What should have been kept and was not.
    pub fn missing(self) -> impl Iterator<Item = String> {
        let spend = self.spend.into_iter().map(|(of, sum)| spend_strays(&of, Some(sum), None));
        let charged = self.charged.into_iter();
        let used = self.used.into_iter();
        spend
            .chain(charged.map(|(of, sum)| charged_strays(&of, Some(sum), None)))
            .chain(used.map(|(of, sum)| used_strays(&of, Some(sum), None)))
    }
}

impl DaySum {
    fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.amount = self.amount.checked_add(other.amount).unwrap_or(Usd::MAX);
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
    }
}

fn day_of(at: Timestamp) -> i64 {
    at.as_millisecond() / DAY_MS
}

fn spend_strays(of: &SpendOf, counted: Option<DaySum>, kept: Option<DaySum>) -> String {
    let (grant, key, model, day) = of;
    format!(
        "{} of grant `{grant}` with key `{key}` and model `{model}` on {}, and what is kept of \
         that day says {}",
        told(counted, "calls"),
        date(*day),
        told(kept, "calls")
    )
}

fn charged_strays(of: &(Account, i64), counted: Option<DaySum>, kept: Option<DaySum>) -> String {
    let (account, day) = of;
    format!(
        "{} from `{account}` on {}, and what is kept of that day says {}",
        told(counted, "charges"),
        date(*day),
        told(kept, "charges")
    )
}

fn used_strays(
    (grant, of): &(GrantId, UsageOf),
    counted: Option<Used>,
    kept: Option<Used>,
) -> String {
    let told = |sum: Option<Used>| {
        let used = |sum: Used| format!("{} calls used {:?}", sum.calls, sum.counts);
        sum.map_or_else(|| "no calls".to_owned(), used)
    };
    format!(
        "{} of grant `{grant}` with key `{}` and model `{}` at `{}` and tier `{}` in hour {} of \
         {}, and what is kept of that hour says {}",
        told(counted),
        of.key,
        of.model,
        of.endpoint.name(),
        of.tier.name(),
        of.at.rem_euclid(DAY_MS).div_euclid(HOUR_MS),
        date(of.at.div_euclid(DAY_MS)),
        told(kept)
    )
}

fn told(sum: Option<DaySum>, what: &str) -> String {
    match sum {
        Some(sum) => {
            format!("{} {what} came to ${} until {}", sum.count, sum.amount, sum.last_at)
        }
        None => format!("no {what}"),
    }
}

fn date(day: i64) -> String {
    match Timestamp::from_millisecond(day.saturating_mul(DAY_MS)) {
        Ok(at) => at.to_zoned(TimeZone::UTC).date().to_string(),
        Err(_) => format!("day {day}"),
    }
}
