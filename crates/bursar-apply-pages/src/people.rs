//! Who takes part in an application, and the invitation to.

use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::{
    Choice, Field, Frame, Input, Page, Status, Tone, back, button, empty, error_summary,
    field_html, form, instant, key_values, name, notice, tag,
};

/// Who takes part.
#[derive(Clone, Debug)]
pub struct People {
    /// The application.
    pub id: ApplicationId,
    /// Who applies.
    pub applicant: String,
    /// Those who were invited.
    pub members: Vec<MemberRow>,
    /// The form that invites, where the viewer may.
    pub invite: Option<Input>,
}

/// Somebody who was invited.
#[derive(Clone, Debug)]
pub struct MemberRow {
    /// How they are called: the address while they have no name here.
    pub name: String,
    /// The address that the invitation went to.
    pub email: String,
    /// What they may do: `Edits the draft`.
    pub role: String,
    /// Where it stands.
    pub status: Status,
    /// Posted to take them out, or to leave, and what the button says.
    pub remove: Option<(String, String)>,
}

impl Page for People {
    fn title(&self) -> String {
        "Who takes part".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.invite.as_ref().is_some_and(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self.invite.iter().flat_map(invite_fields).collect();
        html! {
            (back(&routes::application_form(self.id), "Back to the tasks"))
            (error_summary(&fields))
            h1 { "Who takes part" }
            p { strong { (name(&self.applicant)) } " applies, hands the application in, and takes "
                "it back. Officers see who takes part; nobody who does reviews or decides it." }
            @if self.members.is_empty() {
                (empty("Nobody else takes part", &html! {
                    p { "You need nobody. Invite a co-author or a supervisor if they are to read "
                        "the application, or to write it with you." }
                }))
            } @else {
                ul.tasks {
                    @for member in &self.members {
                        li {
                            div.task-title {
                                span { (name(&member.name)) }
                                @if member.email != member.name {
                                    p.hint { bdi { (member.email) } }
                                }
                                p.hint { (member.role) }
                            }
                            div.task-status {
                                (tag(&member.status))
                                @if let Some((action, text)) = &member.remove {
                                    (button_form(frame, action, &[], &html! {
                                        button.link-button type="submit" {
                                            (text) span.visually-hidden { ": " (member.name) }
                                        }
                                    }))
                                }
                            }
                        }
                    }
                }
            }
            @if self.invite.is_some() {
                h2 { "Invite somebody" }
                (form(frame, &routes::application_people(self.id), &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Send the invitation")) }
                }))
            }
        }
    }
}

fn invite_fields(input: &Input) -> [Field; 2] {
    let roles = vec![
        Choice::hinted("edit", "They edit the draft", "And answer what officers ask"),
        Choice::hinted("view", "They read it", "The draft, and its status later"),
    ];
    let email = Field::new("email", "Mail address", Control::Email { autocomplete: "email" })
        .hint("They get a letter with a link, which they accept or decline within three weeks.");
    let role = Field::new("role", "What may they do?", Control::Radios(roles));
    [input.fill(email), input.fill(role)]
}

/// An invitation, for the one who holds its link.
#[derive(Clone, Debug)]
pub struct InvitationPage {
    /// The secret in its address.
    pub secret: String,
    /// Who invites, and their address.
    pub by: (String, String),
    /// The program's name.
    pub program: String,
    /// What they may do: `Read it, and edit the draft`.
    pub role: String,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// Whether it can be answered now.
    pub is_open: bool,
    /// The application, if the viewer takes part in it already.
    pub application: Option<String>,
}

impl Page for InvitationPage {
    fn title(&self) -> String {
        "An invitation to an application".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (by, email) = &self.by;
        let facts = [
            ("Who invites you".to_owned(), html! { (name(by)) " (" bdi { (email) } ")" }),
            ("Program".to_owned(), name(&self.program)),
            ("What you could do".to_owned(), html! { (self.role) }),
            ("Can be answered until".to_owned(), instant(self.expires_at, &frame.zone)),
        ];
        let answer = |accepts: &str, button: &Markup| {
            let action = routes::invitation(&self.secret);
            button_form(frame, &action, &[("answer", accepts)], button)
        };
        html! {
            h1 { "An invitation to an application" }
            (key_values(&facts))
            @if self.is_open {
                p { "Officers see that you take part. You cannot review or decide this application "
                    "then. You can leave at any time." }
                div.actions {
                    (answer("accept", &button("Accept the invitation")))
                    (answer("decline", &html! {
                        button.button.secondary type="submit" { "Decline it" }
                    }))
                }
            } @else if let Some(application) = &self.application {
                (notice(Tone::Good, &html! {
                    p { "You have accepted it. " a href=(application) { "See the application" } }
                }))
            } @else {
                (notice(Tone::Neutral, &html! {
                    p { "This invitation was answered or has expired. Ask " (name(by))
                        " for another one." }
                }))
            }
        }
    }
}
