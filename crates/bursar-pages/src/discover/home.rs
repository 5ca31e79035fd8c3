//! The first page and the directory: what this is, and the programs beside one another.

use bursar_kernel::{ProgramId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::table::text;
use crate::ui::{Frame, Page, Table, available, date, empty, instant, link, name};

/// The first page.
#[derive(Clone, Debug)]
pub struct Home {
    /// The programs that take applications here.
    pub programs: Vec<ProgramCard>,
}

/// A program in the list.
#[derive(Clone, Debug)]
pub struct ProgramCard {
    /// Its short name.
    pub id: ProgramId,
    /// Its name.
    pub name: String,
    /// Who gives the credit.
    pub provider: String,
    /// What it is for.
    pub summary: String,
    /// The typical maximum of an award.
    pub typical_max: Usd,
    /// The most that is awarded at all, if that is more.
    pub most: Option<Usd>,
    /// How many months the credit lives.
    pub months: u32,
    /// Whether anybody may apply.
    pub takes_applications: bool,
    /// Until when an application is part of the next round; `None` where nobody applies.
    pub closes: Option<Timestamp>,
    /// When its credit arrives, at the latest.
    pub credit_by: Option<Timestamp>,
    /// Whether a payment card is needed.
    pub card_needed: bool,
    /// For whom it is, in a line.
    pub who: Option<String>,
    /// How hard it is to get.
    pub difficulty: Option<String>,
    /// What it is best for.
    pub best_for: Option<String>,
    /// Whether it takes a startup accelerator, as its guide says it.
    pub accelerator: Option<String>,
}

impl Page for Home {
    fn title(&self) -> String {
        "API credit for research".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "API credit for research" }
            p.lead {
                "Apply for credit, hear back each quarter, and spend an award from any OpenAI SDK. "
                "You see every charge, and the day the credit expires, from the start."
            }
            h2 { "Programs" }
            @if self.programs.is_empty() {
                (empty("No program takes applications here yet", &html! {
                    p { "An operator adds one by putting its file into the programs folder." }
                }))
            } @else {
                ul.cards { @for program in &self.programs { (card(program, frame)) } }
                h2 #compare { "Side by side" }
                (self.comparison(frame))
            }
            h2 { "How it works" }
            ol.steps {
                li { h3 { "Apply on any day" } p { "Save a draft, check your answers, submit. It "
                    "takes about 30 minutes with a plan at hand." } }
                li { h3 { "Hear back each quarter" } p { "Reviewers read in rounds. You get a mail "
                    "when your application has been decided, with the reasons." } }
                li { h3 { "Spend with your own tools" } p { "An award becomes a grant with a hard "
                    "balance and a hard expiry. Point the OpenAI SDK at it: nothing else changes."
                        } }
            }
        }
    }
}

impl Home {
    /// Every program by the same measures.
    fn comparison(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Program"),
            text("Amount"),
            text("For whom"),
            text("Next round"),
            text("How long"),
            text("Difficulty"),
            text("Best for"),
            text("Needs"),
        ];
        let rows = self.programs.iter().map(|program| {
            vec![
                html! { span { (link(&routes::program(&program.id), &program.name)) br;
                span.muted { (program.provider) } } },
                amount(program),
                said(program.who.as_ref()),
                next_round(program, frame),
                html! { (program.months) " months" },
                said(program.difficulty.as_ref()),
                said(program.best_for.as_ref()),
                needs(program),
            ]
        });
        let table = Table::new("Programs side by side", columns, rows.collect());
        html! { div.comparison { (table.under_heading().html()) } }
    }
}

fn card(program: &ProgramCard, frame: &Frame) -> Markup {
    html! {
        li {
            h3 { a href=(routes::program(&program.id)) { (name(&program.name)) } }
            p { (program.summary) }
            p.meta {
                span { (program.provider) }
                span { "Up to " (available(program.typical_max)) ", typically" }
                span { "Credit lives " (program.months) " months" }
                @match program.closes {
                    Some(closes) => {
                        span { "Next round: submit before " (instant(closes, &frame.zone)) }
                    },
                    None => span { "Issued by an officer, without an application" },
                }
            }
            @if program.takes_applications {
                p { (link(&routes::eligibility(&program.id), "Check whether you qualify"))
                    span.visually-hidden { " for " (program.name) } }
            }
        }
    }
}

fn amount(program: &ProgramCard) -> Markup {
    html! {
        span { "Up to " (available(program.typical_max))
            @if let Some(most) = program.most {
                br; span.muted { "sometimes more, to " (available(most)) }
            }
        }
    }
}

fn next_round(program: &ProgramCard, frame: &Frame) -> Markup {
    html! {
        span {
            @match program.closes {
                Some(closes) => { "Submit before " (date(closes, &frame.zone)) }
                None if !program.takes_applications => span.muted {
                    "Nobody applies: officers issue it"
                },
                None => span.muted { "Not announced" },
            }
            @if let Some(by) = program.credit_by {
                br; span.muted { "credit by " (date(by, &frame.zone)) }
            }
        }
    }
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
