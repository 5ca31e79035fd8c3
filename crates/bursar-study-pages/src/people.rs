//! Who spends a grant: those who take part, invitations, and what becomes of keys.

use bursar_kernel::{GrantId, ParticipantId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::studies::{StudyKey, keys_table};
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::money::count;
use crate::ui::{
    Choice, Field, Frame, Input, Page, Status, Tone, back, button, empty, error_summary, exact,
    field_html, form, instant, key_values, link, name, notice, tag,
};

/// Who spends a grant.
#[derive(Clone, Debug)]
pub struct PeoplePage {
    /// The grant.
    pub grant: GrantId,
    /// What that is called.
    pub title: String,
    /// Who holds it, and their address.
    pub holder: (String, String),
    /// Those who take part, or were invited.
    pub people: Vec<PersonRow>,
    /// Whom the program lets in, in words.
    pub lets_in: String,
    /// The form that invites, where the viewer may and the program lets anybody in.
    pub invite: Option<PartForm>,
    /// Those who applied with the holder and can be invited in one go: an address and a role each.
    pub co_applicants: Vec<(String, String)>,
}

/// What somebody may do, and where, as it is asked.
#[derive(Clone, Debug)]
pub struct PartForm {
    /// The roles to choose from.
    pub roles: Vec<Choice>,
    /// The open studies that a member can belong to.
    pub studies: Vec<Choice>,
    /// What was typed (`email`, `role`, `studies`, `keys_to`), and what is wrong with it.
    pub input: Input,
}

/// Somebody in the list.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// Their row.
    pub id: ParticipantId,
    /// How they are called: the address while they have no name here.
    pub name: String,
    /// The address that the invitation went to.
    pub email: String,
    /// What they may do: `A member`.
    pub role: String,
    /// Where: what their studies are called; none for the whole grant.
    pub studies: Vec<String>,
    /// Where it stands.
    pub status: Status,
    /// Until when an invitation can be answered.
    pub answer_by: Option<Timestamp>,
    /// How many of their keys work, and what all of them have spent, where the viewer may know.
    pub spent: Option<(usize, Usd)>,
    /// Whether the viewer may change what they may do.
    pub may_change: bool,
    /// Whether an invitation can be sent again.
    pub may_send_again: bool,
    /// What ends their part, if the viewer may: `Take out`, `Leave`.
    pub ends: Option<&'static str>,
}

impl Page for PeoplePage {
    fn title(&self) -> String {
        "People".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.invite.as_ref().is_some_and(|form| form.input.has_errors())
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self.invite.iter().flat_map(PartForm::invite_fields).collect();
        let (holder, email) = &self.holder;
        html! {
            (back(&routes::grant(self.grant), &self.title))
            (error_summary(&fields))
            h1 { "People" }
            p { strong { (name(holder)) }
                @if holder != email { " (" bdi { (email) } ")" }
                " holds this grant: passes credit on, and decides who spends it. "
                (self.lets_in) }
            @if self.people.is_empty() {
                (empty("Nobody else spends this grant", &html! {
                    p { "Invite a colleague to make keys of their own, or somebody who only reads "
                        "the figures. Nobody has to share a key." }
                }))
            } @else {
                ul.tasks { @for person in &self.people { (self.person(person, frame)) } }
            }
            (self.co_applicants(frame))
            @if self.invite.is_some() {
                h2 { "Invite somebody" }
                (form(frame, &routes::grant_people(self.grant), &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Send the invitation")) }
                }))
            }
        }
    }
}

impl PeoplePage {
    fn person(&self, person: &PersonRow, frame: &Frame) -> Markup {
        let again = routes::grant_person_again(self.grant, person.id);
        let hidden = html! { span.visually-hidden { ": " (person.name) } };
        html! {
            li {
                div.task-title {
                    span { (name(&person.name)) }
                    @if person.email != person.name { p.hint { bdi { (person.email) } } }
                    p.hint { (person.role) ", "
                        @if person.studies.is_empty() { "in the whole grant" }
                        @else { "in " (name(&person.studies.join(", "))) } }
                    @if let Some(at) = person.answer_by {
                        p.hint { "Can be answered until " (instant(at, &frame.zone)) }
                    }
                    @if let Some((keys, spent)) = person.spent {
                        p.hint { (count(u64::try_from(keys).unwrap_or(u64::MAX)))
                            @if keys == 1 { " key works" } @else { " keys work" } ", "
                            (exact(spent)) " spent" }
                    }
                }
                div.task-status {
                    (tag(&person.status))
                    @if person.may_change {
                        div {
                            a href=(routes::grant_person(self.grant, person.id)) {
                                "Change" (hidden)
                            }
                        }
                    }
                    @if person.may_send_again {
                        (button_form(frame, &again, &[], &html! {
                            button.link-button type="submit" { "Send again" (hidden) }
                        }))
                    }
                    @if let Some(ends) = person.ends {
                        div {
                            a href=(routes::grant_person_remove(self.grant, person.id)) {
                                (ends) (hidden)
                            }
                        }
                    }
                }
            }
        }
    }

    fn co_applicants(&self, frame: &Frame) -> Markup {
        let action = routes::grant_people_applied(self.grant);
        html! { @if !self.co_applicants.is_empty() {
            h2 { "You applied together" }
            p { "These people took part in the application. Each gets an invitation, and decides." }
            ul { @for (email, role) in &self.co_applicants {
                li { bdi { (email) } ": " (role) }
            } }
            div.actions { (button_form(frame, &action, &[], &button("Invite all of them"))) }
        } }
    }
}

impl PartForm {
    fn invite_fields(&self) -> Vec<Field> {
        let email = Field::new("email", "Mail address", Control::Email { autocomplete: "off" })
            .hint("They get a letter with a link, which they accept or decline within two weeks.");
        std::iter::once(self.input.fill(email)).chain(self.part_fields()).collect()
    }

    fn part_fields(&self) -> Vec<Field> {
        let role = Field::new("role", "What may they do?", Control::Radios(self.roles.clone()));
        let control = Control::Checkboxes(self.studies.clone());
        let studies = Field::new("studies", "Where may a member spend?", control)
            .hint("Choose none for the whole grant. Who is not a member has the whole grant.")
            .optional();
        let studies = (!self.studies.is_empty()).then_some(studies);
        std::iter::once(role).chain(studies).map(|field| self.input.fill(field)).collect()
    }

    fn keys_field(&self, others: &[Choice]) -> Field {
        let mut choices = vec![Choice::new("", "Nobody: they are revoked")];
        choices.extend(others.iter().cloned());
        let field = Field::new("keys_to", "Who has the keys then?", Control::Select(choices))
            .hint(
                "A revoked key never works again. A key that is handed over works on, and whoever \
                 had it may still know its secret.",
            )
            .optional();
        self.input.fill(field)
    }
}

/// Asks what somebody may do from now on.
#[derive(Clone, Debug)]
pub struct ChangePerson {
    /// The grant.
    pub grant: GrantId,
    /// Their row.
    pub id: ParticipantId,
    /// How they are called.
    pub name: String,
    /// The version of the row that the form was made from.
    pub version: u64,
    /// What may be chosen, and what was.
    pub part: PartForm,
    /// Their keys that work.
    pub keys: Vec<StudyKey>,
    /// Those who could have them.
    pub others: Vec<Choice>,
}

impl Page for ChangePerson {
    fn title(&self) -> String {
        "Change what they may do".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.part.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let mut fields = self.part.part_fields();
        let keys = (!self.keys.is_empty()).then(|| self.part.keys_field(&self.others));
        let shown = fields.len();
        fields.extend(keys);
        let people = routes::grant_people(self.grant);
        let version = self.version.to_string();
        html! {
            (back(&people, "Back to the people"))
            (error_summary(&fields))
            h1 { "Change what they may do" }
            p { strong { (name(&self.name)) } " is told by letter." }
            (form(frame, &routes::grant_person(self.grant, self.id), &html! {
                input type="hidden" name="version" value=(version);
                @for field in &fields[..shown] { (field_html(field)) }
                @if shown < fields.len() {
                    h2 { "Keys" }
                    p { "Keys that they may not have any more go at once: those outside of what is "
                        "chosen above, and all of them where they only read." }
                    (keys_table(&self.keys, frame))
                    @for field in &fields[shown..] { (field_html(field)) }
                }
                div.actions { (button("Change it")) (link(&people, "Cancel")) }
            }))
        }
    }
}

/// Asks before somebody is taken out, leaves, or an invitation is taken back.
#[derive(Clone, Debug)]
pub struct RemovePerson {
    /// The grant.
    pub grant: GrantId,
    /// Their row.
    pub id: ParticipantId,
    /// How they are called.
    pub name: String,
    /// The version of the row that the form was made from.
    pub version: u64,
    /// Which of the three it is.
    pub what: Removing,
    /// Their keys that work.
    pub keys: Vec<StudyKey>,
    /// Those who could have them.
    pub others: Vec<Choice>,
    /// What was chosen (`keys_to`), and what is wrong with it.
    pub input: Input,
}

/// How somebody's part ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removing {
    /// They leave.
    Leave,
    /// They are taken out.
    TakeOut,
    /// They have not answered yet.
    TakeBack,
}

impl Page for RemovePerson {
    fn title(&self) -> String {
        match self.what {
            Removing::Leave => "Leave this grant?",
            Removing::TakeOut => "Take this person out?",
            Removing::TakeBack => "Take this invitation back?",
        }
        .to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let part = PartForm { roles: Vec::new(), studies: Vec::new(), input: self.input.clone() };
        let keys = (!self.keys.is_empty()).then(|| part.keys_field(&self.others));
        let fields: Vec<Field> = keys.into_iter().collect();
        let (people, version) = (routes::grant_people(self.grant), self.version.to_string());
        let (says, label, keep) = match self.what {
            Removing::Leave => (
                "You do not see this grant any more, and its holder is told. Only a new \
                 invitation brings you back.",
                "Leave the grant",
                "Stay",
            ),
            Removing::TakeOut => (
                "They do not see this grant any more, and are told by letter. What they spent \
                 stays in the figures, with their name.",
                "Take them out",
                "Keep them",
            ),
            Removing::TakeBack => (
                "The link in the letter does not work any more, and they are told by letter.",
                "Take it back",
                "Keep it",
            ),
        };
        html! {
            (back(&people, "Back to the people"))
            (error_summary(&fields))
            h1 { (self.title()) }
            @if self.what != Removing::Leave { p { strong { (name(&self.name)) } } }
            p { (says) }
            (form(frame, &routes::grant_person_remove(self.grant, self.id), &html! {
                input type="hidden" name="version" value=(version);
                @if !self.keys.is_empty() {
                    h2 { "Keys" }
                    p { "What these keys can do ends at once, or is somebody else's. Calls that "
                        "are running end normally." }
                    (keys_table(&self.keys, frame))
                }
                @for field in &fields { (field_html(field)) }
                div.actions {
                    button.button.danger type="submit" { (label) }
                    (link(&people, keep))
                }
            }))
        }
    }
}

/// An invitation to a grant, for the one who holds its link.
#[derive(Clone, Debug)]
pub struct GrantInvitationPage {
    /// The secret in its address.
    pub secret: String,
    /// Who invites, and their address.
    pub by: (String, String),
    /// The program's name.
    pub program: String,
    /// What the grant is for.
    pub title: String,
    /// What they could do.
    pub role: String,
    /// What the studies are called that it is about; none for the whole grant.
    pub studies: Vec<String>,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// How it stands to whoever looks.
    pub stands: Stands,
}

/// How an invitation stands to whoever looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It is theirs to answer.
    Open,
    /// It went to this address, which is not the one they are signed in with.
    Elsewhere(String),
    /// They have accepted it; the grant.
    Accepted(GrantId),
    /// It was answered, or has expired.
    Over,
}

impl Page for GrantInvitationPage {
    fn title(&self) -> String {
        "An invitation to a grant".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (by, email) = &self.by;
        let whole = || html! { "The whole grant" };
        let studies = self.studies.join(", ");
        let facts = [
            ("Who invites you".to_owned(), html! { (name(by)) " (" bdi { (email) } ")" }),
            ("Program".to_owned(), name(&self.program)),
            ("Grant".to_owned(), name(&self.title)),
            ("What you could do".to_owned(), html! { (self.role) }),
            ("Where".to_owned(), if studies.is_empty() { whole() } else { name(&studies) }),
            ("Can be answered until".to_owned(), instant(self.expires_at, &frame.zone)),
        ];
        let answer = |accepts: &str, button: &Markup| {
            let action = routes::grant_invitation(&self.secret);
            button_form(frame, &action, &[("answer", accepts)], button)
        };
        html! {
            h1 { "An invitation to a grant" }
            (key_values(&facts))
            @match &self.stands {
                Stands::Open => {
                    p { "Its holder sees what you spend. You can leave at any time; your keys end "
                        "then, or are somebody else's." }
                    div.actions {
                        (answer("accept", &button("Accept the invitation")))
                        (answer("decline", &html! {
                            button.button.secondary type="submit" { "Decline it" }
                        }))
                    }
                }
                Stands::Elsewhere(address) => (notice(Tone::Warning, &html! {
                    p { "This invitation went to " bdi { (address) } ". Sign out, and sign in with "
                        "that address to answer it; or ask " (name(by)) " to invite the address "
                        "that you use here." }
                })),
                Stands::Accepted(grant) => (notice(Tone::Good, &html! {
                    p { "You have accepted it. " (link(&routes::grant(*grant), "See the grant")) }
                })),
                Stands::Over => (notice(Tone::Neutral, &html! {
                    p { "This invitation was answered or has expired. Ask " (name(by))
                        " for another one." }
                })),
            }
        }
    }
}
