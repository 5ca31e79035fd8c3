//! Who spends a grant beside its holder: invited, let in by the program, taken out with their keys.

use std::collections::BTreeSet;

use bursar_award::invitation::InvitationState;
use bursar_award::participants::{Part, Participant};
use bursar_kernel::{GrantId, GrantRole, Role, StudyId};
use bursar_policy::Viewer;
use bursar_service::{ServiceError, StatementPeriod};
use bursar_store::rows::{Basis, Key};
use bursar_store::{CallFilter, Width};
use bursar_studies::{
    By, ChangePart, KeysGo, NewKey, NewParticipant, NewStudy, Removal, StudyTerms,
    answer_invitation, change_part, invitation, invite, keys_at_stake, make_key, make_study,
    people, remove, revoke_key, send_again, spending, studies, study,
};

use crate::desk::{Desk, instant, person_of, usd};
use crate::money::{hold, settled};

const DAY: &str = "2027-01-15";

/// A grant of Ada's.
async fn ada() -> (Desk, Viewer, GrantId) {
    let desk = Desk::new(DAY).await;
    let grant = desk.grant("ada@lab.example", "100").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    (desk, ada, grant)
}

fn whole(role: GrantRole) -> Part {
    Part::whole(role)
}

fn member_of(study: StudyId) -> Part {
    Part { role: GrantRole::Member, studies: Some(BTreeSet::from([study])) }
}

async fn invites(
    desk: &Desk,
    by: &Viewer,
    (grant, email, part): (GrantId, &str, Part),
) -> Result<Participant, ServiceError> {
    invite(&desk.service, by, NewParticipant { grant, email: email.to_owned(), part }).await
}

/// The secret in the letter of the invitation that waits.
async fn link(desk: &Desk) -> String {
    let store = desk.service.store();
    for mail in store.mails(100).await.unwrap() {
        let Some((_, after)) = mail.body.split_once("/grants/invitations/") else { continue };
        let secret = after.split_whitespace().next().unwrap();
        let found = store.participant_by_secret(bursar_service::hash_of(secret)).await.unwrap();
        if found.is_some_and(|row| row.state == InvitationState::Invited) {
            return secret.to_owned();
        }
    }
    panic!("no letter has the link of an invitation that waits");
}

/// Somebody who was invited and has accepted.
async fn joined(desk: &Desk, by: &Viewer, grant: GrantId, name: &str, part: Part) -> Viewer {
    let email = format!("{name}@lab.example");
    invites(desk, by, (grant, &email, part)).await.unwrap();
    let viewer = desk.person(&email, &[]).await;
    answer_invitation(&desk.service, &viewer, &link(desk).await, true).await.unwrap();
    viewer
}

async fn made(desk: &Desk, by: &Viewer, grant: GrantId, name: &str) -> StudyId {
    let terms = StudyTerms { name: name.to_owned(), ..StudyTerms::default() };
    make_study(&desk.service, by, NewStudy { grant, terms }).await.unwrap().id
}

async fn key(
    desk: &Desk,
    by: &Viewer,
    grant: GrantId,
    study: Option<StudyId>,
) -> Result<(Key, String), ServiceError> {
    let new = NewKey { study, ..NewKey::of(grant, "test") };
    let made = make_key(&desk.service, by, new).await?;
    Ok((made.key, made.secret.reveal().to_owned()))
}

async fn spend(desk: &Desk, secret: &str, cost: &str) {
    let caller = desk.service.calls().identify(secret).await.unwrap().unwrap();
    let call = hold(desk, &caller, cost).await.unwrap();
    desk.service.calls().settle(call, settled(cost, Basis::Reported)).await.unwrap();
}

async fn row_of(desk: &Desk, grant: GrantId, viewer: &Viewer) -> Participant {
    let rows = desk.service.store().participants(grant).await.unwrap();
    rows.into_iter().rev().find(|row| row.person == viewer.person()).unwrap()
}

fn said<T: std::fmt::Debug>(answer: Result<T, ServiceError>) -> String {
    let error = answer.unwrap_err();
    let ServiceError::Invalid(errors) = error else { return error.to_string() };
    let lines: Vec<String> =
        errors.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
    lines.concat()
}

#[tokio::test]
async fn whoever_accepts_an_invitation_takes_part_and_nobody_else() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    let grace = desk.person("grace@lab.example", &[]).await;
    let missing = format!("nothing is here: grant `{grant}`");
    let sees = async |viewer: &Viewer| service.grant(viewer, grant).await.map(|_| ());
    assert!(matches!(sees(&grace).await, Err(ServiceError::NotFound(_))), "{missing}");
    let part = whole(GrantRole::Manager);
    let row = invites(&desk, &ada, (grant, " Grace@lab.example ", part.clone())).await.unwrap();
    assert_eq!(row.email, "grace@lab.example");
    assert!(
        matches!(sees(&grace).await, Err(ServiceError::NotFound(_))),
        "an invitation is no key"
    );
    let again = invites(&desk, &ada, (grant, "grace@lab.example", part)).await;
    assert!(said(again).starts_with("invite somebody twice"));

    let secret = link(&desk).await;
    let mallory = desk.person("mallory@lab.example", &[]).await;
    let nobody = invitation(service, &Viewer::Nobody, &secret).await;
    assert!(matches!(nobody, Err(ServiceError::SignInFirst)));
    let looked = invitation(service, &mallory, &secret).await.unwrap();
    assert_eq!((looked.is_open, looked.is_theirs), (true, false));
    let taken = answer_invitation(service, &mallory, &secret, true).await;
    assert!(said(taken).starts_with("answer an invitation to somebody else"));
    assert_eq!(
        row_state(&desk, grant).await,
        [InvitationState::Invited],
        "looking changes nothing"
    );
    assert_eq!(answer_invitation(service, &grace, &secret, true).await.unwrap(), grant);
    sees(&grace).await.unwrap();
    assert!(desk.mails().await.iter().any(|it| it.starts_with("An answer about your grant of")));
    let twice = answer_invitation(service, &grace, &secret, false).await;
    assert!(said(twice).starts_with("answer this invitation again"));
    let shared = service.shared_grants(&grace).await.unwrap();
    assert_eq!(shared.len(), 1);
    assert_eq!((shared[0].0.grant.id, shared[0].1), (grant, GrantRole::Manager));
    assert_eq!(service.my_grants(&grace).await.unwrap().len(), 0, "it is not theirs");
}

async fn row_state(desk: &Desk, grant: GrantId) -> Vec<InvitationState> {
    let rows = desk.service.store().participants(grant).await.unwrap();
    rows.into_iter().map(|row| row.state).collect()
}

#[tokio::test]
async fn a_manager_runs_the_grant_and_neither_passes_it_on_nor_makes_managers() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    let grace = joined(&desk, &ada, grant, "grace", whole(GrantRole::Manager)).await;
    let pilot = made(&desk, &grace, grant, "Pilot").await;
    key(&desk, &grace, grant, Some(pilot)).await.unwrap();
    service.grant_statement(&grace, grant, StatementPeriod::default()).await.unwrap();
    let not_allowed = "you may not do this";
    let refused = |answer: Result<(), ServiceError>| {
        assert!(matches!(answer, Err(ServiceError::NotAllowed)), "{not_allowed}: {answer:?}");
    };
    refused(service.return_credit(&grace, grant, usd("1")).await);
    let another = (grant, "joan@lab.example", whole(GrantRole::Manager));
    refused(invites(&desk, &grace, another).await.map(|_| ()));
    let joan = joined(&desk, &grace, grant, "joan", whole(GrantRole::ReadOnly)).await;
    service.grant_statement(&joan, grant, StatementPeriod::default()).await.unwrap();
    refused(key(&desk, &joan, grant, None).await.map(|_| ()));
    let terms = StudyTerms { name: "Main".to_owned(), ..StudyTerms::default() };
    refused(make_study(service, &joan, NewStudy { grant, terms }).await.map(|_| ()));
    // Nobody is made a manager by one, and no manager is taken out by one.
    let of = async |viewer: &Viewer| row_of(&desk, grant, viewer).await;
    let raise = |row: Participant, role| ChangePart {
        grant,
        participant: row.id,
        part: whole(role),
        version: None,
        keys: KeysGo::Revoke,
    };
    let row = of(&joan).await;
    refused(change_part(service, &grace, raise(row, GrantRole::Manager)).await.map(|_| ()));
    let row = of(&grace).await;
    refused(change_part(service, &joan, raise(row, GrantRole::ReadOnly)).await.map(|_| ()));
    let out = |row: Participant| Removal {
        grant,
        participant: row.id,
        version: None,
        keys: KeysGo::Revoke,
    };
    refused(remove(service, &joan, out(of(&grace).await)).await.map(|_| ()));
    change_part(service, &ada, raise(of(&joan).await, GrantRole::Manager)).await.unwrap();
    refused(remove(service, &grace, out(of(&joan).await)).await.map(|_| ()));
    remove(service, &ada, out(of(&joan).await)).await.unwrap();
    desk.audit().await;
}

#[tokio::test]
async fn a_member_spends_and_sees_where_they_belong_and_nowhere_else() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    let (pilot, main) =
        (made(&desk, &ada, grant, "Pilot").await, made(&desk, &ada, grant, "Main").await);
    let grace = joined(&desk, &ada, grant, "grace", member_of(pilot)).await;
    for study in [None, Some(main)] {
        let answer = key(&desk, &grace, grant, study).await;
        assert!(matches!(answer, Err(ServiceError::NotAllowed)), "{answer:?}");
    }
    let (own, secret) = key(&desk, &grace, grant, Some(pilot)).await.unwrap();
    assert_eq!(own.person, person_of(&grace));
    let (in_pilot, adas) = key(&desk, &ada, grant, Some(pilot)).await.unwrap();
    let (in_main, mains) = key(&desk, &ada, grant, Some(main)).await.unwrap();
    spend(&desk, &secret, "1").await;
    spend(&desk, &adas, "2").await;
    spend(&desk, &mains, "4").await;

    let page = service.grant(&grace, grant).await.unwrap();
    let keys: Vec<_> = page.keys.iter().map(|line| line.key.id).collect();
    assert_eq!(keys, [own.id], "no key of another's");
    assert_eq!(page.available, usd("93"), "what is left is where their calls stop");
    assert_eq!(page.days.iter().map(|day| day.cost).collect::<Vec<_>>(), [usd("3")]);
    let lines = studies(service, &grace, grant).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.study.id).collect::<Vec<_>>(), [pilot]);
    assert_eq!((lines[0].spend.cost, lines[0].keys.len()), (usd("3"), 1));
    assert!(matches!(study(service, &grace, main).await, Err(ServiceError::NotFound(_))));
    let by = async |viewer: &Viewer, by| {
        let found = spending(service, viewer, grant, (by, None)).await.unwrap();
        found.parts.into_iter().map(|it| (it.name, it.cost)).collect::<Vec<_>>()
    };
    assert_eq!(by(&grace, By::Study).await, [("Pilot".to_owned(), usd("3"))]);
    assert_eq!(by(&grace, By::Person).await, [("grace@lab.example".to_owned(), usd("1"))]);
    let all =
        [("ada@lab.example".to_owned(), usd("6")), ("grace@lab.example".to_owned(), usd("1"))];
    assert_eq!(by(&ada, By::Person).await, all);

    let which = CallFilter { grant, person: None, before: None, limit: 10 };
    let seen = service.calls_made(&grace, which).await.unwrap();
    assert_eq!(seen.iter().map(|call| call.key).collect::<Vec<_>>(), [own.id]);
    let every = service.calls_made(&ada, which).await.unwrap();
    for call in every.iter().filter(|call| call.key != own.id) {
        let answer = service.call(&grace, grant, call.request).await;
        assert!(matches!(answer, Err(ServiceError::NotFound(_))), "{answer:?}");
    }
    for other in [in_pilot.id, in_main.id] {
        let answer = revoke_key(service, &grace, other).await;
        assert!(matches!(answer, Err(ServiceError::NotFound(_))), "{answer:?}");
    }
    // The same holds of what a key asks about its account.
    let calls = service.calls();
    let period = (instant("2027-01-01"), instant("2027-02-01"));
    for (secret, cost, count) in [(&secret, "1", 1), (&adas, "7", 3)] {
        let caller = calls.identify(secret).await.unwrap().unwrap();
        let sums = calls.costs(&caller, period).await.unwrap();
        assert_eq!(bursar_kernel::Usd::sum(sums.iter().map(|sum| sum.cost)).unwrap(), usd(cost));
        let (used, _) = calls.usage(&caller, period, Width::Day).await.unwrap();
        assert_eq!(used.iter().map(|(of, _)| of.key).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(calls.credit(&caller).await.unwrap().of_calls, usd(cost));
        let mut told = 0;
        for call in &every {
            told += usize::from(calls.call_of(&caller, call.request).await.unwrap().is_some());
        }
        assert_eq!(told, count);
    }
    let statement = service.grant_statement(&grace, grant, StatementPeriod::default()).await;
    assert!(matches!(statement.map(|_| ()), Err(ServiceError::NotAllowed)));
    assert_eq!(service.forecast(&grace, grant).await.unwrap().forecast, None);
    revoke_key(service, &grace, own.id).await.unwrap();
}

#[tokio::test]
async fn whoever_is_taken_out_spends_nothing_more() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    let grace = joined(&desk, &ada, grant, "grace", whole(GrantRole::Member)).await;
    let joan = joined(&desk, &ada, grant, "joan", whole(GrantRole::Member)).await;
    let (gone, secret) = key(&desk, &grace, grant, None).await.unwrap();
    spend(&desk, &secret, "1").await;
    let row = row_of(&desk, grant, &grace).await;
    let (_, told) = keys_at_stake(service, &ada, (grant, row.id), None).await.unwrap();
    assert_eq!(told.iter().map(|key| key.id).collect::<Vec<_>>(), [gone.id]);
    let removal = |row: &Participant, keys| Removal {
        grant,
        participant: row.id,
        version: Some(row.version),
        keys,
    };
    let stale = Removal { version: Some(1), ..removal(&row, KeysGo::Revoke) };
    assert!(matches!(remove(service, &ada, stale).await, Err(ServiceError::Conflict(_))));
    remove(service, &ada, removal(&row, KeysGo::Revoke)).await.unwrap();
    let caller = service.calls().identify(&secret).await.unwrap();
    assert!(caller.is_none_or(|caller| caller.may_call(service.now()).is_err()));
    assert!(matches!(service.grant(&grace, grant).await, Err(ServiceError::NotFound(_))));
    assert!(key(&desk, &grace, grant, None).await.is_err());

    // Whoever leaves hands over what a machine still runs on.
    let (kept, secret) = key(&desk, &joan, grant, None).await.unwrap();
    let row = row_of(&desk, grant, &joan).await;
    let to_out = removal(&row, KeysGo::HandTo(person_of(&grace)));
    assert!(said(remove(service, &joan, to_out).await).starts_with("keys_to: "));
    let to_ada = removal(&row, KeysGo::HandTo(person_of(&ada)));
    remove(service, &joan, to_ada).await.unwrap();
    spend(&desk, &secret, "1").await;
    let key = service.store().key(kept.id).await.unwrap().unwrap();
    assert_eq!((key.person, key.revoked_at), (person_of(&ada), None));
    let mails = desk.mails().await;
    assert!(mails.iter().any(|it| it.starts_with("Somebody has left your grant of")));
    assert!(mails.iter().any(|it| it.starts_with("You take no part in a grant of")));
}

#[tokio::test]
async fn keys_that_another_part_leaves_no_room_for_go_with_the_change() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    let pilot = made(&desk, &ada, grant, "Pilot").await;
    let grace = joined(&desk, &ada, grant, "grace", whole(GrantRole::Member)).await;
    let (loose, _) = key(&desk, &grace, grant, None).await.unwrap();
    let (kept, _) = key(&desk, &grace, grant, Some(pilot)).await.unwrap();
    let row = row_of(&desk, grant, &grace).await;
    assert_eq!(row.version, 4, "each key that they get is a step of theirs");
    let wanted = ChangePart {
        grant,
        participant: row.id,
        part: member_of(pilot),
        version: Some(row.version),
        keys: KeysGo::Revoke,
    };
    let stakes = (grant, row.id);
    let part = member_of(pilot);
    let (_, told) = keys_at_stake(service, &ada, stakes, Some(&part)).await.unwrap();
    assert_eq!(told.iter().map(|key| key.id).collect::<Vec<_>>(), [loose.id]);
    change_part(service, &ada, wanted.clone()).await.unwrap();
    let revoked = async |id| service.store().key(id).await.unwrap().unwrap().revoked_at.is_some();
    assert_eq!((revoked(loose.id).await, revoked(kept.id).await), (true, false));
    let again =
        change_part(service, &ada, ChangePart { part: whole(GrantRole::ReadOnly), ..wanted });
    assert!(matches!(again.await, Err(ServiceError::Conflict(_))), "somebody else was first");
}

#[tokio::test]
async fn invitations_expire_are_sent_again_and_taken_back() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    let who = (grant, "grace@lab.example", whole(GrantRole::Member));
    let row = invites(&desk, &ada, who.clone()).await.unwrap();
    let grace = desk.person("grace@lab.example", &[]).await;
    let first = link(&desk).await;
    let soon = send_again(service, &ada, (grant, row.id)).await;
    assert!(said(soon).starts_with("send an invitation again so soon"));
    desk.clock.put("2027-01-29");
    let late = answer_invitation(service, &grace, &first, true).await;
    assert!(said(late).starts_with("answer an invitation that has expired"));
    send_again(service, &ada, (grant, row.id)).await.unwrap();
    let second = link(&desk).await;
    assert!(matches!(
        answer_invitation(service, &grace, &first, true).await,
        Err(ServiceError::NotFound(_))
    ));
    desk.clock.put("2027-02-13");
    // One that nobody answered gives its row to the next.
    let third = invites(&desk, &ada, who.clone()).await.unwrap();
    assert_eq!((third.id, third.version), (row.id, 3));
    let (row, third_link) = (third, link(&desk).await);
    let back = Removal { grant, participant: row.id, version: Some(3), keys: KeysGo::Revoke };
    remove(service, &ada, back).await.unwrap();
    for secret in [second, third_link] {
        let answer = answer_invitation(service, &grace, &secret, true).await;
        assert!(matches!(answer, Err(ServiceError::NotFound(_))), "{answer:?}");
    }
    let next = invites(&desk, &ada, who).await.unwrap();
    let declined = answer_invitation(service, &grace, &link(&desk).await, false).await;
    assert_eq!(declined.unwrap(), grant);
    assert_ne!(next.id, row.id);
    assert!(matches!(service.grant(&grace, grant).await, Err(ServiceError::NotFound(_))));
}

#[tokio::test]
async fn a_program_lets_in_people_of_the_holders_institution() {
    let desk = Desk::new(DAY).await;
    let member = whole(GrantRole::Member);
    let tried = async |holder: &str, email: &str| {
        let grant = desk.grant(holder, "1").await;
        let holder = desk.person(holder, &[]).await;
        invites(&desk, &holder, (grant, email, member.clone())).await.map(|_| ())
    };
    // A part of a university is the university; a free mailbox shows nothing, twice over.
    tried("ada@cl.cam.ac.uk", "grace@eng.cam.ac.uk").await.unwrap();
    tried("joan@lab.example", "mary@lab.example").await.unwrap();
    for (holder, email) in [
        ("ada@cl.cam.ac.uk", "grace@lab.example"),
        ("joan@lab.example", "mary@other.example"),
        ("hedy@gmail.com", "mary@gmail.com"),
    ] {
        let answer = said(tried(holder, email).await);
        assert!(answer.starts_with("email: Enter an address of the holder's"), "{answer}");
    }
}

#[tokio::test]
async fn an_officer_who_takes_part_decides_nothing_of_the_grant() {
    let (desk, ada, grant) = ada().await;
    let service = &desk.service;
    joined(&desk, &ada, grant, "grace", whole(GrantRole::Member)).await;
    let grace = desk.person("grace@lab.example", &[Role::Officer]).await;
    let other = desk.person("officer@lab.example", &[Role::Officer]).await;
    let stop = async |viewer: &Viewer| {
        let of = bursar_store::rows::Stoppable::Grant(grant);
        let turn = bursar_service::Turn::Stop;
        service.turn(viewer, &of, turn, "A test of who may.").await.map(|_| ())
    };
    assert!(matches!(stop(&grace).await, Err(ServiceError::NotAllowed)));
    stop(&other).await.unwrap();
    assert!(people(service, &other, grant).await.unwrap().may_give.is_empty(), "officers read");
}
