//! When applications are reviewed and by what, when credit comes, and how long it lives.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// How long credit lives: a number of calendar months from the instant of delivery. Hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Calendar months.
    pub months: u32,
}

/// When applications are reviewed, in one time zone.
///
/// An application submitted before a review begins goes to that review's round; one sent later goes
/// to the next.
#[derive(Clone, Debug)]
pub struct ReviewCalendar {
    /// How often.
    pub cadence: Cadence,
    /// The zone in which days and months begin and end.
    pub zone: TimeZone,
}

/// How often applications are reviewed. There is at most one review in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// All through these months of each year, 1 to 12, ascending.
    Months(Vec<i8>),
    /// In each month, from a certain weekday on: the first Monday, say.
    MonthlyOn {
        /// Which of the month's: 1 to 4.
        week: i8,
        /// The weekday.
        weekday: Weekday,
        /// How many days a review takes, 1 to 27.
        days: i8,
    },
}

impl ReviewCalendar {
    /// The months in which reviews begin, 1 to 12, ascending.
    pub fn months(&self) -> Vec<i8> {
        match &self.cadence {
            Cadence::Months(months) => months.clone(),
            Cadence::MonthlyOn { .. } => (1..=12).collect(),
        }
    }

    /// When reviews begin, as people say it after `each`: `March, June, September and December`,
    /// `first Monday of the month`.
    pub fn in_words(&self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        const WEEKS: [&str; 4] = ["first", "second", "third", "fourth"];
        let nth = |names: &[&'static str], number: i8| {
            let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            place.and_then(|place| names.get(place).copied()).unwrap_or_default()
        };
        match &self.cadence {
            Cadence::Months(months) => {
                let names: Vec<&str> = months.iter().map(|month| nth(&MONTHS, *month)).collect();
                match names.split_last() {
                    Some((last, rest)) if !rest.is_empty() => {
                        format!("{} and {last}", rest.join(", "))
                    }
                    Some(_) | None => names.concat(),
                }
            }
            Cadence::MonthlyOn { week, weekday, .. } => {
                format!("{} {} of the month", nth(&WEEKS, *week), weekday_name(*weekday))
            }
        }
    }
}

const fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// How long after the decision credit arrives, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadTime {
    /// At the earliest.
    pub days_min: u32,
    /// At the latest.
    pub days_max: u32,
}

impl LeadTime {
    /// As people say it: `4 to 6 weeks`.
    pub fn in_words(self) -> String {
        let Self { days_min, days_max } = self;
        if days_min % 7 == 0 && days_max % 7 == 0 && days_min < days_max {
            return format!("{} to {} weeks", days_min / 7, days_max / 7);
        }
        if days_min == days_max {
            return format!("{days_min} days");
        }
        format!("{days_min} to {days_max} days")
    }
}

/// One thing that reviewers score, from 1 to the top of its scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Its short name: `method`.
    pub id: String,
    /// Its name on a page.
    pub label: String,
    /// What the reviewer asks of the application.
    pub asks: String,
    /// How much it counts beside the others.
    pub weight: u32,
    /// The best score, 2 to 10.
    pub scale: u32,
}

/// What may follow a decline, and what a further grant takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reapplication {
    /// How often a declined application may come back; `None` is without limit.
    pub resubmissions_max: Option<u32>,
    /// Whether a new application after a grant has to report its progress.
    pub progress_needed: bool,
}
