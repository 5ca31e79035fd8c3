//! Tiers and windows: as tables, and as the law that no window ever holds more than its limit.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const FREE: RateLimit = RateLimit {
    requests_per_minute: Some(3),
    requests_per_day: Some(200),
    tokens_per_minute: Some(40_000),
};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
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
    let mut pace = Pace::default();
    for second in [0, 10, 20] {
        pace.take(&FREE, 100, at(second * 1_000)).unwrap();
    }
    let refused = pace.take(&FREE, 100, at(30_000)).unwrap_err();
    assert_eq!((refused.measure, refused.limit), (Measure::RequestsPerMinute, 3));
    assert_eq!(refused.wait, Some(SignedDuration::from_secs(30)));
    assert!(pace.check(&FREE, 100, at(59_999)).is_err());
    pace.take(&FREE, 100, at(60_000)).unwrap();
    let room = pace.room(&FREE, at(60_000));
    let requests = Left { limit: 3, remaining: 0, reset: SignedDuration::from_mins(1) };
    assert_eq!(room.requests, Some(requests));
    assert_eq!(room.tokens.unwrap().remaining, 40_000 - 300);
}

#[test]
fn tokens_are_reserved_at_the_most_and_given_back() {
    let mut pace = Pace::default();
    let slot = pace.take(&FREE, 39_000, at(0)).unwrap();
    let refused = pace.take(&FREE, 1_001, at(1_000)).unwrap_err();
    assert_eq!((refused.measure, refused.used), (Measure::TokensPerMinute, 39_000));
    assert_eq!(refused.wait, Some(SignedDuration::from_secs(59)));
    pace.settle(slot, 500);
    let second = pace.take(&FREE, 39_500, at(2_000)).unwrap();
    // What is over is not there to be settled.
    pace.settle(slot, 0);
    assert_eq!(pace.room(&FREE, at(60_000)).tokens.unwrap().remaining, 500);
    pace.settle(second, 0);
    assert_eq!(pace.room(&FREE, at(60_000)).tokens.unwrap().remaining, 40_000);
    let never = pace.take(&FREE, 40_001, at(600_000)).unwrap_err();
    assert_eq!((never.measure, never.wait), (Measure::TokensPerMinute, None));
}

#[test]
fn a_day_is_counted_beside_the_minute() {
    let two_a_day = RateLimit { requests_per_day: Some(2), ..FREE };
    let mut pace = Pace::default();
    pace.take(&two_a_day, 0, at(0)).unwrap();
    pace.take(&two_a_day, 0, at(0)).unwrap();
    let refused = pace.take(&two_a_day, 0, at(3_600_000)).unwrap_err();
    assert_eq!(refused.measure, Measure::RequestsPerDay);
    assert_eq!(refused.wait, Some(SignedDuration::from_hours(23)));
    assert!(!pace.is_idle(at(86_399_999)));
    assert!(pace.is_idle(at(86_400_000)));
    // A clock that is set back gives nothing back.
    assert!(pace.take(&two_a_day, 0, at(0)).is_ok());
    assert_eq!(pace.latest, at(86_400_000));
}

#[test]
fn a_study_takes_as_long_as_its_slowest_limit() {
    let time = |limit: &RateLimit, calls, tokens| {
        time_for(limit, StudySize { calls, tokens }).map(|time| time.to_string())
    };
    // 2,000 calls at 200 a day: the last ones go when nine days are over; at 3 a minute they would
    // take half a day.
    assert_eq!(time(&FREE, 2_000, 0).as_deref(), Some("PT216H"));
    // What fits into a day goes at 3 a minute.
    assert_eq!(time(&FREE, 200, 0).as_deref(), Some("PT1H6M40S"));
    assert_eq!(time(&FREE, 201, 0).as_deref(), Some("PT24H"));
    let paid = RateLimit { requests_per_day: None, ..FREE };
    assert_eq!(time(&paid, 2_000, 0).as_deref(), Some("PT11H6M40S"));
    assert_eq!(time(&paid, 1, 4_000_000).as_deref(), Some("PT1H40M"));
    assert_eq!(time(&RateLimit::default(), 9, 9), None);
    assert_eq!(time(&FREE, 0, 0).as_deref(), Some("PT0S"));
    assert!(time(&FREE, u64::MAX, u64::MAX).is_some());
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
            requests_per_day: Some(40),
            tokens_per_minute: Some(100),
        };
        let (mut pace, mut now, mut admitted) = (Pace::default(), 0, Vec::new());
        for (after, reserved, used) in calls {
            now += after;
            match pace.take(&limit, reserved, at(now)) {
                Ok(slot) => {
                    let used = used.min(reserved);
                    pace.settle(slot, used);
                    admitted.push((now, used));
                }
                Err(TooFast { wait: Some(wait), .. }) => {
                    prop_assert!(wait.is_positive());
                    // Waiting as long as it says is enough, and no sooner is.
                    let later = now + i64::try_from(wait.as_millis()).unwrap();
                    let mut copy = replay(&limit, &admitted);
                    prop_assert!(copy.check(&limit, reserved, at(later - 1)).is_err());
                    prop_assert!(copy.check(&limit, reserved, at(later)).is_ok());
                }
                Err(TooFast { wait: None, .. }) => prop_assert!(100 < reserved),
            }
        }
        for (start, _) in &admitted {
            let within = |window: i64| {
                admitted.iter().filter(move |(at, _)| (*start..*start + window).contains(at))
            };
            prop_assert!(within(60_000).count() <= 5);
            prop_assert!(within(86_400_000).count() <= 40);
            prop_assert!(within(60_000).map(|(_, tokens)| tokens).sum::<u64>() <= 100);
        }
    }
}

fn replay(limit: &RateLimit, admitted: &[(i64, u64)]) -> Pace {
    let mut pace = Pace::default();
    for (now, tokens) in admitted {
        pace.take(limit, *tokens, at(*now)).unwrap();
    }
    pace
}
