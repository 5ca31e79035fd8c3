//! Moments, told as people write them.

use expect_test::{Expect, expect};
use jiff::tz::TimeZone;

use super::*;

#[test]
fn a_date_is_its_first_instant_in_the_zone() {
    let check = |text: &str, zone: &str, expected: Expect| {
        let zone = TimeZone::get(zone).unwrap();
        let read = read_instant("expires", text, &zone);
        let told = read.map_or_else(|refusal| refusal.problem.message.clone(), |at| at.to_string());
        expected.assert_eq(&told);
    };
    check("2027-03-01", "UTC", expect!["2027-03-01T00:00:00Z"]);
    check("2027-03-01", "America/Los_Angeles", expect!["2027-03-01T08:00:00Z"]);
    // The clocks of Cairo leap from midnight to one.
    check("2026-04-24", "Africa/Cairo", expect!["2026-04-23T22:00:00Z"]);
    check("2027-03-01T12:00:00.123456789Z", "UTC", expect!["2027-03-01T12:00:00.123Z"]);
    check("2027-03-01T12:00:00+02:00", "UTC", expect!["2027-03-01T10:00:00Z"]);
    for text in ["", "soon", "2027-02-29", "2027-03-01T12:00:00", "01/03/2027", "99999-01-01"] {
        let expected = expect!["`expires` cannot be taken as sent"];
        check(text, "UTC", expected);
    }
}

#[test]
fn the_clock_turns_forward_by_whole_spans() {
    let from: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let check = |text: &str, expected: Expect| {
        let to = later("by", from, text);
        let told = to.map_or_else(|refusal| refusal.problem.message.clone(), |at| at.to_string());
        expected.assert_eq(&told);
    };
    check("12h", expect!["2026-11-22T22:00:00Z"]);
    check("3d", expect!["2026-11-25T10:00:00Z"]);
    check("1w", expect!["2026-11-29T10:00:00Z"]);
    check("P1W", expect!["2026-11-29T10:00:00Z"]);
    check("1mo", expect!["2026-12-22T10:00:00Z"]);
    for text in ["", "0s", "-1d", "1 fortnight", "P9999999Y", "3"] {
        check(text, expect!["`by` cannot be taken as sent"]);
    }
}
