//! Instants and spans as people write them.

use bursar_kernel::Timestamp;
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::problem::Refusal;

/// A date, which means its first instant in a zone, or an instant; in whole milliseconds, which
/// is what the store keeps.
pub(crate) fn read_instant(field: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, Refusal> {
    let text = text.trim();
    let instant = match text.parse::<Date>() {
        // A longer text that begins with a date is an instant, or nothing.
        Ok(date) if text.len() == DATE_CHARACTERS => first_instant(date, zone),
        Ok(_) | Err(_) => text.parse().ok(),
    };
    let whole =
        instant.and_then(|at: Timestamp| Timestamp::from_millisecond(at.as_millisecond()).ok());
    whole.ok_or_else(|| {
        let message = "Write a date, like 2027-03-01, or an instant with its zone, like \
                       2027-03-01T12:00:00Z";
        Refusal::field(field, message)
    })
}

/// Characters of a date: `2027-03-01`.
const DATE_CHARACTERS: usize = 10;

/// The first instant of a day, which in some zones is not midnight.
fn first_instant(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = date.to_zoned(zone.clone()).ok()?;
    midnight.start_of_day().ok().map(|first| first.timestamp())
}

/// An instant so much later, in UTC: `12h`, `3d`, `1w`, `P1W`.
pub(crate) fn later(field: &str, from: Timestamp, by: &str) -> Result<Timestamp, Refusal> {
    let span: Option<Span> = by.trim().parse().ok();
    let later = span.filter(|span| span.is_positive()).and_then(|span| {
        from.to_zoned(TimeZone::UTC).checked_add(span).ok().map(|later| later.timestamp())
    });
    later.ok_or_else(|| {
        Refusal::field(field, "Write how far to turn the clock on, like 12h, 3d, 1w or P1W")
    })
}

#[cfg(test)]
mod tests;
