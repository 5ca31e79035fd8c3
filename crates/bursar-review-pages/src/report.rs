//! What a round came to, for officers and for whoever they tell it.

use bursar_kernel::{ProgramId, RoundId, Usd};
use bursar_ui::table::{number, text};
use bursar_ui::{Figure, Frame, Page, Table, available, back, empty, figures, link, name, routes};
use maud::{Markup, html};

/// What a round came to.
#[derive(Clone, Debug)]
pub struct ReportPage {
    /// The program.
    pub program: ProgramId,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// How many applications it has.
    pub applications: usize,
    /// How many were accepted, and how many declined.
    pub decided: (u32, u32),
    /// How many were withdrawn.
    pub withdrawn: usize,
    /// What is asked for, what was awarded, and what the program has left.
    pub money: (Usd, Usd, Usd),
    /// Acceptance by one attribute each.
    pub tables: Vec<AcceptanceShown>,
    /// How long things took: what, a quarter, half, nine tenths.
    pub times: Vec<(String, [String; 3])>,
    /// What reviewers were asked for and did.
    pub reviewers: Vec<WorkShown>,
    /// Figures below this are left out.
    pub small_below: u32,
}

/// Acceptance by one attribute.
#[derive(Clone, Debug)]
pub struct AcceptanceShown {
    /// The attribute's name: `career stage`.
    pub label: String,
    /// Groups: accepted, declined and the share; nothing of those that are left out.
    pub rows: Vec<(String, Option<AcceptedShown>)>,
    /// Why rows are without figures, where some are.
    pub note: Option<String>,
}

/// A group's figures: accepted, declined, and the share that was accepted.
pub type AcceptedShown = (u32, u32, String);

/// What a reviewer was asked for and did.
#[derive(Clone, Debug)]
pub struct WorkShown {
    /// What they are called.
    pub name: String,
    /// Reviews asked for, handed in, declined, open, and late.
    pub counts: [u32; 5],
    /// Days that half of those handed in took or less.
    pub days: Option<String>,
}

impl AcceptanceShown {
    fn html(&self) -> Markup {
        let columns =
            vec![text("Group"), number("Accepted"), number("Declined"), number("Share accepted")];
        let out = || html! { span.muted { "Left out" } };
        let rows = self.rows.iter().map(|(group, figures)| {
            let mut cells = vec![name(group)];
            match figures {
                Some((accepted, declined, share)) => {
                    cells.extend([html! { (accepted) }, html! { (declined) }, html! { (share) }]);
                }
                None => cells.extend([out(), out(), out()]),
            }
            cells
        });
        let caption = format!("By {}", self.label);
        html! {
            h3 { (caption) }
            @if self.rows.is_empty() {
                p { "Every group is too small to be told." }
            } @else {
                (Table::new(caption, columns, rows.collect()).under_heading().html())
            }
            @if let Some(note) = &self.note { p.muted.small { (note) "." } }
        }
    }
}

impl ReportPage {
    fn told(&self) -> Markup {
        let (accepted, declined) = self.decided;
        let columns = vec![
            text("From handing in"),
            number("A quarter"),
            number("Half"),
            number("Nine tenths"),
        ];
        let rows = self.times.iter().map(|(what, spans)| {
            let mut cells = vec![html! { (what) }];
            cells.extend(spans.iter().map(|span| html! { span.nowrap { (span) } }));
            cells
        });
        html! {
            h2 { "To be told" }
            @if accepted + declined == 0 {
                (empty("Nothing is decided yet", &html! {
                    p { "Acceptance and times appear here with the first decisions. "
                        (link(routes::DECIDE, "Decide on applications")) "." }
                }))
            } @else {
                p { "Figures below " (self.small_below) " are left out, with whatever they could "
                    "be reckoned from. Tell one of these tables alone: two of the same people can "
                    "be set against each other." }
                @for table in &self.tables { (table.html()) }
                h3 { "Time to decision" }
                @if self.times.is_empty() {
                    p { "Fewer than " (self.small_below) " are decided: times would tell about "
                        "one of them." }
                } @else {
                    (Table::new("Time to decision", columns, rows.collect()).under_heading().html())
                }
            }
        }
    }

    fn people(&self) -> Markup {
        let columns = vec![
            text("Reviewer"),
            number("Asked"),
            number("Sent in"),
            number("Declined"),
            number("Open"),
            number("Late"),
            number("Days"),
        ];
        let rows = self.reviewers.iter().map(|row| {
            let mut cells = vec![name(&row.name)];
            cells.extend(row.counts.iter().map(|count| html! { (count) }));
            cells.push(html! { @match &row.days {
                Some(days) => (days),
                None => span.muted { "None" },
            } });
            cells
        });
        Table::new("What reviewers did", columns, rows.collect()).under_heading().html()
    }
}

impl Page for ReportPage {
    fn title(&self) -> String {
        format!("Report of the {} round", self.label)
    }

    fn body(&self, _: &Frame) -> Markup {
        let (accepted, declined) = self.decided;
        let (asked, awarded, left) = self.money;
        let withdrawn = html! { (self.withdrawn) " withdrawn" };
        let export = |format| routes::round_export(&self.program, &self.round, format);
        html! {
            (back(&routes::round(&self.program, &self.round), &format!("{} round", self.label)))
            h1 { (self.title()) }
            (figures(&[
                Figure::new("Applications", self.applications.to_string()).note(withdrawn),
                Figure::new("Accepted", accepted.to_string()),
                Figure::new("Declined", declined.to_string()),
                Figure::new("Asked for", available(asked)),
                Figure::new("Awarded", available(awarded)),
                Figure::new("Left in the pool", available(left)),
            ]))
            (self.told())
            h2 { "What reviewers did" }
            @if self.reviewers.is_empty() {
                p { "Nobody was asked for a review yet." }
            } @else { (self.people()) }
            h2 { "Without names" }
            p { "A row for each application: scores, advice, outcome and amounts, and no name, "
                "address or text. Whatever fewer than " (self.small_below) " share is left out. "
                "Each download has names of its own, so that two cannot be set against each "
                "other. Whoever knows an amount from elsewhere knows its row." }
            p { (link(&export("csv"), "Download CSV")) ", or "
                (link(&export("json"), "JSON")) "." }
        }
    }
}
