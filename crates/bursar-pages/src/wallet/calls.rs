//! Calls: each with its cost to the last digit, and how that cost came about.

use bursar_kernel::{Endpoint, GrantId, PriceVersion, Rate, RequestId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::dates::second;
use crate::ui::money::count;
use crate::ui::table::{number, text};
use crate::ui::{
    Figure, Frame, Page, Status, Table, back, empty, exact, figures, instant, key_values, link,
    name, paging, tag,
};

/// The calls of a grant, the latest first.
#[derive(Clone, Debug)]
pub struct Calls {
    /// The grant.
    pub grant: GrantId,
    /// Its title.
    pub title: String,
    /// The calls.
    pub rows: Vec<CallRow>,
    /// Where newer ones are.
    pub newer: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
    /// What is shown of how many: `1 to 50 of 2,118`.
    pub position: String,
}

/// A call in the list.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// Its request id.
    pub id: RequestId,
    /// When it began.
    pub at: Timestamp,
    /// The model that was asked for.
    pub model: String,
    /// Where it went.
    pub endpoint: Endpoint,
    /// The key's name.
    pub key: String,
    /// Input tokens.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// What it cost.
    pub cost: Usd,
    /// How it ended.
    pub status: Status,
}

impl Page for Calls {
    fn title(&self) -> String {
        format!("Calls of {}", self.title)
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant(self.grant), &self.title))
            h1 { "Calls" }
            @if self.rows.is_empty() {
                (empty("No call yet", &html! { p { "See "
                    (link(&routes::grant_use(self.grant), "how to use this grant")) "." } }))
            } @else {
                p.muted { "Times are in " (frame.now.to_zoned(frame.zone.clone()).strftime("%Z"))
                    ". Costs are exact." }
                div.dense { (self.table(frame)) }
                (paging("Pages of calls", self.newer.as_deref(), self.older.as_deref(),
                    &self.position))
            }
        }
    }
}

impl Calls {
    fn table(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Time"),
            number("Cost"),
            text("Model"),
            text("State"),
            number("Input"),
            number("Output"),
            text("Endpoint"),
            text("Key"),
            text("Request"),
        ];
        let rows = self.rows.iter().map(|call| {
            vec![
                second(call.at, &frame.zone),
                html! { (exact(call.cost)) },
                html! { (call.model) },
                tag(&call.status),
                html! { (count(call.input)) },
                html! { (count(call.output)) },
                html! { (call.endpoint.name()) },
                name(&call.key),
                html! {
                    a.nowrap href=(routes::grant_call(self.grant, call.id)) {
                        span.visually-hidden { (call.id) }
                        span aria-hidden="true" { "…" (tail(&call.id.to_string())) }
                    }
                },
            ]
        });
        Table::new("Calls", columns, rows.collect()).under_heading().scrolling().html()
    }
}

/// The end of an identifier, which is where two of them differ.
fn tail(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

/// One call, with the arithmetic of its cost.
#[derive(Clone, Debug)]
pub struct CallPage {
    /// The grant.
    pub grant: GrantId,
    /// Its request id.
    pub id: RequestId,
    /// When it began.
    pub at: Timestamp,
    /// The model that was asked for.
    pub model: String,
    /// Where it went.
    pub endpoint: Endpoint,
    /// The key's name.
    pub key: String,
    /// How it ended.
    pub status: Status,
    /// What the cost rests on: the provider's report, a count, the whole hold.
    pub basis: String,
    /// The service tier it was priced at.
    pub tier: String,
    /// What was held while it ran.
    pub held: Usd,
    /// What it cost.
    pub cost: Usd,
    /// What it was said to cost since, and why: the last word is last.
    pub corrections: Vec<(Timestamp, Usd, String)>,
    /// Units times rate, for each kind.
    pub lines: Vec<CostLine>,
    /// Their sum before the rounding, where the charge differs from it.
    pub sum: Option<String>,
    /// The price table.
    pub prices: PriceVersion,
    /// What else to know: `Estimated: the provider reported no usage`.
    pub note: Option<String>,
}

/// Units of one kind at their rate.
#[derive(Clone, Debug)]
pub struct CostLine {
    /// The kind: `Input tokens`.
    pub kind: String,
    /// How many.
    pub units: u64,
    /// What a million of them costs.
    pub rate: Rate,
    /// What these cost, exactly, as a decimal: `0.00015`. May have more digits than the charge.
    pub cost: String,
}

impl Page for CallPage {
    fn title(&self) -> String {
        format!("Call {}", self.id)
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant_calls(self.grant), "Calls"))
            div.heading-row { h1 { "Call …" (tail(&self.id.to_string())) } (tag(&self.status)) }
            (figures(&[
                Figure::new("Cost", exact(self.costs())).note(html! {
                    @if !self.corrections.is_empty() {
                        "corrected; charged at first: " (exact(self.cost))
                    }
                }),
                Figure::new("Held while it ran", exact(self.held)),
            ]))
            @if let Some(note) = &self.note { (crate::ui::inset(&html! { p { (note) } })) }
            h2 { "How the cost came about" }
            @if self.lines.is_empty() {
                p { @if self.cost.is_zero() { "Nothing was charged." } @else {
                    "The charge was not made of units and rates." } }
            } @else { (self.arithmetic()) }
            @if !self.corrections.is_empty() {
                h2 { "Corrections" }
                ol {
                    @for (at, cost, reason) in &self.corrections {
                        li {
                            (exact(*cost)) " since " (instant(*at, &frame.zone)) ": "
                            (name(reason))
                        }
                    }
                }
            }
            h2 { "Details" }
            (key_values(&[
                ("Request id".to_owned(), html! { code { (self.id) } }),
                ("Time".to_owned(), instant(self.at, &frame.zone)),
                ("Model".to_owned(), html! { (self.model) }),
                ("Endpoint".to_owned(), html! { code { (self.endpoint.path()) } }),
                ("Key".to_owned(), name(&self.key)),
                ("Rests on".to_owned(), html! { (self.basis) }),
                ("Service tier".to_owned(), html! { (self.tier) }),
            ]))
        }
    }
}

impl CallPage {
    /// What it costs: the last word, if there was one after the charge.
    fn costs(&self) -> Usd {
        self.corrections.last().map_or(self.cost, |(_, cost, _)| *cost)
    }

    fn arithmetic(&self) -> Markup {
        let columns =
            vec![text("Kind"), number("Units"), number("Dollars a million"), number("Cost")];
        let mut rows: Vec<Vec<Markup>> = self
            .lines
            .iter()
            .map(|line| {
                vec![
                    html! { (line.kind) },
                    html! { (count(line.units)) },
                    html! { "$" (line.rate) },
                    html! { "$" (line.cost) },
                ]
            })
            .collect();
        if let Some(sum) = &self.sum {
            let label = html! { "Sum, before it is rounded up" };
            rows.push(vec![label, html! {}, html! {}, html! { "$" (sum) }]);
        }
        rows.push(vec![
            html! { strong { "Charged" } },
            html! {},
            html! {},
            html! { strong { (exact(self.cost)) } },
        ]);
        html! {
            (Table::new("Units times rate", columns, rows).html())
            p.muted { "Prices of table " code { (self.prices) } ". The sum is exact and is "
                "rounded up once, to a billionth of a dollar." }
        }
    }
}
