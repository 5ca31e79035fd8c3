//! Mails as they went out, or would have where none is sent; and every letter that there is.

use bursar_kernel::{MailId, Timestamp};
use maud::{Markup, PreEscaped, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::table::{number, text};
use crate::ui::{
    Frame, Page, Status, Table, back, button, empty, instant, key_values, name, paging, tag,
};

/// The mails, the latest first.
#[derive(Clone, Debug)]
pub struct Outbox {
    /// Whether mail goes out.
    pub goes_out: bool,
    /// The mails.
    pub rows: Vec<MailRow>,
    /// Addresses that mail came back from, with what was said.
    pub bounced: Vec<(String, Timestamp, String)>,
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
    /// How often a relay was asked.
    pub attempts: u32,
}

impl Page for Outbox {
    fn title(&self) -> String {
        "Outbox".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns =
            vec![text("Subject"), text("To"), text("Written"), text("State"), number("Tries")];
        let rows = self.rows.iter().map(|mail| {
            vec![
                html! { a href=(routes::mail(mail.id)) { (name(&mail.subject)) } },
                name(&mail.to),
                html! { span { (instant(mail.at, &frame.zone)) } },
                tag(&mail.status),
                html! { (mail.attempts) },
            ]
        });
        html! {
            h1 { "Outbox" }
            @if frame.demonstration {
                p { "No mail leaves the demonstration. Everything that would have been sent is "
                    "here." }
            } @else if !self.goes_out {
                p { "This installation has no mail relay: mails are kept here, and none is sent. "
                    "Name one under " code { "[mail]" } " in its configuration." }
            }
            p { a href=(routes::LETTERS) { "Read every letter that there is" } }
            @if self.rows.is_empty() {
                (empty("No mail yet", &html! { p { "The first sign-in writes one." } }))
            } @else {
                (Table::new("Mails", columns, rows.collect()).under_heading().html())
                (paging("Pages of mails", self.newer.as_deref(), self.older.as_deref(),
                    &self.position))
            }
            @if !self.bounced.is_empty() { (bounced(&self.bounced, frame)) }
        }
    }
}

fn bounced(addresses: &[(String, Timestamp, String)], frame: &Frame) -> Markup {
    let columns = vec![text("Address"), text("Since"), text("What was said")];
    let rows = addresses.iter().map(|(email, at, why)| {
        vec![name(email), html! { span { (instant(*at, &frame.zone)) } }, name(why)]
    });
    html! {
        h2 { "Addresses that mail came back from" }
        p { "Mail to them is held. It goes out once their holder has signed in by a link that was "
            "mailed there." }
        (Table::new("Addresses that mail came back from", columns, rows.collect())
            .under_heading().html())
    }
}

/// One mail.
#[derive(Clone, Debug)]
pub struct MailPage {
    /// Its line in the list.
    pub mail: MailRow,
    /// Which letter it is; empty in mails from before there was a register.
    pub letter: String,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// What the relay said last.
    pub answer: Option<String>,
    /// Whether it can be tried again.
    pub can_retry: bool,
    /// Its text; a line that is an address becomes a link.
    pub text: String,
}

impl Page for MailPage {
    fn title(&self) -> String {
        self.mail.subject.clone()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let mut facts = vec![
            ("To".to_owned(), name(&self.mail.to)),
            ("Written".to_owned(), instant(self.mail.at, &frame.zone)),
            ("State".to_owned(), tag(&self.mail.status)),
        ];
        if 0 < self.mail.attempts {
            facts.push(("Tries".to_owned(), html! { (self.mail.attempts) }));
        }
        if let Some(at) = self.next_at {
            facts.push(("Next try".to_owned(), instant(at, &frame.zone)));
        }
        if let Some(answer) = &self.answer {
            facts.push(("The relay said".to_owned(), name(answer)));
        }
        if !self.letter.is_empty() {
            let href = routes::letter(&self.letter);
            facts.push(("Letter".to_owned(), html! { a href=(href) { (self.letter) } }));
        }
        html! {
            (back(routes::OUTBOX, "Outbox"))
            h1 { (name(&self.mail.subject)) }
            (key_values(&facts))
            @if self.can_retry {
                (button_form(frame, &routes::retry_mail(self.mail.id), &[], &button("Try again")))
            }
            div.prose dir="auto" { @for line in self.text.lines() { (mail_line(line)) "\n" } }
        }
    }
}

fn mail_line(line: &str) -> Markup {
    let address = line.starts_with("https://") || line.starts_with("http://");
    html! { @if address { a href=(line) { (line) } } @else { (line) } }
}

/// Every letter that there is.
#[derive(Clone, Debug)]
pub struct Letters {
    /// Its name, when it is written, and its subject in the sample.
    pub rows: Vec<(String, String, String)>,
}

impl Page for Letters {
    fn title(&self) -> String {
        "Letters".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        let columns = vec![text("When"), text("Subject, in a sample")];
        let rows = self.rows.iter().map(|(letter, when, subject)| {
            vec![html! { a href=(routes::letter(letter)) { (when) } }, name(subject)]
        });
        html! {
            h1 { "Letters" }
            p { "Every letter that people get by mail, each with a sample. No link in one changes "
                "anything by itself." }
            (Table::new("Letters", columns, rows.collect()).under_heading().html())
        }
    }
}

/// One letter, by its sample.
#[derive(Clone, Debug)]
pub struct LetterPage {
    /// When it is written.
    pub when: String,
    /// What kind of letter it is, in a sentence.
    pub manner: &'static str,
    /// The program that the sample is of.
    pub program: String,
    /// Its subject.
    pub subject: String,
    /// It as plain text.
    pub text: String,
    /// It as HTML, made of the same parts: all that people wrote is escaped in it.
    pub html: String,
}

impl Page for LetterPage {
    fn title(&self) -> String {
        self.when.clone()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            (back(routes::LETTERS, "Letters"))
            h1 { (self.when) }
            p { (self.manner) " This is a sample, of " (name(&self.program)) "." }
            (key_values(&[("Subject".to_owned(), name(&self.subject))]))
            div.beside {
                section aria-labelledby="as-text" {
                    h2 id="as-text" { "As text" }
                    div.letter { div.prose dir="auto" { (self.text) } }
                }
                section aria-labelledby="as-html" {
                    h2 id="as-html" { "As HTML" }
                    div.letter dir="auto" { (PreEscaped(&self.html)) }
                }
            }
        }
    }
}
