//! Who spends a grant: alone, together, changed, taken out, invited.

use bursar_kernel::{ParticipantId, Usd};
use bursar_pages::people::{
    ChangePerson, GrantInvitationPage, PartForm, PeoplePage, PersonRow, RemovePerson, Removing,
    Stands,
};
use bursar_pages::studies::StudyKey;
use bursar_pages::ui::{Choice, Input, Status, Tone};
use bursar_pages::wallet::{GrantPage, MakesKeys, May};

use super::people::input;
use super::{ARABIC, HOSTILE, LONG, Sample, at, researcher, sample, usd};

pub(super) fn samples() -> Vec<Sample> {
    let path = "/grants/grant_1/people";
    let alone = PeoplePage { people: vec![], co_applicants: vec![], ..page() };
    let read = PeoplePage {
        holder: (ARABIC.to_owned(), "nour@lab.example".to_owned()),
        invite: None,
        co_applicants: vec![],
        people: page().people.into_iter().take(2).map(seen_by_a_member).collect(),
        lets_in: "The program lets nobody else spend it.".to_owned(),
        ..page()
    };
    let wrong = PeoplePage {
        invite: Some(PartForm {
            input: input(
                &[("email", HOSTILE), ("role", "member"), ("studies", "study_2")],
                &[
                    ("email", "Enter an email address, like name@example.edu"),
                    ("role", "Select what they may do"),
                ],
            ),
            ..part()
        }),
        ..page()
    };
    let leave = RemovePerson { what: Removing::Leave, keys: vec![], ..removal() };
    let removal_wrong = RemovePerson {
        input: input(&[], &[("keys_to", "Choose somebody who takes part in this grant")]),
        ..removal()
    };
    let elsewhere = Stands::Elsewhere("grace@a-department-with-a-long-name.lab.example".to_owned());
    let invited = |stands| GrantInvitationPage { stands, ..invitation() };
    let to = "/grants/invitations/8m2kq0v4t6";
    vec![
        sample("grant-people", &page(), &researcher(path)),
        sample("grant-people-empty", &alone, &researcher(path)),
        sample("grant-people-wrong", &wrong, &researcher(path)),
        sample("grant-people-member", &read, &researcher(path)),
        sample("grant-person", &change(), &researcher(path)),
        sample("grant-person-remove", &removal(), &researcher(path)),
        sample("grant-person-remove-wrong", &removal_wrong, &researcher(path)),
        sample("grant-person-leave", &leave, &researcher(path)),
        sample("grant-invitation", &invited(Stands::Open), &researcher(to)),
        sample("grant-invitation-elsewhere", &invited(elsewhere), &researcher(to)),
        sample("grant-invitation-over", &invited(Stands::Over), &researcher(to)),
        sample("grant-member", &shared(), &researcher("/grants/x")),
    ]
}

/// A grant as a member of some of its studies sees it.
fn shared() -> GrantPage {
    let active = researcher::active();
    let may =
        May { see_figures: false, keys: MakesKeys::InStudies, make_studies: false, pass_on: false };
    GrantPage {
        holder: Some(LONG.to_owned()),
        may,
        heading: bursar_pages::wallet::Heading { tells_pace: false, ..active.heading.clone() },
        keys: active.keys.iter().take(1).cloned().collect(),
        studies: active.studies.iter().take(1).cloned().collect(),
        calls: 12,
        payment_method: None,
        pace: None,
        ..active
    }
}

fn id() -> ParticipantId {
    ParticipantId::new(at("2026-06-01T00:00:00Z"), [1; 10])
}

fn seen_by_a_member(row: PersonRow) -> PersonRow {
    PersonRow { may_change: false, may_send_again: false, ends: None, spent: None, ..row }
}

fn page() -> PeoplePage {
    let row = |name: &str, email: &str, role: &str, (tone, label): (Tone, &str)| PersonRow {
        id: id(),
        name: name.to_owned(),
        email: email.to_owned(),
        role: role.to_owned(),
        studies: Vec::new(),
        status: Status::new(tone, label),
        answer_by: None,
        spent: Some((2, usd("18.441"))),
        may_change: true,
        may_send_again: false,
        ends: Some("Take out"),
    };
    let takes_part = (Tone::Good, "Takes part");
    let mut member = row(LONG, "w@lab.example", "A member", takes_part);
    member.studies = vec!["Pilot".to_owned(), HOSTILE.to_owned(), LONG.to_owned()];
    member.spent = Some((1, Usd::ZERO));
    let mut waits = row(
        "somebody.with.a.very.long.name@a-department-with-a-long-name.lab.example",
        "somebody.with.a.very.long.name@a-department-with-a-long-name.lab.example",
        "Read-only",
        (Tone::Info, "Invited"),
    );
    waits.answer_by = Some(at("2026-12-01T09:00:00Z"));
    waits.spent = None;
    waits.may_send_again = true;
    waits.ends = Some("Take it back");
    let mut out = row(HOSTILE, "x@lab.example", "A member", (Tone::Neutral, "Out"));
    (out.may_change, out.ends) = (false, None);
    PeoplePage {
        grant: researcher::id(),
        title: LONG.to_owned(),
        holder: ("Amara Okafor".to_owned(), "amara@lab.example".to_owned()),
        people: vec![row(ARABIC, "nour@lab.example", "A manager", takes_part), member, waits, out],
        lets_in: "The program lets in people of the same institution.".to_owned(),
        invite: Some(part()),
        co_applicants: vec![
            ("grace@lab.example".to_owned(), "a member".to_owned()),
            ("joan@lab.example".to_owned(), "read-only".to_owned()),
        ],
    }
}

fn part() -> PartForm {
    PartForm {
        roles: vec![
            Choice::hinted("manager", "A manager", "Runs studies and keys, invites members."),
            Choice::hinted("member", "A member", "Makes keys of their own."),
            Choice::hinted("read_only", "Read-only", "Sees every figure, and changes nothing."),
        ],
        studies: vec![Choice::new("study_1", "Pilot"), Choice::new("study_2", LONG)],
        input: Input::default(),
    }
}

fn keys() -> Vec<StudyKey> {
    let key = |name: &str, spent: &str| StudyKey {
        name: name.to_owned(),
        hint: "…x7q2".to_owned(),
        whose: None,
        status: Status::new(Tone::Good, "Active"),
        cap: None,
        spent: usd(spent),
        used_at: Some(at("2026-11-21T14:31:07Z")),
    };
    vec![key("laptop", "2.5"), key(HOSTILE, "15.941")]
}

fn others() -> Vec<Choice> {
    vec![Choice::new("person_1", "Amara Okafor"), Choice::new("person_2", ARABIC)]
}

fn change() -> ChangePerson {
    ChangePerson {
        grant: researcher::id(),
        id: id(),
        name: LONG.to_owned(),
        version: 4,
        part: PartForm {
            input: input(&[("role", "member"), ("studies", "study_1")], &[]),
            ..part()
        },
        keys: keys(),
        others: others(),
    }
}

fn removal() -> RemovePerson {
    RemovePerson {
        grant: researcher::id(),
        id: id(),
        name: LONG.to_owned(),
        version: 4,
        what: Removing::TakeOut,
        keys: keys(),
        others: others(),
        input: Input::default(),
    }
}

fn invitation() -> GrantInvitationPage {
    GrantInvitationPage {
        secret: "8m2kq0v4t6".to_owned(),
        by: (LONG.to_owned(), "w@lab.example".to_owned()),
        program: "Researcher Access Program".to_owned(),
        title: HOSTILE.to_owned(),
        role: "A member. Makes keys of their own, and sees what those spend.".to_owned(),
        studies: vec!["Pilot".to_owned(), LONG.to_owned()],
        expires_at: at("2026-12-06T09:00:00Z"),
        stands: Stands::Open,
    }
}
