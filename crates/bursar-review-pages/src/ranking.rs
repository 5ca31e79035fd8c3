//! A round ranked, for officers: scores, how sure they are, and the budget line.

use bursar_kernel::{ApplicationId, ProgramId, RoundId, Usd};
use bursar_ui::field::Control;
use bursar_ui::table::{number, text};
use bursar_ui::{
    Field, Figure, Frame, Input, Page, Status, Table, Tone, available, back, button, empty,
    error_summary, field_html, figures, name, notice, routes, tag,
};
use maud::{Markup, html};

/// A round ranked.
#[derive(Clone, Debug)]
pub struct RankingPage {
    /// The program.
    pub program: ProgramId,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// What is to be known before anybody reads the figures.
    pub warning: Option<String>,
    /// How many of a hundred intervals hold what they are about.
    pub confidence: u32,
    /// The applications, the best first.
    pub rows: Vec<RankedRow>,
    /// What there is to award, what the awards above the line come to, and what is left.
    pub money: (Usd, Usd, Usd),
    /// How each reviewer scores: name, reviews, severity with its error, and agreement.
    pub reviewers: Vec<ReviewerShown>,
    /// The draw among those whom the evidence cannot tell apart: ticket and title, lowest first.
    pub draw: Vec<(String, String)>,
    /// What was asked (`pool`, `seed`), and what is wrong with it.
    pub input: Input,
}

/// An application in its place.
#[derive(Clone, Debug)]
pub struct RankedRow {
    /// The application.
    pub id: ApplicationId,
    /// Its place.
    pub place: usize,
    /// What it is called.
    pub title: String,
    /// The raw mean, of 100.
    pub raw: Option<String>,
    /// The score with severity taken out, of 100, and from where to where it may lie.
    pub adjusted: Option<(String, String)>,
    /// How many places that moved it; above zero is up.
    pub moved: i64,
    /// How many scores it has.
    pub scores: usize,
    /// How its reviewers disagree, if they do.
    pub disagreement: Option<String>,
    /// What it gets, or would.
    pub amount: Usd,
    /// Why it is above the line or not.
    pub why: String,
    /// Whether it is.
    pub is_funded: bool,
    /// Whether the evidence does not say on which side it belongs.
    pub in_band: bool,
}

/// How a reviewer scores.
#[derive(Clone, Debug)]
pub struct ReviewerShown {
    /// What they are called.
    pub name: String,
    /// Applications that they scored.
    pub scores: usize,
    /// How many points they give less than others, and its error; `None` where nobody can tell.
    pub severity: Option<String>,
    /// How well they agree with others, from -1 to 1.
    pub agreement: Option<String>,
}

impl RankingPage {
    fn fields(&self) -> [Field; 2] {
        [
            Field::new("pool", "What if there were so much to award", Control::Amount)
                .hint("Leave it empty for what the program has left.")
                .optional(),
            Field::new("seed", "What a draw is made with", Control::Line { autocomplete: "off" })
                .hint(
                    "Sixteen characters or more, told to nobody before the applications are in. \
                     It orders those whom the evidence cannot tell apart, and anybody who has it \
                     can draw again.",
                )
                .optional(),
        ]
        .map(|field| self.input.fill(field))
    }

    /// The way to deciding the round by this very line.
    fn proposal(&self) -> Markup {
        let value = |name: &str| self.input.values.get(name).map_or("", |value| value.trim());
        html! {
            form.form method="get" action=(routes::round_proposal(&self.program, &self.round)) {
                @for asked in ["pool", "seed"] {
                    @if !value(asked).is_empty() {
                        input type="hidden" name=(asked) value=(value(asked));
                    }
                }
                div.actions { (button("Decide the round as the line says")) }
            }
        }
    }

    fn table(&self) -> Markup {
        let columns = vec![
            text("Application"),
            number("Raw mean"),
            number("Adjusted"),
            number("May lie"),
            number("Award"),
            text("By the line"),
        ];
        let rows = self.rows.iter().map(|row| {
            let state = match (row.is_funded, row.in_band) {
                (true, false) => Status::new(Tone::Good, "Above"),
                (true, true) => Status::new(Tone::Warning, "Above, in the band"),
                (false, true) => Status::new(Tone::Warning, "Below, in the band"),
                (false, false) => Status::new(Tone::Neutral, "Below"),
            };
            vec![
                html! { (row.place) ". "
                a href=(routes::decide(row.id)) { (name(&row.title)) }
                @if let Some(how) = &row.disagreement {
                    div { (tag(&Status::new(Tone::Info, "Reviewers disagree"))) " "
                        span.muted.small { (how) } }
                } },
                html! { @match &row.raw { Some(raw) => (raw), None => span.muted { "None" } }
                div.muted.small { (row.scores)
                    @if row.scores == 1 { " score" } @else { " scores" } } },
                html! { @match &row.adjusted {
                    Some((adjusted, _)) => { (adjusted)
                        @if row.moved != 0 { div.muted.small {
                            @if 0 < row.moved { "up " } @else { "down " } (row.moved.abs()) } } }
                    None => span.muted { "None" }
                } },
                html! { @if let Some((_, may)) = &row.adjusted { span.nowrap { (may) } } },
                html! { (available(row.amount)) },
                html! { (tag(&state)) " " span.muted.small { (row.why) } },
            ]
        });
        Table::new("Applications by score", columns, rows.collect()).under_heading().html()
    }

    fn people(&self) -> Markup {
        let columns = vec![
            text("Reviewer"),
            number("Scored"),
            number("Gives less than others"),
            number("Agrees with others"),
        ];
        let unsaid = || html! { span.muted { "Cannot be told" } };
        let rows = self.reviewers.iter().map(|row| {
            vec![
                name(&row.name),
                html! { (row.scores) },
                row.severity.as_ref().map_or_else(unsaid, |severity| html! { (severity) }),
                row.agreement.as_ref().map_or_else(unsaid, |agreement| html! { (agreement) }),
            ]
        });
        Table::new("How reviewers score", columns, rows.collect()).under_heading().html()
    }
}

impl Page for RankingPage {
    fn title(&self) -> String {
        format!("Scores of the {} round", self.label)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.fields();
        let (pool, awarded, left) = self.money;
        let band = self.rows.iter().filter(|row| row.in_band).count();
        html! {
            (back(&routes::round(&self.program, &self.round), &format!("{} round", self.label)))
            (error_summary(&fields))
            h1 { (self.title()) }
            @if self.rows.is_empty() {
                (empty("Nothing to rank yet", &html! {
                    p { "Applications appear here when the review of the round begins." }
                }))
            } @else {
                @if let Some(warning) = &self.warning {
                    (notice(Tone::Warning, &html! { p { "Before you read this: " (warning) "." } }))
                }
                p { "The raw mean takes scores as they are. The adjusted score takes out how "
                    "severe each reviewer is, and says from where to where it may lie: "
                    (self.confidence) " of a hundred such intervals hold what they are about. "
                    "Nothing is decided here." }
                (figures(&[
                    Figure::new("To award", available(pool)),
                    Figure::new("Above the line", available(awarded)),
                    Figure::new("Left", available(left)),
                    Figure::new("Cannot be told apart", band.to_string())
                        .note(html! { "around the line" }),
                ]))
                form.form method="get" action=(frame.path) {
                    details open[!self.input.values.values().all(String::is_empty)] {
                        summary { "What if" }
                        @for field in &fields { (field_html(field)) }
                        div.actions { (button("Draw the line again")) }
                    }
                }
                @if !self.draw.is_empty() {
                    h2 { "The draw" }
                    p { "A ticket is the BLAKE3 hash of the seed and the application's reference; "
                        "the lowest comes first." }
                    ol { @for (ticket, title) in &self.draw {
                        li { (name(title)) " " code.small { (ticket) } } } }
                }
                (self.proposal())
                h2 { "Applications by score" }
                (self.table())
                h2 { "How reviewers score" }
                p.muted { "For officers only." }
                (self.people())
            }
        }
    }
}
