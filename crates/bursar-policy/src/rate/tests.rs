//! Tiers and windows: as tables, and as the law that no window ever holds more than its limit.

use std::collections::BTreeMap;

use bursar_kernel::{PersonId, ProgramId, RateClassId, Timestamp};
use proptest::prelude::*;

use super::*;

mod sharing;

const FREE: RateLimit = RateLimit {
    requests_per_minute: Some(3),
    requests_per_day: None,
    tokens_per_minute: Some(40_000),
    tokens_per_day: None,
    images_per_minute: None,
    concurrent_calls: None,
    batch_queue_tokens: None,
};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

const fn tokens(tokens: u64) -> Size {
    Size { tokens, images: 0 }
}

fn of() -> RateOf {
    let holder = PersonId::from_bytes([1; 16]);
    RateOf { holder, program: ProgramId::new("access"), class: RateClassId::new("small") }
}

fn too_fast<T: std::fmt::Debug>(refused: Result<T, Hindrance>) -> TooFast {
    match refused.unwrap_err() {
        Hindrance::TooFast(too_fast) => too_fast,
        Hindrance::NotHere => panic!("it is said to be elsewhere"),
    }
}

fn tiers() -> Tiers {
    let tier = |id: &str, needs| Tier {
        id: TierId::new(id),
        name: id.to_owned(),
        needs,
        limits: BTreeMap::new(),
    };
    let tiers = vec![
        tier("free", TierNeeds::Nothing),
        tier("tier-1", TierNeeds::Card),
        tier("tier-5", TierNeeds::Officer),
    ];
    Tiers { tiers, ..Tiers::default() }
}

#[test]
fn a_holder_has_the_highest_tier_that_they_reach() {
    let found = |has_card, named: Option<&str>| {
        let (tiers, named) = (tiers(), named.map(TierId::new));
        tier_of(&tiers, has_card, named.as_ref()).map(|tier| tier.id.to_string()).unwrap()
    };
    assert_eq!(found(false, None), "free");
    assert_eq!(found(true, None), "tier-1");
    assert_eq!(found(false, Some("tier-5")), "tier-5");
    assert_eq!(found(true, Some("free")), "tier-1", "the higher one wins");
    assert_eq!(found(false, Some("gold")), "free", "a tier that is gone is no tier");
    assert_eq!(tier_of(&Tiers::default(), true, None), None);
}

#[test]
fn the_fourth_request_of_a_minute_waits_for_the_first_to_be_over() {
    let mut pace = Pace::new(false);
    for second in [0, 10, 20] {
        pace.take(&FREE, tokens(100), at(second * 1_000)).unwrap();
    }
    let refused = too_fast(pace.take(&FREE, tokens(100), at(30_000)));
    assert_eq!((refused.measure, refused.limit), (Measure::RequestsPerMinute, 3));
    assert_eq!(refused.wait, Some(SignedDuration::from_secs(30)));
    assert!(pace.check(&FREE, tokens(100), at(59_999)).is_err());
    pace.take(&FREE, tokens(100), at(60_000)).unwrap();
    let room = pace.room(&FREE, at(60_000));
    let requests = Left { limit: 3, remaining: 0, reset: SignedDuration::from_mins(1) };
    assert_eq!(room.requests, Some(requests));
    assert_eq!(room.tokens.unwrap().remaining, 40_000 - 300);
    // A clock that is set back gives nothing back.
    assert!(pace.take(&FREE, tokens(0), at(0)).is_err());
}

#[test]
fn tokens_are_reserved_at_the_most_and_given_back() {
    let mut pace = Pace::new(false);
    let slot = pace.take(&FREE, tokens(39_000), at(0)).unwrap();
    let refused = too_fast(pace.take(&FREE, tokens(1_001), at(1_000)));
    assert_eq!((refused.measure, refused.used), (Measure::TokensPerMinute, 39_000));
    assert_eq!(refused.wait, Some(SignedDuration::from_secs(59)));
    pace.end(slot, Some(500));
    let second = pace.take(&FREE, tokens(39_500), at(2_000)).unwrap();
    assert_eq!(pace.room(&FREE, at(60_000)).tokens.unwrap().remaining, 500);
    // What is over is not there to be given back.
    assert_eq!(pace.room(&FREE, at(62_000)).tokens.unwrap().remaining, 40_000);
    pace.end(second, Some(0));
    assert_eq!(pace.room(&FREE, at(62_000)).tokens.unwrap().remaining, 40_000);
    let never = too_fast(pace.take(&FREE, tokens(40_001), at(600_000)));
    assert_eq!((never.measure, never.wait), (Measure::TokensPerMinute, None));
}

#[test]
fn what_one_limit_refuses_takes_nothing_of_the_others() {
    let limit = RateLimit { images_per_minute: Some(4), concurrent_calls: Some(2), ..FREE };
    let size = |images| Size { tokens: 10, images };
    let mut pace = Pace::new(false);
    let first = pace.take(&limit, size(3), at(0)).unwrap();
    let refused = too_fast(pace.take(&limit, size(2), at(0)));
    assert_eq!((refused.measure, refused.used, refused.asked), (Measure::ImagesPerMinute, 3, 2));
    let never = too_fast(pace.take(&limit, size(5), at(0)));
    assert_eq!((never.measure, never.wait), (Measure::ImagesPerMinute, None));
    let _second = pace.take(&limit, size(1), at(0)).unwrap();
    let refused = too_fast(pace.take(&limit, size(0), at(0)));
    assert_eq!((refused.measure, refused.used), (Measure::ConcurrentCalls, 2));
    assert_eq!(refused.wait, Some(SignedDuration::from_secs(1)));
    // The refused ones took no request and no tokens; a call that has ended is in flight no more.
    pace.end(first, None);
    let room = pace.room(&limit, at(0));
    assert_eq!((room.requests.unwrap().remaining, room.tokens.unwrap().remaining), (1, 39_980));
    assert_eq!(room.images.unwrap().remaining, 0);
    pace.take(&limit, size(0), at(0)).unwrap();
}

#[test]
fn a_call_that_is_not_sent_after_all_has_taken_nothing() {
    let limit = RateLimit { images_per_minute: Some(9), concurrent_calls: Some(3), ..FREE };
    let mut pace = Pace::new(false);
    let size = Size { tokens: 100, images: 2 };
    let first = pace.take(&limit, size, at(0)).unwrap();
    let before = pace.room(&limit, at(1_000));
    let second = pace.take(&limit, size, at(1_000)).unwrap();
    assert_ne!(pace.room(&limit, at(1_000)), before);
    pace.undo(second);
    assert_eq!(pace.room(&limit, at(1_000)), before);
    pace.end(first, Some(40));
    assert_eq!(pace.room(&limit, at(1_000)).tokens.unwrap().remaining, 40_000 - 40);
    for _ in 0..2 {
        pace.take(&limit, size, at(1_000)).unwrap();
    }
}

#[test]
fn a_study_takes_as_long_as_its_slowest_limit() {
    let time = |limit: &RateLimit, calls, tokens| {
        time_for(limit, StudySize { calls, tokens }).map(|time| time.to_string())
    };
    let free = RateLimit { requests_per_day: Some(200), ..FREE };
    // 2,000 calls at 200 a day: the last ones go when nine days are over; at 3 a minute they would
    // take half a day.
    assert_eq!(time(&free, 2_000, 0).as_deref(), Some("PT216H"));
    // What fits into a day goes at 3 a minute.
    assert_eq!(time(&free, 200, 0).as_deref(), Some("PT1H6M40S"));
    assert_eq!(time(&free, 201, 0).as_deref(), Some("PT24H"));
    assert_eq!(time(&FREE, 2_000, 0).as_deref(), Some("PT11H6M40S"));
    assert_eq!(time(&FREE, 1, 4_000_000).as_deref(), Some("PT1H40M"));
    let daily = RateLimit { tokens_per_day: Some(1_000_000), ..FREE };
    assert_eq!(time(&daily, 1, 4_000_000).as_deref(), Some("PT72H"));
    assert_eq!(time(&RateLimit::default(), 9, 9), None);
    assert_eq!(time(&free, 0, 0).as_deref(), Some("PT0S"));
    assert!(time(&free, u64::MAX, u64::MAX).is_some());
}

/// A call, milliseconds after the one before, with tokens reserved and tokens used.
fn calls() -> impl Strategy<Value = Vec<(i64, u64, u64)>> {
    prop::collection::vec((0_i64..20_000, 0_u64..60, 0_u64..60), 0..200)
}

proptest! {
    #[test]
    fn no_window_ever_holds_more_than_its_limit(calls in calls()) {
        let limit = RateLimit {
            requests_per_minute: Some(5),
            tokens_per_minute: Some(100),
            ..RateLimit::default()
        };
        let (mut pace, mut now, mut admitted) = (Pace::new(false), 0, Vec::new());
        for (after, reserved, used) in calls {
            now += after;
            match pace.take(&limit, tokens(reserved), at(now)) {
                Ok(slot) => {
                    let used = used.min(reserved);
                    pace.end(slot, Some(used));
                    admitted.push((now, used));
                }
                Err(Hindrance::TooFast(TooFast { wait: Some(wait), .. })) => {
                    prop_assert!(wait.is_positive());
                    // Waiting as long as it says is enough, and no sooner is.
                    let later = now + i64::try_from(wait.as_millis()).unwrap();
                    let mut copy = replay(&limit, &admitted);
                    prop_assert!(copy.check(&limit, tokens(reserved), at(later - 1)).is_err());
                    prop_assert!(copy.check(&limit, tokens(reserved), at(later)).is_ok());
                }
                Err(Hindrance::TooFast(TooFast { wait: None, .. })) => {
                    prop_assert!(100 < reserved);
                }
                Err(Hindrance::NotHere) => prop_assert!(false, "all is here"),
            }
        }
        for (start, _) in &admitted {
            let within = |window: i64| {
                admitted.iter().filter(move |(at, _)| (*start..*start + window).contains(at))
            };
            prop_assert!(within(60_000).count() <= 5);
            prop_assert!(within(60_000).map(|(_, tokens)| tokens).sum::<u64>() <= 100);
        }
    }
}

fn replay(limit: &RateLimit, admitted: &[(i64, u64)]) -> Pace {
    let mut pace = Pace::new(false);
    for (now, of) in admitted {
        let slot = pace.take(limit, tokens(*of), at(*now)).unwrap();
        pace.end(slot, None);
    }
    pace
}
