//! The first page: what this is, and the programs.

use bursar_kernel::{ProgramId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::{Frame, Page, available, empty, instant, name};

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
    /// How many months the credit lives.
    pub months: u32,
    /// Until when an application is part of the next round; `None` where nobody applies.
    pub closes: Option<Timestamp>,
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
        }
    }
}
