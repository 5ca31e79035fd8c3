//! Permits and access, as tables.

mod limited;

use std::collections::BTreeSet;

use bursar_kernel::*;
use jiff::SignedDuration;

use crate::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
}

fn model(mode: Mode, priced: bool) -> Model {
    let card = RateCard { input: Some(Rate::ZERO), ..RateCard::default() };
    Model {
        prices: priced.then_some(Prices {
            standard: card,
            batch: None,
            flex: None,
            priority: None,
            long_context: None,
        }),
        ..Model::named(ModelId::new("gpt-5"), FamilyId::new("gpt-5"), mode)
    }
}

fn standing() -> Standing {
    Standing {
        key: KeyId::from_bytes([1; 16]),
        grant: GrantId::from_bytes([2; 16]),
        holder: PersonId::from_bytes([3; 16]),
        caps: Caps::NONE,
        scope: Scope::default(),
        study: None,
        key_expires_at: None,
        key_revoked_at: None,
        delivered_at: Some(at(0)),
        voided_at: None,
        grant_stopped_at: None,
        program_stopped_at: None,
        expires_at: Some(at(100)),
        deliver_from: at(0),
    }
}

fn permit(
    change: impl FnOnce(&mut Standing),
    model: &Model,
    limited: &[&str],
    approved: &[(&str, Option<i64>)],
    now: i64,
) -> String {
    let mut standing = standing();
    change(&mut standing);
    let ids = |names: &[&str]| names.iter().map(|name| ModelId::new(*name)).collect::<Vec<_>>();
    let limited = ids(limited);
    let approval = |(name, until): &(&str, Option<i64>)| Approval {
        model: ModelId::new(*name),
        until: until.map(at),
    };
    let approved: Vec<Approval> = approved.iter().map(approval).collect();
    let admission = Admission {
        endpoint: Endpoint::ChatCompletions,
        model,
        limited: &limited,
        approved: &approved,
        now: at(now),
    };
    match admit(&standing, &admission) {
        Ok(_) => "admitted".to_owned(),
        Err(denial) => denial.to_string(),
    }
}

#[test]
fn a_call_is_admitted_or_told_why_not() {
    let chat = model(Mode::Chat, true);
    let same = |_: &mut Standing| ();
    assert_eq!(permit(same, &chat, &[], &[], 99), "admitted");
    assert_eq!(permit(same, &chat, &[], &[], 100), "the grant expired at 1970-01-05T04:00:00Z");
    assert_eq!(
        permit(|caller| caller.delivered_at = None, &chat, &[], &[], 1),
        "the grant's credit is delivered from 1970-01-01T00:00:00Z on"
    );
    assert_eq!(
        permit(|caller| caller.key_revoked_at = Some(at(9)), &chat, &[], &[], 1),
        "the key was revoked at 1970-01-01T09:00:00Z"
    );
    assert_eq!(
        permit(|caller| caller.key_expires_at = Some(at(1)), &chat, &[], &[], 1),
        "the key expired at 1970-01-01T01:00:00Z"
    );
    assert_eq!(permit(same, &chat, &["gpt-5"], &[], 1), "model `gpt-5` needs a further approval");
    let refused = "model `gpt-5` needs a further approval";
    assert_eq!(permit(same, &chat, &["gpt-5"], &[("gpt-5", None)], 1), "admitted");
    assert_eq!(permit(same, &chat, &["gpt-5"], &[("gpt-5.1", None)], 1), refused);
    // An approval that lapses opens the model up to its instant, and not at it.
    assert_eq!(permit(same, &chat, &["gpt-5"], &[("gpt-5", Some(9))], 8), "admitted");
    assert_eq!(permit(same, &chat, &["gpt-5"], &[("gpt-5", Some(9))], 9), refused);
    assert_eq!(permit(same, &model(Mode::Chat, false), &[], &[], 1), "model `gpt-5` has no price");
    assert_eq!(
        permit(same, &model(Mode::Embedding, true), &[], &[], 1),
        "model `gpt-5` does not answer at `/v1/chat/completions`"
    );
}

/// A stopped grant is told so last: after what nobody can undo, and after what is true of a model
/// whether or not anything is stopped.
#[test]
fn what_is_stopped_is_refused_until_it_is_started_again() {
    let chat = model(Mode::Chat, true);
    let grant = |caller: &mut Standing| caller.grant_stopped_at = Some(at(7));
    let program = |caller: &mut Standing| caller.program_stopped_at = Some(at(8));
    let (of_grant, of_program) = (
        "the grant was stopped at 1970-01-01T07:00:00Z",
        "the program was stopped at 1970-01-01T08:00:00Z",
    );
    let both = |caller: &mut Standing| {
        grant(caller);
        program(caller);
    };
    assert_eq!(permit(grant, &chat, &[], &[], 9), of_grant);
    assert_eq!(permit(program, &chat, &[], &[], 9), of_program);
    assert_eq!(permit(both, &chat, &[], &[], 9), of_grant);
    assert_eq!(permit(both, &chat, &[], &[], 100), "the grant expired at 1970-01-05T04:00:00Z");
    let voided = |caller: &mut Standing| {
        both(caller);
        caller.voided_at = Some(at(9));
    };
    assert_eq!(permit(voided, &chat, &[], &[], 9), "the grant was voided at 1970-01-01T09:00:00Z");
    let limited = "model `gpt-5` needs a further approval";
    assert_eq!(permit(both, &chat, &["gpt-5"], &[], 9), limited);

    let mut stopped = standing();
    assert_eq!(may_call(&stopped, at(9)), Ok(()));
    grant(&mut stopped);
    assert_eq!(may_call(&stopped, at(9)), Err(Denial::GrantStopped(at(7))));
    assert_eq!(may_call(&stopped, at(100)), Err(Denial::GrantExpired(at(100))));
}

#[test]
fn each_role_may_do_its_own_and_nothing_else() {
    let (me, other) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
    let person = |roles: &[Role]| Viewer::Person {
        id: me,
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
    };
    let viewers = [
        Viewer::Nobody,
        person(&[]),
        person(&[Role::Reviewer]),
        person(&[Role::Officer]),
        person(&[Role::Operator]),
        Viewer::Operator,
    ];
    let (view, edit) = (Some(MemberRole::View), Some(MemberRole::Edit));
    let review = |applicant, in_review, assigned, conflicted| Action::Review {
        applicant,
        in_review,
        assigned,
        conflicted,
    };
    let table = [
        (Action::Apply, "-xxxx-"),
        (Action::ActAsApplicant { applicant: me }, "-xxxx-"),
        (Action::ActAsApplicant { applicant: other }, "------"),
        (Action::ReadApplication { applicant: me, role: None }, "-xxxx-"),
        (Action::ReadApplication { applicant: other, role: None }, "------"),
        (Action::ReadApplication { applicant: other, role: view }, "-xxxx-"),
        (Action::EditApplication { applicant: me, role: None }, "-xxxx-"),
        (Action::EditApplication { applicant: other, role: view }, "------"),
        (Action::EditApplication { applicant: other, role: edit }, "-xxxx-"),
        (review(other, true, true, false), "--x---"),
        (review(other, false, true, false), "------"),
        (review(other, true, false, false), "------"),
        (review(me, true, true, false), "------"),
        (review(other, true, true, true), "------"),
        (Action::Decide { applicant: other, conflicted: false }, "---xxx"),
        (Action::Decide { applicant: other, conflicted: true }, "------"),
        (Action::Decide { applicant: me, conflicted: false }, "-----x"),
        (Action::RunPrograms, "---xxx"),
        (Action::AnswerForModel { holder: me, takes_part: false }, "-----x"),
        (Action::AnswerForModel { holder: other, takes_part: false }, "---xxx"),
        (Action::AnswerForModel { holder: other, takes_part: true }, "------"),
        (Action::UseCard { person: me }, "-xxxx-"),
        (Action::UseCard { person: other }, "------"),
        (Action::ReadCard { person: me }, "-xxxxx"),
        (Action::ReadCard { person: other }, "----xx"),
        (Action::PassOn { holder: me }, "-xxxxx"),
        (Action::PassOn { holder: other }, "-----x"),
        (Action::StopGrant { holder: me, takes_part: false }, "-----x"),
        (Action::StopGrant { holder: other, takes_part: false }, "---xxx"),
        (Action::StopGrant { holder: other, takes_part: true }, "------"),
        (Action::TakeBack { holder: me, takes_part: false }, "-----x"),
        (Action::TakeBack { holder: other, takes_part: false }, "---xxx"),
        (Action::TakeBack { holder: other, takes_part: true }, "------"),
        (Action::TradeAs { person: me }, "-xxxxx"),
        (Action::TradeAs { person: other }, "-----x"),
        (Action::ReadTrade { seller: me, buyer: other }, "-xxxxx"),
        (Action::ReadTrade { seller: other, buyer: me }, "-xxxxx"),
        (Action::ReadTrade { seller: other, buyer: other }, "---xxx"),
        (Action::OverseeMarket, "---xxx"),
        (Action::MoveCash, "----xx"),
        (Action::Operate, "----xx"),
    ];
    for (action, wanted) in table {
        let found: String =
            viewers.iter().map(|viewer| if may(viewer, action) { 'x' } else { '-' }).collect();
        assert_eq!(found, wanted, "{action:?}");
    }
}

/// What somebody does with a grant: by its holder, and the role of whoever does it.
type Of = fn(PersonId, Option<GrantRole>) -> Action;

/// What there is to do, and who may, in the columns of the test below.
fn grant_table() -> [(&'static str, Of, &'static str); 18] {
    use GrantRole::{Manager, Member, ReadOnly};
    [
        ("grant", |holder, role| Action::ReadGrant { holder, role }, "--xxxxxxx"),
        ("figures", |holder, role| Action::ReadFigures { holder, role }, "--xx-xxxx"),
        (
            "a study of theirs",
            |holder, role| Action::ReadStudy { holder, role, belongs: true },
            "--xxxxxxx",
        ),
        (
            "another study",
            |holder, role| Action::ReadStudy { holder, role, belongs: false },
            "--xx-xxxx",
        ),
        ("own key", |holder, role| Action::ReadKey { holder, role, own: true }, "--xxxxxxx"),
        ("another's key", |holder, role| Action::ReadKey { holder, role, own: false }, "--xx-xxxx"),
        (
            "manage an own key where they belong",
            |holder, role| Action::ManageKey { holder, role, own: true, belongs: true },
            "--xxx--xx",
        ),
        (
            "manage an own key elsewhere",
            |holder, role| Action::ManageKey { holder, role, own: true, belongs: false },
            "--xx----x",
        ),
        (
            "manage another's key",
            |holder, role| Action::ManageKey { holder, role, own: false, belongs: true },
            "--xx----x",
        ),
        ("studies", |holder, role| Action::ManageStudies { holder, role }, "--xx----x"),
        (
            "a manager",
            |holder, role| Action::ManagePerson { holder, role, whose: Manager },
            "--x-----x",
        ),
        (
            "a member",
            |holder, role| Action::ManagePerson { holder, role, whose: Member },
            "--xx----x",
        ),
        (
            "somebody read-only",
            |holder, role| Action::ManagePerson { holder, role, whose: ReadOnly },
            "--xx----x",
        ),
        ("ask for a model", |holder, role| Action::AskForModel { holder, role }, "--xx----x"),
        ("pass on", |holder, _| Action::PassOn { holder }, "--x-----x"),
        ("trade", |holder, _| Action::TradeAs { person: holder }, "--x-----x"),
        ("the card", |holder, _| Action::UseCard { person: holder }, "--x------"),
        ("cash by bank", |_, _| Action::MoveCash, "--------x"),
    ]
}

/// Columns: nobody, a stranger, the owner, a manager, a member, somebody read-only, an officer who
/// takes no part, an officer who is a member, the administrator's token.
#[test]
fn each_role_in_a_grant_may_do_its_own_and_nothing_else() {
    use GrantRole::{Manager, Member, ReadOnly};
    let (me, holder) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
    let person = |id: PersonId, roles: &[Role]| Viewer::Person {
        id,
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
    };
    let viewers = [
        (Viewer::Nobody, None),
        (person(me, &[Role::Researcher, Role::Reviewer]), None),
        (person(holder, &[]), None),
        (person(me, &[]), Some(Manager)),
        (person(me, &[]), Some(Member)),
        (person(me, &[]), Some(ReadOnly)),
        (person(me, &[Role::Officer]), None),
        (person(me, &[Role::Officer]), Some(Member)),
        (Viewer::Operator, None),
    ];
    for (what, action, wanted) in grant_table() {
        let may = |(viewer, role): &(Viewer, Option<GrantRole>)| may(viewer, action(holder, *role));
        let found: String = viewers.iter().map(|it| if may(it) { 'x' } else { '-' }).collect();
        assert_eq!(found, wanted, "{what}");
    }
    // A role is somebody's: the door that forgot to ask who is there opens nothing.
    let role = Some(Manager);
    assert!(!may(&Viewer::Nobody, Action::ReadGrant { holder, role }));
    assert!(!may(&Viewer::Nobody, Action::ManageStudies { holder, role }));
}
