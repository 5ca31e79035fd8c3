//! Where a grant's money went: by model, study, key or person.

use bursar_kernel::{GrantId, StudyId, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::money::count;
use crate::ui::table::{named, number};
use crate::ui::{
    Figure, Frame, Page, SpendChart, Table, back, empty, exact, figures, link, name, taken,
};

/// A part of what was spent.
#[derive(Clone, Debug)]
pub struct PartRow {
    /// A model, a study, a key.
    pub name: String,
    /// The study, where it is one.
    pub study: Option<StudyId>,
    /// How much.
    pub cost: Usd,
    /// In how many calls.
    pub calls: u64,
    /// What a call cost on the average, rounded up; `None` without calls.
    pub each: Option<Usd>,
    /// Its share of all, in tenths of a percent.
    pub share: u32,
}

/// Where a grant's money went.
#[derive(Clone, Debug)]
pub struct SpendingPage {
    /// The grant.
    pub grant: GrantId,
    /// What that is called.
    pub title: String,
    /// The study that it is about, with what that is called; `None` for the whole grant.
    pub study: Option<(StudyId, String)>,
    /// What the parts are: `Model`, `Study`, `Key`.
    pub what: &'static str,
    /// Other ways to tell it apart: what each is called, and where it is.
    pub others: Vec<(&'static str, String)>,
    /// The parts, the dearest first.
    pub parts: Vec<PartRow>,
    /// Spending a day, by part; `None` before the first call.
    pub chart: Option<SpendChart>,
    /// All of it, and in how many calls.
    pub total: (Usd, u64),
}

impl Page for SpendingPage {
    fn title(&self) -> String {
        "Where it went".to_owned()
    }

    fn body(&self, _: &Frame) -> Markup {
        let (total, calls) = self.total;
        let in_calls = html! { "exactly " (exact(total)) ", in " (count(calls))
        @if calls == 1 { " call" } @else { " calls" } };
        html! {
            @match &self.study {
                Some((study, called)) => (back(&routes::study(*study), called)),
                None => (back(&routes::grant(self.grant), &self.title)),
            }
            h1 { "Where it went" }
            @if let Some((_, called)) = &self.study { p { "Of the study " (name(called)) "." } }
            (figures(&[Figure::new("Spent", taken(total)).note(in_calls)]))
            p { "By " (self.what.to_lowercase()) ". "
                @for (place, (label, href)) in self.others.iter().enumerate() {
                    @if 0 < place { " · " } (link(href, label))
                }
            }
            @match &self.chart {
                Some(chart) => { (chart.html()) (self.table()) }
                None => (empty("No call yet", &html! {
                    p { "What calls cost shows here as soon as they end." }
                })),
            }
        }
    }
}

impl SpendingPage {
    fn table(&self) -> Markup {
        let columns = vec![
            named(self.what.to_owned()),
            number("Spent"),
            number("Share"),
            number("Calls"),
            number("Each call"),
        ];
        let rows = self.parts.iter().map(|part| {
            vec![
                html! { @match part.study {
                    Some(study) => a href=(routes::study(study)) { (name(&part.name)) },
                    None => (name(&part.name)),
                } },
                html! { (exact(part.cost)) },
                html! { (part.share / 10) "." (part.share % 10) " %" },
                html! { (count(part.calls)) },
                html! { @match part.each {
                    Some(each) => (exact(each)),
                    None => span.muted { "–" },
                } },
            ]
        });
        Table::new("Where it went", columns, rows.collect()).html()
    }
}
