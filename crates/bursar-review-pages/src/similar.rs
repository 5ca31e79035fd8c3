//! Which other applications an application is like.

use bursar_kernel::ApplicationId;
use bursar_ui::{Frame, Page, Status, Tone, back, empty, link, name, prose, routes, tag};
use maud::{Markup, html};

/// Which other applications an application is like.
#[derive(Clone, Debug)]
pub struct SimilarPage {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// The others, the most alike first.
    pub rows: Vec<SimilarRow>,
}

/// Another application.
#[derive(Clone, Debug)]
pub struct SimilarRow {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Its program, its round and who applies.
    pub detail: String,
    /// Where it stands.
    pub status: Status,
    /// What both have of all that either has: `37.5 %`.
    pub alike: String,
    /// What the other has of the shorter one.
    pub contained: String,
    /// Whether somebody takes part in both.
    pub same_people: bool,
    /// The longest passages that both have: the question, and the words.
    pub passages: Vec<(String, String)>,
}

impl Page for SimilarPage {
    fn title(&self) -> String {
        format!("Applications like “{}”", self.title)
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            (back(&routes::decide(self.id), "Back to the application"))
            h1 { "Applications like “" (name(&self.title)) "”" }
            p { "Held against every application that was ever handed in here, by the runs of five "
                "words that two have in common. It proves nothing: look at the passages." }
            @if self.rows.is_empty() {
                (empty("None is like it", &html! {
                    p { "Texts of one subject that were written apart share hardly any run of "
                        "five words." }
                }))
            }
            @for row in &self.rows {
                h2 { (link(&routes::decide(row.id), &row.title)) " " (tag(&row.status)) }
                p { (name(&row.detail)) }
                p { strong { (row.alike) } " of all that either says is in both, and "
                    strong { (row.contained) } " of the shorter one."
                    @if row.same_people {
                        " " (tag(&Status::new(Tone::Neutral, "Of the same people")))
                        " Handed in again is no copy."
                    } }
                @for (question, words) in &row.passages {
                    div.inset { p.muted.small { (name(question)) } (prose(words)) }
                }
            }
        }
    }
}
