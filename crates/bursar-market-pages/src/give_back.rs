//! Handing back what a grant will not use.

use bursar_kernel::{GrantId, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Field, Frame, Input, Page, back, error_summary, exact, field_html, form, link, name,
};

/// Asks how much to hand back, with all that is free filled in.
#[derive(Clone, Debug)]
pub struct GiveBack {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// The program whose pool it goes back to.
    pub program: String,
    /// What is free: neither spent nor held.
    pub available: Usd,
    /// What was typed (`amount`), and what is wrong with it.
    pub input: Input,
}

impl Page for GiveBack {
    fn title(&self) -> String {
        "Return credit to the pool?".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let mut field = Field::new("amount", "How much do you return?", Control::Amount)
            .hint(format!("{} is free. What open calls hold stays.", exact(self.available)));
        field.value = self.available.to_string();
        let fields = [self.input.fill(field)];
        let button = html! { button.button.danger type="submit" { "Return it" } };
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            (error_summary(&fields))
            h1 { "Return credit to the pool?" }
            p.muted { (name(&self.title)) }
            p { "It goes back to the pool of " (name(&self.program)) ", for somebody else. You "
                "cannot take it out again." }
            (form(frame, &routes::grant_return(self.grant), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button) (link(&routes::grant(self.grant), "Keep it")) }
            }))
        }
    }
}
