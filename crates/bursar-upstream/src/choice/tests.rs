//! Shares by weight, whoever is left.

use proptest::prelude::*;

use super::*;

fn places(list: &[usize]) -> Places {
    let mut places = Places::default();
    for place in list {
        places.add(*place);
    }
    places
}

/// How often each is chosen of a thousand calls.
fn shares(weights: &[u32], among: &[usize]) -> Vec<usize> {
    let mut shares = vec![0; weights.len()];
    for ticket in 0..1_000 {
        shares[choose(weights, places(among), ticket).unwrap()] += 1;
    }
    shares
}

#[test]
fn each_gets_its_share_and_who_weighs_nothing_only_what_nobody_else_can() {
    assert_eq!(shares(&[1], &[0]), [1_000]);
    assert_eq!(shares(&[3, 1, 0], &[0, 1, 2]), [750, 250, 0]);
    assert_eq!(shares(&[3, 1, 0], &[1, 2]), [0, 1_000, 0]);
    assert_eq!(shares(&[3, 0, 0], &[1, 2]), [0, 500, 500]);
    assert_eq!(choose(&[3, 1, 0], places(&[]), 7), None);
}

proptest! {
    /// Of any that follow each other, none is chosen more than a few times off its share.
    #[test]
    fn shares_are_kept_over_any_stretch(
        weights in prop::collection::vec(0_u32..=20, 1..6),
        mask in any::<u64>(),
        from in any::<u64>(),
    ) {
        let among = Places(mask & ((1 << weights.len()) - 1));
        let sum: u64 = (0..weights.len())
            .filter(|place| among.has(*place))
            .map(|place| u64::from(weights[place]))
            .sum();
        let mut counts = vec![0_u64; weights.len()];
        for step in 0..600 {
            let chosen = choose(&weights, among, from.wrapping_add(step));
            prop_assert_eq!(chosen.is_none(), among.count() == 0);
            if let Some(chosen) = chosen {
                prop_assert!(among.has(chosen));
                counts[chosen] += 1;
            }
        }
        for (place, count) in counts.iter().enumerate().filter(|_| 0 < sum) {
            let share = if among.has(place) { 600 * u64::from(weights[place]) / sum } else { 0 };
            prop_assert!(count.abs_diff(share) <= 8, "{place}: {count} instead of {share}");
        }
    }
}
