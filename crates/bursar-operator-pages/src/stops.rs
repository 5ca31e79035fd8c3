//! What is stopped, as those whom it concerns see it; and stopping and starting it.

use bursar_kernel::{GrantId, ProgramId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Field, Frame, Input, Page, Tone, back, error_summary, field_html, form, instant, link, name,
    notice,
};

/// Since when something is stopped, and why.
#[derive(Clone, Debug)]
pub struct StopShown {
    /// Since when.
    pub since: Timestamp,
    /// Why, in the words of whoever stopped it.
    pub reason: String,
}

impl StopShown {
    /// Since when and why, in a line.
    pub fn line(&self, zone: &TimeZone) -> Markup {
        html! { "since " (instant(self.since, zone)) ": " q { (name(&self.reason)) } }
    }

    /// Tells a grant's holder, in a notice, what is stopped.
    pub fn told(&self, what: &Markup, zone: &TimeZone) -> Markup {
        let body = html! {
            p { strong { "Calls are stopped. " } (what) " " (self.line(zone)) }
            p { "The credit is untouched, and its expiry stays as it is. What is under way ends "
                "and is charged. Ask the program's officers when calls start again." }
        };
        notice(Tone::Warning, &body)
    }
}

/// What is to be stopped, or started again.
#[derive(Clone, Debug)]
pub enum StopWhat {
    /// The calls of a grant.
    Grant {
        /// The grant.
        id: GrantId,
        /// What it is called.
        title: String,
    },
    /// The calls of all grants of a program.
    Program {
        /// The program.
        id: ProgramId,
        /// Its name.
        name: String,
    },
    /// What goes to an upstream.
    Upstream {
        /// Its name in the configuration.
        name: String,
    },
}

/// Asks whether to stop something, or to start it again, and why.
#[derive(Clone, Debug)]
pub struct StopForm {
    /// What.
    pub what: StopWhat,
    /// Whether it is stopped now.
    pub stopped: Option<StopShown>,
    /// What was typed (`reason`), and what is wrong with it.
    pub input: Input,
}

impl Page for StopForm {
    fn title(&self) -> String {
        let (noun, again) = match &self.what {
            StopWhat::Grant { .. } => ("this grant's calls", "Start this grant's calls again?"),
            StopWhat::Program { .. } => {
                ("this program's calls", "Start this program's calls again?")
            }
            StopWhat::Upstream { .. } => ("this upstream", "Start this upstream again?"),
        };
        if self.stopped.is_some() { again.to_owned() } else { format!("Stop {noun}?") }
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let area = Control::Area { rows: 3 };
        let field = Field::new("reason", "Why?", area).hint(self.read_by());
        let fields = [self.input.fill(field)];
        let (turn, label) = match self.stopped {
            Some(_) => ("start", "Start again"),
            None => ("stop", "Stop now"),
        };
        html! {
            (back(&self.way_back(), "Back"))
            (error_summary(&fields))
            h1 { (self.title()) }
            p.muted { (name(self.name())) }
            @if let Some(stop) = &self.stopped {
                p { "It is stopped " (stop.line(&frame.zone)) }
            } @else { (self.consequences()) }
            (form(frame, &self.address(), &html! {
                @for field in &fields { (field_html(field)) }
                input type="hidden" name="turn" value=(turn);
                div.actions {
                    button.button.danger[self.stopped.is_none()] type="submit" { (label) }
                    (link(&self.way_back(), "Leave it"))
                }
            }))
        }
    }
}

impl StopForm {
    fn name(&self) -> &str {
        match &self.what {
            StopWhat::Grant { title, .. } => title,
            StopWhat::Program { name, .. } | StopWhat::Upstream { name } => name,
        }
    }

    fn address(&self) -> String {
        match &self.what {
            StopWhat::Grant { id, .. } => routes::grant_stop(*id),
            StopWhat::Program { id, .. } => routes::program_stop(id),
            StopWhat::Upstream { name } => routes::upstream_stop(name),
        }
    }

    fn way_back(&self) -> String {
        match &self.what {
            StopWhat::Grant { id, .. } => routes::grant(*id),
            StopWhat::Program { .. } => routes::MONEY.to_owned(),
            StopWhat::Upstream { .. } => routes::UPSTREAMS.to_owned(),
        }
    }

    fn read_by(&self) -> &'static str {
        match &self.what {
            StopWhat::Grant { .. } => {
                "Its holder reads it on the grant's page, and it stands in the audit trail."
            }
            StopWhat::Program { .. } => {
                "The holders of its grants read it, and it stands in the audit trail."
            }
            StopWhat::Upstream { .. } => "It stands on the upstreams' page and in the audit trail.",
        }
    }

    fn consequences(&self) -> Markup {
        let calls = match &self.what {
            StopWhat::Grant { .. } => "New calls with its keys are refused",
            StopWhat::Program { .. } => "New calls of all its grants are refused",
            StopWhat::Upstream { .. } => {
                "No call, file or batch goes there: others of its group take them, and where there \
                 is none they are refused"
            }
        };
        html! {
            ul {
                li { (calls) ", at once and on every server. It can be started again at any time." }
                li { "What is under way ends under its hold and is charged. No money moves, and "
                    "credit expires as it would have." }
                @if let StopWhat::Program { .. } = &self.what {
                    li { "Only calls stop: the program goes on taking applications, and its awards "
                        "are decided and delivered." }
                }
            }
        }
    }
}
