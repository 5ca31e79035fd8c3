//! What holders are told while there is time: that credit ends, runs low, or is used up.
//!
//! Each names the end to the instant, and none suggests that it could be moved.

use std::fmt::Write as _;

use bursar_kernel::{BasisPoints, GrantId, ListingId, Program, Timestamp, Usd};
use bursar_ledger::{Forecast, Milestone, Outlook, Way, forecast};
use bursar_program::calendar::{Plan, plan};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::register::{base, grant_id, now, usd};
use super::{Item, Letter};

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
    let days = |name| {
        let subject = format!("Your credit from {program} expires in {}", told.time_left());
        told.choices(Letter::new(name, subject).say(told.left()).say_some(told.heading()))
    };
    let letter = match told.milestone {
        Milestone::Days90 => days("days_90"),
        Milestone::Days30 => days("days_30"),
        Milestone::Days7 => days("days_7"),
        Milestone::Days1 => days("days_1"),
        Milestone::Used80 => {
            let subject = format!("Your credit from {program} is running low");
            told.more(Letter::new("used_80", subject).say(told.low()).say_some(told.heading()))
        }
        Milestone::Used100 => {
            let subject = format!("Your credit from {program} is used up");
            told.more(Letter::new("used_100", subject).say(told.used_up()))
        }
    };
    letter.link("The forecast, and all of this in one place:", &told.url("/next"))
}

impl Letter {
    fn say_some(self, text: String) -> Self {
        if text.is_empty() { self } else { self.say(text) }
    }
}

impl Told<'_> {
    fn title(&self) -> &str {
        if self.title.is_empty() { &self.program.name } else { self.title }
    }

    fn left(&self) -> String {
        format!(
            "${} of your grant \"{}\" is not spent. It ends on {}, and nothing can be spent at \
             that instant or after it. That end is fixed.",
            down(self.available),
            self.title(),
            self.end(),
        )
    }

    fn low(&self) -> String {
        format!(
            "Four fifths of your grant \"{}\" are spent: ${} is left. What is left ends on {}, and \
             that end is fixed.",
            self.title(),
            down(self.available),
            self.end(),
        )
    }

    fn used_up(&self) -> String {
        format!(
            "Your grant \"{}\" is used up: ${} was spent of it, and calls with its keys are \
             refused. What they paid for stays on its page.",
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
                 ${} will be lost.",
                over(found.days),
                up(found.available),
            );
        };
        let pace = format!("At the pace {}, ${} a day,", of(found.days), down(course.per_day));
        if let Some(at) = course.runs_out_at {
            return format!("{pace} it lasts until {}.", self.day(at));
        }
        if !course.lost.is_positive() {
            return format!("{pace} all of it will be spent by then.");
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
        text
    }

    /// What can be done with credit that is left.
    fn choices(&self, letter: Letter) -> Letter {
        let Some(found) = self.forecast else { return letter };
        let use_it = format!(
            "Use it: ${} a day uses all of it. See what a larger study costs first",
            up(found.pace_to_use_all),
        );
        let mut items = vec![Item::link(use_it, format!("{}/estimate", self.base_url))];
        let way = self.way;
        if matches!(way, Way::Market(_)) {
            let text = "Sell on the market what you will not use";
            items.push(Item::link(text, self.url("/sell")));
        }
        if way != Way::Nobody {
            let text = "Give back what you will not use, for somebody else";
            items.push(Item::link(text, self.url("/return")));
        }
        let letter = letter.list("What you can do until then:", items);
        let (brings, per_day) = (down(found.waiting.brings), up(found.waiting.per_day));
        let could = match way {
            Way::Market(_) => "could bring about",
            Way::Pool => "could be awarded to somebody else:",
            Way::Nobody => return letter,
        };
        if !brings.is_positive() {
            return letter;
        }
        letter.say(format!(
            "What you will not use {could} ${brings} today, and ${per_day} less with each day of \
             waiting."
        ))
    }

    /// Both roads to more credit.
    fn more(&self, letter: Letter) -> Letter {
        let apply = match self.apply {
            Some((program, plan)) => {
                let zone = &program.review.zone;
                let decision = plan.decision.map_or_else(String::new, |(from, _)| {
                    format!("; the decision comes after {}", day(from, zone))
                });
                let credit = plan.credit.map_or_else(String::new, |(from, to)| {
                    format!(", and credit between {} and {}", day(from, zone), day(to, zone))
                });
                let text = format!(
                    "Apply again, with your research progress. Submit before {}{decision}{credit}",
                    instant(plan.round.review_begins, zone),
                );
                Item::link(text, format!("{}/programs/{}", self.base_url, program.id))
            }
            None => Item::text("No program takes applications for this credit at present."),
        };
        let buy = self.buy.map_or_else(
            || {
                let text = "Buy on the market. Nothing is on offer just now; look again";
                Item::link(text, format!("{}/market", self.base_url))
            },
            |road| self.buy_on_the_market(road),
        );
        letter.list("Two roads lead to more credit:", vec![apply, buy])
    }

    fn buy_on_the_market(&self, road: Offered) -> Item {
        let (price, offered) = (road.price, down(road.offered));
        let sooner = road
            .days_sooner
            .filter(|days| 0 < *days)
            .map_or(String::new(), |days| format!(", {} sooner", plural(days)));
        let text = format!(
            "Buy on the market. The best offer is {} % off retail, for up to ${offered} of credit \
             that ends on {}; it can be used at once{sooner}",
            price.rest(),
            self.day(road.expires_at),
        );
        Item::link(text, format!("{}/market/listings/{}", self.base_url, road.listing))
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

pub(crate) fn sample_90(program: &Program) -> Letter {
    sample(program, Milestone::Days90, 90)
}

pub(crate) fn sample_30(program: &Program) -> Letter {
    sample(program, Milestone::Days30, 30)
}

pub(crate) fn sample_7(program: &Program) -> Letter {
    sample(program, Milestone::Days7, 7)
}

pub(crate) fn sample_1(program: &Program) -> Letter {
    sample(program, Milestone::Days1, 1)
}

pub(crate) fn sample_80(program: &Program) -> Letter {
    sample(program, Milestone::Used80, 200)
}

pub(crate) fn sample_100(program: &Program) -> Letter {
    sample(program, Milestone::Used100, 200)
}

/// A letter about a grant that somebody spends a little of, and more in some weeks.
fn sample(program: &Program, milestone: Milestone, days_left: i64) -> Letter {
    let now = now();
    let expires_at = now + SignedDuration::from_hours(24 * days_left);
    let days: Vec<Usd> = [2, 0, 1, 5, 0, 0, 3, 1, 0, 0, 4, 2, 0, 1].map(usd).to_vec();
    let price: BasisPoints = "55".parse().unwrap_or(BasisPoints::WHOLE);
    let (available, way) = (usd(640), Way::Market(price));
    let found = forecast(&Outlook { available, now, expires_at, days: &days, way });
    let plan = plan(program, now);
    letter(&Told {
        milestone,
        now,
        grant: grant_id(),
        title: "How models reason about <causes>",
        program,
        expires_at,
        available,
        spent: usd(360),
        way,
        forecast: found.as_ref(),
        apply: plan.as_ref().map(|plan| (program, plan)),
        buy: Some(Offered {
            listing: ListingId::from_bytes([1; 16]),
            price,
            offered: usd(400),
            expires_at,
            days_sooner: Some(67),
        }),
        base_url: base(),
    })
}
