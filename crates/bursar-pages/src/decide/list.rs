//! Lists of all applications and all grants.

use bursar_kernel::{ApplicationId, Timestamp, Usd};
use maud::{Markup, html};

use crate::apply::{GrantRow, grants_table};
use crate::routes;
use crate::ui::field::Control;
use crate::ui::table::{number, text};
use crate::ui::{
    Choice, Field, Figure, Frame, Page, Status, Table, available, date, empty, field_html, figures,
    link, name, paging, tag,
};

/// All applications that the filters let through.
#[derive(Clone, Debug)]
pub struct ApplicationsList {
    /// How many there are in each state of interest, as label and count.
    pub counts: Vec<(String, u64)>,
    /// How many questions about eligibility wait for an officer.
    pub questions: usize,
    /// The states to choose from, the first being all.
    pub states: Vec<Choice>,
    /// The rounds to choose from, the first being all.
    pub rounds: Vec<Choice>,
    /// The orders to choose from.
    pub orders: Vec<Choice>,
    /// The words that are looked for.
    pub words: String,
    /// The chosen state's value.
    pub state: String,
    /// The chosen round's value.
    pub round: String,
    /// The chosen order's value.
    pub order: String,
    /// The applications.
    pub rows: Vec<DecideRow>,
    /// Where newer ones are.
    pub newer: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
    /// What is shown of how many: `1 to 50 of 212`.
    pub position: String,
}

/// An application in the officer's list.
#[derive(Clone, Debug)]
pub struct DecideRow {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// Who applies.
    pub applicant: String,
    /// The round's name.
    pub round: String,
    /// Its state.
    pub status: Status,
    /// What to look at: a flag of the screening, an award that waits for a second officer.
    pub notes: Vec<Status>,
    /// How much is asked for.
    pub requested: Option<Usd>,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
}

impl Page for ApplicationsList {
    fn title(&self) -> String {
        "Applications".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let counts: Vec<Figure> = self
            .counts
            .iter()
            .map(|(label, count)| Figure::new(label, crate::ui::money::count(*count)))
            .collect();
        html! {
            h1 { "Applications" }
            (figures(&counts))
            p { (link(routes::APPEALS, "Questions about eligibility")) ": "
                @match self.questions {
                    0 => "none waits.",
                    1 => "one waits for an officer.",
                    more => { (more) " wait for an officer." }
                } }
            (self.filters())
            @if self.rows.is_empty() {
                (empty("No application matches", &html! {
                    p { "Look for other words, choose another state or round, or "
                        (link(routes::DECIDE, "show all")) "." }
                }))
            } @else {
                (self.table(frame))
                (paging("Pages of applications", self.newer.as_deref(), self.older.as_deref(),
                    &self.position))
            }
        }
    }
}

impl ApplicationsList {
    fn filters(&self) -> Markup {
        let mut words = Field::new(
            "words",
            "Title, applicant or institution",
            Control::Line { autocomplete: "off" },
        );
        words.value.clone_from(&self.words);
        let select = |name, label, choices: &[Choice], chosen: &str| {
            let mut field = Field::new(name, label, Control::Select(choices.to_vec()));
            chosen.clone_into(&mut field.value);
            field
        };
        let state = select("state", "State", &self.states, &self.state);
        let round = select("round", "Round", &self.rounds, &self.round);
        let order = select("order", "Order", &self.orders, &self.order);
        html! {
            form.filters method="get" action=(routes::DECIDE) role="search" aria-label="Filter" {
                (field_html(&words)) (field_html(&state)) (field_html(&round))
                (field_html(&order))
                button.button.secondary type="submit" { "Filter" }
            }
        }
    }

    fn table(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Application"),
            text("Applicant"),
            text("Round"),
            text("State"),
            text("Submitted"),
            number("Asked for"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                html! { a href=(routes::decide(row.id)) { (name(&row.title)) } },
                name(&row.applicant),
                html! { (row.round) },
                html! { span { (tag(&row.status))
                @for note in &row.notes { " " (tag(note)) } } },
                html! { @if let Some(at) = row.submitted_at { (date(at, &frame.zone)) } },
                html! { @match row.requested {
                    Some(amount) => (available(amount)),
                    None => "–",
                } },
            ]
        });
        Table::new("Applications", columns, rows.collect()).under_heading().html()
    }
}

/// All grants.
#[derive(Clone, Debug)]
pub struct AllGrants {
    /// The grants, each with its holder.
    pub grants: Vec<GrantRow>,
}

impl Page for AllGrants {
    fn title(&self) -> String {
        "Grants".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Grants" }
            @if self.grants.is_empty() {
                (empty("No grant yet", &html! {
                    p { "An award becomes a grant when its applicant accepts it. Decide on "
                        (link(routes::DECIDE, "applications")) " and release a "
                        (link(routes::ROUNDS, "round")) "." }
                }))
            } @else {
                (grants_table("Grants", &self.grants, frame))
            }
        }
    }
}
