//! Rounds, deliveries and ends, in plain zones and in those that change their clocks.

use bursar_kernel::program::{Cadence, Call, DecisionDays, Every, Term, TermLength, TermStart};
use bursar_kernel::{Program, RoundId, Timestamp};
use jiff::ToSpan;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::openai;
use crate::calendar::*;

const ZONES: [&str; 7] = [
    "UTC",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
];

fn program_in(zone: &str) -> Program {
    let mut program = openai();
    program.review.zone = TimeZone::get(zone).unwrap();
    program
}

fn cadences() -> impl Strategy<Value = Cadence> {
    let months = prop::collection::btree_set(1_i8..=12, 1..=12);
    let months = months.prop_map(|months| Cadence::Months(months.into_iter().collect()));
    let weekday = (1_i8..=7).prop_map(|day| Weekday::from_monday_one_offset(day).unwrap());
    let monthly = (1_i8..=4, weekday, 1_i8..=27);
    let monthly =
        monthly.prop_map(|(week, weekday, days)| Cadence::MonthlyOn { week, weekday, days });
    let every = prop_oneof![Just(Every::Day), Just(Every::Week)];
    let rolling = (every, 0_u32..60, 1_u32..60).prop_map(|(every, min, more)| Cadence::Rolling {
        every,
        decided: Some(DecisionDays { min, max: min + more }),
    });
    prop_oneof![months, monthly, rolling]
}

/// The round of a program that always has one.
fn round_at(program: &Program, at: Timestamp) -> Round {
    round_for(program, at).unwrap()
}

/// The one round that is in review, if one is.
fn round_in_review(program: &Program, at: Timestamp) -> Option<Round> {
    let mut rounds = in_review(program, at);
    assert!(rounds.len() < 2, "{rounds:?}");
    rounds.pop()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_application_sent_in_a_review_month_goes_to_the_next() {
    let program = openai();
    for (submitted, round) in [
        ("2026-11-22T10:00:00Z", "2026-12"),
        ("2026-11-30T23:59:59.999Z", "2026-12"),
        ("2026-12-01T00:00:00Z", "2027-03"),
        ("2026-12-31T23:59:59Z", "2027-03"),
        ("2027-02-28T23:59:59Z", "2027-03"),
        ("2027-03-01T00:00:00Z", "2027-06"),
    ] {
        assert_eq!(round_at(&program, at(submitted)).id.as_str(), round, "{submitted}");
    }
}

#[test]
fn months_begin_in_the_programs_zone() {
    let program = program_in("America/New_York");
    let round = round_at(&program, at("2026-12-01T04:59:59Z"));
    assert_eq!(round.id.as_str(), "2026-12");
    assert_eq!(round.collects_from, at("2026-09-01T04:00:00Z"));
    assert_eq!(round.review_begins, at("2026-12-01T05:00:00Z"));
    assert_eq!(round.review_ends, at("2027-01-01T05:00:00Z"));
    assert_eq!(round_at(&program, at("2026-12-01T05:00:00Z")).id.as_str(), "2027-03");
}

#[test]
fn a_program_that_reviews_once_a_year_collects_for_a_year() {
    let mut program = openai();
    program.review.cadence = Cadence::Months(vec![2]);
    let rounds = next_rounds(&program, at("2024-02-10T00:00:00Z"), 3);
    let ids: Vec<_> = rounds.iter().map(|round| round.id.as_str()).collect();
    assert_eq!(ids, ["2025-02", "2026-02", "2027-02"]);
    assert_eq!(rounds[0].collects_from, at("2024-02-01T00:00:00Z"));
    program.review.cadence = Cadence::Months((1..=12).collect());
    assert_eq!(round_at(&program, at("2026-12-15T00:00:00Z")).id.as_str(), "2027-01");
}

#[test]
fn a_program_may_review_from_the_first_monday_of_each_month() {
    let mut program = program_in("America/Los_Angeles");
    let weekday = Weekday::Monday;
    program.review.cadence = Cadence::MonthlyOn { week: 1, weekday, days: 14 };
    assert_eq!(program.review.in_words(), "on the first Monday of each month");
    // The first Monday of December 2026 is the seventh; of February 2027 the first.
    let round = round_at(&program, at("2026-12-07T07:59:59Z"));
    assert_eq!(round.id.as_str(), "2026-12");
    assert_eq!(round.collects_from, at("2026-11-02T08:00:00Z"));
    assert_eq!(round.review_begins, at("2026-12-07T08:00:00Z"));
    assert_eq!(round.review_ends, at("2026-12-21T08:00:00Z"));
    assert_eq!(round_at(&program, at("2026-12-07T08:00:00Z")).id.as_str(), "2027-01");
    assert_eq!(round_at(&program, at("2027-01-31T12:00:00Z")).id.as_str(), "2027-02");
    let in_review = |instant| Some(round_in_review(&program, at(instant))?.id.to_string());
    assert_eq!(in_review("2026-12-20T12:00:00Z").as_deref(), Some("2026-12"));
    assert_eq!(in_review("2026-12-21T12:00:00Z"), None);
    // Begun in December, and over in the next year.
    program.review.cadence = Cadence::MonthlyOn { week: 4, weekday, days: 27 };
    let in_review = round_in_review(&program, at("2027-01-10T12:00:00Z")).unwrap();
    assert_eq!(in_review.id.as_str(), "2026-12");
}

#[test]
fn a_round_has_a_name_and_a_name_has_a_round() {
    let program = openai();
    let round = parse_round(&program, &RoundId::new("2026-12")).unwrap();
    assert_eq!(round, round_at(&program, at("2026-11-22T00:00:00Z")));
    for name in ["2026-11", "2026-13", "2026-12-01", "26-12", "2026-+3", "2026", "0000-12", ""] {
        assert_eq!(parse_round(&program, &RoundId::new(name)), None, "{name}");
    }
}

#[test]
fn a_round_is_in_review_for_its_month() {
    let program = openai();
    let in_review = |now| round_in_review(&program, at(now)).map(|round| round.id.to_string());
    assert_eq!(in_review("2026-11-30T23:59:59Z"), None);
    assert_eq!(in_review("2026-12-01T00:00:00Z").as_deref(), Some("2026-12"));
    assert_eq!(in_review("2026-12-31T23:59:59Z").as_deref(), Some("2026-12"));
    assert_eq!(in_review("2027-01-01T00:00:00Z"), None);
}

#[test]
fn credit_arrives_four_to_six_weeks_after_the_decision() {
    let (earliest, latest) = delivery_window(&openai(), at("2026-12-15T12:00:00Z"));
    assert_eq!((earliest, latest), (at("2027-01-12T12:00:00Z"), at("2027-01-26T12:00:00Z")));
    // The clocks change in between: it is still noon in New York.
    let (earliest, _) =
        delivery_window(&program_in("America/New_York"), at("2027-03-01T17:00:00Z"));
    assert_eq!(earliest, at("2027-03-29T16:00:00Z"));
}

#[test]
fn credit_ends_at_the_same_time_of_the_same_day() {
    for (zone, delivered, ends) in [
        ("UTC", "2027-01-12T12:34:56.789Z", "2028-01-12T12:34:56.789Z"),
        ("UTC", "2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z"),
        ("UTC", "2027-02-28T12:00:00Z", "2028-02-28T12:00:00Z"),
        // In Kiritimati it is the 29th already.
        ("Pacific/Kiritimati", "2028-02-28T12:00:00Z", "2029-02-27T12:00:00Z"),
        // Half past two on the night that the clocks skip that half hour: half past three.
        ("America/New_York", "2027-03-12T07:30:00Z", "2028-03-12T07:30:00Z"),
    ] {
        assert_eq!(
            expiry(&program_in(zone), at(delivered), at(delivered)),
            at(ends),
            "{zone} {delivered}"
        );
    }
}

proptest! {
    #[test]
    fn every_instant_belongs_to_exactly_one_round(
        zone in prop::sample::select(&ZONES[..]),
        cadence in cadences(),
        second in -1_000_000_000_i64..10_000_000_000,
    ) {
        let mut program = program_in(zone);
        program.review.cadence = cadence;
        let submitted = Timestamp::from_second(second).unwrap();
        let round = round_at(&program, submitted);
        prop_assert!(round.collects_from <= submitted && submitted < round.review_begins);
        prop_assert!(round.review_begins < round.review_ends);
        let rounds = next_rounds(&program, submitted, 15);
        prop_assert_eq!(&rounds[0], &round);
        for pair in rounds.windows(2) {
            prop_assert_eq!(pair[0].review_begins, pair[1].collects_from, "no gap, no overlap");
            prop_assert!(pair[0].id < pair[1].id);
        }
        for round in rounds {
            let named = parse_round(&program, &round.id);
            prop_assert_eq!(named.as_ref(), Some(&round));
            let last = round.review_begins - 1.nanosecond();
            prop_assert_eq!(&round_at(&program, last).id, &round.id);
            prop_assert!(in_review(&program, round.review_begins).contains(&round));
        }
    }

    #[test]
    fn later_applications_never_go_to_earlier_rounds(
        zone in prop::sample::select(&ZONES[..]),
        second in 0_i64..5_000_000_000,
        wait in 0_i64..40_000_000,
    ) {
        let program = program_in(zone);
        let later = Timestamp::from_second(second + wait).unwrap();
        let (first, second) = (Timestamp::from_second(second).unwrap(), later);
        prop_assert!(round_at(&program, first).review_begins
            <= round_at(&program, second).review_begins);
        prop_assert!(expiry(&program, first, first) <= expiry(&program, second, second)
            || second.duration_since(first).as_hours() <= 25, "clocks that repeat an hour");
    }

    #[test]
    fn credit_lives_twelve_months_and_never_a_day_longer(
        zone in prop::sample::select(&ZONES[..]),
        second in 0_i64..5_000_000_000,
    ) {
        let program = program_in(zone);
        let delivered = Timestamp::from_second(second).unwrap();
        let ends = expiry(&program, delivered, delivered);
        let here = &program.review.zone;
        let (from, to) = (delivered.to_zoned(here.clone()), ends.to_zoned(here.clone()));
        prop_assert_eq!((to.year(), to.month()), (from.year() + 1, from.month()));
        let leap_day = from.month() == 2 && from.day() == 29;
        prop_assert_eq!(to.day(), if leap_day { 28 } else { from.day() });
        // A skipped hour is the only thing that moves the time of day, forward by that hour.
        prop_assert!(to.time() == from.time() || to.time().hour() == from.time().hour() + 1
            || here.iana_name() == Some("Australia/Lord_Howe"));
        let days = ends.duration_since(delivered).as_hours() / 24;
        prop_assert!((364..=366).contains(&days), "{days}");
    }
}

#[test]
fn a_plan_says_when_to_submit_and_what_follows() {
    let told = |at: &str| {
        let plan = plan(&openai(), at.parse().unwrap()).unwrap();
        let (credit, expires) = (plan.credit.unwrap(), plan.expires.unwrap());
        let days = [
            plan.advised_by,
            plan.round.review_begins,
            plan.decision.unwrap().0,
            credit.0,
            credit.1,
            expires.0,
            expires.1,
        ];
        let days = days.map(|at| at.to_string()[..10].to_owned());
        format!("{}: {}", plan.round.id, days.join(" "))
    };
    assert_eq!(
        told("2026-11-30T23:59:59Z"),
        "2026-12: 2026-11-24 2026-12-01 2027-01-01 2027-01-29 2027-02-12 2028-01-29 2028-02-12"
    );
    // Sent as a review month begins, it waits a quarter.
    assert_eq!(
        told("2026-12-01T00:00:00Z"),
        "2027-03: 2027-02-22 2027-03-01 2027-04-01 2027-04-29 2027-05-13 2028-04-29 2028-05-13"
    );
}

#[test]
fn credit_by_a_day_names_the_last_round_that_keeps_it() {
    let by = |by: &str| {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let plan = plan_for_credit_by(&openai(), now, by.parse().unwrap());
        plan.map_or("none".to_owned(), |plan| plan.round.id.to_string())
    };
    assert_eq!(by("2027-02-11T23:59:59Z"), "none");
    assert_eq!(by("2027-02-12T00:00:00Z"), "2026-12");
    assert_eq!(by("2027-05-12T23:59:59Z"), "2026-12");
    assert_eq!(by("2027-05-13T00:00:00Z"), "2027-03");
    assert_eq!(by("2036-11-22T00:00:00Z"), "2036-09");
}

#[test]
fn a_rolling_review_takes_each_week_for_itself() {
    let mut program = program_in("America/New_York");
    let decided = Some(DecisionDays { min: 14, max: 42 });
    program.review.cadence = Cadence::Rolling { every: Every::Week, decided };
    // Wednesday, 2 December 2026: its week ends with Sunday, the sixth.
    let round = round_at(&program, at("2026-12-02T12:00:00Z"));
    assert_eq!(round.id.as_str(), "2026-12-07");
    assert_eq!(name(&program, &round), "week to 6 December 2026");
    assert_eq!(round.collects_from, at("2026-11-30T05:00:00Z"));
    assert_eq!(round.review_begins, at("2026-12-07T05:00:00Z"));
    assert_eq!(round.decided_from, at("2026-12-21T05:00:00Z"));
    assert_eq!(round.review_ends, at("2027-01-18T05:00:00Z"));
    assert_eq!(in_review(&program, at("2026-12-02T12:00:00Z")).len(), 6);
    // A day that is no Monday names no week.
    assert_eq!(parse_round(&program, &RoundId::new("2026-12-08")), None);
    program.review.cadence = Cadence::Rolling { every: Every::Day, decided: None };
    let plan = plan(&program, at("2026-12-02T12:00:00Z")).unwrap();
    assert_eq!(plan.round.id.as_str(), "2026-12-03");
    assert_eq!((plan.decision, plan.credit), (None, None), "nobody says");
    assert!(in_review(&program, at("2026-12-02T12:00:00Z")).is_empty());
}

#[test]
fn a_window_opens_some_days_before_its_review() {
    let mut program = openai();
    program.review.collects_days = Some(14);
    let now = at("2026-11-01T00:00:00Z");
    let round = round_at(&program, now);
    assert_eq!(round.collects_from, at("2026-11-17T00:00:00Z"));
    assert!(!round.collects(now) && round.collects(at("2026-11-17T00:00:00Z")));
    assert!(!round.collects(at("2026-12-01T00:00:00Z")));
    // Longer than there is between two reviews: on every day.
    program.review.collects_days = Some(300);
    assert_eq!(round_at(&program, now).collects_from, at("2026-09-01T00:00:00Z"));
}

#[test]
fn calls_end_with_the_last_of_them() {
    let mut program = openai();
    let day = |text: &str| text.parse().unwrap();
    let call = |opens: Option<&str>, closes: &str, decided: Option<&str>| Call {
        opens: opens.map(day),
        closes: day(closes),
        decided_by: decided.map(day),
    };
    program.review.cadence = Cadence::Calls(vec![
        call(None, "2026-06-30", Some("2026-09-15")),
        call(Some("2026-12-10"), "2026-12-31", None),
    ]);
    let first = round_at(&program, at("2026-06-30T23:59:59Z"));
    assert_eq!((first.id.as_str(), first.review_ends), ("2026-06-30", at("2026-09-16T00:00:00Z")));
    assert_eq!(name(&program, &first), "30 June 2026");
    let second = round_at(&program, at("2026-07-01T00:00:00Z"));
    assert!(!second.collects(at("2026-12-09T23:59:59Z")));
    assert!(second.collects(at("2026-12-10T00:00:00Z")));
    assert_eq!(plan_of(&program, second.clone()).decision, None);
    assert_eq!(parse_round(&program, &second.id), Some(second));
    assert_eq!(round_for(&program, at("2027-01-01T00:00:00Z")), None);
    assert_eq!(plan(&program, at("2027-01-01T00:00:00Z")), None);
    assert_eq!(in_review(&program, at("2026-07-10T00:00:00Z")), [first]);
    assert!(months_ahead(&program, at("2027-01-01T00:00:00Z"), 24).is_empty());
}

#[test]
fn a_term_may_count_days_from_the_decision_or_end_on_a_day() {
    let mut program = openai();
    let (decided, delivered) = (at("2026-12-01T10:00:00Z"), at("2027-01-01T00:00:00Z"));
    let mut ends = |length, from| {
        program.term = Some(Term { length, from });
        expiry(&program, decided, delivered)
    };
    let days = TermLength::Days(365);
    assert_eq!(ends(days, TermStart::Delivery), at("2028-01-01T00:00:00Z"));
    assert_eq!(ends(days, TermStart::Decision), at("2027-12-01T10:00:00Z"));
    let until = TermLength::Until("2027-06-30".parse().unwrap());
    assert_eq!(ends(until, TermStart::Delivery), at("2027-07-01T00:00:00Z"));
}
