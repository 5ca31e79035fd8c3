//! Dates as a person reads them: the day in words, and the zone always.

use bursar_kernel::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// A day in a zone: `1 December 2026`.
pub fn date(at: Timestamp, zone: &TimeZone) -> Markup {
    let zoned = at.to_zoned(zone.clone());
    html! { time.date datetime=(zoned.date()) { (day(zoned.date())) } }
}

/// An instant in a zone: `1 December 2026, 00:00 UTC`.
pub fn instant(at: Timestamp, zone: &TimeZone) -> Markup {
    let zoned = at.to_zoned(zone.clone());
    let clock = zoned.strftime("%H:%M %Z");
    html! {
        time datetime=(machine(at)) { (day(zoned.date())) ", " span.nowrap { (clock) } }
    }
}

/// An instant to the second, short, for long tables: `2026-12-01 00:00:07`.
pub fn second(at: Timestamp, zone: &TimeZone) -> Markup {
    let zoned = at.to_zoned(zone.clone());
    html! { time.nowrap datetime=(machine(at)) { (zoned.strftime("%Y-%m-%d %H:%M:%S")) } }
}

/// Two days with what lies between them, `1 December 2026 to 12 January 2027`; one day once.
pub fn both_dates(from: Timestamp, to: Timestamp, zone: &TimeZone) -> Markup {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    if day(from) == day(to) {
        return date(from, zone);
    }
    html! { (date(from, zone)) " to " (date(to, zone)) }
}

/// A civil day: `1 December 2026`.
pub fn day(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// Whole days from one instant to another; none once it has passed.
pub fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.duration_since(from).as_hours() / 24).max(0)
}

/// `1 day`, `12 days`.
pub fn days(count: i64) -> String {
    plural(count, "day", "days")
}

/// A count with its noun: `1 key`, `3 keys`.
pub fn plural(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn machine(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    //! Dates in words, with their zone.

    use super::*;

    #[test]
    fn an_instant_names_its_zone_and_keeps_its_machine_form() {
        let at: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        let text = |zone: &str| instant(at, &TimeZone::get(zone).unwrap()).into_string();
        let utc = "1 December 2026, <span class=\"nowrap\">00:00 UTC</span>";
        assert!(text("UTC").contains(utc), "{}", text("UTC"));
        let boston = text("America/New_York");
        assert!(boston.contains("30 November 2026, <span class=\"nowrap\">19:00 EST<"), "{boston}");
        assert!(boston.contains("datetime=\"2026-12-01T00:00:00Z\""), "{boston}");
    }

    #[test]
    fn days_left_are_whole_and_never_negative() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-12-01T12:00:00Z");
        assert_eq!(days_between(now, at("2026-12-03T11:59:59Z")), 1);
        assert_eq!(days_between(now, at("2026-11-01T00:00:00Z")), 0);
    }
}
