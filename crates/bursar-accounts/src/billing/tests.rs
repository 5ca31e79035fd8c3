//! Which days are told of.

use super::*;

/// 30 November 2026, in the afternoon.
const NOW: i64 = 1_796_047_200;

fn check(query: &str, expected: &str) {
    let uri: Uri = format!("/dashboard/billing/usage{query}").parse().unwrap();
    let now = Timestamp::from_second(NOW).unwrap();
    let said = match asked(&uri).and_then(|days| days.period(now)) {
        Ok((from, to)) => format!("{} {}", from.strftime("%F"), to.strftime("%F")),
        Err(BadQuery { param, code, .. }) => format!("{param} {code}"),
    };
    assert_eq!(said, expected, "{query}");
}

#[test]
fn days_are_half_open_and_none_is_still_to_come() {
    check("?start_date=2026-11-01&end_date=2026-11-30", "2026-11-01 2026-11-30");
    check("?start_date=2026-11-01&end_date=2027-01-01", "2026-11-01 2026-12-01");
    check("?start_date=2026-11-30", "2026-11-30 2026-12-01");
    check("?start_date=2026-12-24", "2026-12-01 2026-12-01");
    check("", "2025-10-27 2026-12-01");
    check("?end_date=2026-01-01", "2024-11-27 2026-01-01");
    assert!(crate::DAYS.starts_with(&format!("{BILLING_DAYS_MAX} days")));
}

#[test]
fn what_is_no_day_is_refused_by_its_name() {
    for query in ["?start_date=2026-02-30", "?start_date=20261130", "?start_date="] {
        check(query, "start_date invalid_value");
    }
    check("?start_date=2026-11-30T00:00", "start_date invalid_value");
    check("?start_date=1969-12-31", "start_date invalid_value");
    check("?start_date=2025-01-01", "start_date invalid_value");
    check("?start_date=2026-11-02&end_date=2026-11-02", "end_date invalid_value");
    check("?end_date=2026-11-02&end_date=2026-11-02", "end_date invalid_value");
    check("?date=2026-11-02", "date unknown_parameter");
}

#[test]
fn cents_are_written_exactly() {
    let written = |text: &str| cents(text.parse().unwrap()).unwrap().get().to_owned();
    assert_eq!(written("12.345678901"), "1234.5678901");
    assert_eq!(written("0.000000075"), "0.0000075");
    assert_eq!(written("0"), "0.00");
    assert!(cents(Usd::MAX).is_err());
}
