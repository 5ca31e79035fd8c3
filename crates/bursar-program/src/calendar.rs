//! When a program's rounds collect and review, when credit arrives, and when it ends.
//!
//! All spans are half-open and begin and end in the program's zone: the instant at which a review
//! begins belongs to the next round already.

use bursar_kernel::program::{Cadence, ReviewCalendar};
use bursar_kernel::{Program, RoundId, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

/// One review cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Its name, the month in which its review begins: `2026-12`.
    pub id: RoundId,
    /// Applications submitted from this instant on belong to it ...
    pub collects_from: Timestamp,
    /// ... and until this one, at which its review begins.
    pub review_begins: Timestamp,
    /// When its review is over.
    pub review_ends: Timestamp,
}

/// What an application sent in time for a round can expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The round; submit before its review begins.
    pub round: Round,
    /// A week before that: early enough for what goes wrong on a last day.
    pub advised_by: Timestamp,
    /// Decisions are released from this instant on.
    pub decision_from: Timestamp,
    /// Credit arrives at the earliest ...
    pub credit_from: Timestamp,
    /// ... and at the latest, if the decision is released at once.
    pub credit_to: Timestamp,
    /// Credit that arrives at the earliest expires then ...
    pub expires_from: Timestamp,
    /// ... and credit that arrives at the latest, then.
    pub expires_to: Timestamp,
}

/// Rounds that a plan looks ahead for: ten years of a review each month.
const ROUNDS_AHEAD_MAX: usize = 120;

/// What an application submitted at an instant can expect.
pub fn plan(program: &Program, submitted_at: Timestamp) -> Plan {
    plan_of(program, round_for(program, submitted_at))
}

/// What an application in a round can expect.
pub fn plan_of(program: &Program, round: Round) -> Plan {
    let zone = &program.review.zone;
    let (credit_from, credit_to) = delivery_window(program, round.review_ends);
    Plan {
        advised_by: later(zone, round.review_begins, (-7).days()),
        decision_from: round.review_ends,
        expires_from: expiry(program, credit_from),
        expires_to: expiry(program, credit_to),
        credit_from,
        credit_to,
        round,
    }
}

/// The latest round whose credit is there by an instant, if an application sent from now on can
/// be part of one.
pub fn plan_for_credit_by(program: &Program, now: Timestamp, by: Timestamp) -> Option<Plan> {
    let rounds = next_rounds(program, now, ROUNDS_AHEAD_MAX).into_iter();
    let plans = rounds.map(|round| plan_of(program, round));
    plans.take_while(|plan| plan.credit_to <= by).last()
}

/// The round that an application submitted at an instant belongs to.
pub fn round_for(program: &Program, submitted_at: Timestamp) -> Round {
    let zone = &program.review.zone;
    let year = submitted_at.to_zoned(zone.clone()).year();
    let round = (year..=year.saturating_add(2))
        .flat_map(|year| rounds_of(&program.review, year))
        .find(|round| submitted_at < round.review_begins);
    round.expect("two years hold a review, since a calendar has at least one")
}

/// The round that an application submitted now belongs to, and those after it: `count` in all.
pub fn next_rounds(program: &Program, now: Timestamp, count: usize) -> Vec<Round> {
    std::iter::successors(Some(round_for(program, now)), |round| {
        Some(round_for(program, round.review_begins))
    })
    .take(count)
    .collect()
}

/// What applications can expect in each round whose review begins within so many months from now.
pub fn months_ahead(program: &Program, now: Timestamp, months: u32) -> Vec<Plan> {
    let until = later(&program.review.zone, now, i64::from(months).months());
    let rounds = next_rounds(program, now, ROUNDS_AHEAD_MAX).into_iter();
    let ahead = rounds.take_while(|round| round.review_begins <= until);
    ahead.map(|round| plan_of(program, round)).collect()
}

/// The round that is in review.
pub fn round_in_review(program: &Program, now: Timestamp) -> Option<Round> {
    let year = now.to_zoned(program.review.zone.clone()).year();
    // A review may last into the next year.
    (year.saturating_sub(1)..=year)
        .flat_map(|year| rounds_of(&program.review, year))
        .find(|round| round.review_begins <= now && now < round.review_ends)
}

/// The round of that name, if the program has such a round.
pub fn parse_round(program: &Program, id: &RoundId) -> Option<Round> {
    let (year, month) = id.as_str().split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
        return None;
    }
    // The first and the last years of a calendar have no neighbours to collect from.
    let year: i16 = year.parse().ok().filter(|year| (1..9998).contains(year))?;
    rounds_of(&program.review, year).into_iter().find(|round| round.id == *id)
}

/// When credit arrives after a decision: at the earliest and at the latest.
pub fn delivery_window(program: &Program, decided_at: Timestamp) -> (Timestamp, Timestamp) {
    let zone = &program.review.zone;
    let after = |days: u32| later(zone, decided_at, i64::from(days).days());
    (after(program.delivery.days_min), after(program.delivery.days_max))
}

/// When credit ends that was delivered at an instant: the same time of the same day of the month,
/// the program's term later. A day that month does not have becomes its last: 29 February ends
/// on 28 February.
pub fn expiry(program: &Program, delivered_at: Timestamp) -> Timestamp {
    later(&program.review.zone, delivered_at, i64::from(program.term.months).months())
}

/// The rounds whose review begins in a year, in order.
fn rounds_of(calendar: &ReviewCalendar, year: i16) -> Vec<Round> {
    let months = calendar.months();
    let before = months.last().map(|month| (year.saturating_sub(1), *month));
    let mut collects_from = before.map(|(year, month)| review_of(calendar, year, month).0);
    let mut rounds = Vec::with_capacity(months.len());
    for month in months {
        let (review_begins, review_ends) = review_of(calendar, year, month);
        rounds.push(Round {
            id: RoundId::new(format!("{year:04}-{month:02}")),
            collects_from: collects_from.unwrap_or(review_begins),
            review_begins,
            review_ends,
        });
        collects_from = Some(review_begins);
    }
    rounds
}

/// When the review of a month begins and ends.
fn review_of(calendar: &ReviewCalendar, year: i16, month: i8) -> (Timestamp, Timestamp) {
    let first = Date::new(year, month, 1);
    let begins = first.and_then(|first| match calendar.cadence {
        Cadence::Months(_) => Ok(first),
        Cadence::MonthlyOn { week, weekday, .. } => first.nth_weekday_of_month(week, weekday),
    });
    let length = match calendar.cadence {
        Cadence::Months(_) => 1.month(),
        Cadence::MonthlyOn { days, .. } => days.days(),
    };
    let span = begins.and_then(|begins| Ok((begins, begins.checked_add(length)?)));
    let (begins, ends) = span.expect("a calendar is asked for years from 1 to 9998 only");
    (midnight(&calendar.zone, begins), midnight(&calendar.zone, ends))
}

/// The first instant of a day, which in some zones is not midnight.
fn midnight(zone: &TimeZone, day: Date) -> Timestamp {
    day.to_zoned(zone.clone())
        .and_then(|midnight| midnight.start_of_day())
        .expect("a calendar is asked for years from 1 to 9998 only")
        .timestamp()
}

/// Calendar time later, on the zone's own clocks.
fn later(zone: &TimeZone, at: Timestamp, span: Span) -> Timestamp {
    at.to_zoned(zone.clone())
        .checked_add(span)
        .expect("a term of at most 120 months ends before the year 9999")
        .timestamp()
}
