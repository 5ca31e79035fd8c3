//! Being forgotten: what goes, what stays and why, and what has to be ended first.

use bursar_kernel::{Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::{Choice, Control};
use crate::ui::{
    Field, Frame, Input, Page, Tone, back, button, button_link, error_summary, field_html, form,
    instant, key_values, link, name, notice,
};

/// What goes, and what becomes of it.
const GOES: [(&str, &str); 6] = [
    ("Your name and mail address", "Overwritten. You can come back as somebody new."),
    (
        "Ways to sign in, browsers, your card",
        "Removed at once. Keys of your grants stop working for good.",
    ),
    (
        "Applications and drafts",
        "What you answered, files, questions and answers, estimates, reviewers' comments and the \
         reasons of decisions are overwritten or removed; drafts are withdrawn.",
    ),
    (
        "What you called things",
        "Titles of grants, names of keys and studies, notes, tags, reasons of requests.",
    ),
    ("Mails to you", "Removed. A last one goes out, and is removed with its address once sent."),
    (
        "Your name in mails to others, in the audit trail and in officers' notes",
        "Your address is replaced wherever it stands there, and your name beside it.",
    ),
];

/// What stays, and why it does.
const STAYS: [(&str, &str); 5] = [
    (
        "The book: credit, calls, trades",
        "Amounts, instants, models and identifiers. It is chained so that nobody can change it, \
         and has never had your name. Accounts have to add up for years.",
    ),
    (
        "That an application was made, and what came of it",
        "Program, round, dates, what was asked for and awarded, reviewers' scores: so that a \
         round can be explained to whoever paid for it.",
    ),
    ("The audit trail", "Who did what, by identifiers that say nothing of you any more."),
    (
        "What others wrote in their own applications",
        "If somebody else named you there, that is theirs.",
    ),
    (
        "Files and batches in a provider's account",
        "They lie with the provider: delete them with your key before.",
    ),
];

/// Somebody who wants to be forgotten.
#[derive(Clone, Debug, Default)]
pub struct EraseAccount {
    /// What was chosen for `credit`: `return` or `leave`, and what is wrong with it.
    pub input: Input,
    /// Where the link goes.
    pub email: String,
    /// What has to be ended first, each with where.
    pub obstacles: Vec<(String, Option<(String, String)>)>,
    /// Credit that is left.
    pub credit: Vec<CreditLeft>,
    /// What was asked for.
    pub standing: Option<Standing>,
    /// Days between confirming and erasing.
    pub days: i64,
}

/// Credit that is left on a grant.
#[derive(Clone, Debug)]
pub struct CreditLeft {
    /// What the grant is called.
    pub title: String,
    /// Its page.
    pub href: String,
    /// How much.
    pub amount: Usd,
    /// Whether it can go back to its pool.
    pub may_return: bool,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// A link was mailed, and works until then.
    Asked(Timestamp),
    /// Everything is erased then.
    Confirmed(Timestamp),
}

impl Page for EraseAccount {
    fn title(&self) -> String {
        "Erase your account".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(routes::ACCOUNT, "Your account"))
            h1 { "Erase your account" }
            @if let Some(standing) = self.standing { (self.standing_html(standing, frame)) }
            p { "Everything that says who you are goes, and everything that you wrote. What the "
                "books need stays, under an identifier that says nothing of you. "
                (link(routes::EXPORT, "Download your data")) " first, if you want to keep it." }
            (facts("What goes", &GOES))
            (facts("What stays", &STAYS))
            p { "Backups that were made before hold your data until they are replaced: ask whoever "
                "runs this installation how long that takes." }
            @if !matches!(self.standing, Some(Standing::Confirmed(_))) {
                @if self.obstacles.is_empty() { (self.ask(frame)) } @else { (self.first()) }
            }
        }
    }
}

impl EraseAccount {
    fn standing_html(&self, standing: Standing, frame: &Frame) -> Markup {
        let keep = button_form(frame, routes::ERASE_CANCEL, &[], &button("Keep my account"));
        notice(
            Tone::Warning,
            &match standing {
                Standing::Asked(until) => html! {
                    p { "A link is on its way to " strong { (name(&self.email)) }
                        ". It works until " (instant(until, &frame.zone))
                        ", and nothing happens before you open it and confirm." }
                    (keep)
                },
                Standing::Confirmed(at) => html! {
                    p { strong { "Your account is erased on " (instant(at, &frame.zone)) "." }
                        " Until then everything goes on, and you can change your mind." }
                    (keep)
                },
            },
        )
    }

    fn first(&self) -> Markup {
        html! {
            h2 { "Before that" }
            p { "Something is open. End it first, and come back." }
            ul { @for (what, place) in &self.obstacles {
                li { (what) @if let Some((href, label)) = place { " " (link(href, label)) } }
            } }
        }
    }

    fn ask(&self, frame: &Frame) -> Markup {
        let choices = vec![
            Choice::new(
                "return",
                "Give it back to the programs that it came from, where it may be",
            ),
            Choice::new("leave", "Leave it: nobody can use it, and it expires on its day"),
        ];
        let field = Field::new("credit", "What becomes of it?", Control::Radios(choices));
        let field = self.input.fill(field);
        html! {
            (error_summary(std::slice::from_ref(&field)))
            h2 { "Ask for it" }
            (form(frame, routes::ERASE, &html! {
                @if !self.credit.is_empty() { (self.left()) (field_html(&field)) }
                p { "We mail you a link. Once you confirm there, everything is erased after "
                    (self.days) " days; until then you can take it back." }
                div.actions { (button("Mail me the link")) }
            }))
        }
    }

    fn left(&self) -> Markup {
        html! {
            p { "You leave credit behind:" }
            ul { @for left in &self.credit {
                li {
                    "$" (left.amount) " on " (link(&left.href, &left.title))
                    @if !left.may_return { ", which cannot be given back" }
                }
            } }
        }
    }
}

fn facts(heading: &str, rows: &[(&str, &str)]) -> Markup {
    let rows: Vec<_> =
        rows.iter().map(|(what, why)| ((*what).to_owned(), html! { (why) })).collect();
    html! {
        h2 { (heading) }
        (key_values(&rows))
    }
}

/// What a mailed link opens. Reading it changes nothing.
#[derive(Clone, Debug)]
pub struct ConfirmErasure {
    /// Whose account.
    pub email: String,
    /// When everything would be erased.
    pub day: Timestamp,
    /// The link's token, to be posted as `token`.
    pub token: String,
}

impl Page for ConfirmErasure {
    fn title(&self) -> String {
        "Erase this account?".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Erase this account?" }
            p { "The account of " strong { (name(&self.email)) } " is erased on "
                (instant(self.day, &frame.zone)) ", for good. Until then it can be kept: sign in, "
                "and say so on its page." }
            form method="post" action=(routes::ERASURE) {
                input type="hidden" name="csrf" value=(frame.csrf);
                input type="hidden" name="token" value=(self.token);
                div.actions {
                    button.button.danger type="submit" { "Erase the account on that day" }
                }
            }
            p.muted { "Not you? Close this page; nothing has happened." }
        }
    }
}

/// It is confirmed.
#[derive(Clone, Copy, Debug)]
pub struct ErasureSet {
    /// When everything is erased.
    pub day: Timestamp,
}

impl Page for ErasureSet {
    fn title(&self) -> String {
        "Your account is to be erased".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Your account is to be erased" }
            p { "Everything is erased on " strong { (instant(self.day, &frame.zone)) } ". You have "
                "been mailed, with a link to the page on which you can keep the account." }
            div.actions { (button_link(routes::ERASE, "Look at what goes and what stays")) }
        }
    }
}

/// The link was used already, or too old.
#[derive(Clone, Copy, Debug)]
pub struct ErasureLinkExpired;

impl Page for ErasureLinkExpired {
    fn title(&self) -> String {
        "This link no longer works".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "This link no longer works" }
            p { "A link to erase an account works once, and for a day after it was sent." }
            div.actions { (button_link(routes::ERASE, "Get a new link")) }
        }
    }
}
