//! Upstreams and the audit trail.

use bursar_kernel::Timestamp;
use maud::{Markup, html};

use crate::routes;
use crate::stops::StopShown;
use crate::ui::dates::second;
use crate::ui::parts::tag_text;
use crate::ui::table::{number, text};
use crate::ui::{Frame, Page, Table, Tone, empty, link, name, notice, paging};

/// Where calls are forwarded to.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// The upstreams.
    pub rows: Vec<UpstreamRow>,
}

/// One upstream. Its credential is never shown.
#[derive(Clone, Debug)]
pub struct UpstreamRow {
    /// Its name in the configuration.
    pub name: String,
    /// The group whose credit it honours.
    pub group: String,
    /// Where it is.
    pub base_url: String,
    /// Whether it is the offline sandbox.
    pub sandbox: bool,
    /// Its share of its group's calls, beside the others' shares.
    pub weight: u32,
    /// Whether it takes calls.
    pub takes_calls: bool,
    /// How it is, in a few words.
    pub standing: String,
    /// Since when and why somebody has stopped it, if somebody has.
    pub stopped: Option<StopShown>,
}

impl UpstreamRow {
    fn turn(&self) -> Markup {
        let verb = if self.stopped.is_some() { "Start" } else { "Stop" };
        link(&routes::upstream_stop(&self.name), &format!("{verb} {}", self.name))
    }
}

impl Page for Upstreams {
    fn title(&self) -> String {
        "Upstreams".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Upstream"),
            text("Group"),
            number("Weight"),
            text("State"),
            text("Address"),
            text("Stop or start"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                html! {
                    (name(&row.name)) " "
                    @if row.sandbox { (tag_text(Tone::Warning, "Sandbox")) }
                },
                html! { (row.group) },
                html! { (row.weight) },
                html! {
                    @if let Some(stop) = &row.stopped {
                        (tag_text(Tone::Warning, "Stopped")) " " (stop.line(&frame.zone))
                    } @else if row.takes_calls { (row.standing) }
                    @else { (tag_text(Tone::Warning, "Out")) " " (row.standing) }
                },
                html! { code { (row.base_url) } },
                row.turn(),
            ]
        });
        html! {
            h1 { "Upstreams" }
            @if self.rows.iter().any(|row| row.sandbox) {
                (notice(Tone::Warning, &html! { p { strong { "The sandbox is no provider. " }
                    "Its answers are made up offline, and cost grants what the real ones would." }
                        }))
            }
            @if self.rows.is_empty() {
                (empty("No upstream", &html! { p { "Calls are refused until the configuration "
                    "names one. See the operations guide." } }))
            } @else {
                (Table::new("Upstreams", columns, rows.collect()).under_heading().html())
            }
        }
    }
}

/// Who did what, the latest first.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The lines.
    pub rows: Vec<AuditRow>,
    /// Where newer ones are.
    pub newer: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
    /// What is shown of how many.
    pub position: String,
}

/// A line of the audit trail.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Who: a name, a key, a job.
    pub actor: String,
    /// What was done: `released the December 2026 round`.
    pub action: String,
    /// To what: an identifier or a name.
    pub subject: String,
}

impl Page for Audit {
    fn title(&self) -> String {
        "Audit trail".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Time"), text("Who"), text("What"), text("To what")];
        let rows = self.rows.iter().map(|row| {
            vec![
                second(row.at, &frame.zone),
                name(&row.actor),
                name(&row.action),
                html! { code.nowrap { (row.subject) } },
            ]
        });
        html! {
            h1 { "Audit trail" }
            @if self.rows.is_empty() {
                (empty("Nothing yet", &html! {
                    p { "Every change of anything leaves a line here." }
                }))
            } @else {
                p.muted { "Times are in " (frame.now.to_zoned(frame.zone.clone()).strftime("%Z"))
                    "." }
                div.dense { (Table::new("Audit trail", columns, rows.collect()).under_heading()
                    .scrolling().html()) }
                (paging("Pages of the audit trail", self.newer.as_deref(), self.older.as_deref(),
                    &self.position))
            }
        }
    }
}
