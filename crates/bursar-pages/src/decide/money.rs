//! The programs' money: put in, committed, delivered, spent, about to expire.

use bursar_kernel::{ProgramId, Role, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::stops::StopShown;
use crate::ui::field::Control;
use crate::ui::table::{number, text};
use crate::ui::{
    Field, Figure, Frame, Input, Meter, Page, Table, Tone, available, button, date, empty,
    error_summary, field_html, figures, form, link, name, notice, taken,
};

/// The money of every program.
#[derive(Clone, Debug)]
pub struct Money {
    /// The pools.
    pub pools: Vec<Pool>,
}

/// One program's pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The program.
    pub program: ProgramId,
    /// Its name.
    pub name: String,
    /// Put in so far.
    pub funded: Usd,
    /// Free to award.
    pub free: Usd,
    /// Awarded, and not delivered yet.
    pub committed: Usd,
    /// Delivered to grants.
    pub delivered: Usd,
    /// Spent by grants.
    pub spent: Usd,
    /// Expired unspent.
    pub expired: Usd,
    /// What nobody knows whether it was spent.
    pub suspense: Usd,
    /// Since when and why its grants' calls are stopped, if they are.
    pub stopped: Option<StopShown>,
    /// What expires soon: the day, the grant's title, what is left of it.
    pub expiring: Vec<(Timestamp, String, Usd)>,
    /// What was typed to add money (`amount`), and what is wrong.
    pub input: Input,
}

impl Page for Money {
    fn title(&self) -> String {
        "Money".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.pools.iter().any(|pool| pool.input.has_errors())
    }

    fn body(&self, frame: &Frame) -> Markup {
        let wrong: Vec<Field> = self.pools.iter().flat_map(Pool::fields).collect();
        html! {
            (error_summary(&wrong))
            h1 { "Money" }
            p { "Each figure is the book's own: what came in equals what is free, committed and "
                "delivered, to the last digit." }
            @if self.pools.is_empty() {
                (empty("No program yet", &html! {
                    p { "Add a program file; its pool appears here." }
                }))
            }
            @for pool in &self.pools { (pool.html(frame)) }
        }
    }
}

impl Pool {
    /// The fields carry the program's name, since one page has many pools.
    fn fields(&self) -> Vec<Field> {
        let rename = |field: Field| {
            let filled = self.input.fill(field);
            Field { name: format!("{}-{}", filled.name, self.program), ..filled }
        };
        vec![rename(Field::new("amount", "Amount to add", Control::Amount))]
    }

    fn html(&self, frame: &Frame) -> Markup {
        let part = |label: &str, amount: Usd, class: &'static str| {
            (label.to_owned(), available(amount), amount, class)
        };
        let meter = Meter {
            whole: self.funded,
            parts: vec![
                part("Delivered", self.delivered, "used"),
                part("Committed", self.committed, "held"),
                part("Free", self.free, "left"),
            ],
        };
        let mut shown = vec![
            Figure::new("Free to award", available(self.free)),
            Figure::new("Committed", available(self.committed))
                .note(html! { "awarded, not delivered" }),
            Figure::new("Delivered", available(self.delivered)),
            Figure::new("Spent", taken(self.spent)),
            Figure::new("Expired unspent", taken(self.expired)),
        ];
        if self.suspense.is_positive() {
            shown.push(Figure::new("In question", taken(self.suspense)).note(html! {
                @if frame.is(Role::Operator) { (link(routes::SUSPENSE, "Settle it")) }
                @else { "an operator settles it" }
            }));
        }
        html! {
            section {
                h2 { (name(&self.name)) }
                (self.calls(frame))
                (figures(&shown))
                (meter.html())
                h3 { "About to expire" }
                @if self.expiring.is_empty() {
                    p.muted { "Nothing expires in the next 60 days." }
                } @else {
                    (self.expiring_table(frame))
                }
                details open[self.input.has_errors()] {
                    summary { "Add money to the pool of " (name(&self.name)) }
                    (self.funding_form(frame))
                }
            }
        }
    }

    /// Whether its grants' calls are stopped, and the way to stop them.
    fn calls(&self, frame: &Frame) -> Markup {
        let way = routes::program_stop(&self.program);
        let Some(stop) = &self.stopped else {
            return html! { p { (link(&way, &format!("Stop the calls of {}", self.name))) } };
        };
        notice(
            Tone::Warning,
            &html! {
                p { strong { "Calls of its grants are stopped " } (stop.line(&frame.zone)) }
                p { (link(&way, &format!("Start the calls of {} again", self.name))) }
            },
        )
    }

    fn funding_form(&self, frame: &Frame) -> Markup {
        form(
            frame,
            &routes::pool_fund(&self.program),
            &html! {
                @for field in self.fields() { (field_html(&field)) }
                div.actions { (button("Add money")) }
            },
        )
    }

    fn expiring_table(&self, frame: &Frame) -> Markup {
        let rows = self.expiring.iter().map(|(at, title, left)| {
            vec![name(title), date(*at, &frame.zone), html! { (available(*left)) }]
        });
        let columns = vec![text("Grant"), text("Expires"), number("Left")];
        let caption = format!("About to expire in {}", self.name);
        Table::new(caption, columns, rows.collect()).under_heading().html()
    }
}
