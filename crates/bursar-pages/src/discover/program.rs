//! A program's guide, made from its file, so that the two cannot contradict each other.

use bursar_kernel::program::{Program, Tool};
use maud::{Markup, html};

use super::planner::{Planner, RoundDates};
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
    /// When an application sent now would be decided and paid.
    pub next_round: Option<RoundDates>,
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
        let apply = button_form(frame, &routes::apply(&program.id), &[], &button("Apply"));
        html! {
            (back(routes::PROGRAMS, "All programs"))
            (self.planner.errors())
            h1 { (name(&program.name)) }
            p.lead { (program.summary) }
            div.columns {
                div {
                    @if program.takes_applications() {
                        div.actions #apply { (apply)
                            (link(&routes::eligibility(&program.id), "Check whether you qualify")) }
                        p.muted { "About " (program.minutes_to_apply) " minutes with a plan and "
                            "your affiliation at hand. Drafts are kept. Applications are taken on "
                            "any day." }
                    } @else {
                        (notice(Tone::Info, &html! { p { "Nobody applies here: an officer issues "
                            "this credit to whoever holds it." } }))
                    }
                    h2 { "At a glance" }
                    (self.at_a_glance())
                }
                aside aria-label="Timeline" {
                    h2 { @if program.takes_applications() { "If you apply now" } @else { "When" } }
                    @match &self.next_round {
                        Some(round) => (timeline(round, program, frame)),
                        None if !program.takes_applications() => p {
                            "The credit is issued on the day on which an officer takes it on."
                        },
                        None => p { "The next round is not announced yet. You can apply already." },
                    }
                }
            }
            (self.who_qualifies())
            h2 { "What it pays for" }
            (bullets(&program.guide.covers))
            p { (link(&routes::estimate_for(&program.id), "Count what your study costs"))
                ", from a sample of your own data and without an account." }
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
            @if program.takes_applications() { (self.planner_section(frame)) }
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
        let above = if program.award.above_typical.is_some() {
            ", sometimes more: larger or higher-impact projects, with a justification and a second \
             officer's approval"
        } else {
            ""
        };
        let mut rows = vec![
            ("Provider".to_owned(), html! { (program.provider) }),
            (
                "Amount".to_owned(),
                html! { "Up to " (available(program.award.typical_max)) " of API credit" (above) },
            ),
            (
                "Duration".to_owned(),
                html! { (program.term.months) " months from the grant date, the instant the credit "
                "arrives. No extension." },
            ),
            ("Passing on".to_owned(), html! { (program.transfer_policy.in_words()) }),
        ];
        if program.takes_applications() {
            rows.insert(3, ("Review".to_owned(), html! { "Each " (program.review.in_words()) }));
        }
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
            @if self.program.takes_applications() {
                p { (link(&routes::eligibility(&self.program.id), "Check whether you qualify"))
                    ": a few questions, no account." }
            }
        }
    }

    fn planner_section(&self, frame: &Frame) -> Markup {
        let program = &self.program;
        html! {
            h2 #planner { "Planner" }
            p { "Applications are reviewed each " (program.review.in_words())
                "; one sent once a review has begun goes to the next round. Credit arrives "
                (program.delivery.in_words()) " after the decision." }
            (self.planner.html(&program.id, frame))
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

fn timeline(round: &RoundDates, program: &Program, frame: &Frame) -> Markup {
    let zone = &frame.zone;
    html! {
        ol.timeline {
            li { strong { "Submit before " (instant(round.closes, zone)) }
                p.hint { "to be part of the " (round.label) " round" } }
            li { strong { "Review" }
                p.hint { (both_dates(round.closes, round.review_ends, zone)) } }
            li { strong { "A mail with the decision" }
                p.hint { "after " (date(round.review_ends, zone)) } }
            li { strong { "Credit arrives" }
                p.hint { (both_dates(round.delivery_from, round.delivery_to, zone)) } }
            li { strong { "Credit expires" }
                p.hint { (program.term.months) " months after it arrived, to the minute" } }
        }
    }
}

/// `four to six weeks` in figures: `28 to 42 days`.
fn moments(timeline: &[(String, String)]) -> Vec<(String, Markup)> {
    timeline.iter().map(|(moment, text)| (moment.clone(), html! { (text) })).collect()
}

fn bullets(items: &[String]) -> Markup {
    html! { ul { @for item in items { li { (item) } } } }
}
