//! What a sponsor is asked, for whoever holds the letter's link.

use bursar_kernel::Timestamp;
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Choice, Field, Frame, Input, Page, button, empty, error_summary, field_html, form, instant,
    key_values, name, prose,
};

/// What a sponsor is asked.
#[derive(Clone, Debug)]
pub struct SponsorPage {
    /// The secret in its address.
    pub secret: String,
    /// Who applies: name, which may be empty, and address.
    pub applicant: (String, String),
    /// The program's name.
    pub program: String,
    /// What has to be shown.
    pub shows: String,
    /// Whom the letter went to.
    pub sponsor: (String, String),
    /// What the applicant is to them, in the applicant's words.
    pub relation: String,
    /// Until when it can be answered.
    pub expires_at: Option<Timestamp>,
    /// The form, where it can be answered now.
    pub answer: Option<Input>,
    /// What was answered, in a sentence.
    pub answered: Option<String>,
}

impl Page for SponsorPage {
    fn title(&self) -> String {
        format!("Can you confirm something for {}?", self.program)
    }

    fn has_errors(&self) -> bool {
        self.answer.as_ref().is_some_and(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self.answer.iter().flat_map(fields).collect();
        let who = if self.applicant.0.is_empty() { &self.applicant.1 } else { &self.applicant.0 };
        html! {
            (error_summary(&fields))
            h1 { "Can you confirm something for " (name(&self.program)) "?" }
            p { strong { (name(who)) } " applies for research credit from " (name(&self.program))
                ", has to show " (self.shows) ", and named you as somebody who can confirm it." }
            (key_values(&[
                ("Who applies".to_owned(), name(who)),
                ("Their address".to_owned(), name(&self.applicant.1)),
                ("Whom they named".to_owned(), html! {
                    (name(&self.sponsor.0)) ", " (name(&self.sponsor.1)) }),
            ]))
            h2 { "What they are to you, in their words" }
            (prose(&self.relation))
            @if let Some(answered) = &self.answered {
                (empty("This is answered", &html! { p { (answered) } }))
            } @else if self.answer.is_none() {
                (empty("This cannot be answered any more", &html! {
                    p { "Three weeks are over. " (name(who)) " can name you again." }
                }))
            } @else {
                h2 { "Your answer" }
                @if let Some(end) = self.expires_at {
                    p { "It can be answered once, until " (instant(end, &frame.zone)) ". The \
                        program's officers and " (name(who)) " read it." }
                }
                (form(frame, &routes::sponsor(&self.secret), &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Send your answer")) }
                }))
            }
        }
    }
}

fn fields(input: &Input) -> [Field; 2] {
    let answers = vec![
        Choice::new("confirm", "Yes, I confirm it"),
        Choice::new("deny", "No, or I do not know them"),
    ];
    let said = Field::new("said", "Anything to add?", Control::Area { rows: 3 }).optional();
    let answer = Field::new("answer", "Is it so?", Control::Radios(answers));
    [input.fill(answer), input.fill(said)]
}
