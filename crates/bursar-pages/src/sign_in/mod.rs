//! Sign in by a mailed link. Opening the link changes nothing: a button does.

mod erase;
mod passkeys;

use bursar_kernel::{SessionId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::table::text;
use crate::ui::{
    Field, Frame, Input, Page, Table, Tone, button, button_link, code_block, error_summary,
    field_html, form, inset, instant, link, name, notice,
};
use crate::wallet::CardShown;

pub use erase::{
    ConfirmErasure, CreditLeft, EraseAccount, ErasureLinkExpired, ErasureSet, Standing,
};
pub use passkeys::{PasskeyRow, Passkeys};

/// Asks for an e-mail address.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// What was typed into `email`, and what is wrong with it.
    pub input: Input,
    /// Where to go afterwards: a path of this site.
    pub next: Option<String>,
    /// Providers to sign in with: name and label.
    pub providers: Vec<(String, String)>,
    /// Whether browsers keep passkeys for this site.
    pub passkeys: bool,
}

impl Page for SignIn {
    fn title(&self) -> String {
        "Sign in".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let hint = "Use the address of your institution if you have one. We mail you a link; \
                    there is no password.";
        let control = Control::Email { autocomplete: "email webauthn" };
        let email = self.input.fill(Field::new("email", "E-mail address", control).hint(hint));
        let inside = html! {
            @if let Some(next) = &self.next { input type="hidden" name="next" value=(next); }
            (field_html(&email))
            div.actions { (button("Mail me a link")) }
        };
        html! {
            (error_summary(std::slice::from_ref(&email)))
            h1 { "Sign in" }
            p { "If you have no account yet, this makes one." }
            (form(frame, routes::SIGN_IN, &inside))
            @if self.passkeys { (passkeys::sign_in(frame, self.next.as_deref())) }
            @if !self.providers.is_empty() {
                h2 { "Or sign in with" }
                ul.ways { @for (name, label) in &self.providers {
                    li { a.button.secondary href=(self.with(name)) { (label) } }
                } }
            }
        }
    }
}

impl SignIn {
    fn with(&self, provider: &str) -> String {
        let path = routes::sign_in_with(provider);
        match &self.next {
            Some(next) => format!("{path}?next={}", routes::escaped(next)),
            None => path,
        }
    }
}

/// A provider did not sign somebody in.
#[derive(Clone, Debug)]
pub struct NotSignedIn {
    /// What people know it as.
    pub label: String,
    /// Why not.
    pub why: String,
    /// Whether nobody has an account by who they are there.
    pub is_unknown: bool,
    /// Where to try again.
    pub again: String,
}

impl Page for NotSignedIn {
    fn title(&self) -> String {
        format!("Not signed in with {}", self.label)
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "Not signed in with " (self.label) }
            p { (self.why) }
            @if self.is_unknown {
                p { "Sign in by a mailed link first, which makes an account if you have none. Then "
                    "add " (self.label) " on the page of your account: from then on it signs you "
                    "in." }
                div.actions { (button_link(routes::SIGN_IN, "Sign in by mail")) }
            } @else {
                div.actions { (button_link(&self.again, "Try again")) }
                p { (link(routes::SIGN_IN, "Sign in by mail instead")) }
            }
        }
    }
}

/// The link is on its way.
#[derive(Clone, Debug)]
pub struct CheckMail {
    /// Where it was sent.
    pub email: String,
    /// How long it works, in minutes.
    pub minutes: i64,
}

impl Page for CheckMail {
    fn title(&self) -> String {
        "Check your mail".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Check your mail" }
            p { "A link to sign in is on its way to " strong { bdi { (self.email) } } ". It works "
                "once, for " (self.minutes) " minutes." }
            @if frame.demonstration {
                (inset(&html! { p { "This is a demonstration: no mail leaves it. Read it in the "
                    (link(routes::OUTBOX, "outbox")) "." } }))
            }
            h2 { "If it does not arrive" }
            ul {
                li { "Look into the folder for unwanted mail." }
                li { "Check the address: " (link(routes::SIGN_IN, "use another address")) "." }
            }
        }
    }
}

/// What a mailed link opens. Reading it signs nobody in, since mail scanners read links too.
#[derive(Clone, Debug)]
pub struct ConfirmSignIn {
    /// Who would be signed in.
    pub email: String,
    /// The link's token, to be posted as `token`.
    pub token: String,
}

impl Page for ConfirmSignIn {
    fn title(&self) -> String {
        "Confirm that it is you".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Confirm that it is you" }
            p { "You opened a link that was mailed to " strong { bdi { (self.email) } } "." }
            form method="post" action=(routes::SIGN_IN_CONFIRM) {
                input type="hidden" name="csrf" value=(frame.csrf);
                input type="hidden" name="token" value=(self.token);
                div.actions { button.button type="submit" { "Sign in as " bdi { (self.email) } } }
            }
            p.muted { "Not you? Close this page; nothing has happened." }
        }
    }
}

/// The link was used already, or too old.
#[derive(Clone, Debug)]
pub struct LinkExpired {
    /// How long links work, in minutes.
    pub minutes: i64,
}

impl Page for LinkExpired {
    fn title(&self) -> String {
        "This link no longer works".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "This link no longer works" }
            p { "A link signs you in once, and for " (self.minutes) " minutes after it was sent." }
            div.actions { (button_link(routes::SIGN_IN, "Get a new link")) }
        }
    }
}

/// The first run, where nobody has an account and no mail can be sent yet.
#[derive(Clone, Debug)]
pub struct FirstRun {
    /// The command that prints a sign-in link.
    pub command: String,
}

impl Page for FirstRun {
    fn title(&self) -> String {
        "Set up this installation".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "Set up this installation" }
            p { "Nobody has an account here yet. Run this where the server runs; it prints a link "
                "that signs you in as the operator." }
            (code_block("first-run", "On the server", &self.command))
        }
    }
}

/// How somebody is called.
#[derive(Clone, Debug)]
pub struct Account {
    /// The address that signs them in.
    pub email: String,
    /// The name (`name`), and what is wrong with it.
    pub input: Input,
    /// Whether they want to be reminded of what comes (`reminders`).
    pub reminders: bool,
    /// When mail to the address came back, and what was said.
    pub bounced: Option<(Timestamp, String)>,
    /// Ways to sign in beside the mailed link.
    pub ways: Vec<Way>,
    /// Providers that could be one: label, and where to begin.
    pub more_ways: Vec<(String, String)>,
    /// The passkeys that sign them in; a new one's name is `passkey` in `input`.
    pub passkeys: Passkeys,
    /// The browsers that they are signed in with.
    pub sessions: Vec<SessionRow>,
    /// The payment card, and when it was verified.
    pub card: Option<(CardShown, Timestamp)>,
}

/// A way to sign in.
#[derive(Clone, Debug)]
pub struct Way {
    /// What people know the provider as.
    pub label: String,
    /// Who they are there.
    pub who: String,
    /// The provider's issuer, and its own name for them: what is posted to remove it.
    pub key: (String, String),
    /// Since when.
    pub at: Timestamp,
}

/// A browser that somebody is signed in with.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// It.
    pub id: SessionId,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl Page for Account {
    fn title(&self) -> String {
        "Your account".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let control = Control::Line { autocomplete: "name" };
        let called = self.input.fill(
            Field::new("name", "Your name", control)
                .hint("Officers and reviewers read it beside what you write."),
        );
        let chosen = if self.reminders { "yes" } else { "" };
        let reminders = Field::new("reminders", "Remind me of what comes", Control::Checkbox)
            .hint("Before credit ends, runs low or is used up.");
        let reminders = Field { value: chosen.to_owned(), ..reminders };
        html! {
            (error_summary(&[called.clone(), passkeys::field(&self.input)]))
            h1 { "Your account" }
            p { "You sign in as " strong { bdi { (self.email) } } "." }
            @if let Some((at, why)) = &self.bounced { (self.comes_back(*at, why, frame)) }
            (form(frame, routes::ACCOUNT, &html! {
                (field_html(&called))
                div.actions { (button("Save")) }
            }))
            h2 { "Mail" }
            p { "You are told by mail what happens to your applications and grants." }
            (form(frame, routes::REMINDERS, &html! {
                (field_html(&reminders))
                div.actions { (button("Save")) }
            }))
            (self.ways_html(frame))
            (self.passkeys.html(&self.input, frame))
            (self.sessions_html(frame))
            h2 { "Payment method" }
            @match &self.card {
                Some((card, at)) => p { (card.line()) ". Verified " (instant(*at, &frame.zone))
                    "." },
                None => p { "No card yet. Add one on the page of a grant: see "
                    (link(routes::GRANTS, "your grants")) "." },
            }
            h2 id="data" { "Your data" }
            p { "Everything that this installation holds about you, in one archive: for you to "
                "read, and for a program. It has applications and their files, grants, calls, "
                "mails, and what the audit trail says of you." }
            div.actions {
                a.button.secondary href=(routes::EXPORT) download { "Download my data" }
            }
            p { "You can also have it erased: see "
                (link(routes::ERASE, "what goes and what stays")) "." }
        }
    }
}

impl Account {
    fn ways_html(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Way"), text("Who you are there"), text("Since"), text("Remove")];
        let mail = vec![
            html! { "Mailed link" },
            name(&self.email),
            html! {},
            html! { span.muted { "Always there" } },
        ];
        let ways = self.ways.iter().map(|way| {
            let (issuer, subject) = &way.key;
            let fields = [("issuer", issuer.as_str()), ("subject", subject.as_str())];
            let remove = html! {
                button.button.secondary type="submit" { "Remove " (way.label) }
            };
            vec![
                name(&way.label),
                name(&way.who),
                instant(way.at, &frame.zone),
                button_form(frame, routes::REMOVE_WAY, &fields, &remove),
            ]
        });
        let rows = std::iter::once(mail).chain(ways).collect();
        html! {
            h2 { "Ways to sign in" }
            (Table::new("Ways to sign in", columns, rows).under_heading().html())
            @for (label, href) in &self.more_ways {
                p { a href=(href) { "Add " (label) } }
            }
        }
    }

    fn sessions_html(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Signed in"), text("Until"), text("Sign out")];
        let rows = self.sessions.iter().map(|session| {
            let end = html! {
                button.button.secondary type="submit" { "Sign out" }
            };
            vec![
                instant(session.since, &frame.zone),
                instant(session.until, &frame.zone),
                html! {
                    @if session.is_this { "This browser" }
                    @else { (button_form(frame, &routes::end_session(session.id), &[], &end)) }
                },
            ]
        });
        html! {
            h2 { "Browsers that are signed in" }
            (Table::new("Browsers that are signed in", columns, rows.collect())
                .under_heading().html())
        }
    }

    fn comes_back(&self, at: Timestamp, why: &str, frame: &Frame) -> Markup {
        notice(
            Tone::Warning,
            &html! {
                p { strong { "Mail to this address came back." } " Since "
                    (instant(at, &frame.zone)) " what we write to you is held. It was said: "
                    (name(why)) }
                p { "Does the address work again? Sign in by a link that we mail there: then all "
                    "that was held goes out." }
                (button_form(frame, routes::SIGN_IN, &[("email", &self.email)],
                    &button("Mail me a link")))
            },
        )
    }
}
