//! Passkeys: signing in with one, and those of an account.

use bursar_kernel::Timestamp;
use maud::{Markup, html};

use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::table::text;
use crate::ui::{Field, Frame, Input, Table, field_html, inset, instant, name};
use crate::{assets, routes};

/// What stands where the script would offer a passkey, and did not run.
const NO_SCRIPT: &str = "Passkeys need the script of this page, which did not run here. A mailed \
                         link works without it.";

/// The passkeys of an account.
#[derive(Clone, Debug, Default)]
pub struct Passkeys {
    /// They, the first made first.
    pub rows: Vec<PasskeyRow>,
    /// Whether browsers keep passkeys for this site.
    pub are_possible: bool,
}

/// A passkey.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// Its name in the protocol: what is posted to remove it.
    pub id: String,
    /// What its holder calls it.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// When somebody last signed in with it.
    pub last_used: Option<Timestamp>,
    /// Whether its keeper copies it to other devices of its holder.
    pub can_be_copied: bool,
}

/// What the script fills in and sends.
fn filled_in() -> Markup {
    html! {
        @for name in ["id", "client_data", "authenticator", "signature", "user"] {
            input type="hidden" name=(name);
        }
    }
}

/// Signing in: the script shows the button where a passkey can be used, and says why where not.
pub(super) fn sign_in(frame: &Frame, next: Option<&str>) -> Markup {
    html! {
        h2 { "Or use a passkey" }
        form.passkey method="post" action=(routes::SIGN_IN_PASSKEY) data-passkey="get"
            data-options=(routes::SIGN_IN_PASSKEY_OPTIONS) {
            input type="hidden" name="csrf" value=(frame.csrf);
            @if let Some(next) = next { input type="hidden" name="next" value=(next); }
            (filled_in())
            p.muted role="status" data-says { (NO_SCRIPT) }
            div.actions hidden data-offer {
                button.button.secondary type="submit" { "Sign in with a passkey" }
            }
        }
        script src=(assets::passkeys_path()) defer {}
    }
}

/// What a new passkey is called.
pub(super) fn field(input: &Input) -> Field {
    let hint = "So that you know it again: the device, or who keeps it for you.";
    let control = Control::Line { autocomplete: "off" };
    input.fill(Field::new("passkey", "Name of the new passkey", control).hint(hint))
}

impl Passkeys {
    pub(super) fn html(&self, input: &Input, frame: &Frame) -> Markup {
        html! {
            h2 id="passkeys" { "Passkeys" }
            p { "A passkey signs you in with your device's screen lock or a security key: there is "
                "nothing to type, and nothing that another site could ask you for. The mailed link "
                "goes on working." }
            @if !self.rows.is_empty() { (self.table(frame)) }
            @if self.are_possible { (add(input, frame)) } @else { (impossible(frame)) }
        }
    }

    fn table(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Passkey"), text("Since"), text("Last used"), text("Remove")];
        let rows = self.rows.iter().map(|row| {
            let remove = html! {
                button.button.secondary type="submit" { "Remove " bdi { (row.name) } }
            };
            vec![
                html! {
                    (name(&row.name))
                    @if row.can_be_copied {
                        br; span.muted { "Kept on several of your devices" }
                    }
                },
                instant(row.since, &frame.zone),
                html! {
                    @if let Some(at) = row.last_used { (instant(at, &frame.zone)) }
                    @else { span.muted { "Not yet" } }
                },
                button_form(frame, routes::REMOVE_PASSKEY, &[("id", &row.id)], &remove),
            ]
        });
        Table::new("Passkeys", columns, rows.collect()).under_heading().html()
    }
}

fn add(input: &Input, frame: &Frame) -> Markup {
    html! {
        form.form.passkey method="post" action=(routes::PASSKEYS) novalidate data-passkey="create"
            data-options=(routes::PASSKEY_OPTIONS) {
            input type="hidden" name="csrf" value=(frame.csrf);
            (filled_in())
            p.muted role="status" data-says { (NO_SCRIPT) }
            div hidden data-offer {
                (field_html(&field(input)))
                div.actions { button.button type="submit" { "Add a passkey" } }
            }
        }
        script src=(assets::passkeys_path()) defer {}
    }
}

fn impossible(frame: &Frame) -> Markup {
    inset(&html! {
        p { "Browsers keep passkeys only for sites that are reached by HTTPS under a name. "
            "This one is at " bdi { (frame.base_url) } ", so none can be added." }
    })
}
