//! Selling what a grant will not use, or why that is not possible and what is.

use bursar_kernel::{BasisPoints, GrantId, Timestamp, Usd};
use maud::{Markup, html};

use super::percent;
use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Choice, Field, Frame, Input, Page, Tone, available, back, button, button_link, date,
    error_summary, exact, field_html, form, key_values, name, notice,
};

/// The form that lists a part of a grant.
#[derive(Clone, Debug)]
pub struct Sell {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// Where its credit comes from.
    pub source: String,
    /// What is free.
    pub available: Usd,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The suggested band, as prices.
    pub band: (BasisPoints, BasisPoints),
    /// The most that may be asked.
    pub ceiling: BasisPoints,
    /// What the market keeps of a price.
    pub fee: BasisPoints,
    /// The least that may be listed.
    pub smallest: Usd,
    /// What a seller states and accepts.
    pub statement: String,
    /// What was typed (`amount`, `price`, `minimum`, `source`, `issuer`, `reference`, `accepted`),
    /// and what is wrong with it.
    pub input: Input,
}

/// Credit that may not be listed.
#[derive(Clone, Debug)]
pub struct NotForSale {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// Why not, in a sentence.
    pub why: String,
    /// What its terms say.
    pub clause: String,
    /// Which terms.
    pub clause_source: String,
    /// What its holder can do instead.
    pub ways_on: Vec<String>,
    /// What can be handed back; `None` where it cannot.
    pub may_return: Option<Usd>,
}

impl Page for Sell {
    fn title(&self) -> String {
        "Sell what you will not use".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (offer, right) = (self.offer_fields(), self.right_fields());
        let all: Vec<Field> = offer.iter().chain(&right).cloned().collect();
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            (error_summary(&all))
            h1 { "Sell what you will not use" }
            p.muted { (name(&self.title)) }
            (key_values(&[
                ("Source".to_owned(), html! { (self.source) }),
                ("Free to list".to_owned(), html! { (exact(self.available)) }),
                ("A buyer can use it until".to_owned(), date(self.expires_at, &frame.zone)),
            ]))
            p { "Listing holds nothing back: you go on using the grant, and what is on offer is "
                "what you listed or what is left, whichever is less." }
            (form(frame, &routes::grant_sell(self.grant), &html! {
                h2 { "The offer" }
                @for field in &offer { (field_html(field)) }
                h2 { "The right to sell" }
                p { "Every listing shows why its seller may sell. Buyers read it; your name is not "
                    "shown." }
                @for field in &right { (field_html(field)) }
                div.actions { (button("List it on the market")) }
            }))
            @if self.fee != BasisPoints::ZERO {
                p.muted { "The market keeps " (percent(self.fee)) " of the price." }
            }
        }
    }
}

impl Sell {
    fn offer_fields(&self) -> Vec<Field> {
        let (low, high) = self.band;
        let price = format!(
            "In percent of face value: at most {}. {} to {} is customary, {} to {}\u{a0}% off \
             retail.",
            self.ceiling,
            low,
            percent(high),
            high.rest(),
            low.rest()
        );
        let amount = format!(
            "At least {}. {} is free.",
            available(self.smallest),
            available(self.available)
        );
        let minimum = "The least that you sell at a time; the rest may be less.";
        self.filled([
            Field::new("amount", "How much do you list?", Control::Amount).hint(amount),
            Field::new("price", "Price", Control::Line { autocomplete: "off" }).hint(price),
            Field::new("minimum", "Smallest part", Control::Amount).hint(minimum).optional(),
        ])
    }

    fn right_fields(&self) -> Vec<Field> {
        let sources = [
            ("enterprise", "Enterprise commitment"),
            ("startup", "Startup credit"),
            ("prepaid", "Prepaid balance"),
            ("research", "Research grant"),
        ];
        let choices = sources.map(|(value, label)| Choice::new(value, label));
        let reference = "Such as: order form, section 4, lets us assign unused credit. Do not name \
                         yourself.";
        self.filled([
            Field::new(
                "source",
                "Where does the credit come from?",
                Control::Radios(choices.into()),
            ),
            Field::new("issuer", "Who issued it?", Control::Line { autocomplete: "off" }),
            Field::new(
                "reference",
                "Which clause or contract lets you sell it?",
                Control::Line { autocomplete: "off" },
            )
            .hint(reference),
            Field::new("accepted", self.statement.clone(), Control::Checkbox),
        ])
    }

    fn filled<const N: usize>(&self, fields: [Field; N]) -> Vec<Field> {
        fields.into_iter().map(|field| self.input.fill(field)).collect()
    }
}

impl Page for NotForSale {
    fn title(&self) -> String {
        "This credit cannot be sold".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            h1 { "This credit cannot be sold" }
            p.muted { (name(&self.title)) }
            (notice(Tone::Warning, &html! { p { strong { (self.why) } } }))
            p { (self.clause) " " span.muted { "(" (self.clause_source) ")" } }
            h2 { "What you can do instead" }
            ul { @for way in &self.ways_on { li { (way) } } }
            @if let Some(left) = self.may_return {
                div.actions {
                    (button_link(&routes::grant_return(self.grant),
                        &format!("Return {} to the pool", available(left))))
                }
            }
        }
    }
}
