//! What an officer asks about an application, and the answer.

use bursar_kernel::ApplicationId;
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::{Control, Unit};
use crate::ui::{
    Field, Frame, Input, Page, Status, back, button, error_summary, field_html, form, inset, prose,
    tag,
};

/// Characters of an answer; the rule says the same.
const ANSWER_CHARACTERS_MAX: usize = 5_000;

/// A question in a list, with its answer.
#[derive(Clone, Debug)]
pub struct QuestionShown {
    /// What is asked.
    pub text: String,
    /// When it was asked, and until when an answer counts, in a line.
    pub detail: String,
    /// Where it stands.
    pub status: Status,
    /// The answer.
    pub answer: Option<String>,
    /// Where it is answered.
    pub href: Option<String>,
    /// Posted to take it back.
    pub take_back: Option<String>,
}

impl QuestionShown {
    /// The question with its answer, in a list.
    pub fn html(&self, frame: &Frame) -> Markup {
        html! {
            article.asked {
                div.heading-row { p.muted { (self.detail) } (tag(&self.status)) }
                (prose(&self.text))
                @if let Some(answer) = &self.answer {
                    (inset(&html! { p { strong { "Answer" } } (prose(answer)) }))
                }
                @if let Some(href) = &self.href { p { a href=(href) { "Answer this question" } } }
                @if let Some(action) = &self.take_back {
                    (crate::ui::controls::button_form(frame, action, &[], &html! {
                        button.link-button type="submit" { "Take the question back" }
                    }))
                }
            }
        }
    }
}

/// A question to answer.
#[derive(Clone, Debug)]
pub struct QuestionPage {
    /// The application.
    pub id: ApplicationId,
    /// Where the answer is posted; `None` where it cannot be answered.
    pub action: Option<String>,
    /// The program's name.
    pub program: String,
    /// The question.
    pub question: QuestionShown,
    /// What was typed, and what is wrong.
    pub input: Input,
}

impl Page for QuestionPage {
    fn title(&self) -> String {
        "A question about your application".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let answer = Field::new("answer", "Your answer", Control::Area { rows: 8 })
            .counted(Unit::Characters, ANSWER_CHARACTERS_MAX);
        let answer = self.input.fill(answer);
        html! {
            (back(&routes::application(self.id), "Back to the application"))
            (error_summary(std::slice::from_ref(&answer)))
            h1 { "A question about your application" }
            p.muted { bdi { (self.program) } }
            (self.question.html(frame))
            @if let Some(action) = &self.action {
                (form(frame, action, &html! {
                    (field_html(&answer))
                    p { "The answer goes to the program's officers and reviewers. It cannot be "
                        "changed afterwards. The review goes on meanwhile." }
                    div.actions { (button("Send the answer")) }
                }))
            }
        }
    }
}
