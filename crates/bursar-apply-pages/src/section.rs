//! A part of the form, or one of its questions: a page that saves whatever is there.

use std::collections::BTreeMap;

use bursar_kernel::program::FormField;
use maud::{Markup, html};

use crate::ui::field::{Control, FileShown};
use crate::ui::{
    Choice, Field, Frame, Input, Page, Tone, back, error_summary, field_html, notice, prose,
};

/// A part of the form.
#[derive(Clone, Debug)]
pub struct SectionPage {
    /// Where it is posted.
    pub action: String,
    /// The way back, and what it says.
    pub back: (String, String),
    /// The program's name.
    pub program: String,
    /// The section's title.
    pub title: String,
    /// Which question this is, of how many, where each has a page.
    pub step: Option<(usize, usize)>,
    /// What is good to know before answering.
    pub intro: Option<String>,
    /// The questions.
    pub questions: Vec<FormField>,
    /// What each depends on, in words for who has no script: by the question.
    pub depends: BTreeMap<String, String>,
    /// What is advised of answers that are taken, by the question.
    pub advice: BTreeMap<String, String>,
    /// The files that are there, by the question, and whether there is room for another.
    pub files: BTreeMap<String, (Vec<FileShown>, bool)>,
    /// What is saved or was typed, and what is wrong.
    pub input: Input,
    /// What the form is shown with, so that two tabs lose nothing.
    pub was: String,
    /// What was answered elsewhere meanwhile.
    pub conflicts: Vec<Conflict>,
    /// Whether what is shown was typed when the session had ended, and is not saved.
    pub is_unsaved: bool,
    /// Institutions that were found for a question, by its name.
    pub found: BTreeMap<String, Vec<Choice>>,
}

/// An answer that was given elsewhere while another was typed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The question.
    pub question: String,
    /// What the draft has.
    pub saved: String,
}

impl Page for SectionPage {
    fn title(&self) -> String {
        match (self.step, self.questions.as_slice()) {
            (Some(_), [only]) => format!("{} – {}", only.label, self.title),
            _ => self.title.clone(),
        }
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self.questions.iter().map(|field| self.field(field)).collect();
        let has_files = !self.files.is_empty();
        html! {
            (back(&self.back.0, &self.back.1))
            (error_summary(&fields))
            p.caption { bdi { (self.program) } }
            h1 { (self.title) }
            @if let Some((at, of)) = self.step { p.muted { "Question " (at) " of " (of) } }
            @if let Some(intro) = &self.intro { (prose(intro)) }
            @if self.is_unsaved { (unsaved()) }
            @if !self.conflicts.is_empty() { (conflicts(&self.conflicts)) }
            form.form method="post" action=(self.action) novalidate
                enctype=[has_files.then_some("multipart/form-data")]
                data-warn-unsaved=(self.unsaved())
                data-autosave="autosave" {
                input type="hidden" name="csrf" value=(frame.csrf);
                input type="hidden" name="was" value=(self.was);
                @if has_files {
                    // What the Enter key presses: else it would be the first file's `Remove`.
                    button type="submit" name="action" value="continue" hidden tabindex="-1" {
                        "Save and continue"
                    }
                }
                @for field in &fields { (self.field_html(field)) }
                p #autosave.autosave role="status" {}
                div.actions {
                    button.button type="submit" name="action" value="continue" {
                        "Save and continue"
                    }
                    button.button.secondary type="submit" name="action" value="save" {
                        "Save and come back later"
                    }
                }
            }
        }
    }
}

impl SectionPage {
    /// Whether what is shown is not what is saved: leaving it asks first.
    const fn unsaved(&self) -> &'static str {
        if self.is_unsaved || !self.conflicts.is_empty() { "now" } else { "" }
    }

    fn field(&self, question: &FormField) -> Field {
        let mut field = self.input.fill(Field::from_question(question));
        if let (Control::Files { there, room, .. }, Some((files, has_room))) =
            (&mut field.control, self.files.get(&question.id))
        {
            there.clone_from(files);
            *room = *has_room;
        }
        if let Control::Institution { found } = &mut field.control {
            *found = self.found.get(&question.id).cloned();
        }
        field
    }

    fn field_html(&self, field: &Field) -> Markup {
        html! {
            @if let Some(depends) = self.depends.get(&field.name) {
                // Without the script both questions are in sight, and this says which counts.
                noscript { p.hint { (depends) } }
            }
            (field_html(field))
            @if let Some(advice) = self.advice.get(&field.name) {
                p.advice { (advice) }
            }
        }
    }
}

/// What both places say, where an answer was changed in another one.
pub fn conflicts(conflicts: &[Conflict]) -> Markup {
    notice(
        Tone::Warning,
        &html! {
            p { strong { "An answer was changed in another place while you wrote here." } }
            p { "What you wrote is in the form below, and not saved yet. What the draft has is "
                "this. Take over from it what you want to keep, and save." }
            dl.facts {
                @for conflict in conflicts {
                    div {
                        dt { (conflict.question) }
                        dd {
                            @if conflict.saved.is_empty() {
                                span.muted { "Nothing: it was taken out" }
                            }
                            @else { (prose(&conflict.saved)) }
                        }
                    }
                }
            }
        },
    )
}

/// That what is shown was typed when the session had ended.
pub fn unsaved() -> Markup {
    notice(
        Tone::Warning,
        &html! {
            p { strong { "What you had written is below, and not saved yet." } }
            p { "You were signed out while you wrote. Look at it, and save." }
        },
    )
}
