//! Rounds tried once more: what changes and what must not.

use proptest::prelude::*;

use super::*;

fn application(number: u8) -> ApplicationId {
    ApplicationId::from_bytes([number; 16])
}

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([100 + number; 16])
}

fn dollars(amount: i64) -> Usd {
    Usd::from_dollars(amount).unwrap()
}

fn candidate(number: u8) -> Candidate {
    Candidate {
        application: application(number),
        people: BTreeSet::new(),
        institution: None,
        points: None,
        interval: None,
        asked: dollars(100),
        award: None,
        groups: BTreeSet::new(),
        word: None,
    }
}

fn scores(rows: &[(u8, u8, f64)]) -> Vec<Score> {
    let score = |(one, by, points): &(u8, u8, f64)| Score {
        application: application(*one),
        reviewer: person(*by),
        points: Some(*points),
    };
    rows.iter().map(score).collect()
}

fn plan(pool: i64) -> Plan {
    let terms = Terms { pool: dollars(pool), ..Terms::default() };
    Plan { terms, confidence: 0.8, seed: 1, ..Plan::default() }
}

fn told(found: &Simulation) -> Vec<u8> {
    let funded = found.rows.iter().filter(|row| row.funded);
    funded.map(|row| row.application.to_bytes()[0]).collect()
}

/// Three applications, each read by three; reviewer 3 sees them the other way round.
fn split() -> (Vec<Candidate>, Vec<Score>) {
    let rows = [
        (1, 1, 90.0),
        (1, 2, 88.0),
        (1, 3, 20.0),
        (2, 1, 70.0),
        (2, 2, 72.0),
        (2, 3, 65.0),
        (3, 1, 40.0),
        (3, 2, 38.0),
        (3, 3, 95.0),
    ];
    ((1..=3).map(candidate).collect(), scores(&rows))
}

#[test]
fn another_pool_funds_others_and_leaving_a_reviewer_out_tells_what_rests_on_them() {
    let (candidates, scores) = split();
    let one = simulate(&candidates, &scores, &plan(100)).unwrap();
    assert_eq!((told(&one), one.awarded, one.left), (vec![2], dollars(100), dollars(0)));
    let two = simulate(&candidates, &scores, &plan(250)).unwrap();
    assert_eq!((told(&two).len(), two.left), (2, dollars(50)));
    let none = simulate(&candidates, &scores, &plan(0)).unwrap();
    assert_eq!((told(&none), none.agreement_per_mille), (vec![], None));

    let without = Plan { without: BTreeSet::from([person(3)]), ..plan(100) };
    assert_eq!(told(&simulate(&candidates, &scores, &without).unwrap()), [1]);
    let each = Plan { each_reviewer: true, ..plan(100) };
    let each = simulate(&candidates, &scores, &each).unwrap().reviewers;
    let third = each.iter().find(|one| one.reviewer == person(3)).unwrap();
    assert_eq!((&third.gain, &third.lose), (&vec![application(1)], &vec![application(2)]));
    assert_eq!(each.len(), 3);
}

#[test]
fn fewer_reviews_are_drawn_by_the_seed_and_the_draws_are_counted() {
    let (candidates, scores) = split();
    let draws = Plan { draws: 60, reviews: Some(1), ..plan(100) };
    let found = simulate(&candidates, &scores, &draws).unwrap();
    let drawn: u32 = found.rows.iter().map(|row| row.drawn).sum();
    assert_eq!(drawn, 60, "each draw funds one of three");
    assert!(found.rows.iter().all(|row| row.drawn < 60), "{found:?}");
    let again = simulate(&candidates, &scores, &draws).unwrap();
    assert_eq!(again, found);
    let other = simulate(&candidates, &scores, &Plan { seed: 2, ..draws.clone() }).unwrap();
    assert_ne!(
        other.rows.iter().map(|row| row.drawn).collect::<Vec<_>>(),
        found.rows.iter().map(|row| row.drawn).collect::<Vec<_>>()
    );
    // More than there are is all of them, in every draw.
    let all = Plan { reviews: Some(9), ..draws };
    let all = simulate(&candidates, &scores, &all).unwrap();
    assert_eq!(all.agreement_per_mille, Some(1_000));
    assert_eq!(told(&all), told(&simulate(&candidates, &scores, &plan(100)).unwrap()));
}

#[test]
fn nothing_and_nobody_is_a_round_too() {
    let empty = Plan { draws: 3, each_reviewer: true, ..plan(100) };
    assert_eq!(simulate(&[], &[], &empty).unwrap().rows, []);
    let unscored = simulate(&[candidate(1)], &[], &empty).unwrap();
    assert_eq!((told(&unscored), unscored.rows[0].points), (vec![], None));
    assert_eq!(empty.fits(7), 11);
}

proptest! {
    #[test]
    fn no_simulation_awards_more_than_its_pool_and_the_order_changes_nothing(
        points in prop::collection::vec((0_u8..6, 0_u8..4, 0_u32..100), 0..24),
        pool in 0_i64..700, reviews in prop::option::of(1_usize..4), seed in any::<u64>(),
    ) {
        let mut rows: Vec<(u8, u8, f64)> =
            points.into_iter().map(|(one, by, points)| (one, by, f64::from(points))).collect();
        rows.sort_by_key(|row| (row.0, row.1));
        rows.dedup_by_key(|row| (row.0, row.1));
        let mut candidates: Vec<Candidate> = (0..6).map(candidate).collect();
        let mut scores = scores(&rows);
        let plan = Plan { reviews, seed, draws: 3, each_reviewer: true, ..plan(pool) };
        let one = simulate(&candidates, &scores, &plan).unwrap();
        candidates.reverse();
        scores.reverse();
        prop_assert_eq!(&one, &simulate(&candidates, &scores, &plan).unwrap());
        prop_assert!(one.awarded <= plan.terms.pool);
        prop_assert_eq!(one.awarded.checked_add(one.left), Some(plan.terms.pool));
        prop_assert!(one.rows.iter().all(|row| row.drawn <= 3));
    }
}
