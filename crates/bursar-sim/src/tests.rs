//! Lives from fixed seeds: the laws hold, each guard is missed, and a seed tells its story twice.

use bursar_lease::Guard;

use crate::{Story, Taken, run, shortest, simulate};

/// Lives that a build lives; the command lives as many as one likes, from fresh seeds.
const SEEDS: u64 = 60;
/// The first of lives in which an operator settles calls whose nodes then come back.
const FIRST: u64 = 241;

#[test]
fn the_laws_hold_in_every_life() {
    let totals = simulate(FIRST, SEEDS, Taken::Nothing, 2).unwrap();
    assert_eq!(totals.seeds, SEEDS);
    // The lives are full: calls wait, are lowered and refused, and things break.
    for count in [totals.calls, totals.waited, totals.lowered, totals.refused, totals.crashes] {
        assert!(SEEDS < count, "{totals:?}");
    }
    // An operator settles calls whose nodes then come back.
    assert!(0 < totals.overtaken && totals.overtaken < totals.settled, "{totals:?}");
}

#[test]
fn a_seed_tells_the_same_life_to_the_byte() {
    for seed in [7, 21, 972] {
        let story = Story::new(seed);
        let lives = [(); 2].map(|()| run(&story, Taken::Nothing, true));
        assert!(100 < lives[0].1.len());
        assert_eq!(lives[0], lives[1]);
    }
}

#[test]
fn a_failing_life_is_told_in_the_fewest_steps_and_fails_again() {
    let taken = Taken::Guard(Guard::CoverInFlight);
    let failure = simulate(1, SEEDS, taken, 1).unwrap_err();
    let short = shortest(&failure, taken);
    assert!(short.story.steps.len() <= 3, "{:#?}", short.story);
    assert_eq!(run(&short.story, taken, false).0, Err(Box::new(short)));
}

/// The rare ones at lives that miss them: `cargo xtask guards` looks for others.
#[test]
fn a_guard_that_is_taken_out_is_missed() {
    let rare = [(Guard::TimeFromAsking, 6_183), (Guard::Silence, 219), (Guard::LastWord, 2_009)];
    for taken in Taken::each() {
        let life = rare.iter().find(|(guard, _)| taken == Taken::Guard(*guard));
        let (first, lives) = life.map_or((1, SEEDS), |(_, seed)| (*seed, 1));
        let missed = simulate(first, lives, taken, 2);
        assert!(missed.is_err(), "nobody misses {taken:?}");
    }
}
