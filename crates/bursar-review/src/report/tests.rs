//! What a report says, and what nobody can reckon from it.

use bursar_kernel::{PersonId, Timestamp};
use expect_test::{Expect, expect};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400).unwrap()
}

fn told(table: &Acceptance) -> String {
    let row = |count: Option<Count>| {
        count.map_or("left out".to_owned(), |count| {
            let Count { accepted, declined } = count;
            let share = count.per_mille().map_or("-".to_owned(), |share| share.to_string());
            format!("{accepted} + {declined} = {}, {share} per mille", count.all())
        })
    };
    let groups = table.groups.iter().map(|group| format!("{}: {}\n", group.name, row(group.count)));
    let note = table.note().map_or(String::new(), |note| note + "\n");
    format!("{}total: {}\n{note}", groups.collect::<String>(), row(table.total))
}

fn table(rows: &[(&str, u32, u32)]) -> Acceptance {
    let mut decided = Vec::new();
    for (name, accepted, declined) in rows {
        decided.extend((0..*accepted).map(|_| (*name, true)));
        decided.extend((0..*declined).map(|_| (*name, false)));
    }
    acceptance(decided, SMALL_BELOW)
}

fn check(rows: &[(&str, u32, u32)], expected: &Expect) {
    expected.assert_eq(&told(&table(rows)));
}

#[test]
fn large_groups_are_shown_and_small_ones_take_another_with_them() {
    check(
        &[("faculty", 40, 60), ("phd", 20, 30)],
        &expect![[r#"
        faculty: 40 + 60 = 100, 400 per mille
        phd: 20 + 30 = 50, 400 per mille
        total: 60 + 90 = 150, 400 per mille
    "#]],
    );
    // A lone small row would be the total less the others.
    check(
        &[("faculty", 40, 60), ("nonprofit", 3, 9), ("phd", 20, 30)],
        &expect![[r#"
        faculty: 40 + 60 = 100, 400 per mille
        nonprofit: left out
        phd: left out
        total: 63 + 99 = 162, 389 per mille
        2 of 3 groups are left out: their figures, or others that they could be reckoned from, are below 5
    "#]],
    );
    // Two small rows that are small together are not enough.
    check(
        &[("a", 1, 1), ("b", 1, 1), ("faculty", 40, 60), ("phd", 20, 30)],
        &expect![[r#"
        a: left out
        b: left out
        faculty: 40 + 60 = 100, 400 per mille
        phd: left out
        total: 62 + 92 = 154, 403 per mille
        3 of 4 groups are left out: their figures, or others that they could be reckoned from, are below 5
    "#]],
    );
    check(
        &[("a", 2, 1), ("b", 90, 1)],
        &expect![[r#"
        a: left out
        b: left out
        total: left out
        2 of 2 groups are left out: their figures, or others that they could be reckoned from, are below 5
    "#]],
    );
    check(
        &[("a", 2, 1)],
        &expect![[r#"
        a: left out
        total: left out
        1 of 1 groups are left out: their figures, or others that they could be reckoned from, are below 5
    "#]],
    );
    check(
        &[],
        &expect![[r#"
        total: 0 + 0 = 0, - per mille
    "#]],
    );
    // None accepted at all is said by the total.
    check(
        &[("a", 0, 3), ("b", 0, 30), ("c", 0, 40)],
        &expect![[r#"
        a: left out
        b: left out
        c: 0 + 40 = 40, 0 per mille
        total: 0 + 73 = 73, 0 per mille
        2 of 3 groups are left out: their figures, or others that they could be reckoned from, are below 5
    "#]],
    );
}

#[test]
fn loads_tell_what_was_asked_and_done_and_late() {
    let asked = |reviewer: u8, due: i64, answer: Answer| Asked {
        reviewer: PersonId::from_bytes([reviewer; 16]),
        at: at(0),
        due: Some(at(due)),
        answer,
    };
    let rows = [
        asked(1, 10, Answer::Done(at(4))),
        asked(1, 10, Answer::Done(at(10))),
        asked(1, 10, Answer::Declined),
        asked(2, 10, Answer::Open),
        asked(2, 30, Answer::Open),
    ];
    let told: Vec<String> = loads(&rows, at(20))
        .iter()
        .map(|one| {
            let ReviewerLoad { asked, done, declined, open, late, .. } = one;
            let median = one.took.map(|took| took.median.as_hours() / 24);
            format!("{asked} {done} {declined} {open} {late} {median:?}")
        })
        .collect();
    assert_eq!(told, ["3 2 1 0 1 Some(4)", "2 0 0 2 1 None"]);
}

#[test]
fn spans_are_told_by_nearest_rank() {
    let days = |day: i64| SignedDuration::from_hours(24 * day);
    let made = spans((1..=10).map(|day| (at(100), at(100 + day)))).unwrap();
    assert_eq!(
        made,
        Spans {
            count: 10,
            shortest: days(1),
            quarter: days(3),
            median: days(5),
            three_quarters: days(8),
            nine_tenths: days(9),
            longest: days(10),
        }
    );
    assert_eq!(spans([]), None);
    assert_eq!(spans([(at(5), at(3))]).unwrap().longest, days(0));
}

/// How many values a figure of a row that is left out can have, as far as the totals and the rows
/// that are shown tell: none but one, if it can be reckoned.
fn can_be_reckoned(rows: &[(u32, u32)], shown: &[bool], total: Option<(u32, u32)>) -> bool {
    let Some(total) = total else { return false };
    let mut rest = total;
    for ((accepted, declined), _) in rows.iter().zip(shown).filter(|(_, shown)| **shown) {
        rest = (rest.0 - accepted, rest.1 - declined);
    }
    let hidden = shown.iter().filter(|shown| !**shown).count();
    // Figures that are not negative and have a sum are all known where there is one of them, or
    // where the sum is nothing; else the first can be anything up to it.
    let known = |left: u32, all: u32| hidden == 1 || (0 < hidden && left == 0 && 0 < all);
    known(rest.0, total.0) || known(rest.1, total.1)
}

proptest! {
    #[test]
    fn nothing_that_is_left_out_can_be_reckoned(
        rows in prop::collection::vec((0_u32..30, 0_u32..30), 1..8), below in 1_u32..12,
    ) {
        let rows: Vec<(u32, u32)> =
            rows.into_iter().filter(|(accepted, declined)| 0 < accepted + declined).collect();
        let names: Vec<String> = (0..rows.len()).map(|row| format!("group {row}")).collect();
        let mut decided = Vec::new();
        for ((accepted, declined), name) in rows.iter().zip(&names) {
            decided.extend((0..*accepted).map(|_| (name.as_str(), true)));
            decided.extend((0..*declined).map(|_| (name.as_str(), false)));
        }
        let table = acceptance(decided, below);
        let shown: Vec<bool> = table.groups.iter().map(|group| group.count.is_some()).collect();
        let total = table.total.map(|total| (total.accepted, total.declined));
        prop_assert!(!can_be_reckoned(&rows, &shown, total));
        for (group, (accepted, declined)) in table.groups.iter().zip(&rows) {
            if let Some(count) = group.count {
                prop_assert_eq!((count.accepted, count.declined), (*accepted, *declined));
                for figure in [*accepted, *declined, accepted + declined] {
                    prop_assert!(figure == 0 || below <= figure);
                }
            }
        }
        if let Some(total) = table.total {
            let small = |figure: u32| (1..below).contains(&figure);
            prop_assert!(!small(total.accepted) && !small(total.declined) && !small(total.all()));
            // What is left out is no more small together than by itself.
            let all = rows.iter().zip(&shown).filter(|(_, shown)| !**shown);
            let (accepted, declined) = all.fold((0, 0), |sum, ((a, d), _)| (sum.0 + a, sum.1 + d));
            prop_assert!(!small(accepted) && !small(declined));
        }
        let all_large = rows.iter().all(|(a, d)| {
            [*a, *d, a + d].iter().all(|figure| !(1..below).contains(figure))
        });
        prop_assert!(!all_large || shown.iter().all(|shown| *shown));
    }
}
