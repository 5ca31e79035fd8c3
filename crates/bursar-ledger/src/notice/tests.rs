//! Each thing is told once, the newest only, and never after the fact.

use bursar_kernel::{Timestamp, Usd};
use proptest::prelude::*;

use super::{CreditState, Life, Milestone};

const DAY: i64 = 86_400_000;

fn day(day: i64) -> Timestamp {
    Timestamp::from_millisecond(day * DAY).unwrap()
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// A grant of $1,000 for a year, with so much left of it.
fn life(available: &str) -> Life {
    Life {
        delivered_at: day(0),
        expires_at: day(365),
        face: usd("1000"),
        available: usd(available),
        held: Usd::ZERO,
        passed_on: Usd::ZERO,
        ended_by_passing_on: false,
    }
}

#[test]
fn time_brings_the_newest_that_has_come() {
    let due = |at: i64, told: &[Milestone]| life("500").due(told, day(at));
    assert_eq!(due(274, &[]), []);
    assert_eq!(due(275, &[]), [Milestone::Days90]);
    assert_eq!(due(275, &[Milestone::Days90]), []);
    assert_eq!(due(335, &[Milestone::Days90]), [Milestone::Days30]);
    // A job that was down for a year sends one, and none of those before it later.
    assert_eq!(due(364, &[]), [Milestone::Days1]);
    assert_eq!(due(360, &[Milestone::Days7]), []);
    assert_eq!(due(300, &[Milestone::Days7]), []);
    assert_eq!(due(365, &[]), [], "never after the fact");
    assert_eq!(life("0.99").due(&[Milestone::Used80, Milestone::Used100], day(340)), []);
}

#[test]
fn credit_that_came_late_is_told_of_what_comes_after() {
    let late = Life { delivered_at: day(340), ..life("1000") };
    assert_eq!(late.due(&[], day(341)), [], "the letter of its arrival says that it is short");
    assert_eq!(late.next_milestone(day(341)), Some(day(358)));
    assert_eq!(late.due(&[], day(358)), [Milestone::Days7]);
    assert_eq!(late.next_milestone(day(358)), Some(day(364)));
    assert_eq!(late.next_milestone(day(364)), None);
}

#[test]
fn spending_brings_four_fifths_and_all() {
    let due = |life: Life, told: &[Milestone]| life.due(told, day(9));
    assert_eq!(due(life("200.01"), &[]), []);
    assert_eq!(due(life("200"), &[]), [Milestone::Used80]);
    assert_eq!(due(life("200"), &[Milestone::Used80]), []);
    assert_eq!(due(life("0.009"), &[]), [Milestone::Used100]);
    assert_eq!(due(life("0"), &[Milestone::Used80]), [Milestone::Used100]);
    // More came free again: what was told stays told.
    assert_eq!(due(life("150"), &[Milestone::Used100]), []);
    let in_flight = Life { held: usd("300"), ..life("0") };
    assert_eq!(due(in_flight, &[]), []);
    let halved = Life { passed_on: usd("500"), ..life("100") };
    assert_eq!(due(halved, &[]), [Milestone::Used80], "of what was kept");
    let handed_back = Life { ended_by_passing_on: true, ..halved };
    assert_eq!(due(handed_back, &[]), []);
    assert_eq!(due(Life { available: Usd::ZERO, ..handed_back }, &[]), []);
}

#[test]
fn a_grant_stands_somewhere() {
    let passed_on = Life { passed_on: usd("400"), ended_by_passing_on: true, ..life("0") };
    let cases = [
        (life("500"), 9, CreditState::Healthy),
        (life("200"), 9, CreditState::Low),
        (life("200"), 335, CreditState::NearExpiry),
        (life("0"), 335, CreditState::UsedUp),
        (passed_on, 9, CreditState::PassedOn),
        (passed_on, 365, CreditState::Expired),
        (life("500"), 365, CreditState::Expired),
    ];
    for (life, at, standing) in cases {
        assert_eq!(life.credit_state(day(at)), standing, "{life:?} on day {at}");
    }
    let low = Milestone::OF_TIME.into_iter().chain(Milestone::OF_USE);
    assert!(low.into_iter().all(|one| Milestone::from_name(one.name()) == Some(one)));
}

proptest! {
    /// Jobs run on whatever days; the balance only falls.
    #[test]
    fn nothing_is_told_twice_nor_out_of_order(
        mut runs in prop::collection::vec(0..400_i64, 0..60),
        fall in 0..5_i64,
    ) {
        runs.sort_unstable();
        let mut told: Vec<Milestone> = Vec::new();
        for run in runs {
            let left = (1_000 - fall * run).max(0);
            let life = life(&left.to_string());
            for milestone in life.due(&told, day(run)) {
                let all = [&Milestone::OF_TIME[..], &Milestone::OF_USE[..]];
                let kind = all.into_iter().find(|kind| kind.contains(&milestone)).unwrap();
                let place = |one: &Milestone| kind.iter().position(|each| each == one);
                prop_assert!(run < 365 && told.iter().all(|one| place(one) < place(&milestone)));
                told.push(milestone);
            }
            prop_assert_eq!(life.due(&told, day(run)), []);
        }
    }
}
