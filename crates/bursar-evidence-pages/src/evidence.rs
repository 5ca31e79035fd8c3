//! What the one who applies has shown, what is missing, and ways to show it.

use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::table::text;
use crate::ui::{
    Field, Frame, Input, Page, Status, Table, Tone, back, button, empty, error_summary, field_html,
    form, instant, link, name, notice, tag,
};

/// What is shown, and what is missing.
#[derive(Clone, Debug)]
pub struct EvidencePage {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// Where the page leads back to, and what that is called.
    pub back: (String, String),
    /// What has to be shown; `None` where the program wants nothing shown.
    pub shows: Option<String>,
    /// Whether any step needs a level.
    pub is_needed: bool,
    /// What is missing for each step that needs more.
    pub missing: Vec<MissingShown>,
    /// What is shown.
    pub shown: Vec<ShownRow>,
    /// What their own address says, in a sentence.
    pub address: String,
    /// Until when an officer lets them apply whatever the rules say.
    pub exception: Option<Timestamp>,
    /// What was claimed.
    pub claims: Vec<ClaimShown>,
    /// What the program accepts.
    pub ways: Vec<WayShown>,
    /// The form that names a sponsor, where the program accepts one.
    pub sponsor: Option<Input>,
    /// The form that adds a document, where the program accepts one.
    pub document: Option<Input>,
}

/// What is missing for a step.
#[derive(Clone, Debug)]
pub struct MissingShown {
    /// The step: `To hand in`.
    pub step: String,
    /// The level that it needs.
    pub level: String,
    /// What would reach it.
    pub by: String,
    /// Whether nothing goes on without it now.
    pub stops: bool,
}

/// Something that is shown.
#[derive(Clone, Debug)]
pub struct ShownRow {
    /// By what.
    pub kind: String,
    /// What it says.
    pub says: String,
    /// How well, or why not at all.
    pub status: Status,
    /// Since when.
    pub since: Timestamp,
    /// Until when it is believed; `None` where it is not accepted.
    pub until: Option<Timestamp>,
}

/// Something that is accepted.
#[derive(Clone, Debug)]
pub struct WayShown {
    /// By what, beginning a sentence.
    pub kind: String,
    /// How well that shows it.
    pub level: String,
    /// For how long it is believed: `12 months`.
    pub lasts: String,
    /// What to do for it.
    pub how: String,
    /// Where, if not on this page.
    pub href: Option<String>,
}

/// Something that was claimed.
#[derive(Clone, Debug)]
pub struct ClaimShown {
    /// What it is.
    pub what: String,
    /// What was said with it.
    pub says: String,
    /// Where it stands.
    pub status: Status,
    /// Why, or what was answered.
    pub reason: Option<String>,
    /// When it was made.
    pub at: Timestamp,
    /// Where its document is read.
    pub document: Option<String>,
    /// Posted to take it back.
    pub take_back: Option<String>,
}

impl EvidencePage {
    fn sponsor_fields(&self) -> Vec<Field> {
        let Some(input) = &self.sponsor else { return Vec::new() };
        vec![
            input.fill(Field::new("name", "Their name", Control::Line { autocomplete: "off" })),
            input.fill(
                Field::new(
                    "email",
                    "Their mail address at the institution",
                    Control::Email { autocomplete: "off" },
                )
                .hint(
                    "They get a letter with a link, and answer within three weeks. They need no \
                     account.",
                ),
            ),
            input.fill(
                Field::new("relation", "What are you to them?", Control::Area { rows: 3 })
                    .hint("As they would say it: \"I am a doctoral student in her group\"."),
            ),
        ]
    }

    fn document_fields(&self) -> Vec<Field> {
        let Some(input) = &self.document else { return Vec::new() };
        let files = Control::Files {
            there: Vec::new(),
            accept: ".pdf,.png,.jpg,.jpeg".to_owned(),
            takes: "One file, PDF, PNG or JPEG, up to 5 MB. Cover what nobody needs to see."
                .to_owned(),
            room: true,
        };
        vec![
            input.fill(
                Field::new("says", "What does it show?", Control::Line { autocomplete: "off" })
                    .hint("Such as \"Letter of appointment, University of Nairobi\"."),
            ),
            input.fill(Field::new("document", "The document", files)),
        ]
    }
}

impl Page for EvidencePage {
    fn title(&self) -> String {
        "What you have to show".to_owned()
    }

    fn has_errors(&self) -> bool {
        [&self.sponsor, &self.document].into_iter().flatten().any(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (sponsor, document) = (self.sponsor_fields(), self.document_fields());
        let all: Vec<Field> = sponsor.iter().chain(&document).cloned().collect();
        html! {
            (back(&self.back.0, &self.back.1))
            (error_summary(&all))
            h1 { "What you have to show" }
            @match &self.shows {
                None => p { (name(&self.program)) " goes by your answers: nothing has to be "
                    "shown." },
                Some(shows) => p { (name(&self.program)) " wants to see " (shows) "." },
            }
            (exception_html(self.exception, frame))
            @for missing in &self.missing { (missing_html(missing)) }
            @if self.shows.is_some() && self.missing.is_empty() {
                @if self.is_needed {
                    (notice(Tone::Good, &html! { p { strong { "All that is needed is shown." } } }))
                } @else {
                    (notice(Tone::Info, &html! { p {
                        strong { "Nothing stops you." } " What you show speaks for you when an \
                        officer reads the application." } }))
                }
            }
            h2 { "What is shown" }
            p { (self.address) }
            @if self.shown.is_empty() {
                (empty("Nothing is shown yet", &html! {
                    p { "What counts is below, each with what to do for it." }
                }))
            } @else {
                (shown_table(&self.shown, frame))
            }
            @if !self.claims.is_empty() {
                h2 { "What you have asked for" }
                ul.tasks { @for claim in &self.claims { (claim_html(claim, frame)) } }
            }
            @if !self.ways.is_empty() {
                h2 { "What counts" }
                ul.tasks { @for way in &self.ways { (way_html(way)) } }
            }
            @if !sponsor.is_empty() {
                h2 #sponsor { "Name somebody who can confirm it" }
                (form(frame, &routes::evidence_sponsor(self.id), &html! {
                    @for field in &sponsor { (field_html(field)) }
                    div.actions { (button("Send them the letter")) }
                }))
            }
            @if !document.is_empty() {
                h2 #add-document { "Add a document" }
                p.muted { "An officer reads it. It lies with this application, and goes with it." }
                form.form method="post" action=(routes::evidence_document(self.id))
                    enctype="multipart/form-data" novalidate {
                    input type="hidden" name="csrf" value=(frame.csrf);
                    @for field in &document { (field_html(field)) }
                }
            }
        }
    }
}

/// An officer's exception, where there is one.
pub(crate) fn exception_html(exception: Option<Timestamp>, frame: &Frame) -> Markup {
    html! {
        @if let Some(until) = exception {
            (notice(Tone::Info, &html! {
                p { strong { "An officer made an exception." } " Until "
                    (instant(until, &frame.zone)) " the rules of eligibility do not stop this \
                    application." }
            }))
        }
    }
}

fn missing_html(missing: &MissingShown) -> Markup {
    let tone = if missing.stops { Tone::Warning } else { Tone::Info };
    notice(
        tone,
        &html! {
            p { strong { (missing.step) " you need: " (missing.level) "." } }
            p { "It is shown by " (missing.by) "." }
        },
    )
}

/// What is shown, since when and until when.
pub(crate) fn shown_table(shown: &[ShownRow], frame: &Frame) -> Markup {
    let columns = vec![text("By"), text("What"), text("Level"), text("Since"), text("Until")];
    let rows = shown.iter().map(|row| {
        vec![
            html! { (row.kind) },
            name(&row.says),
            tag(&row.status),
            instant(row.since, &frame.zone),
            html! { @match row.until {
                Some(until) => (instant(until, &frame.zone)),
                None => span.muted { "Not accepted here" },
            } },
        ]
    });
    html! { (Table::new("What is shown", columns, rows.collect()).html()) }
}

fn claim_html(claim: &ClaimShown, frame: &Frame) -> Markup {
    html! {
        li {
            div.task-title {
                span { (name(&claim.what)) }
                p.hint dir="auto" { (claim.says) }
                @if let Some(reason) = &claim.reason { p dir="auto" { (reason) } }
                p.hint { "On " (instant(claim.at, &frame.zone)) }
                @if let Some(href) = &claim.document { p { (link(href, "Read the document")) } }
            }
            div.task-status {
                (tag(&claim.status))
                @if let Some(action) = &claim.take_back {
                    (button_form(frame, action, &[], &html! {
                        button.link-button type="submit" {
                            "Take it back" span.visually-hidden { ": " (claim.what) }
                        }
                    }))
                }
            }
        }
    }
}

fn way_html(way: &WayShown) -> Markup {
    html! {
        li {
            div.task-title {
                span {
                    @match &way.href {
                        Some(href) => (link(href, &way.kind)),
                        None => (way.kind),
                    }
                }
                p.hint { (way.how) }
            }
            div.task-status {
                span { (way.level) }
                p.hint { "for " (way.lasts) }
            }
        }
    }
}
