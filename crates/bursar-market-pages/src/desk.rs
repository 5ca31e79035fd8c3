//! All trades, and cash that moves by bank, for those who oversee the market.

use bursar_kernel::{BasisPoints, Role, Timestamp, TradeId, Usd};
use maud::{Markup, html};

use super::percent;
use crate::routes;
use crate::ui::field::Control;
use crate::ui::table::{number, text};
use crate::ui::{
    Choice, Field, Figure, Frame, Input, Page, Table, available, button, empty, error_summary,
    field_html, figures, form, instant, name, taken,
};

/// The market's desk.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Trades, newest first.
    pub trades: Vec<DeskTrade>,
    /// Who is owed proceeds.
    pub owed: Vec<Owed>,
    /// What the market has kept.
    pub fees: Usd,
    /// What was typed to record cash (`what`, `person`, `amount`, `reference`), and what is wrong
    /// with it.
    pub input: Input,
}

/// One trade.
#[derive(Clone, Debug)]
pub struct DeskTrade {
    /// The trade.
    pub id: TradeId,
    /// When.
    pub at: Timestamp,
    /// Who sold.
    pub seller: String,
    /// Who bought.
    pub buyer: String,
    /// Where the credit came from.
    pub source: String,
    /// How much credit.
    pub face: Usd,
    /// What the buyer paid.
    pub cost: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
}

/// Somebody who is owed proceeds.
#[derive(Clone, Debug)]
pub struct Owed {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// How much.
    pub amount: Usd,
}

/// What an operator records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CashMove {
    /// Somebody sent cash to buy with.
    PaidIn,
    /// Cash that was not spent went back.
    Refunded,
    /// A seller was paid out.
    PaidOut,
}

impl CashMove {
    /// All of them, by their values in the form.
    pub const ALL: [(&'static str, Self); 3] =
        [("paid-in", Self::PaidIn), ("refunded", Self::Refunded), ("paid-out", Self::PaidOut)];
}

impl Page for Desk {
    fn title(&self) -> String {
        "Trades".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.fields();
        let owed = Usd::sum(self.owed.iter().map(|owed| owed.amount)).unwrap_or(Usd::MAX);
        html! {
            (error_summary(&fields))
            h1 { "Trades" }
            (figures(&[
                Figure::new("Proceeds to be paid out", available(owed)),
                Figure::new("Fees kept", available(self.fees)),
            ]))
            @if self.trades.is_empty() {
                (empty("No trade yet", &html! { p { "Each trade on the market shows here, with "
                    "seller and buyer." } }))
            } @else { (self.table(frame)) }
            @if !self.owed.is_empty() { (self.owed_table()) }
            @if frame.is(Role::Operator) {
                h2 { "Record cash that moved by bank" }
                p { "The payment's reference makes it count once, however often it is recorded." }
                (form(frame, routes::MARKET_DESK, &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Record it")) }
                }))
            }
        }
    }
}

impl Desk {
    fn fields(&self) -> Vec<Field> {
        let what = [
            Choice::new("paid-in", "A buyer paid in"),
            Choice::new("paid-out", "A seller was paid out"),
            Choice::new("refunded", "A buyer was paid back what they had not spent"),
        ];
        let fields = [
            Field::new("what", "What happened?", Control::Radios(what.into())),
            Field::new(
                "person",
                "E-mail address of the buyer or seller",
                Control::Email { autocomplete: "off" },
            ),
            Field::new("amount", "Amount", Control::Amount),
            Field::new(
                "reference",
                "The payment's reference",
                Control::Line { autocomplete: "off" },
            ),
        ];
        fields.into_iter().map(|field| self.input.fill(field)).collect()
    }

    fn table(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("When"),
            text("Seller"),
            text("Buyer"),
            text("Credit"),
            number("Amount"),
            number("Paid"),
            text("Price"),
        ];
        let row = |trade: &DeskTrade| {
            vec![
                html! { a href=(routes::trade(trade.id)) { (instant(trade.at, &frame.zone)) } },
                name(&trade.seller),
                name(&trade.buyer),
                html! { (trade.source) },
                html! { (available(trade.face)) },
                html! { (taken(trade.cost)) },
                html! { (percent(trade.price)) },
            ]
        };
        let rows = self.trades.iter().map(row).collect();
        Table::new("All trades", columns, rows).html()
    }

    fn owed_table(&self) -> Markup {
        let columns = vec![text("Seller"), text("Address"), number("Owed")];
        let row = |owed: &Owed| {
            vec![name(&owed.name), html! { (owed.email) }, html! { (available(owed.amount)) }]
        };
        let rows = self.owed.iter().map(row).collect();
        Table::new("Proceeds to be paid out", columns, rows).html()
    }
}
