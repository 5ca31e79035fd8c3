//! What holders are told while there is time: that credit ends, runs low, or is used up.
//!
//! Each names the end to the instant, and none suggests that it could be moved.

use std::fmt::Write as _;

use bursar_kernel::{BasisPoints, GrantId, ListingId, Program, Timestamp, Usd};
use bursar_ledger::{Forecast, Milestone, Way};
use bursar_program::calendar::Plan;
use jiff::tz::TimeZone;

use super::Letter;

/// Nano-dollars of a cent.
const CENT: i64 = 10_000_000;

/// What a letter is written from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'l> {
    /// What has come.
    pub milestone: Milestone,
    /// When.
    pub now: Timestamp,
    /// The grant.
    pub grant: GrantId,
    /// What it is called; empty if nobody said.
    pub title: &'l str,
    /// Its program.
    pub program: &'l Program,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What can be spent now.
    pub available: Usd,
    /// What was spent.
    pub spent: Usd,
    /// How what is left may be passed on.
    pub way: Way,
    /// Where the balance is heading; `None` where nothing can be spent.
    pub forecast: Option<&'l Forecast>,
    /// More by a new application.
    pub apply: Option<(&'l Program, &'l Plan)>,
    /// More from the market.
    pub buy: Option<Offered>,
    /// What links begin with.
    pub base_url: &'l str,
}

/// The best that the market has on offer.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// The listing.
    pub listing: ListingId,
    /// Its price, as a share of face value.
    pub price: BasisPoints,
    /// How much is on offer.
    pub offered: Usd,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// How many whole days sooner it can be used than credit that is applied for now.
    pub days_sooner: Option<i64>,
}

/// The letter about what has come.
pub fn letter(told: &Told<'_>) -> Letter {
    let program = &told.program.name;
    let body = match told.milestone {
        Milestone::Days90 | Milestone::Days30 | Milestone::Days7 | Milestone::Days1 => {
            format!("{}{}{}", told.left(), told.heading(), told.choices())
        }
        Milestone::Used80 => format!("{}{}{}", told.low(), told.heading(), told.more()),
        Milestone::Used100 => format!("{}{}", told.used_up(), told.more()),
    };
    let subject = match told.milestone {
        Milestone::Days90 | Milestone::Days30 | Milestone::Days7 | Milestone::Days1 => {
            format!("Your credit from {program} expires in {}", told.time_left())
        }
        Milestone::Used80 => format!("Your credit from {program} is running low"),
        Milestone::Used100 => format!("Your credit from {program} is used up"),
    };
    let page = told.url("/next");
    Letter {
        subject,
        body: format!("{body}\nThe forecast, and all of this in one place:\n{page}\n"),
    }
}

impl Told<'_> {
    fn title(&self) -> &str {
        if self.title.is_empty() { &self.program.name } else { self.title }
    }

    fn left(&self) -> String {
        format!(
            "${} of your grant \"{}\" is not spent. It ends on {}, and nothing can be spent at \
             that instant or after it. That end is fixed.\n\n",
            down(self.available),
            self.title(),
            self.end(),
        )
    }

    fn low(&self) -> String {
        format!(
            "Four fifths of your grant \"{}\" are spent: ${} is left. What is left ends on {}, and \
             that end is fixed.\n\n",
            self.title(),
            down(self.available),
            self.end(),
        )
    }

    fn used_up(&self) -> String {
        format!(
            "Your grant \"{}\" is used up: ${} was spent of it, and calls with its keys are \
             refused. What they paid for stays on its page.\n",
            self.title(),
            up(self.spent),
        )
    }

    /// What the pace of the last days comes to.
    fn heading(&self) -> String {
        let Some(found) = self.forecast else { return String::new() };
        let Some(course) = found.course else {
            return format!(
                "Nothing was spent on it {}, so there is no pace to go by: unless you spend, all \
                 ${} will be lost.\n",
                over(found.days),
                up(found.available),
            );
        };
        let pace = format!("At the pace {}, ${} a day,", of(found.days), down(course.per_day));
        if let Some(at) = course.runs_out_at {
            return format!("{pace} it lasts until {}.\n", self.day(at));
        }
        if !course.lost.is_positive() {
            return format!("{pace} all of it will be spent by then.\n");
        }
        let mut text = format!("{pace} ${} of it will be lost.", up(course.lost));
        if let Some(band) = found.band.filter(|band| band.fast.lost < band.slow.lost) {
            let (least, most) = (up(band.fast.lost), up(band.slow.lost));
            let _ = write!(
                text,
                " If every week is like the fastest of them it is ${least}, if every week is like \
                 the slowest ${most}."
            );
        }
        text.push('\n');
        text
    }

    /// What can be done with credit that is left.
    fn choices(&self) -> String {
        let Some(found) = self.forecast else { return String::new() };
        let mut text = format!(
            "\nWhat you can do until then:\n\n\
             - Use it: ${} a day uses all of it. See what a larger study costs first: \
             {}/estimate\n",
            up(found.pace_to_use_all),
            self.base_url,
        );
        let way = self.way;
        if matches!(way, Way::Market(_)) {
            let sell = self.url("/sell");
            let _ = writeln!(text, "- Sell on the market what you will not use: {sell}");
        }
        if way != Way::Nobody {
            let back = self.url("/return");
            let _ = writeln!(text, "- Give back what you will not use, for somebody else: {back}");
        }
        let (brings, per_day) = (down(found.waiting.brings), up(found.waiting.per_day));
        let could = match way {
            Way::Market(_) => "could bring about",
            Way::Pool => "could be awarded to somebody else:",
            Way::Nobody => return text,
        };
        if brings.is_positive() {
            let _ = writeln!(
                text,
                "\nWhat you will not use {could} ${brings} today, and ${per_day} less with each \
                 day of waiting."
            );
        }
        text
    }

    /// Both roads to more credit.
    fn more(&self) -> String {
        let mut text = "\nTwo roads lead to more credit:\n\n".to_owned();
        match self.apply {
            Some((program, plan)) => {
                let zone = &program.review.zone;
                let decision = plan.decision.map_or_else(String::new, |(from, _)| {
                    format!("; the decision comes after {}", day(from, zone))
                });
                let credit = plan.credit.map_or_else(String::new, |(from, to)| {
                    format!(", and credit between {} and {}", day(from, zone), day(to, zone))
                });
                let _ = writeln!(
                    text,
                    "- Apply again, with your research progress. Submit before \
                     {}{decision}{credit}: {}/programs/{}",
                    instant(plan.round.review_begins, zone),
                    self.base_url,
                    program.id,
                );
            }
            None => text.push_str("- No program takes applications for this credit at present.\n"),
        }
        match self.buy {
            Some(road) => {
                let (price, offered) = (road.price, down(road.offered));
                let sooner = road
                    .days_sooner
                    .filter(|days| 0 < *days)
                    .map_or(String::new(), |days| format!(", {} sooner", plural(days)));
                let _ = writeln!(
                    text,
                    "- Buy on the market. The best offer is {} % off retail, for up to ${offered} \
                     of credit that ends on {}; it can be used at once{sooner}: \
                     {}/market/listings/{}",
                    price.rest(),
                    self.day(road.expires_at),
                    self.base_url,
                    road.listing,
                );
            }
            None => {
                let _ = writeln!(
                    text,
                    "- Buy on the market. Nothing is on offer just now; look again: {}/market",
                    self.base_url
                );
            }
        }
        text
    }

    /// The end to the instant, on the program's clocks.
    fn end(&self) -> String {
        instant(self.expires_at, self.zone())
    }

    fn time_left(&self) -> String {
        let hours = self.expires_at.duration_since(self.now).as_hours().max(0);
        if hours < 24 { "less than a day".to_owned() } else { plural(hours / 24) }
    }

    fn day(&self, at: Timestamp) -> String {
        day(at, self.zone())
    }

    fn zone(&self) -> &TimeZone {
        &self.program.review.zone
    }

    fn url(&self, below: &str) -> String {
        format!("{}/grants/{}{below}", self.base_url, self.grant)
    }
}

/// The days that a pace is of.
fn of(days: usize) -> String {
    if days == 1 { "of the last day".to_owned() } else { format!("of the last {days} days") }
}

/// The days in which nothing was spent.
fn over(days: usize) -> String {
    match days {
        0 => "yet".to_owned(),
        1 => "on the last day".to_owned(),
        _ => format!("in the last {days} days"),
    }
}

fn plural(days: i64) -> String {
    format!("{days} {}", if days == 1 { "day" } else { "days" })
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %B %Y").to_string()
}

fn instant(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %B %Y, %H:%M %Z").to_string()
}

/// What somebody has, to the cent: rounded down.
fn down(amount: Usd) -> Usd {
    Usd::from_nanos(amount.nanos() - amount.nanos().rem_euclid(CENT))
}

/// What somebody loses or has to spend, to the cent: rounded up.
fn up(amount: Usd) -> Usd {
    let missing = (CENT - amount.nanos().rem_euclid(CENT)) % CENT;
    amount.checked_add(Usd::from_nanos(missing)).unwrap_or(amount)
}
