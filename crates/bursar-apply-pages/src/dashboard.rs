//! The applicant's own applications and grants.

use bursar_kernel::{GrantId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::table::{number, text};
use crate::ui::{
    Frame, Page, Status, Table, Task, available, button_link, date, days_between, empty, name, tag,
    tasks,
};

/// What is mine.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// My applications, the latest first.
    pub applications: Vec<ApplicationRow>,
    /// My grants, the soonest to expire first.
    pub grants: Vec<GrantRow>,
    /// Grants of others in which I take part.
    pub shared: Vec<GrantRow>,
}

/// An application in a list of one's own.
#[derive(Clone, Debug)]
pub struct ApplicationRow {
    /// Its title, or the program's name while it has none.
    pub title: String,
    /// Where it stands and what is next: `December 2026 round. Draft saved on 3 November 2026`.
    pub detail: String,
    /// Its state.
    pub status: Status,
    /// Where the person goes on: the form for a draft, else the status page.
    pub href: String,
}

/// A grant in a list.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// The grant.
    pub id: GrantId,
    /// What it is called.
    pub title: String,
    /// Who holds it, where the list is not one's own.
    pub holder: Option<String>,
    /// Its state.
    pub status: Status,
    /// What it was worth.
    pub face: Usd,
    /// What can be spent now.
    pub left: Usd,
    /// When it expires; `None` before it is delivered.
    pub expires_at: Option<Timestamp>,
}

impl Page for Dashboard {
    fn title(&self) -> String {
        "My applications and grants".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "My applications and grants" }
            h2 { "Applications" }
            @if self.applications.is_empty() {
                (empty("You have not applied yet", &html! {
                    p { "Choose a program. Your answers are saved as you go, and nothing is sent "
                        "until you submit." }
                    (button_link(routes::PROGRAMS, "See the programs"))
                }))
            } @else {
                (tasks(&self.applications.iter().map(ApplicationRow::task).collect::<Vec<_>>()))
            }
            h2 { "Grants" }
            @if self.grants.is_empty() {
                (empty("You have no grant yet", &html! {
                    p { "An award that you accept becomes a grant here: balance, expiry, keys and "
                        "every call." }
                }))
            } @else {
                (grants_table("My grants", &self.grants, frame))
            }
            (shared_grants(&self.shared, frame))
        }
    }
}

impl ApplicationRow {
    fn task(&self) -> Task {
        Task {
            title: self.title.clone(),
            hint: Some(self.detail.clone()),
            href: Some(self.href.clone()),
            status: self.status.clone(),
        }
    }
}

/// Grants of others in which somebody takes part, under a heading of their own; nothing where there
/// are none.
pub fn shared_grants(grants: &[GrantRow], frame: &Frame) -> Markup {
    html! { @if !grants.is_empty() {
        h2 { "Shared with you" }
        (grants_table("Grants shared with you", grants, frame))
    } }
}

/// Grants with what is left of them and for how long.
pub fn grants_table(caption: &str, grants: &[GrantRow], frame: &Frame) -> Markup {
    let with_holder = grants.iter().any(|grant| grant.holder.is_some());
    let mut columns = vec![text("Grant")];
    if with_holder {
        columns.push(text("Holder"));
    }
    columns.extend([text("State"), text("Expires"), number("Face"), number("Left")]);
    let rows = grants.iter().map(|grant| {
        let mut row = vec![html! { a href=(routes::grant(grant.id)) { (name(&grant.title)) } }];
        if with_holder {
            row.push(name(grant.holder.as_deref().unwrap_or_default()));
        }
        row.extend([
            tag(&grant.status),
            expiry(grant.expires_at, frame),
            html! { (available(grant.face)) },
            html! { (available(grant.left)) },
        ]);
        row
    });
    Table::new(caption, columns, rows.collect()).under_heading().html()
}

fn expiry(expires_at: Option<Timestamp>, frame: &Frame) -> Markup {
    let Some(at) = expires_at else {
        return html! { span.muted { "Not delivered yet" } };
    };
    let left = days_between(frame.now, at);
    html! {
        span {
            (date(at, &frame.zone))
            @if frame.now < at { span.muted { " (" (crate::ui::dates::days(left)) ")" } }
        }
    }
}
