//! The application form, the check before it is sent, and what happens after.

use bursar_kernel::program::{FormField, Policy};
use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::discover::RoundDates;
use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Answer, Field, Frame, Input, Page, back, both_dates, button, button_link, check_answers,
    confirmation, date, error_summary, field_html, form, instant, link,
};

/// The form of a draft.
#[derive(Clone, Debug)]
pub struct ApplicationForm {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The questions, in groups.
    pub sections: Vec<FormSection>,
    /// What is saved or was typed, and what is wrong.
    pub input: Input,
    /// When the draft was saved last.
    pub saved_at: Option<Timestamp>,
    /// Until when it would be part of the next round.
    pub closes: Option<Timestamp>,
}

/// A group of questions.
#[derive(Clone, Debug)]
pub struct FormSection {
    /// Its heading; empty for a form of one group.
    pub title: String,
    /// Its questions.
    pub questions: Vec<FormField>,
}

impl Page for ApplicationForm {
    fn title(&self) -> String {
        format!("Apply to {}", self.program)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fill = |question: &FormField| self.input.fill(Field::from_question(question));
        let fields: Vec<Field> =
            self.sections.iter().flat_map(|section| section.questions.iter().map(fill)).collect();
        let inside = html! {
            @for section in &self.sections {
                @if !section.title.is_empty() { h2 { (section.title) } }
                @for question in &section.questions { (field_html(&fill(question))) }
            }
            div.actions {
                button.button type="submit" name="action" value="continue" { "Save and continue" }
                button.button.secondary type="submit" name="action" value="save" { "Save draft" }
            }
        };
        html! {
            (back(routes::APPLICATIONS, "My applications"))
            (error_summary(&fields))
            h1 { "Apply to " bdi { (self.program) } }
            p {
                "Nothing is sent until you have checked your answers. "
                @if let Some(closes) = self.closes {
                    "Submit before " (instant(closes, &frame.zone)) " to be part of the next round."
                }
            }
            @if let Some(saved) = self.saved_at {
                p.muted { "Draft saved on " (instant(saved, &frame.zone)) "." }
            }
            (form(frame, &routes::application_form(self.id), &inside))
        }
    }
}

/// Everything that would be sent, and the policies to accept.
#[derive(Clone, Debug)]
pub struct CheckAnswers {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The answers, with where to change them.
    pub answers: Vec<Answer>,
    /// What to accept; posted as `policy-` and the policy's id.
    pub policies: Vec<Policy>,
    /// What is accepted, and what is missing.
    pub input: Input,
    /// The round it would be part of.
    pub round: RoundDates,
}

impl Page for CheckAnswers {
    fn title(&self) -> String {
        "Check your answers".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self
            .policies
            .iter()
            .map(|policy| {
                let name = format!("policy-{}", policy.id);
                self.input.fill(Field::new(name, &policy.statement, Control::Checkbox))
            })
            .collect();
        let inside = html! {
            @for (policy, field) in self.policies.iter().zip(&fields) {
                h3 { (policy.title) }
                p {
                    a href=(policy.url) rel="external" {
                        "Read the policy" span.visually-hidden { ": " (policy.title) }
                    }
                    span.muted { " (edition " (policy.version) ")" }
                }
                (field_html(field))
            }
            p { "After you submit you cannot change the answers. You can withdraw until the "
                "decision is released, and apply again." }
            div.actions { (button("Submit application")) }
        };
        html! {
            (back(&routes::application_form(self.id), "Back to the form"))
            (error_summary(&fields))
            h1 { "Check your answers" }
            p { "For " bdi { (self.program) } ", " (self.round.label) " round. Submit before "
                (instant(self.round.closes, &frame.zone)) "." }
            (check_answers(&self.answers))
            h2 { "Policies to accept" }
            (form(frame, &routes::application_check(self.id), &inside))
        }
    }
}

/// It is sent.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The round it is part of.
    pub round: RoundDates,
    /// Where mail about it goes.
    pub email: String,
}

impl Page for Submitted {
    fn title(&self) -> String {
        "Application submitted".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        html! {
            (confirmation("Application submitted", Some(("Your reference", &self.id.to_string()))))
            p { "We have mailed a receipt to " strong { bdi { (self.email) } } "." }
            h2 { "What happens next" }
            ol.timeline {
                li.done { strong { "Submitted" } p.hint { "to " bdi { (self.program) } } }
                li { strong { "Review in the " (self.round.label) " round" }
                    p.hint { (both_dates(self.round.closes, self.round.review_ends, zone)) } }
                li { strong { "A mail with the decision" }
                    p.hint { "after " (date(self.round.review_ends, zone)) } }
                li { strong { "If awarded, credit arrives" }
                    p.hint {
                        (both_dates(self.round.delivery_from, self.round.delivery_to, zone))
                    } }
            }
            p { "Until then the status says that it is submitted, and nothing else. "
                "You can " (link(&routes::application_withdraw(self.id), "withdraw it")) "." }
            div.actions { (button_link(&routes::application(self.id), "See the application")) }
        }
    }
}
