//! The first page and the directory: what this is, and the programs beside one another.

use bursar_kernel::{ProgramId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::comparison;
use crate::routes;
use crate::ui::{Frame, Page, Status, Tone, date, empty, instant, link, name, tag};

/// The first page.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// The programs that fit what was searched for.
    pub programs: Vec<ProgramCard>,
    /// How many there are in all.
    pub all: usize,
    /// What was searched for.
    pub search: Search,
}

/// What somebody looks for in the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Words that a program's guide has.
    pub words: String,
    /// Only those that take applications now.
    pub open: bool,
    /// Only those that need no payment card.
    pub without_card: bool,
    /// Those to be put side by side; nothing is all that were found.
    pub compare: Vec<ProgramId>,
}

impl Search {
    fn is_narrow(&self) -> bool {
        !self.words.is_empty() || self.open || self.without_card
    }
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
    /// How much is awarded, a line for each kind of applicant.
    pub amounts: Vec<String>,
    /// How long the credit lives: `12 months`.
    pub term: String,
    /// Whether it is run here, and not only described.
    pub runs_here: bool,
    /// What keeps it from taking applications; `None` where nothing does.
    pub closed: Option<Status>,
    /// When to apply next.
    pub next: Next,
    /// The zone of its dates.
    pub zone: TimeZone,
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

/// When to apply to a program next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nobody applies: officers issue its credit.
    Officers,
    /// On any day; decided as they come.
    AnyDay {
        /// Within how many days: `4 to 6 weeks`; `None` where nobody says.
        decided: Option<String>,
    },
    /// For a round.
    Round {
        /// From when on applications are taken, where that is to come.
        opens: Option<Timestamp>,
        /// Until when.
        closes: Timestamp,
        /// When its credit is there at the latest, where somebody says.
        credit_by: Option<Timestamp>,
    },
    /// Nobody says when.
    Unsaid,
}

impl Page for Home {
    fn title(&self) -> String {
        "API credit for research".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "API credit for research" }
            p.lead {
                "Apply for credit, hear back, and spend an award from any OpenAI SDK. "
                "You see every charge, and the day the credit expires, from the start."
            }
            h2 #programs { "Programs" }
            @if self.all == 0 {
                (empty("No program takes applications here yet", &html! {
                    p { "An operator adds one by putting its file into the programs folder." }
                }))
            } @else {
                (self.found())
            }
            h2 { "How it works" }
            ol.steps {
                li { h3 { "Apply" } p { "Save a draft, check your answers, submit. It "
                    "takes about 30 minutes with a plan at hand." } }
                li { h3 { "Hear back" } p { "Reviewers read in rounds. You get a mail "
                    "when your application has been decided, with the reasons." } }
                li { h3 { "Spend with your own tools" } p { "An award becomes a grant with a hard "
                    "balance and a hard expiry. Point the OpenAI SDK at it: nothing else changes."
                        } }
            }
        }
    }
}

impl Home {
    fn found(&self) -> Markup {
        let others = self.programs.iter().any(|program| !program.runs_here);
        html! {
            form.directory method="get" action=(routes::PROGRAMS) {
                @if 2 < self.all { (self.search_html()) }
                @if self.programs.is_empty() {
                    (empty("No program fits", &html! {
                        p { "There are " (self.all) " in all. " (link(routes::PROGRAMS, "Show all"))
                            "." }
                    }))
                } @else {
                    ul.cards { @for program in &self.programs {
                        (card(program, self.is_chosen(program), 2 < self.all))
                    } }
                    @if 2 < self.all {
                        div.actions {
                            button.button.secondary type="submit" formaction={
                                (routes::PROGRAMS) "#compare" } { "Compare the chosen ones" }
                            span.muted { "Without a choice, all that are shown." }
                        }
                    }
                }
            }
            @if others {
                p.muted { "Programs that are applied to elsewhere are described here from public "
                    "sources; each guide names them, and says what nobody has confirmed." }
            }
            @if !self.programs.is_empty() {
                p { (link(routes::DIRECTORY_CALENDAR, "Subscribe to all deadlines"))
                    " in your calendar (ICS)." }
                h2 #compare { "Side by side" }
                (comparison::table(&self.chosen()))
            }
        }
    }

    fn search_html(&self) -> Markup {
        let search = &self.search;
        html! {
            div role="search" aria-label="Programs" {
                fieldset.filters {
                    legend.visually-hidden { "Search the programs" }
                    div.field {
                        label for="q" { "Search" }
                        input #q type="search" name="q" value=(search.words) maxlength="200"
                            aria-describedby="found";
                    }
                    (tick("open", "Takes applications now", search.open))
                    (tick("no_card", "No payment card needed", search.without_card))
                    button.button.secondary type="submit" { "Search" }
                }
            }
            p.muted #found role="status" {
                @if search.is_narrow() {
                    (self.programs.len()) " of " (self.all) " programs. "
                    (link(routes::PROGRAMS, "Show all")) "."
                } @else { (self.all) " programs." }
            }
        }
    }

    fn is_chosen(&self, program: &ProgramCard) -> bool {
        self.search.compare.contains(&program.id)
    }

    /// The programs to put side by side.
    fn chosen(&self) -> Vec<&ProgramCard> {
        let chosen: Vec<_> = self.programs.iter().filter(|one| self.is_chosen(one)).collect();
        if chosen.is_empty() { self.programs.iter().collect() } else { chosen }
    }
}

fn tick(field: &str, label: &str, ticked: bool) -> Markup {
    html! {
        div.choice {
            input id=(field) type="checkbox" name=(field) value="yes" checked[ticked];
            label for=(field) { (label) }
        }
    }
}

fn card(program: &ProgramCard, chosen: bool, can_choose: bool) -> Markup {
    let choice = format!("compare-{}", program.id);
    html! {
        li {
            h3 { a href=(routes::program(&program.id)) { (name(&program.name)) } }
            @if let Some(standing) = standing(program) { p { (tag(&standing)) } }
            p { (program.summary) }
            p.meta {
                span { (program.provider) }
                @for amount in &program.amounts { span { (amount) } }
                span { "Credit lives: " (program.term) }
                span { (next(program)) }
            }
            @if program.next != Next::Officers {
                p { (link(&routes::eligibility(&program.id), "Check whether you qualify"))
                    span.visually-hidden { " for " (program.name) } }
            }
            @if can_choose {
                div.choice {
                    input id=(choice) type="checkbox" name="compare" value=(program.id)
                        checked[chosen];
                    label for=(choice) { "Compare" span.visually-hidden { " " (program.name) } }
                }
            }
        }
    }
}

/// What a reader looks for first: whether one can apply, and where.
fn standing(program: &ProgramCard) -> Option<Status> {
    match (&program.closed, &program.next, program.runs_here) {
        (Some(closed), _, _) => Some(closed.clone()),
        (None, Next::Officers, _) => None,
        (None, _, true) => Some(Status::new(Tone::Good, "Apply here")),
        (None, _, false) => Some(Status::new(Tone::Info, "Apply at its provider")),
    }
}

/// When to apply next, in a line.
pub(crate) fn next(program: &ProgramCard) -> Markup {
    let zone = &program.zone;
    html! {
        @match (&program.closed, &program.next) {
            (Some(_), _) => "No applications at present",
            (None, Next::Officers) => "Issued by an officer, without an application",
            (None, Next::AnyDay { decided: Some(decided) }) => {
                "On any day; decided within " (decided)
            }
            (None, Next::AnyDay { decided: None }) => {
                "On any day; when it is decided, nobody says"
            }
            (None, Next::Round { opens, closes, credit_by }) => {
                @if let Some(opens) = opens { "Opens on " (date(*opens, zone)) "; submit" }
                @else { "Submit" }
                " before " (instant(*closes, zone))
                @if let Some(by) = credit_by { "; credit by " (date(*by, zone)) }
            }
            (None, Next::Unsaid) => "When to apply, nobody says",
        }
    }
}
