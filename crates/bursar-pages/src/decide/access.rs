//! Requests for limited models, and the answer to one.

use bursar_kernel::{AccessRequestId, GrantId, ModelId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::table::text;
use crate::ui::{
    Choice, Field, Frame, Input, Page, Status, Table, back, button, date, empty, error_summary,
    field_html, form, instant, key_values, link, name, prose, tag,
};

/// A request in the list.
#[derive(Clone, Debug)]
pub struct AccessRow {
    /// The request.
    pub id: AccessRequestId,
    /// The model.
    pub model: ModelId,
    /// Who holds the grant.
    pub holder: String,
    /// The grant.
    pub grant: GrantId,
    /// What the grant is called.
    pub title: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub status: Status,
}

/// All requests.
#[derive(Clone, Debug)]
pub struct AccessList {
    /// Those that wait, the longest first.
    pub waiting: Vec<AccessRow>,
    /// The latest that are answered.
    pub answered: Vec<AccessRow>,
}

impl Page for AccessList {
    fn title(&self) -> String {
        "Limited access".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Limited access" }
            p { "Models that need a further approval, even with credit. An approval opens the "
                "model at once to the keys of one grant." }
            h2 { "Waiting for an answer" }
            @if self.waiting.is_empty() {
                (empty("Nothing waits", &html! {
                    p { "A request for a limited model shows here, and you are mailed." }
                }))
            } @else { (table("Waiting for an answer", &self.waiting, frame)) }
            @if !self.answered.is_empty() {
                h2 { "Answered" }
                (table("Answered", &self.answered, frame))
            }
        }
    }
}

fn table(caption: &str, rows: &[AccessRow], frame: &Frame) -> Markup {
    let columns = vec![text("Model"), text("Holder"), text("Grant"), text("Asked"), text("State")];
    let rows = rows.iter().map(|row| {
        vec![
            html! { a href=(routes::access(row.id)) { (row.model)
            span.visually-hidden { " for " (name(&row.holder)) } } },
            name(&row.holder),
            html! { a href=(routes::grant(row.grant)) { (name(&row.title)) } },
            date(row.asked_at, &frame.zone),
            tag(&row.status),
        ]
    });
    Table::new(caption, columns, rows.collect()).under_heading().html()
}

/// One request, with the form for its answer.
#[derive(Clone, Debug)]
pub struct AccessPage {
    /// The request.
    pub row: AccessRow,
    /// What the model is needed for.
    pub reason: String,
    /// When the grant expires, once that is known.
    pub grant_expires_at: Option<Timestamp>,
    /// When it was answered, and what was said.
    pub answer: Option<(Timestamp, Option<String>)>,
    /// When an approval lapses, if sooner than the grant.
    pub until: Option<Timestamp>,
    /// The form (`decision`, `note`, `until`), where the viewer may answer.
    pub input: Option<Input>,
    /// Whether the request still waits; of an approval, only the end is left to decide.
    pub waits: bool,
    /// The version that the form answers.
    pub version: u64,
}

impl Page for AccessPage {
    fn title(&self) -> String {
        format!("{} for {}", self.row.model, self.row.holder)
    }

    fn has_errors(&self) -> bool {
        self.input.as_ref().is_some_and(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.input.as_ref().map(|input| self.fields(input)).unwrap_or_default();
        html! {
            (back(routes::ACCESS, "Limited access"))
            (error_summary(&fields))
            div.heading-row {
                h1 { (self.row.model) " for " (name(&self.row.holder)) } (tag(&self.row.status))
            }
            (self.facts(frame))
            h2 { "What for" }
            (prose(&self.reason))
            @if self.input.is_some() {
                h2 { @if self.waits { "Your answer" } @else { "End the approval" } }
                (form(frame, &routes::access(self.row.id), &html! {
                    input type="hidden" name="version" value=(self.version);
                    @if !self.waits { input type="hidden" name="decision" value="decline"; }
                    @for field in &fields { (field_html(field)) }
                    div.actions {
                        @if self.waits { (button("Record the answer")) }
                        @else { button.button.danger type="submit" { "End the approval" } }
                    }
                }))
            }
        }
    }
}

impl AccessPage {
    fn facts(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        let grant = link(&routes::grant(self.row.grant), &self.row.title);
        let mut facts = vec![
            ("Grant".to_owned(), grant),
            (
                "Grant expires".to_owned(),
                html! { @match self.grant_expires_at {
                Some(at) => (instant(at, zone)), None => "Not delivered yet" } },
            ),
            ("Asked".to_owned(), instant(self.row.asked_at, zone)),
        ];
        if let Some((at, note)) = &self.answer {
            facts.push(("Answered".to_owned(), instant(*at, zone)));
            if let Some(note) = note {
                facts.push(("Answer".to_owned(), prose(note)));
            }
        }
        if let Some(until) = self.until {
            facts.push(("Lapses".to_owned(), instant(until, zone)));
        }
        key_values(&facts)
    }

    fn fields(&self, input: &Input) -> Vec<Field> {
        let area = || Control::Area { rows: 4 };
        let decision = Control::Radios(vec![
            Choice::hinted("approve", "Approve", "Opens the model at once."),
            Choice::hinted("decline", "Decline", "The reason goes to the holder."),
        ]);
        let mut fields = vec![
            Field::new("note", "What the holder will read", area())
                .hint("A decline needs a reason; an approval may have a word with it."),
        ];
        if self.waits {
            fields.insert(0, Field::new("decision", "Decision", decision));
            fields.push(
                Field::new("until", "Lapses on", Control::Day)
                    .hint("The first day without it. Left out, the approval ends with the grant.")
                    .optional(),
            );
        }
        fields.into_iter().map(|field| input.fill(field)).collect()
    }
}
