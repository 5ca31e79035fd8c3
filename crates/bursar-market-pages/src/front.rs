//! The market as everybody sees it.

use bursar_kernel::{BasisPoints, ListingId, Timestamp, Usd};
use maud::{Markup, html};

use super::{off, percent};
use crate::routes;
use crate::ui::table::{number, text};
use crate::ui::{
    Figure, Frame, Page, Table, available, button_link, date, days_between, empty, figures,
    instant, link, taken,
};

/// The market as everybody sees it.
#[derive(Clone, Debug)]
pub struct Front {
    /// What is on offer: the best price first.
    pub offers: Vec<OfferRow>,
    /// The latest trades, newest first.
    pub tape: Vec<TapeRow>,
    /// The suggested band, as prices.
    pub band: (BasisPoints, BasisPoints),
    /// The most that a seller may ask.
    pub ceiling: BasisPoints,
    /// What the market keeps of a price.
    pub fee: BasisPoints,
}

/// One listing. Who sells is nobody's business.
#[derive(Clone, Debug)]
pub struct OfferRow {
    /// The listing.
    pub id: ListingId,
    /// Where the credit comes from: `Enterprise commitment`.
    pub source: String,
    /// Whose API it pays for.
    pub provider: String,
    /// How much is on offer.
    pub offered: Usd,
    /// What all of it costs.
    pub cost: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// Until when a buyer can use it.
    pub expires_at: Timestamp,
    /// What it may be spent on.
    pub models: String,
}

/// One trade on the tape.
#[derive(Clone, Debug)]
pub struct TapeRow {
    /// When.
    pub at: Timestamp,
    /// Where the credit came from.
    pub source: String,
    /// How much credit.
    pub face: Usd,
    /// What it cost.
    pub cost: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
}

impl Page for Front {
    fn title(&self) -> String {
        "Market".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Unused API credit, below retail" }
            p.lead {
                "Companies and labs list OpenAI credit that they will not use before it expires. "
                "You buy a part of it, and spend it with the same SDK and the same models."
            }
            (self.summary())
            div.actions {
                @if frame.person.is_some() {
                    (button_link(routes::MY_MARKET, "My listings and purchases"))
                    (link(routes::GRANTS, "Sell from one of my grants"))
                } @else {
                    (button_link(&routes::sign_in_then(routes::MARKET), "Join and trade now"))
                    span.muted { "An address is enough; the account is made on the way." }
                }
            }
            h2 { "On offer" }
            @if self.offers.is_empty() {
                (empty("Nothing is on offer just now", &html! {
                    p { "Whoever holds credit that may be sold can list it from its grant." }
                }))
            } @else { (self.table(frame)) }
            (self.how())
            h2 { "Latest trades" }
            @if self.tape.is_empty() {
                (empty("No trade yet", &html! { p { "The first one shows here, without names." } }))
            } @else { (self.tape(frame)) }
        }
    }
}

impl Front {
    fn summary(&self) -> Markup {
        let all = Usd::sum(self.offers.iter().map(|offer| offer.offered)).unwrap_or(Usd::MAX);
        let (low, high) = self.band;
        let band = format!("{} to {}\u{a0}% off", high.rest(), low.rest());
        let mut shown = vec![Figure::new("On offer", available(all))];
        if let Some(best) = self.offers.first() {
            let until = best.expires_at;
            let note = html! { (available(best.offered)) ", until " (until.strftime("%-d %B %Y")) };
            shown.push(Figure::new("Best price", off(best.price)).note(note));
        }
        shown.push(Figure::new("Customary", band).note(html! {
            "A seller asks at most " (percent(self.ceiling)) " of face value"
        }));
        figures(&shown)
    }

    fn table(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Credit"),
            number("On offer"),
            number("Price of all"),
            text("Discount to retail"),
            text("Usable until"),
            text("Models"),
            text("Buy"),
        ];
        let row = |offer: &OfferRow| {
            let days = days_between(frame.now, offer.expires_at);
            vec![
                html! { (offer.source) br; span.muted { (offer.provider) } },
                html! { (available(offer.offered)) },
                html! { (taken(offer.cost)) },
                html! { strong { (off(offer.price)) } br;
                span.muted { (percent(offer.price)) " of face value" } },
                html! { (date(offer.expires_at, &frame.zone)) br; span.muted { (days) " days" } },
                html! { (offer.models) },
                html! { a href=(routes::listing(offer.id)) {
                "Buy" span.visually-hidden { " from " (available(offer.offered)) " of "
                    (offer.source) } } },
            ]
        };
        let rows = self.offers.iter().map(row).collect();
        Table::new("On offer", columns, rows).under_heading().html()
    }

    fn how(&self) -> Markup {
        let (low, high) = self.band;
        html! {
            h2 { "How it works" }
            ol.steps {
                li { h3 { "A seller lists, and sets the price" } p {
                    "From research and startup programs whose terms allow it, from enterprise "
                    "commitments and from prepaid balances. Each seller records the right to sell: "
                    "who issued the credit, and which clause or contract lets them. "
                    (high.rest()) " to " (low.rest()) "\u{a0}% below retail is customary, and "
                    (percent(self.ceiling)) " of face value is the ceiling." } }
                li { h3 { "You buy as much as you need" } p {
                    "You see the exact fill before you pay: how much credit, what it costs, until "
                    "when it can be used. Credit and cash change hands in one step, or neither "
                    "does. It is faster than waiting for the next review." } }
                li { h3 { "It is spent like any other grant" } p {
                    "What you bought is a grant of your own, with its own keys. It keeps its "
                    "expiry, which is hard, and nobody ever sees a provider's key." } }
            }
            @if self.fee != BasisPoints::ZERO {
                p.muted { "The market keeps " (percent(self.fee)) " of each price, from the "
                    "seller's side." }
            }
        }
    }

    fn tape(&self, frame: &Frame) -> Markup {
        let columns =
            vec![text("When"), text("Credit"), number("Amount"), number("Paid"), text("Discount")];
        let row = |trade: &TapeRow| {
            vec![
                instant(trade.at, &frame.zone),
                html! { (trade.source) },
                html! { (available(trade.face)) },
                html! { (taken(trade.cost)) },
                html! { (off(trade.price)) },
            ]
        };
        let rows = self.tape.iter().map(row).collect();
        Table::new("Latest trades", columns, rows).under_heading().html()
    }
}
