//! Asking a person to look at what the rules said, and following what became of it.

use bursar_kernel::{ProgramId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Field, Frame, Input, Page, Status, back, button, error_summary, field_html, form, instant,
    key_values, name, notice, prose, tag,
};

/// The form that asks a person.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The program.
    pub program: ProgramId,
    /// Its name.
    pub name: String,
    /// Where the answers were given: the page leads back there.
    pub back: String,
    /// What was answered, as question and answer.
    pub answers: Vec<(String, String)>,
    /// The answers as they are sent along.
    pub hidden: Vec<(String, String)>,
    /// What the rules say.
    pub verdict: Status,
    /// Whether somebody is signed in: then no address is asked for.
    pub is_signed_in: bool,
    /// What was typed.
    pub input: Input,
}

impl Page for Ask {
    fn title(&self) -> String {
        format!("Ask a person at {}", self.name)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let mut fields = vec![
            Field::new("text", "What should they know?", Control::Area { rows: 6 })
                .hint("Why the rules do not fit you, or what they miss. Up to 4,000 characters."),
        ];
        if !self.is_signed_in {
            let control = Control::Email { autocomplete: "email" };
            fields.push(Field::new("email", "Your mail address", control).hint(
                "A letter goes there first. Its link sends what you wrote: without it nobody \
                 reads it.",
            ));
        }
        let fields: Vec<Field> = fields.into_iter().map(|field| self.input.fill(field)).collect();
        html! {
            (back(&self.back, "Back to your answers"))
            (error_summary(&fields))
            h1 { "Ask a person at " (name(&self.name)) }
            p { "An officer reads your answers, what the rules say of them, and what you write. "
                "The answer comes by letter: they can let you apply all the same, uphold the "
                "rules, or ask you more." }
            h2 { "Your answers" }
            p { "By the rules: " (tag(&self.verdict)) }
            (answers_html(&self.answers))
            (form(frame, &routes::ask_a_person(&self.program), &html! {
                @for (name, value) in &self.hidden {
                    input type="hidden" name={ "a-" (name) } value=(value);
                }
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Ask")) }
            }))
        }
    }
}

pub(crate) fn answers_html(answers: &[(String, String)]) -> Markup {
    let rows: Vec<(String, Markup)> =
        answers.iter().map(|(question, answer)| (question.clone(), name(answer))).collect();
    html! {
        @if rows.is_empty() {
            p.muted { "Nothing is answered." }
        } @else {
            (key_values(&rows))
        }
    }
}

/// A letter is on its way.
#[derive(Clone, Debug)]
pub struct LetterOut {
    /// Where to.
    pub email: String,
    /// The program's name.
    pub program: String,
}

impl Page for LetterOut {
    fn title(&self) -> String {
        "Look at your mail".to_owned()
    }

    fn body(&self, _: &Frame) -> Markup {
        html! {
            h1 { "Look at your mail" }
            p { "A letter is on its way to " strong { (name(&self.email)) } ". Open its "
                "link within a day, and send your question to " (name(&self.program)) " there." }
            p.muted { "Nothing came? Look among what is marked as spam. Whoever has asked the "
                "program already finds the link in the letter of that day." }
        }
    }
}

/// Something that was written.
#[derive(Clone, Debug)]
pub struct SaidShown {
    /// Who wrote it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// What was written, in order.
pub(crate) fn said_html(said: &[SaidShown], frame: &Frame) -> Markup {
    html! {
        @for one in said {
            h3 { (name(&one.who)) }
            (prose(&one.text))
            p.muted { (instant(one.at, &frame.zone)) }
        }
    }
}

/// What its holder can do.
#[derive(Clone, Debug)]
pub enum AppealStage {
    /// Send it.
    Send,
    /// Answer an officer who asked more.
    Reply(Input),
    /// Apply, until an instant.
    Apply(Timestamp),
    /// Nothing.
    Wait,
}

/// A question to officers, for whoever holds the link of a letter about it.
#[derive(Clone, Debug)]
pub struct AppealPage {
    /// The secret in its address.
    pub secret: String,
    /// The program.
    pub program: ProgramId,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// The same in a sentence.
    pub summary: String,
    /// What was written.
    pub said: Vec<SaidShown>,
    /// What was answered, as question and answer.
    pub answers: Vec<(String, String)>,
    /// What its holder can do.
    pub stage: AppealStage,
}

impl Page for AppealPage {
    fn title(&self) -> String {
        format!("Your question to {}", self.name)
    }

    fn has_errors(&self) -> bool {
        matches!(&self.stage, AppealStage::Reply(input) if input.has_errors())
    }

    fn body(&self, frame: &Frame) -> Markup {
        let field = Field::new("text", "Your answer", Control::Area { rows: 6 });
        let reply: Option<Field> = match &self.stage {
            AppealStage::Reply(input) => Some(input.fill(field)),
            AppealStage::Send | AppealStage::Apply(_) | AppealStage::Wait => None,
        };
        let wrong: Vec<Field> = reply.iter().cloned().collect();
        html! {
            (error_summary(&wrong))
            h1 { "Your question to " (name(&self.name)) }
            p { (tag(&self.status)) }
            (notice(self.status.tone, &html! { p { strong { (self.summary) } } }))
            @if let AppealStage::Send = self.stage {
                (form(frame, &routes::asked(&self.secret), &html! {
                    input type="hidden" name="action" value="send";
                    div.actions { (button("Send it")) }
                }))
            }
            @if let AppealStage::Apply(until) = self.stage {
                p { "The exception is for your mail address: sign in with it, and apply before "
                    (instant(until, &frame.zone)) "." }
                div.actions {
                    (crate::ui::button_link(&routes::program(&self.program), "To the program"))
                }
            }
            h2 { "What was written" }
            (said_html(&self.said, frame))
            @if let Some(field) = &reply {
                (form(frame, &routes::asked(&self.secret), &html! {
                    input type="hidden" name="action" value="reply";
                    (field_html(field))
                    div.actions { (button("Send your answer")) }
                }))
            }
            h2 { "Your answers then" }
            (answers_html(&self.answers))
        }
    }
}
