//! A program's guide, made from its file, so that the two cannot contradict each other.

use bursar_kernel::Timestamp;
use bursar_kernel::program::{Cadence, Intake, OfferState, Program, Tool};
use maud::{Markup, html};

use bursar_program::guide;

use crate::planner::{Planner, RoundDates};
use crate::routes;
use crate::tiers::tiers_table;
use crate::ui::controls::button_form;
use crate::ui::table::text;
use crate::ui::{
    Frame, Page, Status, Table, Tone, available, back, both_dates, button, date, instant,
    key_values, link, name, notice, tag,
};

/// A program's guide.
#[derive(Clone, Debug)]
pub struct ProgramPage {
    /// The program.
    pub program: Program,
    /// Whether it is run here, and not only described.
    pub runs_here: bool,
    /// What an application sent now can expect, where there is a round to come.
    pub next_round: Option<RoundDates>,
    /// The rounds of the next two years, where they have days of their own.
    pub ahead: Vec<RoundDates>,
    /// Which families of models the credit opens.
    pub coverage: Vec<Coverage>,
    /// From a day to a round, and back.
    pub planner: Planner,
}

/// A family of models and how much of it the credit opens.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The family: `GPT-4.1 family`.
    pub family: String,
    /// What it is good for.
    pub about: String,
    /// `Yes`, `Partial` or `No`, with its tone.
    pub covered: Status,
}

impl Page for ProgramPage {
    fn title(&self) -> String {
        self.program.name.clone()
    }

    fn has_errors(&self) -> bool {
        self.planner.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let program = &self.program;
        html! {
            (back(routes::PROGRAMS, "All programs"))
            (self.planner.errors())
            h1 { (name(&program.name)) }
            p.lead { (program.summary) }
            div.columns {
                div {
                    (self.way_in(frame))
                    h2 { "At a glance" }
                    (self.at_a_glance())
                }
                aside aria-label="Timeline" {
                    h2 { @if self.next_round.is_some() { "If you apply now" } @else { "When" } }
                    @match &self.next_round {
                        Some(round) => (timeline(round, program)),
                        None if program.intake == Intake::Officers => p {
                            "The credit is issued on the day on which an officer takes it on."
                        },
                        None => p { "No round to come is known." },
                    }
                }
            }
            (self.who_qualifies())
            h2 { "What it pays for" }
            (bullets(&program.guide.covers))
            @if self.runs_here {
                p { (link(&routes::estimate_for(&program.id), "Count what your study costs"))
                    ", from a sample of your own data and without an account." }
            }
            @if !self.coverage.is_empty() {
                p { "Credit is deducted by use at the provider's list prices. It is not cash." }
                (self.coverage_table())
            }
            h2 { "Steps" }
            ol { @for step in &program.guide.steps { li { (step) } } }
            @if !program.guide.timeline.is_empty() {
                h2 { "What happens when" }
                (key_values(&moments(&program.guide.timeline)))
            }
            @if program.intake == Intake::Open { (self.planner_section()) }
            h2 { "Limits" }
            (bullets(&program.guide.limits))
            (self.tiers_section())
            (self.passing_on_section())
            h2 { "Advice" }
            ul { @for advice in &program.guide.advice {
                li { (advice.text)
                    @if let Some(tool) = advice.tool { " " (self.tool(tool)) } }
            } }
            @if !program.guide.questions.is_empty() {
                h2 { "Questions" }
                div.questions {
                    @for (question, answer) in &program.guide.questions {
                        details { summary { (question) } p { (answer) } }
                    }
                }
            }
            (self.sources())
        }
    }
}

impl ProgramPage {
    fn at_a_glance(&self) -> Markup {
        let program = &self.program;
        let mut rows = vec![("Provider".to_owned(), html! { (program.provider) })];
        let amounts = guide::amounts(program);
        let amounts = html! { @for (place, amount) in amounts.iter().enumerate() {
            @if 0 < place { br; }
            (amount)
        } @if amounts.is_empty() { "Not said" } };
        rows.push(("Amount".to_owned(), amounts));
        rows.push(("Duration".to_owned(), html! { (guide::duration(program)) }));
        if program.intake == Intake::Open {
            let offer = &program.offer;
            if offer.state != OfferState::Open {
                rows.push(("On offer".to_owned(), html! { (guide::on_offer(program)) }));
            }
            let review = html! { "Reviewed " (program.review.in_words()) };
            rows.push(("Review".to_owned(), review));
            rows.push(("Credit arrives".to_owned(), html! { (guide::arrival(program)) }));
        }
        if self.runs_here {
            let spenders = html! { (program.people.in_words()) };
            rows.push(("Who spends it".to_owned(), spenders));
        }
        let passing_on = html! { (program.transfer_policy.in_words()) };
        rows.push(("Passing on".to_owned(), passing_on));
        if let Some(card) = &program.card {
            let text = html! {
                "Yes, to move up a tier and unlock higher limits. " (available(card.hold))
                " is held for a moment, never charged. " (card.purpose)
            };
            rows.push(("Card required".to_owned(), text));
        }
        let guide = program.guide.at_a_glance.iter();
        rows.extend(guide.map(|(name, text)| (name.clone(), html! { (text) })));
        let official =
            html! { a href=(program.official_page) rel="external" { (program.official_page) } };
        rows.push(("Official page".to_owned(), official));
        key_values(&rows)
    }

    /// How to apply, or why nobody can.
    fn way_in(&self, frame: &Frame) -> Markup {
        let program = &self.program;
        let check = link(&routes::eligibility(&program.id), "Check whether you qualify");
        if program.intake == Intake::Officers {
            let text = "Nobody applies here: an officer issues this credit to whoever holds it.";
            return notice(Tone::Info, &html! { p { (text) } });
        }
        html! {
            @if !program.takes_applications() {
                (notice(Tone::Warning, &html! { p { strong { (guide::on_offer(program)) } } }))
            }
            @if self.runs_here && program.takes_applications() {
                @let apply = routes::apply(&program.id);
                div.actions #apply { (button_form(frame, &apply, &[], &button("Apply"))) (check) }
                p.muted { "About " (program.minutes_to_apply) " minutes with a plan and "
                    "your affiliation at hand. Drafts are kept. "
                    @if self.next_round.as_ref().is_some_and(|round| round.opens.is_some()) {
                        "Applications are taken from the day that the calendar says; a draft can "
                        "be written before."
                    } @else { "Applications are taken on any day." } }
            } @else {
                div.actions #apply { (check) }
                (notice(Tone::Info, &html! { p { "This program is run by its provider, and not "
                    "here. You apply on "
                    a href=(program.official_page) rel="external" { "its own page" }
                    "; what stands below is described from public sources." } }))
            }
        }
    }

    /// The way to what does what a piece of advice says.
    fn tool(&self, tool: Tool) -> Markup {
        let id = &self.program.id;
        match tool {
            Tool::Eligibility => link(&routes::eligibility(id), "Check whether you qualify"),
            Tool::ProposalCheck => link(&routes::proposal_check(id), "Check a proposal"),
            Tool::Form => link("#apply", "Open the form"),
            Tool::Planner => link("#planner", "Plan a day"),
            Tool::Card => link(routes::GRANTS, "Add it on your grant"),
            Tool::Resubmission => link(routes::APPLICATIONS, "Come back from your applications"),
            Tool::Forecast => link(routes::NEXT, "See your grant's forecast"),
        }
    }

    fn who_qualifies(&self) -> Markup {
        html! {
            h2 { "Who qualifies" }
            (bullets(&self.program.guide.eligible))
            h3 { "Who does not" }
            (bullets(&self.program.guide.not_eligible))
            @if self.program.intake == Intake::Open {
                p { (link(&routes::eligibility(&self.program.id), "Check whether you qualify"))
                    ": a few questions, no account." }
            }
        }
    }

    fn planner_section(&self) -> Markup {
        let program = &self.program;
        let rounds = self.ahead.iter().map(|round| {
            let zone = &round.zone;
            let between = |span: Option<(Timestamp, Timestamp)>| {
                span.map_or_else(|| html! { "Not said" }, |(from, to)| both_dates(from, to, zone))
            };
            vec![
                html! { (round.label) },
                date(round.closes, zone),
                between(round.decision),
                between(round.credit),
                between(round.expires),
            ]
        });
        let columns = vec![
            text("Round"),
            text("Submit before"),
            text("Decision"),
            text("Credit"),
            text("Expires"),
        ];
        html! {
            h2 #planner { "Planner" }
            p { "Applications are reviewed " (program.review.in_words())
                @if matches!(program.review.cadence, Cadence::Rolling { .. }) { ". " }
                @else { "; one sent once a review has begun goes to the next round. " }
                @match program.delivery {
                    Some(lead) => { "Credit arrives " (lead.in_words()) " after the decision." }
                    None => "How soon credit arrives after the decision, nobody says."
                } }
            (self.planner.html(&program.id))
            @if !self.ahead.is_empty() {
                details {
                    summary { "The next two years" }
                    (Table::new("Rounds of the next two years", columns, rounds.collect()).html())
                }
                p { (link(&routes::program_calendar(&program.id), "Subscribe to these dates"))
                    " in your calendar (ICS)." }
            }
        }
    }

    fn tiers_section(&self) -> Markup {
        let tiers = &self.program.tiers;
        if tiers.tiers.is_empty() {
            return html! {};
        }
        let all: Vec<_> = tiers.tiers.iter().collect();
        html! {
            h3 #tiers { "Rate limits" }
            (tiers_table(tiers, &all))
        }
    }

    fn passing_on_section(&self) -> Markup {
        let clause = &self.program.transfer_clause;
        html! {
            h2 { "If you will not use it all" }
            p { (clause.says) " " span.muted { "(" (clause.source) ")" } }
            (bullets(&clause.ways_on))
        }
    }

    fn sources(&self) -> Markup {
        html! {
            p.muted.small { "Source: " (self.program.source) }
            @if !self.program.assumptions.is_empty() {
                details.small {
                    summary { "What nobody has confirmed" }
                    ul { @for assumption in &self.program.assumptions {
                        li { code { (assumption.about) } ": " (assumption.because) }
                    } }
                }
            }
        }
    }

    fn coverage_table(&self) -> Markup {
        let rows = self
            .coverage
            .iter()
            .map(|row| vec![html! { (row.family) }, html! { (row.about) }, tag(&row.covered)]);
        let columns = vec![text("Models"), text("Good for"), text("Covered")];
        Table::new("Models that the credit opens", columns, rows.collect()).html()
    }
}

fn timeline(round: &RoundDates, program: &Program) -> Markup {
    let zone = &round.zone;
    let unsaid = "nobody says";
    html! {
        ol.timeline {
            @if let Some(opens) = round.opens {
                li { strong { "Applications open" } p.hint { (date(opens, zone)) } }
            }
            li { strong { "Submit before " (instant(round.closes, zone)) }
                @if !round.label.is_empty() {
                    p.hint { "to be part of the " (round.label) " round" }
                } @else { p.hint { "or on any other day" } } }
            li { strong { "Review and decision" }
                p.hint { @match round.decision {
                    Some((from, to)) if from == to => { "from " (date(round.closes, zone))
                        "; a mail after " (date(from, zone)) }
                    Some((from, to)) => { "a mail " (both_dates(from, to, zone)) }
                    None => (unsaid)
                } } }
            li { strong { "Credit arrives" }
                p.hint { @match round.credit {
                    Some((from, to)) => (both_dates(from, to, zone)),
                    None => (unsaid)
                } } }
            li { strong { "Credit expires" }
                p.hint { @match program.term {
                    Some(term) => { (term.from_when()) ", to the minute" }
                    None => (unsaid)
                } } }
        }
    }
}

fn moments(timeline: &[(String, String)]) -> Vec<(String, Markup)> {
    timeline.iter().map(|(moment, text)| (moment.clone(), html! { (text) })).collect()
}

fn bullets(items: &[String]) -> Markup {
    html! { ul { @for item in items { li { (item) } } } }
}
