//! Where a balance is heading: when it runs out, what will expire unspent, and what waiting costs.
//!
//! Every figure is reckoned from the exact sum of the window and rounded once, in the direction
//! that promises less: what will be spent is rounded down and so what will be lost up, what
//! somebody has to spend up, what credit could bring down, what waiting costs up.

use bursar_kernel::{BasisPoints, Timestamp, Usd};

/// Whole days that a forecast looks back on at the most: four weeks, each with its weekend.
pub const FORECAST_DAYS_MAX: usize = 28;
const WEEK: usize = 7;
const DAY_MS: i128 = 86_400_000;

/// What a forecast is made from.
#[derive(Clone, Copy, Debug)]
pub struct Outlook<'d> {
    /// What can be spent now.
    pub available: Usd,
    /// The present.
    pub now: Timestamp,
    /// Nothing can be spent at this instant or after it.
    pub expires_at: Timestamp,
    /// What was spent on each whole day before the present one, oldest first and none left out;
    /// of more than [`FORECAST_DAYS_MAX`] the latest count, and of two weeks or more whole weeks.
    pub days: &'d [Usd],
    /// How the credit may be passed on.
    pub way: Way,
}

/// The lawful way of passing credit on, and what it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// None: waiting costs nothing that could still be had.
    Nobody,
    /// Back to where it came from, which can award its face to somebody else.
    Pool,
    /// The market, at the best price that a buyer would pay now, as a share of face value. It
    /// falls in a line to nothing at the expiry.
    Market(BasisPoints),
}

/// Where a balance is heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// What can be spent now.
    pub available: Usd,
    /// The instant that the forecast was made at.
    pub now: Timestamp,
    /// The instant that it reaches to.
    pub expires_at: Timestamp,
    /// How many whole days it looked back on.
    pub days: usize,
    /// What comes of the pace of those days; `None` where nothing was spent on any of them, for
    /// then there is no pace to go by, and nobody guesses one.
    pub course: Option<Course>,
    /// What comes of the slowest and of the fastest week of those days, of two weeks or more.
    pub band: Option<Band>,
    /// What has to be spent a day to use it all, rounded up; all of it where less than a day is
    /// left.
    pub pace_to_use_all: Usd,
    /// What will expire unspent at the pace of those days; all of it while there is no pace.
    pub at_stake: Usd,
    /// What of that could still be had.
    pub waiting: Waiting,
}

/// The slowest and the fastest week, each gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// What comes of the slowest.
    pub slow: Course,
    /// What comes of the fastest.
    pub fast: Course,
}

/// What passing the unused rest on could bring, and what each day of waiting takes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Waiting {
    /// What it could bring now, rounded down.
    pub brings: Usd,
    /// What a day of waiting costs, rounded up; never more than it could bring.
    pub per_day: Usd,
}

/// What comes of a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// What is spent a day, rounded down.
    pub per_day: Usd,
    /// When all of it is spent, if that is before the expiry.
    pub runs_out_at: Option<Timestamp>,
    /// What is spent by the expiry. With `lost` it makes what is available now.
    pub spent: Usd,
    /// What expires unspent.
    pub lost: Usd,
    available: Usd,
    now: Timestamp,
    pace: Pace,
}

/// So many nano-dollars in so many days: exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    nanos: i128,
    days: i128,
}

/// Where a balance is heading; `None` where nothing can be spent any more.
pub fn forecast(outlook: &Outlook<'_>) -> Option<Forecast> {
    let Outlook { available, now, expires_at, days, way } = *outlook;
    let left_ms = millis_between(now, expires_at);
    if left_ms <= 0 || !available.is_positive() {
        return None;
    }
    let window = window(days);
    let pace = Pace::of(window).filter(|pace| 0 < pace.nanos);
    let course = pace.map(|pace| Course::of(pace, available, now, left_ms));
    let at_stake = course.map_or(available, |course| course.lost);
    Some(Forecast {
        available,
        now,
        expires_at,
        days: window.len(),
        course,
        band: course.and_then(|_| band(window, available, now, left_ms)),
        pace_to_use_all: a_day_of(available, left_ms),
        at_stake,
        waiting: waiting(at_stake, way, left_ms),
    })
}

impl Course {
    /// What is left at an instant, rounded up: all of it now or before.
    pub fn left_at(&self, at: Timestamp) -> Usd {
        let spent = self.pace.spends(self.available, millis_between(self.now, at).max(0));
        self.available.checked_sub(spent).unwrap_or(Usd::ZERO)
    }

    fn of(pace: Pace, available: Usd, now: Timestamp, left_ms: i128) -> Self {
        let spent = pace.spends(available, left_ms);
        Self {
            per_day: usd(pace.nanos / pace.days),
            runs_out_at: pace.runs_out_ms(available).filter(|ms| *ms < left_ms).and_then(|ms| {
                let at = i128::from(now.as_millisecond()) + ms;
                i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok())
            }),
            spent,
            // What is spent is never more than what is available.
            lost: available.checked_sub(spent).unwrap_or(Usd::ZERO),
            available,
            now,
            pace,
        }
    }
}

impl Pace {
    fn of(days: &[Usd]) -> Option<Self> {
        let nanos = days.iter().map(|day| i128::from(day.nanos()).max(0)).sum();
        let days = i128::try_from(days.len()).ok().filter(|days| 0 < *days)?;
        Some(Self { nanos, days })
    }

    /// What is spent of an amount in so many milliseconds, rounded down. At most 28 days of 2⁶³
    /// times a span of instants, which is below 2⁴⁹: the product fits 128 bits.
    fn spends(self, available: Usd, ms: i128) -> Usd {
        usd(self.nanos * ms / (self.days * DAY_MS)).min(available)
    }

    /// After how many milliseconds all of an amount is spent, rounded up.
    fn runs_out_ms(self, available: Usd) -> Option<i128> {
        let whole = i128::from(available.nanos()) * self.days * DAY_MS;
        if self.nanos <= 0 { None } else { Some(ceil(whole, self.nanos)) }
    }
}

/// The latest days that count.
fn window(days: &[Usd]) -> &[Usd] {
    let most = days.len().min(FORECAST_DAYS_MAX);
    let count = if most < 2 * WEEK { most } else { most - most % WEEK };
    &days[days.len() - count..]
}

/// What comes of the slowest and the fastest week. The window is whole weeks then, so that its own
/// pace lies between theirs.
fn band(window: &[Usd], available: Usd, now: Timestamp, left_ms: i128) -> Option<Band> {
    if window.len() < 2 * WEEK {
        return None;
    }
    let weeks = || window.chunks(WEEK).filter_map(Pace::of);
    let slow = weeks().min_by_key(|pace| pace.nanos)?;
    let fast = weeks().max_by_key(|pace| pace.nanos)?;
    let course = |pace| Course::of(pace, available, now, left_ms);
    Some(Band { slow: course(slow), fast: course(fast) })
}

fn waiting(at_stake: Usd, way: Way, left_ms: i128) -> Waiting {
    let brings = match way {
        Way::Nobody => Usd::ZERO,
        Way::Pool => at_stake,
        Way::Market(price) => price.of(at_stake),
    };
    Waiting { brings, per_day: a_day_of(brings, left_ms) }
}

/// A day's part of an amount that goes evenly over a span, rounded up; all of it in a shorter one.
fn a_day_of(amount: Usd, span_ms: i128) -> Usd {
    usd(ceil(i128::from(amount.nanos()) * DAY_MS, span_ms.max(1))).min(amount)
}

/// A quotient of two whole numbers that are not negative, rounded up.
const fn ceil(dividend: i128, divisor: i128) -> i128 {
    dividend / divisor + (dividend % divisor).signum()
}

fn usd(nanos: i128) -> Usd {
    i64::try_from(nanos).map_or(Usd::MAX, Usd::from_nanos)
}

fn millis_between(from: Timestamp, to: Timestamp) -> i128 {
    i128::from(to.as_millisecond()) - i128::from(from.as_millisecond())
}

#[cfg(test)]
mod tests;
