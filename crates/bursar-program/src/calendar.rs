//! When a program's rounds collect and review, when credit arrives, and when it ends.
//!
//! All spans are half-open and begin and end in the program's zone: the instant at which a review
//! begins belongs to the next round already.

use bursar_kernel::program::{
    Cadence, Call, DecisionDays, Every, LeadTime, ReviewCalendar, Term, TermLength, TermStart,
};
use bursar_kernel::{Program, RoundId, Timestamp};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

/// One review cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Its name: the month in which its review begins, `2026-12`; of a rolling review the day, and
    /// of a call its last day, `2026-12-14`.
    pub id: RoundId,
    /// Applications submitted from this instant on belong to it ...
    pub collects_from: Timestamp,
    /// ... and until this one, at which its review begins.
    pub review_begins: Timestamp,
    /// Its decisions may be released from this instant on: at the end of the review, but of a
    /// rolling one when the first can be there.
    pub decided_from: Timestamp,
    /// When its review is over. Where nobody says, it is when it begins.
    pub review_ends: Timestamp,
}

impl Round {
    /// Whether an application is taken at an instant.
    pub fn collects(&self, at: Timestamp) -> bool {
        self.collects_from <= at && at < self.review_begins
    }
}

/// A span of time, half-open.
pub type Between = (Timestamp, Timestamp);

/// What an application sent in time for a round can expect. What nobody says is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The round; submit before its review begins.
    pub round: Round,
    /// A week before that: early enough for what goes wrong on a last day.
    pub advised_by: Timestamp,
    /// Decisions are released at the earliest and, if all goes as it is said, at the latest.
    pub decision: Option<Between>,
    /// Credit arrives at the earliest and at the latest.
    pub credit: Option<Between>,
    /// Credit expires: what arrives at the earliest, and what arrives at the latest.
    pub expires: Option<Between>,
}

/// Rounds that a plan looks ahead for: ten years of a review each month, and longer than a rolling
/// review takes.
const ROUNDS_AHEAD_MAX: usize = 520;

/// What an application submitted at an instant can expect, if there is a round to come.
pub fn plan(program: &Program, submitted_at: Timestamp) -> Option<Plan> {
    round_for(program, submitted_at).map(|round| plan_of(program, round))
}

/// What an application in a round can expect.
pub fn plan_of(program: &Program, round: Round) -> Plan {
    let zone = &program.review.zone;
    let decision = is_decided(&program.review.cadence, &round)
        .then_some((round.decided_from, round.review_ends));
    let lead = program.delivery;
    let credit = decision.zip(lead).map(|((from, to), lead)| {
        (later(zone, from, i64::from(lead.days_min).days()), {
            later(zone, to, i64::from(lead.days_max).days())
        })
    });
    let expires = decision.zip(credit).zip(program.term).map(|((decided, arrives), term)| {
        (expiry_of(term, zone, decided.0, arrives.0), expiry_of(term, zone, decided.1, arrives.1))
    });
    Plan {
        advised_by: later(zone, round.review_begins, (-7).days()),
        decision,
        credit,
        expires,
        round,
    }
}

/// The latest round whose credit is there by an instant, if an application sent from now on can
/// be part of one.
pub fn plan_for_credit_by(program: &Program, now: Timestamp, by: Timestamp) -> Option<Plan> {
    let rounds = next_rounds(program, now, ROUNDS_AHEAD_MAX).into_iter();
    let plans = rounds.map(|round| plan_of(program, round));
    plans.take_while(|plan| plan.credit.is_some_and(|(_, latest)| latest <= by)).last()
}

/// The round that an application submitted at an instant would be part of: the first whose review
/// begins later. It may not collect yet. `None` after the last call, and where nobody says when.
pub fn round_for(program: &Program, submitted_at: Timestamp) -> Option<Round> {
    let review = &program.review;
    let at = submitted_at.to_zoned(review.zone.clone());
    let near = match &review.cadence {
        Cadence::Months(_) | Cadence::MonthlyOn { .. } => {
            let year = at.year();
            (year..=year.saturating_add(2)).flat_map(|year| rounds_of_year(review, year)).collect()
        }
        Cadence::Rolling { every, decided } => {
            let begins = first_after(*every, at.date());
            vec![rolling(review, *every, *decided, begins)]
        }
        Cadence::Calls(calls) => calls_of(review, calls),
        Cadence::Unsaid => Vec::new(),
    };
    near.into_iter().find(|round| submitted_at < round.review_begins)
}

/// The round that an application submitted now belongs to, and those after it: `count` at most.
pub fn next_rounds(program: &Program, now: Timestamp, count: usize) -> Vec<Round> {
    std::iter::successors(round_for(program, now), |round| round_for(program, round.review_begins))
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

/// The rounds that are in review, the oldest first: of a rolling review there are many.
pub fn in_review(program: &Program, now: Timestamp) -> Vec<Round> {
    let review = &program.review;
    let today = now.to_zoned(review.zone.clone()).date();
    let near = match &review.cadence {
        Cadence::Months(_) | Cadence::MonthlyOn { .. } => {
            // A review may last into the next year.
            let years = today.year().saturating_sub(1)..=today.year();
            years.flat_map(|year| rounds_of_year(review, year)).collect()
        }
        Cadence::Rolling { decided: None, .. } | Cadence::Unsaid => Vec::new(),
        Cadence::Rolling { every, decided: decided @ Some(days) } => {
            let mut rounds = Vec::new();
            let mut begins = today.saturating_sub(i64::from(days.max.saturating_add(7)).days());
            while begins <= today {
                begins = first_after(*every, begins);
                rounds.push(rolling(review, *every, *decided, begins));
            }
            rounds
        }
        Cadence::Calls(calls) => calls_of(review, calls),
    };
    near.into_iter().filter(|round| round.review_begins <= now && now < round.review_ends).collect()
}

/// The round of that name, if the program has such a round.
pub fn parse_round(program: &Program, id: &RoundId) -> Option<Round> {
    let review = &program.review;
    let rounds = match &review.cadence {
        Cadence::Months(_) | Cadence::MonthlyOn { .. } => {
            rounds_of_year(review, year_and_month(id.as_str())?.0)
        }
        Cadence::Rolling { every, decided } => {
            let begins: Date =
                id.as_str().parse().ok().filter(|day: &Date| is_known(day.year()))?;
            let before = begins.yesterday().ok()?;
            vec![rolling(review, *every, *decided, first_after(*every, before))]
        }
        Cadence::Calls(calls) => calls_of(review, calls),
        Cadence::Unsaid => Vec::new(),
    };
    rounds.into_iter().find(|round| round.id == *id)
}

/// When the reviews of a round are due: as the program's panel has it, or when the review is over.
pub fn reviews_due(program: &Program, round: &Round) -> Timestamp {
    let days = program.panel.as_ref().and_then(|panel| panel.due_days);
    days.map_or(round.review_ends, |days| {
        days_into_review(program, round, days).min(round.review_ends)
    })
}

/// The instant so many days into a round's review, at the hour at which it begins.
pub(crate) fn days_into_review(program: &Program, round: &Round, days: u32) -> Timestamp {
    later(&program.review.zone, round.review_begins, i64::from(days).days())
}

/// What a round is called on a page: `December 2026`; of a rolling review `week to 6 December
/// 2026`, and of a call its last day.
pub fn name(program: &Program, round: &Round) -> String {
    let begins = round.review_begins.to_zoned(program.review.zone.clone()).date();
    let last = begins.yesterday().unwrap_or(begins).strftime("%-d %B %Y");
    match &program.review.cadence {
        Cadence::Rolling { every: Every::Week, .. } => format!("week to {last}"),
        Cadence::Rolling { every: Every::Day, .. } | Cadence::Calls(_) => last.to_string(),
        Cadence::Months(_) | Cadence::MonthlyOn { .. } | Cadence::Unsaid => {
            begins.strftime("%B %Y").to_string()
        }
    }
}

/// When credit arrives after a decision: at the earliest and at the latest. Where nobody says, at
/// once.
pub fn delivery_window(program: &Program, decided_at: Timestamp) -> Between {
    let zone = &program.review.zone;
    let lead = program.delivery.unwrap_or(LeadTime { days_min: 0, days_max: 0 });
    let after = |days: u32| later(zone, decided_at, i64::from(days).days());
    (after(lead.days_min), after(lead.days_max))
}

/// The end of the day that is so many days after an instant, on the program's clocks.
pub fn end_of_day_after(program: &Program, at: Timestamp, days: u32) -> Timestamp {
    let zone = &program.review.zone;
    let day = later(zone, at, i64::from(days).days()).to_zoned(zone.clone()).date();
    midnight(zone, day.tomorrow().unwrap_or(day))
}

/// When credit ends that was awarded and delivered at two instants: the same time of the same day
/// of the month, the program's term later. A day that month does not have becomes its last:
/// 29 February ends on 28 February. Where nobody says how long it lives, it is not there at all.
pub fn expiry(program: &Program, decided_at: Timestamp, delivered_at: Timestamp) -> Timestamp {
    let zone = &program.review.zone;
    program.term.map_or(delivered_at, |term| expiry_of(term, zone, decided_at, delivered_at))
}

fn expiry_of(term: Term, zone: &TimeZone, decided: Timestamp, delivered: Timestamp) -> Timestamp {
    let from = match term.from {
        TermStart::Delivery => delivered,
        TermStart::Decision => decided,
    };
    match term.length {
        TermLength::Months(months) => later(zone, from, i64::from(months).months()),
        TermLength::Days(days) => later(zone, from, i64::from(days).days()),
        TermLength::Until(day) => midnight(zone, day.tomorrow().unwrap_or(day)),
    }
}

/// Whether a round's decisions have a time.
fn is_decided(cadence: &Cadence, round: &Round) -> bool {
    match cadence {
        Cadence::Months(_) | Cadence::MonthlyOn { .. } => true,
        Cadence::Rolling { decided, .. } => decided.is_some(),
        Cadence::Calls(_) => round.review_begins < round.review_ends,
        Cadence::Unsaid => false,
    }
}

/// The rounds whose review begins in a year, in order.
fn rounds_of_year(calendar: &ReviewCalendar, year: i16) -> Vec<Round> {
    let months: Vec<i8> = match &calendar.cadence {
        Cadence::Months(months) => months.clone(),
        Cadence::MonthlyOn { .. } => (1..=12).collect(),
        Cadence::Rolling { .. } | Cadence::Calls(_) | Cadence::Unsaid => Vec::new(),
    };
    let before = months.last().map(|month| (year.saturating_sub(1), *month));
    let mut previous = before.map(|(year, month)| review_of(calendar, year, month).0);
    let mut rounds = Vec::with_capacity(months.len());
    for month in months {
        let (begins, ends) = review_of(calendar, year, month);
        let review_begins = midnight(&calendar.zone, begins);
        let review_ends = midnight(&calendar.zone, ends);
        let from = previous.unwrap_or(begins);
        let opens = calendar
            .collects_days
            .map_or(from, |days| begins.saturating_sub(i64::from(days).days()).max(from));
        rounds.push(Round {
            id: RoundId::new(format!("{year:04}-{month:02}")),
            collects_from: midnight(&calendar.zone, opens),
            review_begins,
            decided_from: review_ends,
            review_ends,
        });
        previous = Some(begins);
    }
    rounds
}

/// The days on which the review of a month begins and on which it is over.
fn review_of(calendar: &ReviewCalendar, year: i16, month: i8) -> (Date, Date) {
    let first = Date::new(year, month, 1);
    let (begins, length) = match calendar.cadence {
        Cadence::MonthlyOn { week, weekday, days } => {
            (first.and_then(|first| first.nth_weekday_of_month(week, weekday)), days.days())
        }
        Cadence::Months(_) | Cadence::Rolling { .. } | Cadence::Calls(_) | Cadence::Unsaid => {
            (first, 1.month())
        }
    };
    let span = begins.and_then(|begins| Ok((begins, begins.checked_add(length)?)));
    span.expect("a calendar is asked for years from 1 to 9998 only")
}

/// The first day after another on which a round of a rolling review begins to be reviewed.
fn first_after(every: Every, day: Date) -> Date {
    let next = match every {
        Every::Day => day.tomorrow(),
        Every::Week => day.nth_weekday(1, Weekday::Monday),
    };
    next.expect("a calendar is asked for years from 1 to 9998 only")
}

fn rolling(
    calendar: &ReviewCalendar,
    every: Every,
    decided: Option<DecisionDays>,
    begins: Date,
) -> Round {
    let at = |day: Date| midnight(&calendar.zone, day);
    let after = |days: u32| at(begins.saturating_add(i64::from(days).days()));
    let collects = match every {
        Every::Day => 1,
        Every::Week => 7,
    };
    let days = decided.unwrap_or(DecisionDays { min: 0, max: 0 });
    Round {
        id: RoundId::new(begins.to_string()),
        collects_from: at(begins.saturating_sub(collects.days())),
        review_begins: at(begins),
        decided_from: after(days.min),
        review_ends: after(days.max),
    }
}

fn calls_of(calendar: &ReviewCalendar, calls: &[Call]) -> Vec<Round> {
    let at = |day: Date| midnight(&calendar.zone, day);
    let mut from = Timestamp::UNIX_EPOCH;
    let rounds = calls.iter().map(|call| {
        let review_begins = at(call.closes.tomorrow().unwrap_or(call.closes));
        let collects_from = call.opens.map_or(from, at);
        from = review_begins;
        let decided = call.decided_by.map(|day| at(day.tomorrow().unwrap_or(day)));
        let review_ends = decided.unwrap_or(review_begins);
        Round {
            id: RoundId::new(call.closes.to_string()),
            collects_from,
            review_begins,
            decided_from: review_ends,
            review_ends,
        }
    });
    rounds.collect()
}

/// The year and the month of a round's name, `2026-12`.
fn year_and_month(name: &str) -> Option<(i16, i8)> {
    let (year, month) = name.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
        return None;
    }
    let year: i16 = year.parse().ok().filter(|year| is_known(*year))?;
    Some((year, month.parse().ok()?))
}

/// The first and the last years of a calendar have no neighbours to collect from.
fn is_known(year: i16) -> bool {
    (1..9998).contains(&year)
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
