//! What the rules say of somebody's answers, and what an application says differently from the one
//! before it: shown alike to whoever applies and to whoever judges.

use maud::{Markup, html};

use crate::ui::table::text;
use crate::ui::{Status, Table, link, notice, tag};

/// Where somebody stands by the program's rules.
#[derive(Clone, Debug)]
pub struct Screening {
    /// The verdict in a word or two.
    pub verdict: Status,
    /// The verdict in a sentence.
    pub summary: String,
    /// What each answer means.
    pub findings: Vec<FindingShown>,
    /// Whom to ask where there is a doubt, and the provider's own page.
    pub ask: Option<(String, String)>,
}

/// What one answer means.
#[derive(Clone, Debug)]
pub struct FindingShown {
    /// The question.
    pub question: String,
    /// The answer; empty where there is none.
    pub answer: String,
    /// What it means.
    pub verdict: Status,
    /// Why.
    pub reason: String,
    /// What would change it.
    pub advice: Option<String>,
}

impl Screening {
    /// The verdict, the reason of each rule, what would change it, and whom to ask.
    pub fn html(&self) -> Markup {
        let columns = vec![text("Question"), text("Answer"), text("Verdict"), text("Why")];
        let rows = self.findings.iter().map(|finding| {
            vec![
                html! { (finding.question) },
                html! { @if finding.answer.is_empty() { span.muted { "Not answered" } }
                @else { bdi { (finding.answer) } } },
                tag(&finding.verdict),
                html! { span { (finding.reason)
                    @if let Some(advice) = &finding.advice {
                        " " span.muted { "What would change it: " (advice) }
                    }
                } },
            ]
        });
        html! {
            (notice(self.verdict.tone, &html! { p { strong { (self.summary) } } }))
            @if !self.findings.is_empty() {
                (Table::new("What each answer means", columns, rows.collect()).html())
            }
            @if let Some((ask, page)) = &self.ask {
                p { "Whom to ask: " (ask) " " (link(page, "The provider's page")) }
            }
        }
    }
}

/// A question that is answered differently from before.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The question.
    pub question: String,
    /// The answer with what went and what came.
    pub pieces: Vec<Piece>,
}

/// A piece of an answer.
#[derive(Clone, Debug)]
pub enum Piece {
    /// It stands in both.
    Same(String),
    /// It stood in the earlier answer only.
    Gone(String),
    /// It stands in the later answer only.
    New(String),
}

/// What an application says differently from the one that it follows.
pub fn changes(changed: &[Changed]) -> Markup {
    html! {
        @if changed.is_empty() {
            p.muted { "Every answer is the same as before." }
        } @else {
            p.muted { del { "Crossed out" } ": in the earlier application only. "
                ins { "Underlined" } ": new." }
            dl.facts.difference {
                @for change in changed {
                    div {
                        dt { (change.question) }
                        dd dir="auto" { @for piece in &change.pieces { (piece_html(piece)) } }
                    }
                }
            }
        }
    }
}

fn piece_html(piece: &Piece) -> Markup {
    match piece {
        Piece::Same(text) => html! { (text) },
        Piece::Gone(text) => html! { del { (text) } },
        Piece::New(text) => html! { ins { (text) } },
    }
}

/// One thing that makes a proposal read as research.
#[derive(Clone, Debug)]
pub struct PointShown {
    /// What is looked for.
    pub about: String,
    /// Whether it was found.
    pub found: bool,
    /// What was found, or what would help.
    pub says: String,
    /// Where to change it.
    pub change: Option<String>,
}

/// Advice on a proposal, point by point.
pub fn advice(points: &[PointShown]) -> Markup {
    html! {
        p { "Advice, not a gate: it goes by simple marks, in English. Reviewers read the text." }
        ul.tasks {
            @for point in points {
                li {
                    div.task-title {
                        span { (point.about) }
                        p.hint { (point.says)
                            @if let (Some(href), false) = (&point.change, point.found) {
                                " " a href=(href) { "Change it" span.visually-hidden {
                                    ": " (point.about) } }
                            }
                        }
                    }
                    div.task-status { (tag(&found(point.found))) }
                }
            }
        }
    }
}

fn found(found: bool) -> Status {
    if found {
        Status::new(crate::ui::Tone::Good, "Found")
    } else {
        Status::new(crate::ui::Tone::Warning, "Would help")
    }
}
