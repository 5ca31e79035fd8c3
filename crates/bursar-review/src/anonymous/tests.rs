//! What is told of whom, and that no export can be set against another.

use proptest::prelude::*;

use super::*;

fn entry(number: u8, area: &str) -> Entry {
    let review = |reviewer: u8| Reviewed {
        reviewer: PersonId::from_bytes([reviewer; 16]),
        scores: BTreeMap::from([("method".to_owned(), 3)]),
        recommendation: "award",
    };
    Entry {
        application: ApplicationId::from_bytes([number; 16]),
        asked: Usd::from_dollars(100),
        outcome: Some("award"),
        awarded: Usd::from_dollars(50),
        answers: BTreeMap::from([("area".to_owned(), area.to_owned())]),
        reviews: vec![review(number), review(200)],
    }
}

/// As many entries of each area as is said, and how many rows tell each area.
fn told_of(areas: &[(&str, u8)], shared_by: u32) -> Vec<(String, usize)> {
    let mut entries = Vec::new();
    for (area, count) in areas {
        for _ in 0..*count {
            entries.push(entry(u8::try_from(entries.len()).unwrap(), area));
        }
    }
    let rows = anonymous(&entries, &[7; 32], shared_by);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for answer in rows.into_iter().filter_map(|row| row.answers["area"].clone()) {
        *counts.entry(answer).or_default() += 1;
    }
    counts.into_iter().collect()
}

#[test]
fn what_few_have_in_common_is_left_out_and_cannot_be_reckoned() {
    let check = |areas: &[(&str, u8)], told: &[(&str, usize)]| {
        let told: Vec<(String, usize)> =
            told.iter().map(|(area, count)| ((*area).to_owned(), *count)).collect();
        assert_eq!(told_of(areas, 5), told, "{areas:?}");
    };
    check(&[], &[]);
    check(&[("a", 5)], &[("a", 5)]);
    check(&[("a", 4)], &[]);
    // One left out alone would be whatever nobody else has.
    check(&[("a", 9), ("b", 6), ("c", 1)], &[("a", 9)]);
    check(&[("a", 9), ("b", 6), ("c", 3), ("d", 2)], &[("a", 9), ("b", 6)]);
    check(&[("a", 9), ("b", 1)], &[]);
}

#[test]
fn a_reviewer_is_the_same_in_all_rows_and_another_in_each_export() {
    let entries = [entry(1, "a"), entry(2, "a")];
    let one = anonymous(&entries, &[1; 32], 1);
    let names = |rows: &[Row]| -> BTreeSet<Pseudonym> {
        rows.iter().flat_map(|row| row.reviews.iter().map(|one| one.reviewer)).collect()
    };
    assert_eq!(names(&one).len(), 3, "one of four reviews is by whoever wrote another");
    let other = anonymous(&entries, &[2; 32], 1);
    assert!(names(&one).is_disjoint(&names(&other)));
    assert_ne!(one[0].application, other[0].application);
    // An application and a person of one identifier are two names.
    assert!(one.iter().all(|row| !names(&one).contains(&row.application)));
}

proptest! {
    #[test]
    fn the_order_of_the_entries_tells_nothing(
        numbers in prop::collection::btree_set(any::<u8>(), 0..20), key in any::<[u8; 32]>(),
    ) {
        let mut entries: Vec<Entry> = numbers.into_iter().map(|number| entry(number, "a")).collect();
        let one = anonymous(&entries, &key, 1);
        entries.reverse();
        prop_assert_eq!(one, anonymous(&entries, &key, 1));
    }

    #[test]
    fn no_answer_is_told_of_fewer_and_what_is_left_out_is_as_many(
        counts in prop::collection::vec(0_u8..12, 1..6), shared_by in 1_u32..8,
    ) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let areas: Vec<(&str, u8)> = names.into_iter().zip(counts.iter().copied()).collect();
        let told = told_of(&areas, shared_by);
        let least = usize::try_from(shared_by).unwrap();
        prop_assert!(told.iter().all(|(_, count)| least <= *count), "{told:?}");
        let all: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let left_out = all - told.iter().map(|(_, count)| count).sum::<usize>();
        prop_assert!(left_out == 0 || least <= left_out || told.is_empty(), "{told:?}");
    }
}
