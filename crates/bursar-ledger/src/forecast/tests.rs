//! What comes of a pace, in figures; and what holds of every forecast.

use bursar_kernel::{BasisPoints, Timestamp, Usd};
use proptest::prelude::*;

use super::{Forecast, Outlook, Way, forecast};

const DAY: i64 = 86_400_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// A forecast over so many days to the expiry, as a text.
fn check(available: &str, days_left: i64, days: &[&str], way: Way) -> String {
    let days: Vec<Usd> = days.iter().map(|day| usd(day)).collect();
    let (available, now, expires_at) = (usd(available), at(0), at(days_left * DAY));
    let outlook = Outlook { available, now, expires_at, days: &days, way };
    let Some(found) = forecast(&outlook) else { return "nothing to forecast".to_owned() };
    let course = found.course.map_or("no pace".to_owned(), |course| {
        let out = course.runs_out_at.map(|at| at.as_millisecond() / DAY);
        format!(
            "{} a day for {} days, out after {out:?}, {} spent, {} lost",
            course.per_day, found.days, course.spent, course.lost
        )
    });
    let band = found
        .band
        .map_or(String::new(), |band| format!(" ({} to {} lost)", band.fast.lost, band.slow.lost));
    format!(
        "{course}{band}; {} a day uses all; {} now, {} a day",
        found.pace_to_use_all, found.waiting.brings, found.waiting.per_day
    )
}

#[test]
fn what_comes_of_a_pace() {
    let cases = [
        (
            check("100", 50, &["1"; 28], Way::Pool),
            "1.00 a day for 28 days, out after None, 50.00 spent, 50.00 lost (50.00 to 50.00 \
             lost); 2.00 a day uses all; 50.00 now, 1.00 a day",
        ),
        (
            check("100", 50, &["3", "1", "2"], Way::Market(BasisPoints::percent(70))),
            "2.00 a day for 3 days, out after None, 100.00 spent, 0.00 lost; 2.00 a day uses \
             all; 0.00 now, 0.00 a day",
        ),
        (
            check("100", 50, &["4", "4"], Way::Nobody),
            "4.00 a day for 2 days, out after Some(25), 100.00 spent, 0.00 lost; 2.00 a day \
             uses all; 0.00 now, 0.00 a day",
        ),
        (
            check("0.000000010", 3, &["0.000000001", "0", "0"], Way::Pool),
            "0.00 a day for 3 days, out after None, 0.000000001 spent, 0.000000009 lost; \
             0.000000004 a day uses all; 0.000000009 now, 0.000000003 a day",
        ),
        (
            check("100", 10, &["0"; 9], Way::Market(BasisPoints::percent(60))),
            "no pace; 10.00 a day uses all; 60.00 now, 6.00 a day",
        ),
        (check("100", 10, &[], Way::Nobody), "no pace; 10.00 a day uses all; 0.00 now, 0.00 a day"),
        (check("0", 10, &["1"], Way::Pool), "nothing to forecast"),
        (check("1", 0, &["1"], Way::Pool), "nothing to forecast"),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_band_is_of_whole_weeks_and_never_without_the_days_between() {
    let mut days = vec!["9"; 2];
    days.extend(["1"; 7]);
    days.extend(["3"; 7]);
    let found = check("100", 10, &days, Way::Nobody);
    // The two days before the two weeks do not count.
    assert!(found.starts_with("2.00 a day for 14 days"), "{found}");
    assert!(found.contains("(70.00 to 90.00 lost)"), "{found}");
    assert!(!check("100", 10, &["2"; 13], Way::Nobody).contains("to"), "not of thirteen days");
}

#[test]
fn less_than_a_day_takes_all_of_it() {
    let (available, days) = (usd("7"), [usd("24")]);
    let expires_at = at(DAY / 24);
    let outlook = Outlook { available, now: at(0), expires_at, days: &days, way: Way::Pool };
    let found = forecast(&outlook).unwrap();
    assert_eq!(found.course.unwrap().lost, usd("6"));
    assert_eq!((found.pace_to_use_all, found.waiting.per_day), (available, usd("6")));
}

prop_compose! {
    fn outlooks()(
        available in prop_oneof![1..=1_000_i64, 1..=i64::MAX],
        now in -1_000_000_000_000..4_000_000_000_000_i64,
        span in prop_oneof![1..DAY, 1..400 * DAY, 1..200_000_000_000_000_i64],
        days in prop::collection::vec(prop_oneof![Just(0), 0..1_000_i64, 0..=i64::MAX], 0..40),
        way in prop_oneof![
            Just(Way::Nobody),
            Just(Way::Pool),
            (0..=70_u32).prop_map(|share| Way::Market(BasisPoints::percent(share))),
        ],
    ) -> (Usd, Timestamp, Timestamp, Vec<Usd>, Way) {
        let days = days.into_iter().map(Usd::from_nanos).collect();
        (Usd::from_nanos(available), at(now), at(now + span), days, way)
    }
}

fn of(outlook: &(Usd, Timestamp, Timestamp, Vec<Usd>, Way)) -> Forecast {
    let (available, now, expires_at, days, way) = outlook;
    let (available, now, expires_at, way) = (*available, *now, *expires_at, *way);
    forecast(&Outlook { available, now, expires_at, days, way }).expect("there is something left")
}

proptest! {
    #[test]
    fn parts_make_the_balance_and_none_is_negative(outlook in outlooks()) {
        let found = of(&outlook);
        let courses = [found.course, found.band.map(|band| band.slow), found.band.map(|band| band.fast)];
        for course in courses.into_iter().flatten() {
            prop_assert_eq!(course.spent.checked_add(course.lost), Some(outlook.0));
            prop_assert!(!course.spent.is_negative() && !course.lost.is_negative());
            prop_assert!(!course.per_day.is_negative());
            prop_assert_eq!(course.left_at(outlook.1), outlook.0);
            prop_assert_eq!(course.left_at(outlook.2), course.lost);
            if let Some(out) = course.runs_out_at {
                prop_assert!(outlook.1 <= out && out < outlook.2);
                prop_assert!(course.lost.is_zero() && course.left_at(out).is_zero());
                let before = at(out.as_millisecond() - 1);
                prop_assert!(out == outlook.1 || course.left_at(before).is_positive());
            }
        }
        let waiting = found.waiting;
        prop_assert!(!waiting.brings.is_negative() && waiting.brings <= found.at_stake);
        prop_assert!(!waiting.per_day.is_negative() && waiting.per_day <= waiting.brings);
        prop_assert!(found.at_stake <= outlook.0);
    }

    #[test]
    fn who_spends_more_loses_no_more(outlook in outlooks(), index in 0..40_usize, more in 1..=i64::MAX) {
        let mut faster = outlook.clone();
        let Some(day) = faster.3.get_mut(index) else { return Ok(()) };
        *day = Usd::from_nanos(day.nanos().saturating_add(more));
        let (slow, fast) = (of(&outlook), of(&faster));
        prop_assert!(fast.at_stake <= slow.at_stake);
        prop_assert!(fast.waiting.brings <= slow.waiting.brings);
        prop_assert_eq!(fast.pace_to_use_all, slow.pace_to_use_all);
        if let (Some(slow), Some(fast)) = (slow.course, fast.course) {
            prop_assert!(slow.per_day <= fast.per_day);
            let end = |course: super::Course| course.runs_out_at.unwrap_or(outlook.2);
            prop_assert!(end(fast) <= end(slow));
        }
    }

    #[test]
    fn the_pace_lies_within_its_band(outlook in outlooks()) {
        let found = of(&outlook);
        if let (Some(course), Some(band)) = (found.course, found.band) {
            prop_assert!(band.fast.lost <= course.lost && course.lost <= band.slow.lost);
            prop_assert!(band.slow.per_day <= course.per_day && course.per_day <= band.fast.per_day);
        }
    }

    #[test]
    fn the_pace_that_uses_all_leaves_nothing(outlook in outlooks()) {
        let needed = of(&outlook).pace_to_use_all;
        let at_that = (outlook.0, outlook.1, outlook.2, vec![needed], outlook.4);
        let days_left = (outlook.2.as_millisecond() - outlook.1.as_millisecond()) / DAY;
        // In less than a day it is all of it, at once.
        if 0 < days_left {
            prop_assert!(of(&at_that).at_stake.is_zero());
        }
        prop_assert!(needed <= outlook.0);
    }
}
