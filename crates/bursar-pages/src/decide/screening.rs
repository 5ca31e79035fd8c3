//! What an officer says of whether an application is eligible.

use bursar_kernel::ApplicationId;
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{Choice, Field, Frame, Input, Status, button, field_html, form, name, prose, tag};

/// What was said, and the form that says it.
#[derive(Clone, Debug, Default)]
pub struct ScreeningWord {
    /// What was said: the verdict, who said it and when, and why.
    pub said: Option<(Status, String, String)>,
    /// The form (`eligible`, `reason`), where something can be said, and what is wrong with it.
    pub input: Option<Input>,
}

impl ScreeningWord {
    pub(super) fn html(&self, id: ApplicationId, frame: &Frame) -> Markup {
        let summary = if self.said.is_some() { "Say otherwise" } else { "Confirm or overrule" };
        html! {
            @if let Some((verdict, by, reason)) = &self.said {
                div.inset {
                    p { (tag(verdict)) " " (name(by)) }
                    @if !reason.is_empty() { (prose(reason)) }
                }
            }
            @if let Some(input) = &self.input {
                details open[input.has_errors()] {
                    summary { (summary) }
                    (form(frame, &routes::decide_screen(id), &html! {
                        @for field in &word_fields(input) { (field_html(field)) }
                        div.actions { (button("Record it")) }
                    }))
                }
            }
        }
    }
}

pub(super) fn word_fields(input: &Input) -> [Field; 2] {
    let choices = vec![
        Choice::new("yes", "It is eligible"),
        Choice::hinted("no", "It is not eligible", "Whatever its scores, it is not funded."),
    ];
    let eligible = Field::new("eligible", "Is it eligible?", Control::Radios(choices));
    let reason = Field::new("reason", "Why", Control::Area { rows: 3 })
        .hint("Needed where the program's rules say otherwise. Officers alone read it.")
        .optional();
    [input.fill(eligible), input.fill(reason)]
}
