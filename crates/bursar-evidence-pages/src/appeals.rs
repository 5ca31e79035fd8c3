//! Verdicts that officers are asked to look at.

use bursar_kernel::{AppealId, Timestamp};
use maud::{Markup, html};

use crate::ask::{SaidShown, answers_html, said_html};
use crate::routes;
use crate::ui::field::Control;
use crate::ui::table::text;
use crate::ui::{
    Choice, Field, Frame, Input, Page, Status, Table, back, button, empty, error_summary,
    field_html, form, instant, key_values, link, name, tag,
};

/// Verdicts that somebody asks about.
#[derive(Clone, Debug)]
pub struct AppealsList {
    /// How many wait for an officer.
    pub waiting: usize,
    /// Those that wait first.
    pub rows: Vec<AppealRow>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct AppealRow {
    /// Its name.
    pub id: AppealId,
    /// Who asks.
    pub email: String,
    /// The program's name.
    pub program: String,
    /// What the rules had said.
    pub verdict: Status,
    /// Where it stands.
    pub status: Status,
    /// When it was made.
    pub at: Timestamp,
}

impl Page for AppealsList {
    fn title(&self) -> String {
        "Questions about eligibility".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Who asks"),
            text("Program"),
            text("By the rules"),
            text("State"),
            text("Since"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                link(&routes::appeal(row.id), &row.email),
                name(&row.program),
                tag(&row.verdict),
                tag(&row.status),
                instant(row.at, &frame.zone),
            ]
        });
        html! {
            (back(routes::DECIDE, "Back to the applications"))
            h1 { "Questions about eligibility" }
            p { "People who ask a person to look at what the rules said of them. "
                @match self.waiting {
                    0 => "None waits for an officer.",
                    1 => "One waits for an officer.",
                    more => { (more) " wait for an officer." }
                } }
            @if self.rows.is_empty() {
                (empty("Nobody has asked", &html! {
                    p { "Whoever asks from the check of eligibility stands here." }
                }))
            } @else {
                (Table::new("Questions about eligibility", columns, rows.collect()).html())
            }
        }
    }
}

/// One of them, and the answer.
#[derive(Clone, Debug)]
pub struct AppealDecision {
    /// Its name.
    pub id: AppealId,
    /// Who asks.
    pub email: String,
    /// What their address says, in a sentence.
    pub address: String,
    /// The program's name, with its edition.
    pub program: String,
    /// What the rules had said.
    pub verdict: Status,
    /// Where it stands.
    pub status: Status,
    /// What was answered, as question and answer.
    pub answers: Vec<(String, String)>,
    /// What was written.
    pub said: Vec<SaidShown>,
    /// Until when they may apply, where they may.
    pub until: Option<Timestamp>,
    /// The form that answers, where it can be answered.
    pub answer: Option<Input>,
}

impl Page for AppealDecision {
    fn title(&self) -> String {
        format!("A question of {}", self.email)
    }

    fn has_errors(&self) -> bool {
        self.answer.as_ref().is_some_and(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self.answer.iter().flat_map(fields).collect();
        html! {
            (back(routes::APPEALS, "Back to the questions"))
            (error_summary(&fields))
            h1 { "A question of " (name(&self.email)) }
            p { (tag(&self.status))
                @if let Some(until) = self.until { " until " (instant(until, &frame.zone)) } }
            (key_values(&[
                ("Program".to_owned(), name(&self.program)),
                ("By the rules".to_owned(), tag(&self.verdict)),
                ("Address".to_owned(), html! { (self.address) }),
            ]))
            h2 { "What was answered" }
            (answers_html(&self.answers))
            h2 { "What was written" }
            (said_html(&self.said, frame))
            @if self.answer.is_some() {
                h2 { "Your answer" }
                (form(frame, &routes::appeal(self.id), &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Send the answer")) }
                }))
            }
        }
    }
}

fn fields(input: &Input) -> [Field; 3] {
    let answers = vec![
        Choice::hinted(
            "overrule",
            "They may apply",
            "Until a day, whatever the rules say; the form and the screening show it",
        ),
        Choice::hinted("uphold", "The rules hold", "With your reason"),
        Choice::hinted("ask", "Ask them more", "They answer by the letter's link"),
    ];
    let answer = Field::new("answer", "What do you decide?", Control::Radios(answers));
    let until = Field::new("until", "Until which day may they apply?", Control::Day).optional();
    let until =
        Field { show_if: Some(("answer".to_owned(), vec!["overrule".to_owned()])), ..until };
    let text = Field::new("text", "What do you write to them?", Control::Area { rows: 5 });
    [input.fill(answer), input.fill(until), input.fill(text)]
}
