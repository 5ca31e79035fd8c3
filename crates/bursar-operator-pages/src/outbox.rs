//! Mails as they went out, or would have in the demonstration.

use bursar_kernel::{MailId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::table::text;
use crate::ui::{Frame, Page, Status, Table, back, empty, instant, key_values, name, paging, tag};

/// The mails, the latest first.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// The mails.
    pub rows: Vec<MailRow>,
    /// Where newer ones are.
    pub newer: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
    /// What is shown of how many.
    pub position: String,
}

/// A mail in the list.
#[derive(Clone, Debug)]
pub struct MailRow {
    /// The mail.
    pub id: MailId,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// When it was written.
    pub at: Timestamp,
    /// Sent, waiting, failed, kept here.
    pub status: Status,
}

impl Page for Outbox {
    fn title(&self) -> String {
        "Outbox".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Subject"), text("To"), text("Written"), text("State")];
        let rows = self.rows.iter().map(|mail| {
            vec![
                html! { a href=(routes::mail(mail.id)) { (name(&mail.subject)) } },
                name(&mail.to),
                html! { span { (instant(mail.at, &frame.zone)) } },
                tag(&mail.status),
            ]
        });
        html! {
            h1 { "Outbox" }
            @if frame.demonstration {
                p { "No mail leaves the demonstration. Everything that would have been sent is "
                    "here." }
            }
            @if self.rows.is_empty() {
                (empty("No mail yet", &html! { p { "The first sign-in writes one." } }))
            } @else {
                (Table::new("Mails", columns, rows.collect()).under_heading().html())
                (paging("Pages of mails", self.newer.as_deref(), self.older.as_deref(),
                    &self.position))
            }
        }
    }
}

/// One mail.
#[derive(Clone, Debug)]
pub struct MailPage {
    /// Its line in the list.
    pub mail: MailRow,
    /// Its text; a line that is an address becomes a link.
    pub text: String,
}

impl Page for MailPage {
    fn title(&self) -> String {
        self.mail.subject.clone()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(routes::OUTBOX, "Outbox"))
            h1 { (name(&self.mail.subject)) }
            (key_values(&[
                ("To".to_owned(), name(&self.mail.to)),
                ("Written".to_owned(), instant(self.mail.at, &frame.zone)),
                ("State".to_owned(), tag(&self.mail.status)),
            ]))
            div.prose dir="auto" { @for line in self.text.lines() { (mail_line(line)) "\n" } }
        }
    }
}

fn mail_line(line: &str) -> Markup {
    let address = line.starts_with("https://") || line.starts_with("http://");
    html! { @if address { a href=(line) { (line) } } @else { (line) } }
}
