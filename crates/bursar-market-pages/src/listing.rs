//! One listing, and the way to buy from it: how much, what exactly that comes to, and the purchase.

use bursar_kernel::{BasisPoints, ListingId, Timestamp, Usd};
use maud::{Markup, html};

use super::{off, percent};
use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::{
    Field, Figure, Frame, Input, Page, Status, Tone, available, back, button, button_link,
    days_between, error_summary, exact, field_html, figures, instant, key_values, link, notice,
    tag,
};

/// One listing.
#[derive(Clone, Debug)]
pub struct ListingPage {
    /// What it is.
    pub facts: Facts,
    /// Who looks, and what they may do.
    pub buyer: Buyer,
}

/// What a listing is.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The listing.
    pub id: ListingId,
    /// Where it stands, where that is not simply on offer.
    pub state: Option<Status>,
    /// Where the credit comes from: `Enterprise commitment`.
    pub source: String,
    /// Whose API it pays for.
    pub provider: String,
    /// How much is on offer now.
    pub offered: Usd,
    /// The price, as a share of face value.
    pub price: BasisPoints,
    /// The least that is sold at a time.
    pub minimum: Usd,
    /// Until when a buyer can use it.
    pub expires_at: Timestamp,
    /// What it may be spent on.
    pub models: String,
    /// Who issued it, as the seller recorded.
    pub issuer: String,
    /// The clause or contract that lets the seller sell, as they recorded.
    pub reference: String,
    /// When they recorded it.
    pub recorded_at: Timestamp,
    /// What its program says about passing it on.
    pub clause: String,
}

/// Who looks at a listing.
#[derive(Clone, Debug)]
pub enum Buyer {
    /// Nobody who is signed in.
    Stranger,
    /// The seller.
    Seller,
    /// Somebody who may buy.
    Somebody {
        /// What they have paid in and not spent.
        balance: Usd,
        /// What they typed (`amount`), and what is wrong with it.
        input: Input,
        /// What that comes to.
        fill: Option<Fill>,
    },
}

/// Exactly what a purchase comes to.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    /// How much credit.
    pub face: Usd,
    /// What it costs.
    pub cost: Usd,
    /// What the buyer still has to pay in.
    pub missing: Usd,
    /// Whether this installation takes cards.
    pub cards: bool,
}

impl Page for ListingPage {
    fn title(&self) -> String {
        format!("Buy OpenAI credit, {}", off(self.facts.price))
    }

    fn has_errors(&self) -> bool {
        matches!(&self.buyer, Buyer::Somebody { input, .. } if input.has_errors())
    }

    fn body(&self, frame: &Frame) -> Markup {
        let facts = &self.facts;
        let fields = self.fields();
        html! {
            (back(routes::MARKET, "Market"))
            (error_summary(&fields))
            div.heading-row {
                h1 { (facts.source) ", " (off(facts.price)) }
                @if let Some(state) = &facts.state { (tag(state)) }
            }
            (figures(&[
                Figure::new("On offer", available(facts.offered)),
                Figure::new("Price", format!("{} of face value", percent(facts.price))),
                Figure::new("Usable for", crate::ui::dates::days(
                    days_between(frame.now, facts.expires_at))),
            ]))
            (facts.list(frame))
            @if facts.state.is_none() { (self.buying(frame, &fields)) }
        }
    }
}

impl ListingPage {
    fn fields(&self) -> Vec<Field> {
        let Buyer::Somebody { input, .. } = &self.buyer else { return Vec::new() };
        let hint = format!(
            "From {}, or all of {}.",
            available(self.facts.minimum),
            available(self.facts.offered)
        );
        let field = Field::new("amount", "How much credit do you want?", Control::Amount);
        vec![input.fill(field.hint(hint))]
    }

    fn buying(&self, frame: &Frame, fields: &[Field]) -> Markup {
        let id = self.facts.id;
        match &self.buyer {
            Buyer::Stranger => html! {
                div.actions {
                    (button_link(&routes::sign_in_then(&routes::listing(id)), "Sign in to buy"))
                    span.muted { "An address is enough; the account is made on the way." }
                }
            },
            Buyer::Seller => notice(
                Tone::Info,
                &html! { p { "This is your own listing. "
                (link(routes::MY_MARKET, "Withdraw it among your listings")) "." } },
            ),
            Buyer::Somebody { balance, fill, .. } => html! {
                h2 { "Buy" }
                form.form method="get" action=(routes::listing(id)) novalidate {
                    @for field in fields { (field_html(field)) }
                    div.actions { (button(if fill.is_some() { "Change the amount" }
                        else { "Show what it comes to" })) }
                }
                @if let Some(fill) = fill { (self.fill(frame, fill, *balance)) }
            },
        }
    }

    fn fill(&self, frame: &Frame, fill: &Fill, balance: Usd) -> Markup {
        let facts = &self.facts;
        let saved = fill.face.checked_sub(fill.cost).unwrap_or(Usd::ZERO);
        let rows = [
            ("You get".to_owned(), html! { strong { (exact(fill.face)) } " of API credit" }),
            ("You pay".to_owned(), html! { strong { (exact(fill.cost)) } }),
            ("Discount to retail".to_owned(), html! { (off(facts.price)) ": " (exact(saved)) }),
            (
                "Usable until".to_owned(),
                html! { (instant(facts.expires_at, &frame.zone)) br;
                span.muted { "No extension, renewal or pause." } },
            ),
            ("Your balance".to_owned(), html! { (exact(balance)) }),
        ];
        let (face, cost) = (fill.face.to_string(), fill.cost.to_string());
        html! {
            h2 { "Exactly what you buy" }
            (key_values(&rows))
            @if fill.missing.is_positive() {
                @if fill.cards {
                    p { "You pay in the " (exact(fill.missing)) " that is missing by card, and "
                        "confirm the purchase after that." }
                    (button_form(frame, &routes::listing_pay(facts.id), &[("amount", &face)],
                        &button(&format!("Pay {} by card", exact(fill.missing)))))
                } @else {
                    (notice(Tone::Warning, &html! {
                        p { strong { (exact(fill.missing)) " is missing. " }
                            "This installation takes no cards. Send it by bank transfer to "
                            "whoever runs it; once they have recorded it, it stands in your "
                            "balance and you buy here." }
                    }))
                }
            } @else {
                (button_form(frame, &routes::listing_buy(facts.id),
                    &[("amount", &face), ("cost", &cost)],
                    &button(&format!("Buy {} of credit for {}", exact(fill.face),
                        exact(fill.cost)))))
                p.muted.small { "Credit and cash change hands in one step. What you bought is a "
                    "grant of yours at once." }
            }
        }
    }
}

impl Facts {
    fn list(&self, frame: &Frame) -> Markup {
        key_values(&[
            ("Source".to_owned(), html! { (self.source) ", " (self.provider) }),
            ("Usable until".to_owned(), instant(self.expires_at, &frame.zone)),
            ("Models".to_owned(), html! { (self.models) }),
            ("Seller".to_owned(), html! { "Not shown" }),
            (
                "Right to sell".to_owned(),
                html! { "Issued by " bdi { (self.issuer) } ". " bdi { (self.reference) } br;
                span.muted { "Recorded by the seller on "
                    (instant(self.recorded_at, &frame.zone)) } },
            ),
            ("Terms".to_owned(), html! { (self.clause) }),
        ])
    }
}
