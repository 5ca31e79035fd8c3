//! What next: where a grant is heading, what waiting costs, and every road on.

use bursar_kernel::{BasisPoints, GrantId, ListingId, Program, Timestamp, Usd};
use maud::{Markup, html};

use super::heading::{Heading, Stage};
use crate::discover::{RoundDates, plan_line};
use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::dates::days;
use crate::ui::{
    BalanceChart, Figure, Frame, Page, Status, available, back, button, button_link, date, figures,
    link, name, tag, taken,
};

/// What a larger study costs, before it is made.
const ESTIMATE: &str = "/estimate";

/// A grant's forecast, with what its holder can do.
#[derive(Clone, Debug)]
pub struct NextPage {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// Its state.
    pub status: Status,
    /// Whether its holder looks.
    pub is_own: bool,
    /// Where it is heading.
    pub heading: Heading,
    /// What has to be spent a day to use it all.
    pub pace_to_use_all: Usd,
    /// What is left over time; `None` where nothing can be spent.
    pub chart: Option<BalanceChart>,
    /// How credit that will not be used may be passed on.
    pub way: Way,
    /// What the unused rest could bring now.
    pub brings: Usd,
    /// What a day of waiting takes from that.
    pub waiting_per_day: Usd,
    /// What the terms say about passing on, and which terms.
    pub clause: (String, String),
    /// More by a new application.
    pub apply: Option<Apply>,
    /// More from the market.
    pub buy: Option<Buy>,
}

/// How credit may be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To nobody.
    Nobody,
    /// Back to where it came from.
    Pool,
    /// By the market, at such a price now.
    Market(BasisPoints),
}

/// More credit by a new application.
#[derive(Clone, Debug)]
pub struct Apply {
    /// The program.
    pub program: Program,
    /// The next round's dates.
    pub round: RoundDates,
}

/// More credit from the market.
#[derive(Clone, Copy, Debug)]
pub struct Buy {
    /// The best listing.
    pub listing: ListingId,
    /// Its price, as a share of face value.
    pub price: BasisPoints,
    /// How much is on offer.
    pub offered: Usd,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// How many days sooner it can be used than credit that is applied for now.
    pub days_sooner: Option<i64>,
}

impl Page for NextPage {
    fn title(&self) -> String {
        format!("What next: {}", self.title)
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            div.heading-row { h1 { "What next" } (tag(&self.status)) }
            p.muted { (name(&self.title)) }
            (self.heading.news(None, &html! {}, frame))
            @if self.heading.is_spendable() {
                (self.forecast(frame))
                (self.waiting())
                (self.what_is_left())
            }
            (self.more(frame))
        }
    }
}

impl NextPage {
    fn forecast(&self, frame: &Frame) -> Markup {
        let heading = &self.heading;
        let mut shown = vec![Figure::new("Left to spend", available(heading.available))];
        let pace = heading.per_day.map_or("None yet".to_owned(), available);
        shown.push(Figure::new("Spent a day", pace).note(html! {
            @match heading.days {
                0 => "no whole day yet",
                days => { "of " (crate::ui::dates::plural(
                    i64::try_from(days).unwrap_or(i64::MAX), "whole day", "whole days")) }
            }
        }));
        let needed = Figure::new("To use it all", taken(self.pace_to_use_all));
        shown.push(needed.note(html! { "a day, until it expires" }));
        shown.push(match heading.runs_out_at {
            Some(at) => {
                let day = at.to_zoned(frame.zone.clone()).strftime("%-d %b %Y").to_string();
                Figure::new("Lasts until", day)
            }
            None => Figure::new("Will expire unspent", taken(heading.lost)),
        });
        html! {
            h2 #forecast { "Forecast" }
            (figures(&shown))
            @if let Some(chart) = &self.chart { (chart.html(&frame.zone)) }
            p.muted.small { "Reckoned from the exact charges of whole days (UTC), of at most four "
                "weeks, and rounded so as to promise less: what is spent down, what is lost up. "
                "The expiry is fixed." }
        }
    }

    fn waiting(&self) -> Markup {
        html! {
            h2 #waiting { "What waiting costs" }
            @match self.way {
                _ if !self.heading.lost.is_positive() => p {
                    "Nothing: at this pace all of it is spent before it expires, so waiting takes "
                    "$0.00 a day."
                },
                Way::Market(price) => p {
                    "What you will not use, " (taken(self.heading.lost)) ", could bring about "
                    strong { (available(self.brings)) } " on the market today, at " (price)
                    "\u{a0}% of face value, the best realistic price. That falls to nothing at the "
                    "expiry: waiting costs " strong { (taken(self.waiting_per_day)) " a day" } "."
                },
                Way::Pool => p {
                    "The program could still award what you will not use, "
                    strong { (available(self.brings)) } ", to somebody else today. It ticks away: "
                    "waiting costs " strong { (taken(self.waiting_per_day)) " a day" } " of it."
                },
                Way::Nobody => p {
                    "This credit can be passed on to nobody: what is not spent is lost at the "
                    "expiry, and " (taken(self.pace_to_use_all)) " a day uses it all."
                },
            }
        }
    }

    fn what_is_left(&self) -> Markup {
        html! {
            h2 #left { "What to do with what is left" }
            div.roads {
                section.road {
                    h3 { "Use it" }
                    p { (taken(self.pace_to_use_all)) " a day uses all of it. More samples, "
                        "another model beside it, or a repetition: see first what a "
                        "larger batch costs." }
                    @if self.is_own { p { (button_link(ESTIMATE, "Estimate a larger batch")) } }
                }
                @if self.way != Way::Nobody {
                    section.road {
                        h3 { "Give it back to the pool" }
                        p { "As much of it as you like, at once, for somebody else. It cannot be "
                            "taken back." }
                        @if self.is_own {
                            p { (button_link(&routes::grant_return(self.grant), "Give it back")) }
                        }
                    }
                }
                section.road {
                    h3 { "Sell what you will not use" }
                    @if let Way::Market(price) = self.way {
                        p { "On the market, at a price you set; about " (price)
                            "\u{a0}% of face value is realistic now." }
                        @if self.is_own {
                            p { (button_link(&routes::grant_sell(self.grant), "Sell it")) }
                        }
                    } @else {
                        p { "This credit cannot be sold: " (self.clause.0) " "
                            span.muted { "(" (self.clause.1) ")" } }
                        @if self.is_own {
                            p { (link(&routes::grant_sell(self.grant), "What you can do instead")) }
                        }
                    }
                }
            }
        }
    }

    fn more(&self, frame: &Frame) -> Markup {
        let waits = matches!(self.heading.stage, Stage::Waiting { .. });
        html! {
            h2 #more { @if waits { "If you need more, or sooner" } @else { "More credit" } }
            div.roads {
                section.road #apply {
                    h3 { "Apply again" }
                    @match &self.apply {
                        Some(apply) => (self.apply(apply, frame)),
                        None => p { "No program takes applications for this credit at present." },
                    }
                }
                section.road #buy {
                    h3 { "Buy on the market" }
                    @match &self.buy {
                        Some(buy) => (buy.html(frame)),
                        None => {
                            p { "Nothing is on offer just now. What is bought is usable at once." }
                            p { (link(routes::MARKET, "See the market")) }
                        },
                    }
                }
            }
        }
    }

    fn apply(&self, apply: &Apply, frame: &Frame) -> Markup {
        let program = &apply.program;
        html! {
            (plan_line(&apply.round))
            p { "A new application includes your research progress: what this credit was spent on "
                "and what came of it. The form begins with what you said before." }
            @if self.is_own {
                (button_form(frame, &routes::apply(&program.id), &[], &button("Apply again")))
            }
            p.muted { (link(&routes::program(&program.id), &program.name)) }
        }
    }
}

impl Buy {
    fn html(&self, frame: &Frame) -> Markup {
        let of_hundred = Usd::from_dollars(100).map_or(Usd::ZERO, |hundred| self.price.of(hundred));
        html! {
            p { strong { (self.price.rest()) "\u{a0}% off retail" } ": "
                (taken(of_hundred)) " for each $100 of credit. Up to "
                (available(self.offered)) " is on offer at that price, usable until "
                (date(self.expires_at, &frame.zone)) "." }
            p { "Usable at once"
                @if let Some(sooner) = self.days_sooner.filter(|days| 0 < *days) {
                    ", " strong { (days(sooner)) " sooner" } " than credit that you apply for now"
                } "." }
            p { (button_link(&routes::listing(self.listing), "Buy")) " "
                (link(routes::MARKET, "All offers")) }
        }
    }
}
