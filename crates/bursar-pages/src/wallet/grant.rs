//! One grant: what is left, until when, and where it went.

use bursar_kernel::{GrantId, ModelId, Timestamp, Usd};
use jiff::civil::Date;
use maud::{Markup, html};

use super::card::PaymentMethod;
use super::heading::Heading;
use super::keys::{KeyRow, key_fields, keys_table};
use super::models::ending_notice;
use super::passing_on::PassingOn;
use crate::apply::{GrantRow, grants_table, shared_grants};
use crate::routes;
use crate::stops::StopShown;
use crate::studies::{self, StudyRow};
use crate::tiers::Pace;
use crate::ui::money::count;
use crate::ui::{
    Figure, Frame, Input, Meter, Page, SpendChart, Status, available, back, both_dates, button,
    button_link, empty, error_summary, exact, field_html, figures, form, instant, key_values, link,
    name, tag, taken,
};

/// The holder's grants.
#[derive(Clone, Debug)]
pub struct GrantsList {
    /// The grants, the soonest to expire first.
    pub grants: Vec<GrantRow>,
    /// Those of others in which they take part.
    pub shared: Vec<GrantRow>,
}

impl Page for GrantsList {
    fn title(&self) -> String {
        "My grants".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "My grants" }
            @if self.grants.is_empty() {
                (empty("You have no grant yet", &html! {
                    p { "An award that you accept becomes a grant. See where "
                        (link(routes::APPLICATIONS, "your applications")) " stand." }
                }))
            } @else {
                (grants_table("My grants", &self.grants, frame))
            }
            (shared_grants(&self.shared, frame))
        }
    }
}

/// One grant.
#[derive(Clone, Debug)]
pub struct GrantPage {
    /// The grant.
    pub id: GrantId,
    /// What it is called.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// Its state.
    pub status: Status,
    /// Where its money is.
    pub money: Money,
    /// When it lives.
    pub expiry: Expiry,
    /// Where its balance is heading.
    pub heading: Heading,
    /// Models in use that end before it does: the day, and what follows.
    pub ending: Vec<(ModelId, Date, Option<ModelId>)>,
    /// Spending a day; `None` before the first call.
    pub chart: Option<SpendChart>,
    /// Its keys.
    pub keys: Vec<KeyRow>,
    /// Its studies.
    pub studies: Vec<StudyRow>,
    /// The form for a new key (`name`, `study`, `cap`), and what is wrong.
    pub input: Input,
    /// How many calls there are.
    pub calls: u64,
    /// Who holds it, where somebody else looks.
    pub holder: Option<String>,
    /// What whoever looks may do here.
    pub may: May,
    /// What its holder can do with what they will not use.
    pub passing_on: PassingOn,
    /// Whether whoever looks may take its credit back.
    pub may_take_back: bool,
    /// Why an officer has stopped its calls, if one has.
    pub stopped: Option<StopShown>,
    /// The same, where its whole program is stopped.
    pub program_stopped: Option<StopShown>,
    /// Whether whoever looks may stop its calls, and start them again.
    pub may_stop: bool,
    /// The holder's payment method, where the program asks for one and its holder looks.
    pub payment_method: Option<PaymentMethod>,
    /// How fast its calls may go; `None` in a program that limits nothing.
    pub pace: Option<Pace>,
}

/// What whoever looks at a grant may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    /// Read every figure of it.
    pub see_figures: bool,
    /// Make keys of their own.
    pub keys: MakesKeys,
    /// Make studies.
    pub make_studies: bool,
    /// Pass its credit on.
    pub pass_on: bool,
}

/// Where somebody may make keys of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MakesKeys {
    /// In the whole grant.
    Anywhere,
    /// In the studies that they see, and not outside of any.
    InStudies,
    /// Nowhere.
    Nowhere,
}

impl May {
    /// Whatever its holder may.
    pub const ALL: Self =
        Self { see_figures: true, keys: MakesKeys::Anywhere, make_studies: true, pass_on: true };
    /// Read all of it, and change nothing.
    pub const READ: Self =
        Self { see_figures: true, keys: MakesKeys::Nowhere, make_studies: false, pass_on: false };
}

/// Where a grant's money is. `left`, `held`, `spent`, `in_question`, `expired`, `sold`, `returned`
/// and `taken_back` make `face`.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    /// What it was worth.
    pub face: Usd,
    /// What can be spent now.
    pub left: Usd,
    /// Held by calls that are not finished.
    pub held: Usd,
    /// Spent.
    pub spent: Usd,
    /// In suspense: nobody knows whether calls have spent it.
    pub in_question: Usd,
    /// Gone unspent at the expiry.
    pub expired: Usd,
    /// Sold on the market.
    pub sold: Usd,
    /// Handed back to the program's pool.
    pub returned: Usd,
    /// Taken back by an officer.
    pub taken_back: Usd,
}

/// When a grant lives.
#[derive(Clone, Debug)]
pub enum Expiry {
    /// Accepted; credit arrives between two days.
    NotDelivered {
        /// At the earliest.
        from: Timestamp,
        /// At the latest.
        to: Timestamp,
        /// How long it will live: `12 months from the instant it arrives`.
        lives: String,
    },
    /// Delivered.
    Delivered {
        /// Spendable since then.
        at: Timestamp,
        /// Spendable before this instant, never at it or after.
        expires_at: Timestamp,
    },
}

impl Page for GrantPage {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = key_fields(&self.studies, self.may.keys == MakesKeys::Anywhere, &self.input);
        html! {
            (back(routes::GRANTS, "My grants"))
            (error_summary(&fields))
            div.heading-row { h1 { (name(&self.title)) } (tag(&self.status)) }
            p.muted { (name(&self.program))
                @if let Some(holder) = &self.holder { ", held by " (name(holder)) } }
            (self.stops(frame))
            (self.heading.news(self.may.pass_on.then_some(self.id), &self.what_next(), frame))
            (ending_notice(&self.ending))
            div #money data-refresh="5" { (self.money_html()) }
            (self.facts(frame))
            div.actions {
                (button_link(&routes::grant_calls(self.id), "See the calls"))
                (link(&routes::grant_spending(self.id), "Where it went"))
                (link(&routes::grant_use(self.id), "How to use it"))
                (link(&routes::grant_models(self.id), "Models"))
                (link(&routes::grant_people(self.id), "People"))
                @if self.may.see_figures {
                    (link(&routes::grant_statement(self.id), "Statement (CSV)"))
                }
            }
            @if let Some(method) = &self.payment_method { (method.section(self.id, frame)) }
            h2 { "Spending per day" }
            @if !self.may.see_figures { p.muted { "Of your keys, and of your studies." } }
            @match &self.chart {
                Some(chart) => (chart.html()),
                None => (empty("No call yet", &html! { p { "Create a key below and make your first "
                    "call. It shows here at once." } })),
            }
            @if let Some(pace) = &self.pace { (pace.section()) }
            (studies::section(self.id, &self.studies, self.money.face,
                self.may.make_studies && self.is_alive(frame), frame))
            h2 { "Keys" }
            @if self.keys.is_empty() {
                (empty("No key yet", &html! { p { "A key lets your programs spend this grant. Give "
                    "each study its own, with a cap if you like." } }))
            } @else { (keys_table(self.id, &self.keys, frame)) }
            @if self.may.keys != MakesKeys::Nowhere && self.is_alive(frame) {
                h3 { "Create a key" }
                (form(frame, &routes::grant_keys(self.id), &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Create key")) }
                }))
            }
            @if self.may.pass_on { (self.passing_on.section(self.id)) }
            (self.for_officers())
        }
    }
}

impl GrantPage {
    /// That its calls are stopped, since when and why.
    fn stops(&self, frame: &Frame) -> Markup {
        let of_program = html! { "All grants of " (name(&self.program)) " have been stopped" };
        html! {
            @if let Some(stop) = &self.stopped {
                (stop.told(&html! { "This grant has been stopped by an officer" }, &frame.zone))
            }
            @if let Some(stop) = &self.program_stopped {
                (stop.told(&of_program, &frame.zone))
            }
        }
    }

    fn for_officers(&self) -> Markup {
        let label = if self.stopped.is_some() { "Start its calls again" } else { "Stop its calls" };
        html! {
            @if self.may_stop || self.may_take_back { h2 { "For officers" } }
            @if self.may_stop {
                p { "Calls can be stopped at once, and started again. No money moves." }
                div.actions { (button_link(&routes::grant_stop(self.id), label)) }
            }
            @if self.may_take_back {
                p { "Credit can go back to the program's pool: a part of what is free, or all that "
                    "is left. Its holder is told why." }
                div.actions {
                    (button_link(&routes::grant_take_back(self.id), "Take credit back"))
                }
            }
        }
    }

    fn money_html(&self) -> Markup {
        let Money { face, left, held, spent, .. } = self.money;
        let Money { in_question, expired, sold, returned, taken_back, .. } = self.money;
        let exactly = html! { "exactly " (exact(left)) " of " (exact(face)) };
        let mut parts = vec![
            ("Spent".to_owned(), taken(spent), spent, "used"),
            ("Held by open calls".to_owned(), taken(held), held, "held"),
            ("Left".to_owned(), available(left), left, "left"),
        ];
        let gone = [
            ("In question", in_question),
            ("Sold", sold),
            ("Returned", returned),
            ("Taken back", taken_back),
            ("Expired", expired),
        ];
        for (label, amount) in gone.into_iter().filter(|(_, amount)| amount.is_positive()) {
            let place = parts.len().saturating_sub(1);
            parts.insert(place, (label.to_owned(), taken(amount), amount, "lost"));
        }
        html! {
            div.balance {
                (figures(&[Figure::new("Left to spend", available(left)).note(exactly)]))
            }
            (Meter { whole: face, parts }.html())
            @if in_question.is_positive() {
                p.muted { "In question: the gateway stopped before it could write what calls had "
                    "cost. An operator settles it from the provider's own figures." }
            }
            p.muted.small { "Credit is deducted by use, at the provider's list prices. It is not "
                "cash." }
        }
    }

    fn facts(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        let mut facts = match &self.expiry {
            Expiry::NotDelivered { from, to, lives } => vec![
                ("Credit arrives".to_owned(), both_dates(*from, *to, zone)),
                ("Lives".to_owned(), html! { (lives) }),
            ],
            Expiry::Delivered { at, expires_at } => vec![
                ("Delivered".to_owned(), instant(*at, zone)),
                (
                    "Expires".to_owned(),
                    html! { (instant(*expires_at, zone)) br;
                    span.muted { "No extension, renewal or pause." } },
                ),
            ],
        };
        let spent = if self.may.see_figures { self.money.spent } else { self.own_spent() };
        facts.push((
            "Spent".to_owned(),
            html! { span.amount { (exact(spent)) } " in "
            (count(self.calls)) @if self.calls == 1 { " call" } @else { " calls" }
            @if !self.may.see_figures { " of yours" } },
        ));
        facts.push(("Reference".to_owned(), html! { code { (self.id) } }));
        key_values(&facts)
    }

    /// What the keys have spent that whoever looks sees.
    fn own_spent(&self) -> Usd {
        Usd::sum(self.keys.iter().map(|key| key.spent)).unwrap_or(Usd::MAX)
    }

    fn what_next(&self) -> Markup {
        html! { @if self.may.see_figures {
            p { (link(&routes::grant_next(self.id), "What next: forecast and choices")) }
        } }
    }

    fn is_alive(&self, frame: &Frame) -> bool {
        match self.expiry {
            Expiry::NotDelivered { .. } => true,
            Expiry::Delivered { expires_at, .. } => frame.now < expires_at,
        }
    }
}
