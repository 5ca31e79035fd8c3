//! Taking a grant's credit back: what, why, and what will come of it before it does.

use bursar_kernel::{GrantId, TransferId, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::{
    Choice, Field, Frame, Input, Page, available, back, button, error_summary, exact, field_html,
    form, key_values, link, name,
};

/// What is asked of an officer who takes credit back.
#[derive(Clone, Debug)]
pub struct TakeBackForm {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// Who holds it.
    pub holder: String,
    /// What is free of it: neither spent nor held.
    pub free: Usd,
    /// What was typed (`taking`, `amount`, `reason`), and what is wrong with it.
    pub input: Input,
}

impl Page for TakeBackForm {
    fn title(&self) -> String {
        "Take credit back".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.fields();
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            (error_summary(&fields))
            h1 { "Take credit back" }
            p.muted { (name(&self.title)) ", held by " (name(&self.holder)) }
            p { (available(self.free)) " is free. What calls have spent, and what open calls hold, "
                "is not touched." }
            (form(frame, &routes::grant_take_back_check(self.grant), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Go on")) (link(&routes::grant(self.grant), "Leave it")) }
            }))
        }
    }
}

impl TakeBackForm {
    fn fields(&self) -> Vec<Field> {
        let choices = vec![
            Choice::hinted("part", "A part", "The rest stays with its holder; keys go on working."),
            Choice::hinted("all", "All that is left", "The grant can spend nothing more, ever."),
        ];
        let amount = Field::new("amount", "How much?", Control::Amount)
            .hint("Only for a part: at the most what is free.")
            .optional();
        let area = Control::Area { rows: 4 };
        let reason = Field::new("reason", "Why?", area)
            .hint("Its holder reads this in a letter, and it stands in the audit trail.");
        let taking = Field::new("taking", "What do you take back?", Control::Radios(choices));
        [taking, amount, reason].map(|field| self.input.fill(field)).into()
    }
}

/// Says what will happen, and asks.
#[derive(Clone, Debug)]
pub struct TakeBackCheck {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// Who holds it.
    pub holder: String,
    /// The program whose pool it goes to.
    pub program: String,
    /// How much; `None` for all that is left.
    pub part: Option<Usd>,
    /// What is free of it: neither spent nor held.
    pub free: Usd,
    /// What open calls hold.
    pub held: Usd,
    /// Why, as its holder will read it.
    pub reason: String,
    /// The movement's name: a form that is sent twice takes nothing twice.
    pub id: TransferId,
}

impl Page for TakeBackCheck {
    fn title(&self) -> String {
        match self.part {
            Some(_) => "Take this back?".to_owned(),
            None => "Void this grant?".to_owned(),
        }
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (id, amount) = (self.id.to_string(), self.part.unwrap_or(self.free));
        let (taking, typed) = match self.part {
            Some(part) => ("part", part.to_string()),
            None => ("all", String::new()),
        };
        let fields =
            [("taking", taking), ("amount", &*typed), ("reason", &*self.reason), ("id", &*id)];
        let label = if self.part.is_some() { "Take it back" } else { "Void the grant" };
        let button = html! { button.button.danger type="submit" { (label) } };
        let facts = [
            ("Goes to the pool".to_owned(), html! { span.amount { (exact(amount)) } }),
            ("Of".to_owned(), html! { (name(&self.program)) }),
            ("Its holder reads".to_owned(), html! { (name(&self.reason)) }),
        ];
        html! {
            (back(&routes::grant_take_back(self.grant), "Change it"))
            h1 { (self.title()) }
            p.muted { (name(&self.title)) ", held by " (name(&self.holder)) }
            (key_values(&facts))
            (self.consequences())
            div.actions {
                (button_form(frame, &routes::grant_take_back(self.grant), &fields, &button))
                (link(&routes::grant(self.grant), "Leave it"))
            }
        }
    }
}

impl TakeBackCheck {
    fn consequences(&self) -> Markup {
        html! {
            ul {
                @if let Some(part) = self.part {
                    li { (available(self.free.checked_sub(part).unwrap_or(Usd::ZERO)))
                        " stays with its holder, and its keys go on working." }
                } @else {
                    li { "Its keys are refused from this instant on, and credit on the market is "
                        "taken off it. Nobody can undo that." }
                    @if self.held.is_positive() {
                        li { (exact(self.held)) " is held by open calls: they end and are charged, "
                            "and what they leave goes to the pool as well." }
                    }
                }
                li { "Its holder is mailed at once, with your reason." }
            }
        }
    }
}
