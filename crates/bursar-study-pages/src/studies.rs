//! Studies of a grant: what each has to spend, and how far it is.

use bursar_kernel::{GrantId, StudyId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::money::count;
use crate::ui::table::{number, text};
use crate::ui::{
    Choice, Field, Figure, Frame, Input, Meter, Page, SpendChart, Status, Table, available, back,
    button, button_link, empty, error_summary, exact, field_html, figures, form, instant,
    key_values, link, name, prose, tag, taken,
};

/// A study in a list.
#[derive(Clone, Debug)]
pub struct StudyRow {
    /// The study.
    pub id: StudyId,
    /// What its people call it.
    pub name: String,
    /// Words that it is found by.
    pub tags: Vec<String>,
    /// Running, over its budget, closed.
    pub status: Status,
    /// Whether keys can be made for it.
    pub is_open: bool,
    /// What it has to spend.
    pub budget: Option<Usd>,
    /// What it has spent.
    pub spent: Usd,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
}

impl StudyRow {
    fn left(&self) -> Option<Usd> {
        self.budget?.checked_sub(self.spent)
    }
}

/// The studies of a grant, under a heading of their own, with the way to another.
pub fn section(
    grant: GrantId,
    rows: &[StudyRow],
    whole: Usd,
    may_make: bool,
    frame: &Frame,
) -> Markup {
    let planned = Usd::sum(rows.iter().filter_map(|row| row.budget)).unwrap_or(Usd::MAX);
    let another = html! {
        @if may_make {
            div.actions { (button_link(&routes::grant_studies(grant), "Plan a study")) }
        }
    };
    html! {
        h2 { "Studies" }
        @if rows.is_empty() {
            (empty("No study yet", &html! {
                p { "A study is a named budget of this grant, with keys of its own. Its calls stop \
                     where the budget ends, whatever else the grant has left." }
                (another)
            }))
        } @else {
            (table(rows, frame))
            @if whole < planned {
                p.muted { "The budgets come to " (exact(planned)) ", more than the "
                    (exact(whole)) " of the grant: whoever spends first has it." }
            }
            (another)
        }
    }
}

fn table(rows: &[StudyRow], frame: &Frame) -> Markup {
    let columns = vec![
        text("Study"),
        text("State"),
        text("Last used"),
        number("Budget"),
        number("Spent"),
        number("Left"),
    ];
    let none = || html! { span.muted { "–" } };
    let rows = rows.iter().map(|row| {
        vec![
            html! {
                a href=(routes::study(row.id)) { (name(&row.name)) }
                @if !row.tags.is_empty() {
                    br; span.muted.small { (row.tags.join(", ")) }
                }
            },
            tag(&row.status),
            html! { @match row.used_at {
                Some(at) => span { (instant(at, &frame.zone)) },
                None => span.muted { "Never" },
            } },
            row.budget.map_or_else(none, |budget| html! { (exact(budget)) }),
            html! { (exact(row.spent)) },
            row.left().map_or_else(none, |left| html! { (exact(left)) }),
        ]
    });
    Table::new("Studies", columns, rows.collect()).under_heading().html()
}

/// One study.
#[derive(Clone, Debug)]
pub struct StudyPage {
    /// The study, as a list shows it.
    pub row: StudyRow,
    /// The grant.
    pub grant: GrantId,
    /// What that is called.
    pub grant_title: String,
    /// Whether calls stop at the budget.
    pub stops: bool,
    /// In how many calls it was spent.
    pub calls: u64,
    /// From when on it may spend, and until when.
    pub runs: (Option<Timestamp>, Option<Timestamp>),
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The models that it is for; none for all of the grant's.
    pub models: Vec<String>,
    /// What is noted about it.
    pub notes: String,
    /// Spending a day, by model; `None` before the first call.
    pub chart: Option<SpendChart>,
    /// Its keys: what each is called, where it stands, its cap, what it has spent, when last.
    pub keys: Vec<StudyKey>,
    /// Whether whoever looks may change it.
    pub may_change: bool,
    /// Whether there is another study whose budget it could share.
    pub may_move: bool,
}

/// A key of a study.
#[derive(Clone, Debug)]
pub struct StudyKey {
    /// What it is called.
    pub name: String,
    /// The last characters of its secret: `…x7q2`.
    pub hint: String,
    /// Whose it is, where that is not whoever looks.
    pub whose: Option<String>,
    /// Active, revoked.
    pub status: Status,
    /// What it may spend at the most.
    pub cap: Option<Usd>,
    /// What it has spent.
    pub spent: Usd,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
}

impl Page for StudyPage {
    fn title(&self) -> String {
        self.row.name.clone()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant(self.grant), &self.grant_title))
            div.heading-row { h1 { (name(&self.row.name)) } (tag(&self.row.status)) }
            div #study-money data-refresh="5" { (self.money()) }
            (self.facts(frame))
            @if self.may_change {
                div.actions {
                    (button_link(&routes::study_change(self.row.id), "Change the study"))
                    @if self.may_move {
                        (link(&routes::study_move(self.row.id), "Move budget to another"))
                    }
                    (link(&routes::study_close(self.row.id), "Close it"))
                }
            }
            @if !self.notes.is_empty() { h2 { "Notes" } (prose(&self.notes)) }
            @if let Some(chart) = &self.chart {
                h2 { "Spending per day" }
                (chart.html())
                p {
                    (link(&self.by("person"), "By person")) " · "
                    (link(&self.by("key"), "By key"))
                }
            }
            h2 { "Keys" }
            @if self.keys.is_empty() {
                (empty("No key yet", &html! {
                    p { "Create a key for it on "
                        (link(&routes::grant(self.grant), "the grant's page"))
                        ", and choose this study there." }
                }))
            } @else { (keys_table(&self.keys, frame)) }
        }
    }
}

impl StudyPage {
    fn by(&self, what: &str) -> String {
        let (spending, study) = (routes::grant_spending(self.grant), self.row.id);
        format!("{spending}?by={what}&study={study}")
    }

    fn money(&self) -> Markup {
        let spent = self.row.spent;
        let Some(budget) = self.row.budget else {
            return figures(&[Figure::new("Spent", taken(spent))
                .note(html! { "exactly " (exact(spent)) ", without a budget" })]);
        };
        let left = self.row.left().unwrap_or(Usd::ZERO).max(Usd::ZERO);
        let exactly = html! { "exactly " (exact(left)) " of " (exact(budget)) };
        let parts = vec![
            ("Spent".to_owned(), taken(spent), spent, "used"),
            ("Left".to_owned(), available(left), left, "left"),
        ];
        html! {
            (figures(&[Figure::new("Left of the budget", available(left)).note(exactly)]))
            (Meter { whole: budget.max(spent), parts }.html())
            p.muted.small { @if self.stops {
                "Calls stop where the budget ends. What calls in flight may cost is set aside of \
                 it, so it is never passed."
            } @else {
                "Calls go on past the budget: it is there to compare with."
            } }
        }
    }

    fn facts(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        let runs = match self.runs {
            (None, None) => html! { "As long as the grant lives" },
            (Some(from), None) => html! { "From " (instant(from, zone)) },
            (None, Some(until)) => html! { "Until " (instant(until, zone)) },
            (Some(from), Some(until)) => {
                html! { (instant(from, zone)) " to " (instant(until, zone)) }
            }
        };
        let models = if self.models.is_empty() {
            html! { "All of the grant's" }
        } else {
            html! { @for (place, model) in self.models.iter().enumerate() {
                @if 0 < place { ", " } code { (model) }
            } }
        };
        let mut facts = vec![
            ("Runs".to_owned(), runs),
            ("Models".to_owned(), models),
            (
                "Spent".to_owned(),
                html! { span.amount { (exact(self.row.spent)) } " in " (count(self.calls))
                @if self.calls == 1 { " call" } @else { " calls" } },
            ),
        ];
        if let Some(at) = self.closed_at {
            facts.push(("Closed".to_owned(), instant(at, zone)));
        }
        if !self.row.tags.is_empty() {
            facts.push(("Tags".to_owned(), html! { (self.row.tags.join(", ")) }));
        }
        facts.push(("Reference".to_owned(), html! { code { (self.row.id) } }));
        key_values(&facts)
    }
}

/// Keys with what each may spend and has spent.
pub(crate) fn keys_table(keys: &[StudyKey], frame: &Frame) -> Markup {
    let columns =
        vec![text("Key"), text("State"), text("Last used"), number("Cap"), number("Spent")];
    let rows = keys.iter().map(|key| {
        vec![
            html! {
                (name(&key.name)) " " code.muted { (key.hint) }
                @if let Some(whose) = &key.whose { br; span.muted.small { "for " (name(whose)) } }
            },
            tag(&key.status),
            html! { @match key.used_at {
                Some(at) => span { (instant(at, &frame.zone)) },
                None => span.muted { "Never" },
            } },
            html! { (key.cap.map_or_else(|| "No cap".to_owned(), exact)) },
            html! { (exact(key.spent)) },
        ]
    });
    Table::new("Keys", columns, rows.collect()).under_heading().html()
}

/// Asks what a study is: a new one, or one that is there.
#[derive(Clone, Debug)]
pub struct StudyForm {
    /// The grant.
    pub grant: GrantId,
    /// What that is called.
    pub grant_title: String,
    /// The study, if it is there already.
    pub study: Option<StudyId>,
    /// The models to choose from.
    pub models: Vec<Choice>,
    /// What was typed (`name`, `budget`, `stops`, `starts`, `ends`, `models`, `tags`, `notes`),
    /// and what is wrong with it.
    pub input: Input,
}

impl StudyForm {
    fn fields(&self) -> Vec<Field> {
        let line = || Control::Line { autocomplete: "off" };
        let stops = vec![
            Choice::hinted("yes", "Calls stop", "Nothing is spent past it, not by a cent."),
            Choice::hinted("no", "Calls go on", "The page shows by how much it was passed."),
        ];
        let fields = [
            Field::new("name", "Name of the study", line())
                .hint("What you and your group call it, such as the pilot or the main run."),
            Field::new("budget", "Budget", Control::Amount)
                .hint("What its keys may spend together. Without one, as much as the grant has.")
                .optional(),
            Field::new("stops", "Where the budget ends", Control::Radios(stops)),
            Field::new("starts", "First day", Control::Day)
                .hint("Like 2027-01-04. Its keys call nothing before.")
                .optional(),
            Field::new("ends", "Last day", Control::Day)
                .hint("Its keys call nothing after this day.")
                .optional(),
            Field::new("tags", "Tags", line())
                .hint("Words to find and sum studies by, with commas between them.")
                .optional(),
            Field::new("notes", "Notes", Control::Area { rows: 4 }).optional(),
        ];
        fields.into_iter().map(|field| self.input.fill(field)).collect()
    }

    fn models(&self) -> Field {
        let field =
            Field::new("models", "Only these models", Control::Checkboxes(self.models.clone()))
                .hint("Choose none to leave all models of the grant open.")
                .optional();
        self.input.fill(field)
    }
}

impl Page for StudyForm {
    fn title(&self) -> String {
        if self.study.is_some() { "Change the study" } else { "Plan a study" }.to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (fields, models) = (self.fields(), self.models());
        let all: Vec<Field> = fields.iter().cloned().chain([models.clone()]).collect();
        let (action, to, label) = match self.study {
            Some(study) => (routes::study_change(study), routes::study(study), "Change the study"),
            None => {
                (routes::grant_studies(self.grant), routes::grant(self.grant), "Make the study")
            }
        };
        let are_some = !models.value.is_empty() || models.error.is_some();
        html! {
            (back(&to, if self.study.is_some() { "Back to the study" } else { &self.grant_title }))
            (error_summary(&all))
            h1 { (self.title()) }
            (form(frame, &action, &html! {
                @for field in &fields { (field_html(field)) }
                details open[are_some] {
                    summary { "Models" }
                    (field_html(&models))
                }
                div.actions { (button(label)) (link(&to, "Cancel")) }
            }))
        }
    }
}

/// Asks how much of a study's budget goes to another.
#[derive(Clone, Debug)]
pub struct MoveBudget {
    /// The study that gives.
    pub study: StudyId,
    /// What it is called.
    pub name: String,
    /// Its budget, and what is left of it.
    pub budget: (Usd, Usd),
    /// The studies that could get it.
    pub others: Vec<Choice>,
    /// What was typed (`to`, `amount`), and what is wrong with it.
    pub input: Input,
}

impl Page for MoveBudget {
    fn title(&self) -> String {
        "Move budget to another study".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = [
            Field::new("to", "To which study", Control::Radios(self.others.clone())),
            Field::new("amount", "How much", Control::Amount),
        ]
        .map(|field| self.input.fill(field));
        let facts = [
            ("Budget".to_owned(), html! { span.amount { (exact(self.budget.0)) } }),
            ("Left of it".to_owned(), html! { span.amount { (exact(self.budget.1)) } }),
        ];
        let study = routes::study(self.study);
        html! {
            (back(&study, &self.name))
            (error_summary(&fields))
            h1 { "Move budget to another study" }
            p { "From " strong { (name(&self.name)) } ". Both change at once, or neither does." }
            (key_values(&facts))
            (form(frame, &routes::study_move(self.study), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Move it")) (link(&study, "Keep it")) }
            }))
        }
    }
}

/// Asks before a study is closed.
#[derive(Clone, Debug)]
pub struct CloseStudy {
    /// The study.
    pub study: StudyId,
    /// What it is called.
    pub name: String,
    /// What is left of its budget.
    pub left: Option<Usd>,
    /// How many of its keys work now.
    pub keys: usize,
}

impl Page for CloseStudy {
    fn title(&self) -> String {
        "Close this study?".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let study = routes::study(self.study);
        let button = html! { button.button.danger type="submit" { "Close the study" } };
        html! {
            (back(&study, &self.name))
            h1 { "Close this study?" }
            p { strong { (name(&self.name)) } }
            p {
                @if self.keys == 1 { "Its key makes" } @else { "Its " (self.keys) " keys make" }
                " no more calls. Calls that are running end normally. "
                @if let Some(left) = self.left.filter(|left| left.is_positive()) {
                    "What its budget has left, " (exact(left)) ", is the grant's again. "
                }
                "A closed study stays closed; its figures stay."
            }
            div.actions {
                (button_form(frame, &routes::study_close(self.study), &[], &button))
                (link(&study, "Keep it open"))
            }
        }
    }
}
