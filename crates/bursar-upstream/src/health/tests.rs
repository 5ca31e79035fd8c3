//! A life of an upstream, and laws of every life.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// What happens at an instant: `well`, `ill`, `busy 7`, `probe` (asks to be it), `lost` (a probe
/// that tells nothing), `ill!` (the probe's own verdict).
fn check(life: &[(i64, &str)], expected: Expect) {
    let mut health = Health::default();
    let mut told = String::new();
    for (second, what) in life {
        let now = at(*second);
        let is_probe = what.ends_with('!');
        let mut said = String::new();
        match what.trim_end_matches('!').split_once(' ') {
            Some((_, seconds)) => {
                let asked = SignedDuration::from_secs(seconds.parse().unwrap());
                health.learn(Verdict::Cooling(asked), is_probe, now);
            }
            None if what.starts_with("well") => health.learn(Verdict::Well, is_probe, now),
            None if what.starts_with("ill") => {
                health.learn(Verdict::Ill(Trouble::Failing), is_probe, now);
            }
            None if *what == "probe" => said = format!(" {}", health.take_probe(now)),
            None => health.forget_probe(),
        }
        let standing = match health.standing(now) {
            Standing::In => "in".to_owned(),
            Standing::Due(_) => "due".to_owned(),
            Standing::Out(_, until) => format!("out for {}", until.duration_since(now).as_secs()),
        };
        writeln!(told, "at {second} {what}{said}: {standing}").unwrap();
    }
    expected.assert_eq(&told);
}

#[test]
fn three_failures_in_a_row_take_it_out_and_one_probe_decides() {
    check(
        &[
            (0, "ill"),
            (0, "ill"),
            (0, "well"),
            (1, "ill"),
            (1, "ill"),
            (1, "ill"),
            (5, "probe"),
            (6, "probe"),
            (6, "probe"),
            (7, "ill"),
            (7, "ill!"),
            (17, "probe"),
            (17, "lost"),
            (18, "probe"),
            (18, "well!"),
        ],
        expect![[r#"
            at 0 ill: in
            at 0 ill: in
            at 0 well: in
            at 1 ill: in
            at 1 ill: in
            at 1 ill: out for 5
            at 5 probe false: out for 1
            at 6 probe true: out for 1
            at 6 probe false: out for 1
            at 7 ill: out for 1
            at 7 ill!: out for 10
            at 17 probe true: out for 1
            at 17 lost: due
            at 18 probe true: out for 1
            at 18 well!: in
        "#]],
    );
}

#[test]
fn it_is_left_alone_for_as_long_as_it_asks_within_bounds() {
    check(
        &[
            (0, "busy 7"),
            (7, "probe"),
            (7, "busy 3600!"),
            (127, "probe"),
            (127, "busy 0!"),
            (128, "probe"),
            (128, "well!"),
        ],
        expect![[r#"
            at 0 busy 7: out for 7
            at 7 probe true: out for 1
            at 7 busy 3600!: out for 120
            at 127 probe true: out for 1
            at 127 busy 0!: out for 1
            at 128 probe true: out for 1
            at 128 well!: in
        "#]],
    );
}

#[test]
fn a_probe_that_never_answers_keeps_the_next_back_for_a_minute() {
    check(
        &[(0, "ill"), (0, "ill"), (0, "ill"), (5, "probe"), (64, "probe"), (65, "probe")],
        expect![[r#"
            at 0 ill: in
            at 0 ill: in
            at 0 ill: out for 5
            at 5 probe true: out for 1
            at 64 probe false: out for 1
            at 65 probe true: out for 1
        "#]],
    );
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_out() {
    check(
        &[(0, "ill"), (0, "ill"), (0, "ill"), (-3_600, "probe"), (-3_600, "well!")],
        expect![[r#"
            at 0 ill: in
            at 0 ill: in
            at 0 ill: out for 5
            at -3600 probe true: out for 1
            at -3600 well!: in
        "#]],
    );
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Well),
        Just(Verdict::Ill(Trouble::Unreachable)),
        Just(Verdict::Ill(Trouble::RefusesUs)),
        (0_i64..100_000).prop_map(|asked| Verdict::Cooling(SignedDuration::from_secs(asked))),
    ]
}

proptest! {
    /// However it fails and whatever it asks, it is out for a bounded time, then there is one
    /// probe at a time, and one good answer ends all of it.
    #[test]
    fn nothing_is_out_for_long_and_one_probe_is_under_way(
        life in prop::collection::vec((verdict(), 0_i64..200, any::<bool>()), 0..60),
    ) {
        let (mut health, mut second, mut probing) = (Health::default(), 0, None);
        for (verdict, later, asks) in life {
            second += later;
            let now = at(second);
            if asks && health.take_probe(now) {
                let is_old = |began: &i64| PROBE_WITHIN.as_secs() <= second - began;
                prop_assert!(probing.as_ref().is_none_or(is_old), "two probes at once");
                probing = Some(second);
            } else {
                let is_probe = probing.take().is_some();
                let before = health;
                health.learn(verdict, is_probe, now);
                if verdict == Verdict::Well {
                    prop_assert!(health.is_well());
                } else if !is_probe && before.out.is_some() {
                    prop_assert_eq!(health, before, "only the probe keeps it out longer");
                }
            }
            let longest = OUT_AT_MOST.max(PROBE_WITHIN);
            if let Standing::Out(_, until) = health.standing(now) {
                prop_assert!(now < until && until <= now + longest);
                probing = probing.filter(|_| health.out.is_some_and(|out| out.probe.is_some()));
            }
            let later = health.standing(now + longest);
            prop_assert!(!matches!(later, Standing::Out(..)), "{later:?}");
        }
    }

    /// Each failure in a row that a probe brings doubles the wait, up to the bound.
    #[test]
    fn waits_double_up_to_their_bound(probes in 1_usize..40) {
        let (mut health, mut now, mut waited) = (Health::default(), at(0), SignedDuration::ZERO);
        for _ in 0..FAILURES_MAX {
            health.learn(Verdict::Ill(Trouble::Unreachable), false, now);
        }
        for _ in 0..probes {
            let Standing::Out(_, until) = health.standing(now) else { panic!("it is in") };
            let wait = until.duration_since(now);
            prop_assert!(wait == (waited * 2).max(OUT_AT_FIRST).min(OUT_AT_MOST));
            (now, waited) = (until, wait);
            prop_assert!(health.take_probe(now));
            health.learn(Verdict::Ill(Trouble::Unreachable), true, now);
        }
    }
}
