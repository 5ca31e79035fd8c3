//! Where a grant stands, and what its holder has to be told of it, once each.

use bursar_kernel::{Timestamp, Usd};

const DAY_MS: i64 = 86_400_000;
/// Less than a cent buys next to nothing: credit counts as used up below it.
const NOTHING_LEFT_BELOW: Usd = Usd::from_nanos(10_000_000);
/// The least that a letter about an expiry is written for.
const WORTH_A_LETTER: Usd = Usd::from_nanos(1_000_000_000);
/// From how many percent spent on credit runs low.
const LOW_PERCENT: i128 = 80;
/// So many days before its expiry credit is near it.
const NEAR_DAYS: i64 = 30;

/// A grant's life and money, as far as notices go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Spendable from this instant on.
    pub delivered_at: Timestamp,
    /// Spendable before this instant.
    pub expires_at: Timestamp,
    /// What it was worth.
    pub face: Usd,
    /// What can be spent now.
    pub available: Usd,
    /// What calls in flight have set aside.
    pub held: Usd,
    /// What its holder sold or handed back.
    pub passed_on: Usd,
    /// Whether credit was last passed on rather than spent.
    pub ended_by_passing_on: bool,
}

/// Where a grant's credit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CreditState {
    /// Nothing to warn of.
    Healthy,
    /// Four fifths of it are spent.
    Low,
    /// Its expiry is near, and there is something left.
    NearExpiry,
    /// It is spent.
    UsedUp,
    /// What was left of it was sold or handed back.
    PassedOn,
    /// It has expired.
    Expired,
}

impl CreditState {
    /// Its name in JSON: `near_expiry`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Low => "low",
            Self::NearExpiry => "near_expiry",
            Self::UsedUp => "used_up",
            Self::PassedOn => "passed_on",
            Self::Expired => "expired",
        }
    }
}

/// Something that a holder is told once in a grant's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Milestone {
    /// 90 days to the expiry.
    Days90,
    /// 30 days to the expiry.
    Days30,
    /// 7 days to the expiry.
    Days7,
    /// The last day.
    Days1,
    /// Four fifths are spent.
    Used80,
    /// All of it is spent.
    Used100,
}

impl Milestone {
    /// Those that time brings, the earliest first.
    pub const OF_TIME: [Self; 4] = [Self::Days90, Self::Days30, Self::Days7, Self::Days1];
    /// Those that spending brings, the earliest first.
    pub const OF_USE: [Self; 2] = [Self::Used80, Self::Used100];

    /// Its name in columns: `days_90`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Days90 => "days_90",
            Self::Days30 => "days_30",
            Self::Days7 => "days_7",
            Self::Days1 => "days_1",
            Self::Used80 => "used_80",
            Self::Used100 => "used_100",
        }
    }

    /// The milestone of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::OF_TIME.into_iter().chain(Self::OF_USE);
        all.find(|milestone| milestone.name() == name)
    }

    /// How many days before the expiry, if time brings it.
    const fn days(self) -> Option<i64> {
        match self {
            Self::Days90 => Some(90),
            Self::Days30 => Some(30),
            Self::Days7 => Some(7),
            Self::Days1 => Some(1),
            Self::Used80 | Self::Used100 => None,
        }
    }

    /// When time brings it, in days of 24 hours before the expiry; never before the credit came.
    fn comes_at(self, life: &Life) -> Option<Timestamp> {
        let ms = life.expires_at.as_millisecond().checked_sub(self.days()? * DAY_MS)?;
        let at = Timestamp::from_millisecond(ms).ok()?;
        (life.delivered_at < at).then_some(at)
    }
}

impl Life {
    /// Where the credit stands.
    pub fn credit_state(&self, now: Timestamp) -> CreditState {
        let near_ms = self.expires_at.as_millisecond().saturating_sub(NEAR_DAYS * DAY_MS);
        if self.expires_at <= now {
            CreditState::Expired
        } else if self.is_used_up() {
            if self.ended_by_passing_on { CreditState::PassedOn } else { CreditState::UsedUp }
        } else if near_ms <= now.as_millisecond() {
            CreditState::NearExpiry
        } else if self.is_low() {
            CreditState::Low
        } else {
            CreditState::Healthy
        }
    }

    /// What its holder has to be told now and has not been: of what time brings and of what
    /// spending brings each the newest that is still true, whatever was missed before it.
    pub fn due(&self, told: &[Milestone], now: Timestamp) -> Vec<Milestone> {
        if self.expires_at <= now || now < self.delivered_at {
            return Vec::new();
        }
        let newest = |all: &[Milestone], is_true: &dyn Fn(Milestone) -> bool| {
            let at = all.iter().rposition(|milestone| is_true(*milestone))?;
            // What was told later says it already.
            let is_told = all[at..].iter().any(|milestone| told.contains(milestone));
            (!is_told).then_some(all[at])
        };
        let has_come = |milestone: Milestone| milestone.comes_at(self).is_some_and(|at| at <= now);
        let is_used = |milestone: Milestone| match milestone {
            Milestone::Used100 => self.is_used_up(),
            Milestone::Used80 => self.is_low(),
            Milestone::Days90 | Milestone::Days30 | Milestone::Days7 | Milestone::Days1 => false,
        };
        let of_time = newest(&Milestone::OF_TIME, &has_come);
        let of_time = of_time.filter(|_| WORTH_A_LETTER <= self.available);
        let of_use = newest(&Milestone::OF_USE, &is_used).filter(|_| !self.ended_by_passing_on);
        of_time.into_iter().chain(of_use).collect()
    }

    /// The next instant after the present one at which time brings a milestone.
    pub fn next_milestone(&self, now: Timestamp) -> Option<Timestamp> {
        let coming = Milestone::OF_TIME.iter().filter_map(|milestone| milestone.comes_at(self));
        coming.filter(|at| now < *at).min()
    }

    /// What of it was not passed on.
    fn kept(&self) -> i128 {
        i128::from(self.face.nanos()) - i128::from(self.passed_on.nanos())
    }

    /// What of it is neither spent nor set aside for good.
    fn left(&self) -> i128 {
        i128::from(self.available.nanos()) + i128::from(self.held.nanos())
    }

    fn is_used_up(&self) -> bool {
        self.left() < i128::from(NOTHING_LEFT_BELOW.nanos())
    }

    /// Whether four fifths of what was kept are spent. Credit in flight is not spent.
    fn is_low(&self) -> bool {
        let (kept, spent) = (self.kept(), self.kept() - self.left());
        0 < kept && kept * LOW_PERCENT <= spent * 100
    }
}

#[cfg(test)]
mod tests;
