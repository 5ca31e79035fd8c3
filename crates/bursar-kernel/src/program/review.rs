//! When applications are reviewed and by what, when credit comes, and how long it lives.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// How long credit lives. Hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its length, or its last instant.
    pub length: TermLength,
    /// What it is counted from.
    pub from: TermStart,
}

/// The length of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermLength {
    /// Calendar months.
    Months(u32),
    /// Calendar days.
    Days(u32),
    /// To the end of a day, whenever the credit arrives.
    Until(Date),
}

/// What a term is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TermStart {
    /// The instant at which the credit arrives.
    #[default]
    Delivery,
    /// The instant at which the decision is released: a late delivery shortens the term.
    Decision,
}

impl Term {
    /// How long, as people say it: `12 months`, `365 days`, `until 30 June 2027`.
    pub fn in_words(self) -> String {
        match self.length {
            TermLength::Months(1) => "1 month".to_owned(),
            TermLength::Months(months) => format!("{months} months"),
            TermLength::Days(1) => "1 day".to_owned(),
            TermLength::Days(days) => format!("{days} days"),
            TermLength::Until(day) => format!("until {}", day.strftime("%-d %B %Y")),
        }
    }

    /// How long and from when: `12 months from the instant it arrives`.
    pub fn from_when(self) -> String {
        match (self.length, self.from) {
            (TermLength::Until(_), _) => self.in_words(),
            (_, TermStart::Delivery) => format!("{} from the instant it arrives", self.in_words()),
            (_, TermStart::Decision) => {
                format!("{} from the instant of the decision", self.in_words())
            }
        }
    }

    /// The same for machines: an ISO 8601 duration, `P12M`, or a day, `2027-06-30`.
    pub fn iso(self) -> String {
        match self.length {
            TermLength::Months(months) => format!("P{months}M"),
            TermLength::Days(days) => format!("P{days}D"),
            TermLength::Until(day) => day.to_string(),
        }
    }
}

/// When applications are reviewed, in one time zone.
///
/// An application submitted before a review begins goes to that review's round; one sent later goes
/// to the next.
#[derive(Clone, Debug)]
pub struct ReviewCalendar {
    /// How often.
    pub cadence: Cadence,
    /// Applications are taken for so many days before a review begins; `None` is on every day.
    pub collects_days: Option<u32>,
    /// The zone in which days and months begin and end.
    pub zone: TimeZone,
}

/// How often applications are reviewed.
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
    /// As they come: what arrives in a day, or in a week from Monday on, is a round of its own.
    Rolling {
        /// How long a round collects.
        every: Every,
        /// Days after that in which decisions fall; `None` where nobody says.
        decided: Option<DecisionDays>,
    },
    /// In calls, each with its days, in their order and apart from each other.
    Calls(Vec<Call>),
    /// Nobody says.
    Unsaid,
}

/// How long a round of a rolling review collects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// A day.
    Day,
    /// A week, from Monday on.
    Week,
}

/// Days after a round's last in which its decisions fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionDays {
    /// At the earliest.
    pub min: u32,
    /// At the latest.
    pub max: u32,
}

impl DecisionDays {
    /// As people say it: `4 to 6 weeks`.
    pub fn in_words(self) -> String {
        days_in_words(self.min, self.max)
    }
}

/// A call for applications that does not come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The first day on which applications are taken; `None` is any day before the last.
    pub opens: Option<Date>,
    /// The last day on which they are.
    pub closes: Date,
    /// The day by whose end all is decided; `None` where nobody says.
    pub decided_by: Option<Date>,
}

impl ReviewCalendar {
    /// When reviews begin, as people say it in the middle of a sentence: `each March, June,
    /// September and December`, `on the first Monday of each month`.
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
                        format!("each {} and {last}", rest.join(", "))
                    }
                    Some(_) | None => format!("each {}", names.concat()),
                }
            }
            Cadence::MonthlyOn { week, weekday, .. } => {
                format!("on the {} {} of each month", nth(&WEEKS, *week), weekday_name(*weekday))
            }
            Cadence::Rolling { decided: Some(decided), .. } => {
                format!("as they come, decided within {}", decided.in_words())
            }
            Cadence::Rolling { decided: None, .. } => "as they come".to_owned(),
            Cadence::Calls(_) => "in calls with a last day".to_owned(),
            Cadence::Unsaid => "when, nobody says".to_owned(),
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
        days_in_words(self.days_min, self.days_max)
    }
}

fn days_in_words(min: u32, max: u32) -> String {
    if min.is_multiple_of(7) && max.is_multiple_of(7) && min < max {
        return format!("{} to {} weeks", min / 7, max / 7);
    }
    if min == max {
        return format!("{min} {}", if min == 1 { "day" } else { "days" });
    }
    format!("{min} to {max} days")
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

/// Who reviews the applications of a round: so many reviewers each, chosen for what they know.
/// A program without one lets every reviewer take any application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Reviews of each application, at least one.
    pub reviews: u32,
    /// Applications of a reviewer in a round at the most, unless they say fewer.
    pub load_max: u32,
    /// Reviews are due so many days after the review begins; `None` is when it ends.
    pub due_days: Option<u32>,
    /// An institution that somebody has left counts as shared for so many years more.
    pub institution_years: u32,
    /// The question that tells what an application is about, which is a choice: reviewers say
    /// which of its answers they know.
    pub topics: Option<String>,
    /// Whether applicants are told what each criterion came to on the average.
    pub feedback: bool,
}
