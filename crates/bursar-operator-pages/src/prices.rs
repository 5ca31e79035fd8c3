//! Price tables, and the form that decides on one.

use bursar_kernel::{ModelId, PriceVersion, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::table::text;
use crate::ui::{
    Field, Frame, Input, Page, Status, Table, back, empty, error_summary, field_html, form,
    instant, key_values, name, tag,
};

/// All price tables.
#[derive(Clone, Debug)]
pub struct PriceTables {
    /// The latest proposal first.
    pub rows: Vec<PriceTableRow>,
}

/// A price table.
#[derive(Clone, Debug)]
pub struct PriceTableRow {
    /// Its name.
    pub version: PriceVersion,
    /// Whether it holds.
    pub status: Status,
    /// When somebody brought it.
    pub proposed_at: Timestamp,
    /// Who.
    pub proposed_by: String,
    /// From when on it holds, where it was approved.
    pub holds_from: Option<Timestamp>,
    /// Who decided on it.
    pub decided_by: Option<String>,
    /// Why it is not used.
    pub reason: Option<String>,
}

impl Page for PriceTables {
    fn title(&self) -> String {
        "Prices".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Price table"),
            text("State"),
            text("Brought"),
            text("By"),
            text("Holds from"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                html! { a href=(routes::price_table(&row.version)) { (row.version) } },
                tag(&row.status),
                instant(row.proposed_at, &frame.zone),
                name(&row.proposed_by),
                html! { @match row.holds_from {
                    Some(from) => (instant(from, &frame.zone)),
                    None => "Never",
                } },
            ]
        });
        html! {
            h1 { "Prices" }
            p { "What calls cost. A call is priced by the table that holds when it begins, and "
                "stays priced by it. A new table is brought with " code { "bursar prices import" }
                " from a public price file, or with " code { "bursar prices propose" }
                ", and waits here until you have looked at what it changes." }
            @if self.rows.is_empty() {
                (empty("No price table", &html! { p { "The server enters the catalog's when it "
                    "starts." } }))
            } @else {
                (Table::new("Price tables", columns, rows.collect()).under_heading().html())
            }
        }
    }
}

/// One price table, what it changes, and the form that decides on it.
#[derive(Clone, Debug)]
pub struct PriceTablePage {
    /// The table.
    pub row: PriceTableRow,
    /// The table that it is compared with.
    pub compared_with: String,
    /// What is different.
    pub changes: Vec<PriceChange>,
    /// The catalog file.
    pub document: String,
    /// Whether it can be approved.
    pub may_be_approved: bool,
    /// Whether it can be rejected.
    pub may_be_rejected: bool,
    /// The form (`decision`, `effective_from`, `reason`).
    pub input: Input,
}

/// A difference.
#[derive(Clone, Debug)]
pub struct PriceChange {
    /// Of which model.
    pub model: ModelId,
    /// What.
    pub what: String,
}

impl Page for PriceTablePage {
    fn title(&self) -> String {
        format!("Price table {}", self.row.version)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Model"), text("Change")];
        let rows = self
            .changes
            .iter()
            .map(|change| vec![html! { code { (change.model) } }, html! { (change.what) }]);
        let (approve, reject) = (self.approve(), self.reject());
        let fields: Vec<Field> = approve.iter().chain(&reject).cloned().collect();
        html! {
            (back(routes::PRICES, "Prices"))
            (error_summary(&fields))
            h1 { (self.title()) }
            p { (tag(&self.row.status)) }
            (self.facts(frame))
            h2 { "What it changes" }
            @if self.changes.is_empty() {
                p { "Nothing is different from " (self.compared_with) "." }
            } @else {
                p.muted { "Compared with " (self.compared_with) ". Prices are dollars for a "
                    "million units." }
                (Table::new("Changes", columns, rows.collect()).under_heading().html())
            }
            @if self.may_be_approved {
                h2 { "Approve it" }
                (self.form(frame, "approve", "Approve", &approve))
            }
            @if self.may_be_rejected {
                h2 { "Do not use it" }
                (self.form(frame, "reject", "Reject", &reject))
            }
            details {
                summary { "The catalog file" }
                pre tabindex="0" { code { (self.document) } }
            }
        }
    }
}

impl PriceTablePage {
    fn facts(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        let row = &self.row;
        let mut facts = vec![
            ("Brought".to_owned(), instant(row.proposed_at, zone)),
            ("By".to_owned(), name(&row.proposed_by)),
        ];
        if let Some(from) = row.holds_from {
            facts.push(("Holds from".to_owned(), instant(from, zone)));
        }
        if let Some(by) = &row.decided_by {
            facts.push(("Decided by".to_owned(), name(by)));
        }
        if let Some(reason) = &row.reason {
            facts.push(("Why not".to_owned(), name(reason)));
        }
        key_values(&facts)
    }

    fn approve(&self) -> Vec<Field> {
        if !self.may_be_approved {
            return Vec::new();
        }
        let day = Field::new("effective_from", "From which day on?", Control::Day)
            .optional()
            .hint("From 00:00 UTC of that day. Leave it empty to let it hold at once.");
        vec![self.input.fill(day)]
    }

    fn reject(&self) -> Vec<Field> {
        if !self.may_be_rejected {
            return Vec::new();
        }
        let area = Control::Area { rows: 3 };
        let why = Field::new("reason", "Why?", area).hint("It stands in the audit trail.");
        vec![self.input.fill(why)]
    }

    fn form(&self, frame: &Frame, decision: &str, label: &str, fields: &[Field]) -> Markup {
        form(
            frame,
            &routes::price_table(&self.row.version),
            &html! {
                @for field in fields { (field_html(field)) }
                input type="hidden" name="decision" value=(decision);
                div.actions {
                button.button.danger[decision == "reject"] type="submit" { (label) }
            }
            },
        )
    }
}
