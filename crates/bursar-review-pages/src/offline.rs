//! Reviews written without a connection: a file to take along, and the way back in.

use bursar_kernel::ApplicationId;
use bursar_ui::controls::button_form;
use bursar_ui::{Frame, Input, Page, Tone, back, button, button_link, name, notice, prose, routes};
use maud::{Markup, html};

/// Where review files come from and come back to.
#[derive(Clone, Debug)]
pub struct OfflinePage {
    /// Applications that wait for a review.
    pub open: usize,
    /// How large a file may be, in words: `4 MB`.
    pub most: String,
    /// What is wrong with the choice of a file, as a form.
    pub input: Input,
    /// What is wrong in the file, if something is: nothing of it was saved.
    pub mistakes: Vec<MistakeShown>,
    /// What was taken from a file of which something clashes with what was changed elsewhere.
    pub taken: Vec<TakenShown>,
}

/// Something wrong in a file.
#[derive(Clone, Debug)]
pub struct MistakeShown {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

/// What was taken of one application.
#[derive(Clone, Debug)]
pub struct TakenShown {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// What clashes: its name, what it asks, what the draft has, and what the file has.
    pub clashes: Vec<(String, String, String, String)>,
    /// What the draft has of what clashes, for whoever takes the file's text all the same.
    pub was: String,
}

impl Page for OfflinePage {
    fn title(&self) -> String {
        "Review offline".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors() || !self.mistakes.is_empty()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(routes::REVIEWS, "Reviews"))
            @if !self.mistakes.is_empty() { (self.mistakes_html()) }
            @if let Some(wrong) = self.input.errors.get("file") {
                div.error-summary role="alert" tabindex="-1" data-focus {
                    h2 { "There is a problem" }
                    ul { li { a href="#file" { (wrong) } } }
                }
            }
            h1 { "Review offline" }
            @for taken in &self.taken { (taken.html(frame)) }
            p.lead { "Take the applications along in a file of plain text, write your reviews in "
                "it, and hand it in here." }
            h2 { "Take along" }
            @if self.open == 0 {
                p { "Nothing waits for your review." }
            } @else {
                p { "The file has what you may read of each application, what is asked of you, and "
                    "what you have written so far. Attached files are read on their pages." }
                div.actions {
                    (button_link(routes::REVIEW_FILE, &match self.open {
                        1 => "Download 1 application".to_owned(),
                        many => format!("Download {many} applications"),
                    }))
                }
            }
            h2 { "Hand in" }
            (self.form(frame))
        }
    }
}

impl OfflinePage {
    fn form(&self, frame: &Frame) -> Markup {
        let wrong = self.input.errors.get("file");
        html! {
            form.form method="post" action=(routes::REVIEW_OFFLINE) enctype="multipart/form-data"
                novalidate {
                input type="hidden" name="csrf" value=(frame.csrf);
                div.field.field-wrong[wrong.is_some()] {
                    label for="file" { "The file that you filled in" }
                    p.hint #file-hint {
                        "Plain text, up to " (self.most) ". It becomes your drafts. Nothing is "
                        "submitted by it."
                    }
                    @if let Some(wrong) = wrong {
                        p.field-error #file-error {
                            span.visually-hidden { "Error: " } (wrong) }
                    }
                    input type="file" id="file" name="file" accept=".txt,text/plain"
                        aria-describedby=(if wrong.is_some() { "file-hint file-error" }
                            else { "file-hint" })
                        aria-invalid=[wrong.map(|_| "true")];
                }
                div.actions { (button("Hand in the file")) }
            }
        }
    }

    fn mistakes_html(&self) -> Markup {
        html! {
            div.error-summary role="alert" tabindex="-1" data-focus {
                h2 { "There is a problem" }
                p { "Nothing of the file was saved. Mend this in your file, which is as you left "
                    "it, and hand it in again." }
                ul {
                    @for mistake in &self.mistakes {
                        li { strong { "Line " (mistake.line) } ": " bdi { (mistake.what) }
                            br; span.muted { (mistake.hint) } }
                    }
                }
            }
        }
    }
}

impl TakenShown {
    fn html(&self, frame: &Frame) -> Markup {
        let mut fields: Vec<(&str, &str)> = self
            .clashes
            .iter()
            .map(|(field, _, _, file)| (field.as_str(), file.as_str()))
            .collect();
        fields.extend([("was", self.was.as_str()), ("action", "save")]);
        let says = |text: &str| {
            html! { @if text.is_empty() { span.muted { "Nothing" } } @else { (prose(text)) } }
        };
        notice(
            Tone::Warning,
            &html! {
                p { strong { "“" (name(&self.title)) "” was changed after you took the file." } }
                p { "The rest of the file is in your draft. Of this, the draft keeps what it has." }
                @for (_, asks, draft, file) in &self.clashes {
                    dl.facts {
                        div { dt { (asks) " " span.muted { "(in your draft)" } }
                            dd { (says(draft)) } }
                        div { dt { (asks) " " span.muted { "(in the file)" } }
                            dd { (says(file)) } }
                    }
                }
                p { a href=(routes::review(self.id)) { "Open your draft" } ", or:" }
                (button_form(frame, &routes::review(self.id), &fields,
                    &button("Take what is in the file")))
            },
        )
    }
}
