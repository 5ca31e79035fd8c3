//! What an applicant has shown, as officers see it, and their own word.

use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::evidence::{ClaimShown, ShownRow, exception_html, shown_table};
use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Field, Frame, Input, Page, Tone, back, button, empty, error_summary, field_html, form, instant,
    link, name, notice, prose, tag,
};

/// What an applicant has shown.
#[derive(Clone, Debug)]
pub struct OfficerEvidence {
    /// The application.
    pub id: ApplicationId,
    /// Who applies.
    pub applicant: String,
    /// What has to be shown; `None` where the program wants nothing shown.
    pub shows: Option<String>,
    /// How well it is shown, in a sentence.
    pub summary: (Tone, String),
    /// What their own address says, in a sentence.
    pub address: String,
    /// The institution that the application names, as ROR knows it, in a sentence each.
    pub institutions: Vec<String>,
    /// Until when an officer lets them apply whatever the rules say.
    pub exception: Option<Timestamp>,
    /// What is shown.
    pub shown: Vec<ShownRow>,
    /// What was claimed, each with the form that answers it, where it waits for an officer.
    pub claims: Vec<(ClaimShown, Option<String>)>,
    /// What was typed into the form of a claim, by where that is posted.
    pub input: (String, Input),
    /// The form for their own word, where the program accepts it.
    pub vouch: Option<Input>,
}

impl OfficerEvidence {
    fn answer_field(&self, action: &str) -> Field {
        let field = Field::new("reason", "Why?", Control::Area { rows: 3 })
            .hint("The applicant reads it, by letter.");
        if self.input.0 == action { self.input.1.fill(field) } else { field }
    }

    fn vouch_field(&self) -> Option<Field> {
        let field =
            Field::new("known", "What do you know, and from where?", Control::Area { rows: 3 })
                .hint("It stays with the application. Your own word counts at once.");
        self.vouch.as_ref().map(|input| input.fill(field))
    }
}

impl Page for OfficerEvidence {
    fn title(&self) -> String {
        format!("What {} has shown", self.applicant)
    }

    fn has_errors(&self) -> bool {
        self.input.1.has_errors() || self.vouch.as_ref().is_some_and(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let vouch = self.vouch_field();
        let wrong: Vec<Field> = if self.input.0.is_empty() {
            vouch.iter().cloned().collect()
        } else {
            vec![self.answer_field(&self.input.0)]
        };
        // One form at a time asks why: only the one that was sent has an error to lead to.
        let mut is_first = true;
        html! {
            (back(&routes::decide(self.id), "Back to the application"))
            (error_summary(&wrong))
            h1 { "What " (name(&self.applicant)) " has shown" }
            @match &self.shows {
                None => p { "The program wants nothing shown." },
                Some(shows) => p { "Applicants are asked to show " (shows) "." },
            }
            (notice(self.summary.0, &html! { p { strong { (self.summary.1) } } }))
            (exception_html(self.exception, frame))
            h2 { "What is shown" }
            p { (self.address) }
            @for institution in &self.institutions { p { (institution) } }
            @if !self.shown.is_empty() { (shown_table(&self.shown, frame)) }
            h2 { "What was claimed" }
            @if self.claims.is_empty() {
                (empty("Nothing was claimed", &html! {
                    p { "A sponsor's word or a document would stand here." }
                }))
            }
            @for (claim, answer) in &self.claims {
                h3 { (name(&claim.what)) " " (tag(&claim.status)) }
                (prose(&claim.says))
                @if let Some(reason) = &claim.reason { (prose(reason)) }
                p.muted { "On " (instant(claim.at, &frame.zone)) }
                @if let Some(href) = &claim.document { p { (link(href, "Read the document")) } }
                @if let Some(action) = answer {
                    (form(frame, action, &html! {
                        (field_html(&self.numbered(action, &mut is_first)))
                        div.actions {
                            button.button type="submit" name="verdict" value="accept" { "Accept" }
                            button.button.secondary type="submit" name="verdict" value="refuse" {
                                "Refuse"
                            }
                        }
                    }))
                }
            }
            @if let Some(field) = &vouch {
                h2 { "Your own word" }
                (form(frame, &routes::decide_evidence(self.id), &html! {
                    (field_html(field))
                    div.actions { (button("It is so")) }
                }))
            }
        }
    }
}

impl OfficerEvidence {
    /// The field of a form among several: its id is its own, unless it is the one to mend.
    fn numbered(&self, action: &str, is_first: &mut bool) -> Field {
        let field = self.answer_field(action);
        let is_wrong = self.input.0 == action;
        let is_plain = is_wrong || (*is_first && self.input.0.is_empty());
        *is_first = false;
        if is_plain {
            return field;
        }
        let number = action.rsplit('/').nth(1).unwrap_or_default();
        Field { name: format!("reason-{number}"), ..field }
    }
}
