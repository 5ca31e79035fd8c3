//! The payment method: why there is one, the card, and what became of the hold that checked it.

use bursar_kernel::{GrantId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::{
    Frame, Page, Status, Tone, back, button, confirmation, exact, instant, key_values, link,
    notice, tag,
};

/// A card, as much of it as may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardShown {
    /// Whose network: `Visa`.
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The month it is good through: `12/2030`.
    pub expiry: String,
}

impl CardShown {
    /// The card in a line.
    pub fn line(&self) -> Markup {
        html! { (self.brand) " ending in " span.amount { (self.last4) } ", good through "
        span.amount { (self.expiry) } }
    }
}

/// The payment method of a grant's holder.
#[derive(Clone, Debug)]
pub struct PaymentMethod {
    /// What is held for a moment.
    pub hold: Usd,
    /// What a card is good for.
    pub purpose: String,
    /// Whether this installation takes cards.
    pub takes_cards: bool,
    /// The card, and when it was verified.
    pub card: Option<(CardShown, Timestamp)>,
    /// Where the latest check is shown, and how it stands.
    pub check: Option<(String, Status)>,
    /// Whether that check waits for a card.
    pub waits: bool,
}

impl PaymentMethod {
    pub(super) fn section(&self, grant: GrantId, frame: &Frame) -> Markup {
        html! {
            h2 #payment-method { "Payment method" }
            @match &self.card {
                Some((card, at)) => {
                    p { (card.line()) ". Verified " (instant(*at, &frame.zone)) "." }
                },
                None => {
                    p { (self.purpose) }
                    p { "Add one early, so that limits do not derail your plan. "
                        (exact(self.hold)) " is held on the card for a moment to verify it, and "
                        "released at once: nothing is charged." }
                },
            }
            @if let Some((href, status)) = &self.check {
                p { (link(href, "The latest check of a card")) " " (tag(status)) }
            }
            @if !self.takes_cards {
                @if self.card.is_none() {
                    (notice(Tone::Warning, &html! { p { "This installation takes no cards yet. "
                        "Whoever runs it can configure a payment provider." } }))
                }
            } @else {
                div.actions {
                    (button_form(frame, &routes::grant_card(grant), &[], &self.button()))
                }
            }
        }
    }

    fn button(&self) -> Markup {
        match (self.waits, &self.card) {
            (true, _) => button("Go on to the card page"),
            (false, None) => button("Add a payment method"),
            (false, Some(_)) => html! {
                button.button.secondary type="submit" { "Use another card" }
            },
        }
    }
}

/// One check of a card: its receipt, or why there is none yet.
#[derive(Clone, Debug)]
pub struct CardCheckPage {
    /// The check's name.
    pub reference: String,
    /// The grant whose page it was begun from.
    pub grant: GrantId,
    /// What is held.
    pub amount: Usd,
    /// The card, once it is verified.
    pub card: Option<CardShown>,
    /// Where it stands.
    pub stage: CardStage,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When the hold was seen.
    pub held_at: Option<Timestamp>,
    /// When the hold was released, or the check failed.
    pub ended_at: Option<Timestamp>,
    /// Whether somebody else looks, who can do nothing about it.
    pub is_own: bool,
}

/// Where a check stands.
#[derive(Clone, Debug)]
pub enum CardStage {
    /// It waits for a card; why the last one was declined.
    Waits(Option<String>),
    /// The card is verified; the hold is still to be released.
    Held,
    /// The hold is released.
    Released,
    /// It came to nothing, and why.
    Failed(String),
}

impl Page for CardCheckPage {
    fn title(&self) -> String {
        match self.stage {
            CardStage::Waits(_) => "Card not verified yet".to_owned(),
            CardStage::Held | CardStage::Released => "Card verified".to_owned(),
            CardStage::Failed(_) => "Card check failed".to_owned(),
        }
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant(self.grant), "The grant"))
            @match &self.stage {
                CardStage::Held | CardStage::Released => {
                    (confirmation("Your card is verified", Some(("Receipt", &self.reference))))
                },
                CardStage::Waits(declined) => {
                    h1 { "Your card is not verified yet" }
                    @match declined {
                        Some(why) => (notice(Tone::Bad, &html! {
                            p { strong { (why) } " Nothing was held and nothing was charged. Try "
                                "again, with this card or another." }
                        })),
                        None => p { "No card has been given. Nothing was held and nothing was "
                            "charged." },
                    }
                },
                CardStage::Failed(why) => {
                    h1 { "The card check came to nothing" }
                    (notice(Tone::Bad, &html! { p { (why) } }))
                },
            }
            (key_values(&self.facts(frame)))
            @if matches!(self.stage, CardStage::Released) {
                p { "Nothing was charged. Your bank may show the hold for a few days more. The "
                    "limits of the paid tiers hold from the moment the card was verified." }
            }
            @if self.is_own { (self.way_on(frame)) }
        }
    }
}

impl CardCheckPage {
    fn facts(&self, frame: &Frame) -> Vec<(String, Markup)> {
        let at = |instant_of: Timestamp| instant(instant_of, &frame.zone);
        let mut rows = vec![("Amount".to_owned(), html! { (exact(self.amount)) })];
        if let Some(card) = &self.card {
            rows.push(("Card".to_owned(), card.line()));
        }
        rows.push(("Begun".to_owned(), at(self.started_at)));
        if let Some(held_at) = self.held_at {
            rows.push(("Hold placed".to_owned(), at(held_at)));
        }
        match (&self.stage, self.ended_at) {
            (CardStage::Released, Some(ended_at)) => {
                rows.push(("Hold released".to_owned(), at(ended_at)));
            }
            (CardStage::Held, _) => rows.push((
                "Hold released".to_owned(),
                html! { "Not yet: the payment provider is asked again until it is" },
            )),
            (CardStage::Failed(_), Some(ended_at)) => rows.push(("Ended".to_owned(), at(ended_at))),
            (_, _) => {}
        }
        rows.push(("Reference".to_owned(), html! { code { (self.reference) } }));
        rows
    }

    fn way_on(&self, frame: &Frame) -> Markup {
        let again = |text| button_form(frame, &routes::grant_card(self.grant), &[], &button(text));
        html! {
            div.actions {
                @match &self.stage {
                    CardStage::Waits(_) | CardStage::Failed(_) => {
                        (again("Try again"))
                        (link(&routes::grant(self.grant), "Not now"))
                    },
                    CardStage::Held | CardStage::Released => {
                        (crate::ui::button_link(&routes::grant(self.grant), "Back to the grant"))
                    },
                }
            }
        }
    }
}
