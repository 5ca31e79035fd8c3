//! Whether one qualifies, and whether a proposal reads as research: both before an account.

use bursar_kernel::ProgramId;
use bursar_kernel::program::FormField;
use maud::{Markup, html};

use crate::routes;
use crate::screening::{PointShown, Screening, advice};
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::{
    Field, Frame, Input, Page, back, button, error_summary, field_html, form, inset, link, name,
};

/// Whether somebody qualifies, in one request.
#[derive(Clone, Debug)]
pub struct EligibilityCheck {
    /// The program.
    pub program: ProgramId,
    /// Its name.
    pub name: String,
    /// What the rules need to know.
    pub questions: Vec<FormField>,
    /// What was answered.
    pub input: Input,
    /// Where that leads; `None` before anything is answered.
    pub outcome: Option<Screening>,
    /// Whether an application may follow.
    pub may_apply: bool,
    /// Where a person is asked about the answer; `None` before there is one.
    pub ask: Option<String>,
    /// Whether an address shows what has to be shown, where anything has to be.
    pub address: Option<AddressCheck>,
}

/// Whether an address shows an affiliation.
#[derive(Clone, Debug)]
pub struct AddressCheck {
    /// What has to be shown.
    pub shows: String,
    /// The answers, which are sent along.
    pub answers: Vec<(String, String)>,
    /// What was typed.
    pub input: Input,
    /// What the address says; `None` before one is typed.
    pub says: Option<String>,
}

impl AddressCheck {
    fn html(&self, frame: &Frame, program: &ProgramId) -> Markup {
        let field =
            Field::new("email", "Your mail address", Control::Email { autocomplete: "email" })
                .hint("It is looked up and not kept, and nothing is sent to it.");
        let field = self.input.fill(field);
        html! {
            h2 #address { "Does your mail address show it?" }
            p { "The program wants to see " (self.shows) ". An address of an institution can "
                "show it." }
            @if let Some(says) = &self.says {
                (inset(&html! { p role="status" { (says) } }))
            }
            (form(frame, &routes::address_check(program), &html! {
                @for (name, value) in &self.answers {
                    input type="hidden" name={ "a-" (name) } value=(value);
                }
                (field_html(&field))
                div.actions { (button("Look it up")) }
            }))
        }
    }
}

impl Page for EligibilityCheck {
    fn title(&self) -> String {
        format!("Do you qualify for {}?", self.name)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fill = |question: &FormField| self.input.fill(Field::from_question(question));
        let apply = button_form(frame, &routes::apply(&self.program), &[], &button("Apply"));
        html! {
            (back(&routes::program(&self.program), "Back to the guide"))
            h1 { "Do you qualify for " (name(&self.name)) "?" }
            @if let Some(outcome) = &self.outcome {
                section aria-label="Answer" {
                    h2 { "The answer" }
                    (outcome.html())
                    @if self.may_apply { div.actions { (apply) span.muted {
                        "The form asks the same, and nothing is sent until you submit." } } }
                    @if let Some(ask) = &self.ask {
                        p { "Do the rules miss something? " (link(ask, "Ask a person"))
                            ": an officer reads your answers and what you write." }
                    }
                }
                h2 { "Your answers" }
            } @else {
                p { "A few questions, no account, and nothing is kept. The form asks the same and "
                    "goes by the same rules." }
            }
            @if self.questions.is_empty() {
                p { "This program has no rules that answers could be checked against. "
                    (link(&routes::program(&self.program), "Read its guide")) "." }
            } @else {
                form.form method="get" action=(routes::eligibility(&self.program)) {
                    @for question in &self.questions { (field_html(&fill(question))) }
                    div.actions { (button("Check")) }
                }
            }
            @if let Some(address) = &self.address { (address.html(frame, &self.program)) }
        }
    }
}

/// Advice on a proposal that is not an application yet.
#[derive(Clone, Debug)]
pub struct ProposalCheck {
    /// The program.
    pub program: ProgramId,
    /// Its name.
    pub name: String,
    /// The questions that a proposal answers.
    pub questions: Vec<FormField>,
    /// What was written.
    pub input: Input,
    /// The advice; nothing before anything is written.
    pub points: Vec<PointShown>,
}

impl Page for ProposalCheck {
    fn title(&self) -> String {
        format!("Check a proposal for {}", self.name)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fill = |question: &FormField| self.input.fill(Field::from_question(question));
        let fields: Vec<Field> = self.questions.iter().map(fill).collect();
        html! {
            (back(&routes::program(&self.program), "Back to the guide"))
            (error_summary(&fields))
            h1 { "Check a proposal for " (name(&self.name)) }
            @if self.points.is_empty() {
                p { "Paste what you have. Nothing is kept: the page answers and forgets. The same "
                    "advice stands beside your answers before you submit." }
            } @else {
                h2 { "Advice" }
                (advice(&self.points))
                h2 { "Your proposal" }
            }
            (form(frame, &routes::proposal_check(&self.program), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Check the proposal")) }
            }))
        }
    }
}
