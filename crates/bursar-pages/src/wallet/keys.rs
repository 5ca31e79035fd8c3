//! Keys: listed, shown once, capped anew, revoked.

use bursar_kernel::{GrantId, KeyId, ModelId, StudyId, Timestamp, Usd};
use maud::{Markup, html};

use super::snippets::snippets;
use crate::routes;
use crate::studies::StudyRow;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::table::{number, text};
use crate::ui::{
    Choice, Field, Frame, Input, Page, Status, Table, Tone, back, button, button_link, code_block,
    error_summary, exact, field_html, form, instant, key_values, link, name, notice, tag,
};

/// A key in the list.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// The key.
    pub id: KeyId,
    /// What its holder calls it.
    pub name: String,
    /// The last characters of the secret: `…x7q2`.
    pub hint: String,
    /// The study that it belongs to, with what that is called.
    pub study: Option<(StudyId, String)>,
    /// Whose it is, where that is not whoever looks.
    pub whose: Option<String>,
    /// Active, revoked.
    pub status: Status,
    /// What it may spend at the most.
    pub cap: Option<Usd>,
    /// What it has spent.
    pub spent: Usd,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// Whether its cap can be changed.
    pub can_cap: bool,
    /// Whether it can be revoked.
    pub can_revoke: bool,
}

/// The keys of a grant.
pub(super) fn keys_table(grant: GrantId, keys: &[KeyRow], frame: &Frame) -> Markup {
    let columns = vec![
        text("Key"),
        text("State"),
        text("Last used"),
        number("Cap"),
        number("Spent"),
        text("Change"),
    ];
    let rows = keys.iter().map(|key| {
        vec![
            html! {
                (name(&key.name)) " " code.muted { (key.hint) }
                @if let Some((id, study)) = &key.study {
                    br; span.small { (link(&routes::study(*id), study)) }
                }
                @if let Some(whose) = &key.whose { br; span.muted.small { "for " (name(whose)) } }
            },
            tag(&key.status),
            html! { @match key.used_at {
                Some(at) => span { (instant(at, &frame.zone)) },
                None => span.muted { "Never" },
            } },
            html! { (cap_shown(key.cap)) },
            html! { (exact(key.spent)) },
            changes(grant, key),
        ]
    });
    Table::new("Keys", columns, rows.collect()).under_heading().html()
}

/// What can be changed of a key.
fn changes(grant: GrantId, key: &KeyRow) -> Markup {
    html! { @if key.can_revoke {
        span {
            @if key.can_cap {
                a href=(routes::key_cap(grant, key.id)) {
                    "Cap" span.visually-hidden { " of " (name(&key.name)) }
                }
                " · "
            }
            a href=(routes::key_revoke(grant, key.id)) {
                "Revoke" span.visually-hidden { " " (name(&key.name)) }
            }
        }
    } @else { span.muted { "–" } } }
}

/// A cap to its last digit.
fn cap_shown(cap: Option<Usd>) -> String {
    cap.map_or_else(|| "No cap".to_owned(), exact)
}

/// What a new key is asked for.
pub(super) fn key_fields(studies: &[StudyRow], whole: bool, input: &Input) -> Vec<Field> {
    let name = Field::new("name", "Name of the key", Control::Line { autocomplete: "off" })
        .hint("What it is for, such as the machine or the person that uses it.");
    let open = studies.iter().filter(|study| study.is_open);
    let none = || Choice::new("", "None: it may spend the whole grant");
    let mut choices: Vec<Choice> = whole.then(none).into_iter().collect();
    choices.extend(open.map(|study| Choice::new(study.id.to_string(), study.name.clone())));
    let study = Field::new("study", "Study", Control::Select(choices))
        .hint("Whose budget it spends. A key stays with its study.");
    let study = if whole { study.optional() } else { study };
    let study = studies.iter().any(|study| study.is_open).then_some(study);
    let cap = Field::new("cap", "Cap", Control::Amount)
        .hint(
            "The most that this key can ever spend. Without one it can spend all that its study, \
             or the grant, has.",
        )
        .optional();
    std::iter::once(name).chain(study).chain([cap]).map(|field| input.fill(field)).collect()
}

/// A new key, shown this once.
#[derive(Clone, Debug)]
pub struct KeyMade {
    /// The grant.
    pub grant: GrantId,
    /// What its holder calls it.
    pub name: String,
    /// The key itself.
    pub secret: String,
    /// A model for the example.
    pub model: ModelId,
}

impl Page for KeyMade {
    fn title(&self) -> String {
        "Key created".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Key created: " (name(&self.name)) }
            (notice(Tone::Warning, &html! {
                p { strong { "Copy it now: this is the only time it is shown." }
                    " Only a fingerprint of it is kept. If you lose it, revoke it and create "
                    "another." }
            }))
            (code_block("secret", "API key", &self.secret))
            h2 { "Try it" }
            @if frame.sandbox {
                p { "Answers come from the offline sandbox; what they cost is charged all the "
                    "same." }
            }
            (snippets(frame, &self.secret, &self.model))
            div.actions { (button_link(&routes::grant(self.grant), "I have copied it")) }
        }
    }
}

/// Asks what a key may spend from now on.
#[derive(Clone, Debug)]
pub struct ChangeCap {
    /// The grant.
    pub grant: GrantId,
    /// The key.
    pub key: KeyId,
    /// What its holder calls it.
    pub name: String,
    /// The last characters of the secret.
    pub hint: String,
    /// What it may spend at the most now.
    pub cap: Option<Usd>,
    /// What it has spent.
    pub spent: Usd,
    /// What was typed (`cap`), and what is wrong with it.
    pub input: Input,
}

impl Page for ChangeCap {
    fn title(&self) -> String {
        "Change the cap".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let field = Field::new("cap", "New cap", Control::Amount)
            .hint(
                "The most that this key can spend in all, what it has spent so far included. Leave \
                 it empty to let the key spend the whole grant.",
            )
            .optional();
        let value = self.cap.map(|cap| cap.to_string()).unwrap_or_default();
        let fields = [self.input.fill(Field { value, ..field })];
        let facts = [
            ("Cap now".to_owned(), html! { span.amount { (cap_shown(self.cap)) } }),
            ("Spent so far".to_owned(), html! { span.amount { (exact(self.spent)) } }),
        ];
        let (action, grant) = (routes::key_cap(self.grant, self.key), routes::grant(self.grant));
        html! {
            (back(&grant, "Back to the grant"))
            (error_summary(&fields))
            h1 { "Change the cap" }
            p { strong { (name(&self.name)) } " " code { (self.hint) } }
            (key_values(&facts))
            p { "Every server keeps to the new cap within a second. Calls that are running end \
                 normally. A cap below what the key has spent lets it spend nothing more." }
            (form(frame, &action, &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Change the cap")) (link(&grant, "Keep it")) }
            }))
        }
    }
}

/// Asks before a key is revoked.
#[derive(Clone, Debug)]
pub struct RevokeKey {
    /// The grant.
    pub grant: GrantId,
    /// The key.
    pub key: KeyId,
    /// What its holder calls it.
    pub name: String,
    /// The last characters of the secret.
    pub hint: String,
}

impl Page for RevokeKey {
    fn title(&self) -> String {
        "Revoke this key?".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let action = routes::key_revoke(self.grant, self.key);
        let button = html! { button.button.danger type="submit" { "Revoke key" } };
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            h1 { "Revoke this key?" }
            p { strong { (name(&self.name)) } " " code { (self.hint) } }
            p { "New calls with it are refused at once. Calls that are running end normally. A "
                "revoked key never works again; its history stays." }
            div.actions {
                (button_form(frame, &action, &[], &button))
                (link(&routes::grant(self.grant), "Keep it"))
            }
        }
    }
}
