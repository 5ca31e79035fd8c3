//! Programs by the same measures: a few side by side, many as rows.

use maud::{Markup, html};

use crate::directory::{ProgramCard, next};
use crate::routes;
use crate::ui::table::{named, text};
use crate::ui::{Table, link, tag};

/// Programs that fit beside one another.
const BESIDE_MAX: usize = 4;

type Measure = (&'static str, fn(&ProgramCard) -> Markup);

const MEASURES: [Measure; 7] = [
    ("Amount", amount),
    ("For whom", |program| said(program.who.as_ref())),
    ("When next", when),
    ("How long", |program| html! { (program.term) }),
    ("Difficulty", |program| said(program.difficulty.as_ref())),
    ("Best for", |program| said(program.best_for.as_ref())),
    ("Needs", needs),
];

/// Every program by the same measures.
pub(crate) fn table(programs: &[&ProgramCard]) -> Markup {
    let (columns, rows) = if programs.len() <= BESIDE_MAX {
        let mut columns = vec![text("Measure")];
        columns.extend(programs.iter().map(|program| named(program.name.clone())));
        let rows = MEASURES.iter().map(|(name, measure)| {
            let mut row = vec![html! { (name) }];
            row.extend(programs.iter().map(|program| measure(program)));
            row
        });
        let mut rows: Vec<Vec<Markup>> = rows.collect();
        let mut guides = vec![html! { "Guide" }];
        guides.extend(programs.iter().map(|program| guide(program)));
        rows.push(guides);
        (columns, rows)
    } else {
        let mut columns = vec![text("Program")];
        columns.extend(MEASURES.iter().map(|(name, _)| text(name)));
        let rows = programs.iter().map(|program| {
            let mut row = vec![guide(program)];
            row.extend(MEASURES.iter().map(|(_, measure)| measure(program)));
            row
        });
        (columns, rows.collect())
    };
    let table = Table::new("Programs side by side", columns, rows);
    html! { div.comparison { (table.under_heading().html()) } }
}

fn guide(program: &ProgramCard) -> Markup {
    html! { span { (link(&routes::program(&program.id), &program.name)) br;
    span.muted { (program.provider) } } }
}

fn amount(program: &ProgramCard) -> Markup {
    html! { span { @for (place, amount) in program.amounts.iter().enumerate() {
        @if 0 < place { br; }
        (amount)
    } @if program.amounts.is_empty() { span.muted { "Not said" } } } }
}

fn when(program: &ProgramCard) -> Markup {
    html! { span {
        @if let Some(closed) = &program.closed { (tag(closed)) } @else { (next(program)) }
    } }
}

fn needs(program: &ProgramCard) -> Markup {
    html! {
        span {
            "Payment card: " (if program.card_needed { "required" } else { "not needed" }) br;
            "Startup accelerator: "
            (program.accelerator.as_deref().unwrap_or("not said").to_lowercase())
        }
    }
}

fn said(text: Option<&String>) -> Markup {
    html! { @match text { Some(text) => (text), None => span.muted { "Not said" } } }
}
