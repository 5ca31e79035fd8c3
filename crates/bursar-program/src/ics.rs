//! A program's dates as an iCalendar (RFC 5545), for calendars that subscribe to them.

use std::fmt::Write;

use bursar_kernel::program::Cadence;
use bursar_kernel::{Program, Timestamp};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::calendar::{self, Between, Plan};

/// Octets of a line, its end not counted: RFC 5545, section 3.1.
const LINE_OCTETS_MAX: usize = 75;
/// Months that a subscribed calendar shows.
pub const MONTHS: u32 = 24;

/// A calendar that is being written.
pub struct Calendar {
    text: String,
    stamp: String,
    base_url: String,
}

impl Calendar {
    /// An empty calendar of that name, as it is at an instant. Links begin with the base.
    pub fn new(name: &str, now: Timestamp, base_url: &str) -> Self {
        let mut calendar =
            Self { text: String::new(), stamp: instant(now), base_url: base_url.to_owned() };
        for (key, value) in [
            ("BEGIN", "VCALENDAR"),
            ("VERSION", "2.0"),
            ("PRODID", "-//Bursar//Programs//EN"),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", "PUBLISH"),
            ("REFRESH-INTERVAL;VALUE=DURATION", "P1D"),
            ("X-PUBLISHED-TTL", "P1D"),
        ] {
            calendar.line(key, value);
        }
        calendar.line("X-WR-CALNAME", &escaped(name));
        calendar
    }

    /// The rounds of a program that have days of their own: a rolling review has none.
    #[must_use]
    pub fn with_rounds(mut self, program: &Program, now: Timestamp) -> Self {
        if has_days(program) && program.takes_applications() {
            for plan in calendar::months_ahead(program, now, MONTHS) {
                self.round(program, &plan);
            }
        }
        self
    }

    /// What an application in a round can expect, to the end of its credit.
    #[must_use]
    pub fn with_plan(mut self, program: &Program, plan: &Plan) -> Self {
        self.round(program, plan);
        if let Some(span) = plan.expires {
            let what = format!("Credit expires: {}", program.name);
            self.days(program, plan, "expires", &what, span);
        }
        self
    }

    /// The calendar as a file.
    pub fn finish(mut self) -> String {
        self.line("END", "VCALENDAR");
        self.text
    }

    fn round(&mut self, program: &Program, plan: &Plan) {
        let (round, name) = (&plan.round, &program.name);
        let label = calendar::name(program, round);
        if program.review.collects_days.is_some() {
            let what = format!("Applications open: {name} ({label})");
            self.event(program, plan, "opens", &what);
            self.line("DTSTART", &instant(round.collects_from));
            self.line("END", "VEVENT");
        }
        let what = format!("Applications close: {name} ({label})");
        self.event(program, plan, "closes", &what);
        // The hour before: an event at the very instant would be shown on the day after the last.
        self.line("DTSTART", &instant(round.review_begins - 1.hour()));
        self.line("DTEND", &instant(round.review_begins));
        for (key, value) in [
            ("BEGIN", "VALARM"),
            ("ACTION", "DISPLAY"),
            ("TRIGGER", "-P7D"),
            ("DESCRIPTION", "A week is left to apply"),
            ("END", "VALARM"),
            ("END", "VEVENT"),
        ] {
            self.line(key, value);
        }
        if let Some(span) = plan.decision {
            let what = format!("Decisions: {name} ({label})");
            self.days(program, plan, "decisions", &what, span);
        }
        if let Some(span) = plan.credit {
            let what = format!("Credit arrives: {name} ({label})");
            self.days(program, plan, "credit", &what, span);
        }
    }

    /// An event of whole days, in the program's zone.
    fn days(&mut self, program: &Program, plan: &Plan, kind: &str, what: &str, span: Between) {
        let day = |at: Timestamp| at.to_zoned(program.review.zone.clone()).date();
        let (from, to) = (day(span.0), day(span.1));
        self.event(program, plan, kind, what);
        self.line("DTSTART;VALUE=DATE", &civil(from));
        self.line("DTEND;VALUE=DATE", &civil(to.tomorrow().unwrap_or(to)));
        self.line("TRANSP", "TRANSPARENT");
        self.line("END", "VEVENT");
    }

    /// The beginning of an event. Its name stays the same however often its dates are read.
    fn event(&mut self, program: &Program, plan: &Plan, kind: &str, what: &str) {
        let url = format!("{}/programs/{}", self.base_url, program.id);
        self.line("BEGIN", "VEVENT");
        self.line("UID", &format!("{}-{}-{kind}@bursar", program.id, plan.round.id));
        let stamp = self.stamp.clone();
        self.line("DTSTAMP", &stamp);
        self.line("SEQUENCE", &program.version.to_string());
        self.line("SUMMARY", &escaped(what));
        let says = format!("As the program says it: {url}");
        self.line("DESCRIPTION", &escaped(&says));
        self.line("URL", &url);
    }

    /// A line, folded.
    fn line(&mut self, key: &str, value: &str) {
        let mut left = LINE_OCTETS_MAX;
        let mut folded = String::new();
        for letter in format!("{key}:{value}").chars() {
            if left < letter.len_utf8() {
                folded.push_str("\r\n ");
                left = LINE_OCTETS_MAX.saturating_sub(1);
            }
            left = left.saturating_sub(letter.len_utf8());
            folded.push(letter);
        }
        write!(self.text, "{folded}\r\n").expect("a text takes all");
    }
}

/// Whether a program's rounds have days that one can wait for.
pub fn has_days(program: &Program) -> bool {
    match program.review.cadence {
        Cadence::Months(_) | Cadence::MonthlyOn { .. } | Cadence::Calls(_) => true,
        Cadence::Rolling { .. } | Cadence::Unsaid => false,
    }
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn civil(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

/// A text as a value: RFC 5545, section 3.3.11. A value has no line of its own to begin.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
