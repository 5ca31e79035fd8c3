//! The day on which somebody is forgotten.

use std::collections::BTreeSet;

use bursar_award::{Application, Command, State};
use bursar_kernel::{Actor, GrantId, PersonId, Timestamp};
use bursar_outbox::Address;
use bursar_policy::{AccessRequest, Viewer};
use bursar_post::{Post as _, address};
use bursar_service::{Service, ServiceError, audit_line};
use bursar_store::rows::{Erasure, ErasureState, Mail, Person};
use bursar_store::{
    AccessFilter, AccountWrite, ApplicationFilter, ApplyingWrite, Batch, CardCheckFilter, Erase,
    Expect, Row, Write,
};
use jiff::SignedDuration;

use super::panels::of_panels;
use super::{cancelled, grants, left_behind, obstacles, page, put, scrub};

/// How long the last letter is kept for whoever sends it, with the address that it goes to.
const PARTING_LIFE: SignedDuration = SignedDuration::from_hours(48);
const JOB: &str = "erasure";

/// Erases whoever is due, and lets their last letters go: what is due is made up once. Gives how
/// many were erased.
pub async fn erase_due(service: &Service) -> Result<usize, ServiceError> {
    let (mut erased, mut failed) = (0_usize, None);
    for erasure in service.store().erasures_due(service.now()).await? {
        let done = match erasure.state {
            ErasureState::Parting => part(service, erasure).await.map(|()| false),
            ErasureState::Asked
            | ErasureState::Confirmed
            | ErasureState::Cancelled
            | ErasureState::Done => erase(service, erasure).await,
        };
        // One that fails is tried again, and keeps nobody else waiting.
        match done {
            Ok(is_erased) => erased = erased.saturating_add(usize::from(is_erased)),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(erased), Err)
}

/// The last letter goes once it was sent, or after two days.
async fn part(service: &Service, erasure: Erasure) -> Result<(), ServiceError> {
    let mail = match erasure.parting {
        Some(mail) => service.store().mail(mail).await?,
        None => None,
    };
    let now = service.now();
    let waits = |mail: &Mail| mail.sent_at.is_none() && now < mail.created_at + PARTING_LIFE;
    if mail.as_ref().is_some_and(waits) {
        return Ok(());
    }
    let before = erasure.version;
    let version = before.saturating_add(1);
    let done = Erasure { state: ErasureState::Done, parting: None, version, ..erasure };
    let mut batch = Batch::new(Actor::Job(JOB.to_owned()), now).with(put(done, Some(before)));
    if let Some(mail) = mail {
        batch = batch.with(AccountWrite::ForgetMail { mail: mail.id, email: mail.to });
    }
    service.store().commit(batch).await?;
    Ok(())
}

/// Erases somebody, unless something has come in the way. Whatever fails in the middle is done
/// again from the beginning: each step is one that can be.
async fn erase(service: &Service, erasure: Erasure) -> Result<bool, ServiceError> {
    let store = service.store();
    let Some(person) = store.person(erasure.person).await? else { return Ok(false) };
    if !obstacles(service, &person).await?.is_empty() {
        let batch = Batch::new(Actor::Job(JOB.to_owned()), service.now());
        let line = audit_line(&batch, "erasure.stopped", person.id, "something was open");
        let letter = bursar_letters::erasure_stopped(&page(service)).to(&person.email, batch.now);
        store.commit(batch.with(cancelled(erasure)).with(line).with(letter)).await?;
        return Ok(false);
    }
    withdraw_drafts(service, person.id).await?;
    if erasure.returns_credit {
        give_back(service, &person).await?;
    }
    let now = service.now();
    let mut batch = Batch::new(Actor::Job(JOB.to_owned()), now);
    let mut subjects = vec![person.id.to_string()];
    batch.writes.extend(of_applications(service, person.id, now).await?);
    let handed_in = applications(service, person.id).await?;
    batch.writes.extend(of_panels(service, &person, &handed_in).await?);
    batch.writes.extend(of_grants(service, person.id, now, &mut subjects).await?);
    let parts = of_parts(service, &person, now).await?;
    let elsewhere: Vec<GrantId> = parts.iter().filter_map(grant_of).collect();
    batch.writes.extend(parts);
    batch.writes.extend(of_cards(service, person.id).await?);
    let grants = grants(service, person.id).await?.into_iter().map(|grant| grant.id).collect();
    let erase = Erase {
        person: person.id,
        email: person.email.clone(),
        subjects,
        grants,
        words: scrub::words(&person),
    };
    batch = finished(service, batch, &person, erasure, erase);
    store.commit(batch).await?;
    // No key of theirs is known any more, and none of their grants as it was.
    for grant in super::grants(service, person.id).await? {
        service.calls().directory().forget_grant(grant.id);
    }
    for grant in elsewhere {
        service.calls().directory().forget_grant(grant);
    }
    Ok(true)
}

fn grant_of(write: &Write) -> Option<GrantId> {
    if let Write::Row(Row::Participant(row), _) = write { Some(row.grant) } else { None }
}

/// The account itself, and what stands in nobody's rows alone.
fn finished(
    service: &Service,
    batch: Batch,
    person: &Person,
    erasure: Erasure,
    erase: Erase,
) -> Batch {
    let now = batch.now;
    let parting = bursar_letters::erased(service.base_url()).to(&person.email, now);
    let before = erasure.version;
    let row = Erasure {
        state: ErasureState::Parting,
        due_at: now,
        parting: Some(parting.id),
        version: before.saturating_add(1),
        ..erasure
    };
    let line = audit_line(&batch, "person.erased", person.id, "");
    let whom = scrub::person(person.clone());
    // What is still written to them goes nowhere.
    let nowhere = Address::new(&whom.email).with_reminders(false);
    let write = Write::Row(Row::Person(whom), Expect::Version(person.version));
    batch
        .with(write)
        .with(AccountWrite::Erase(Box::new(erase)))
        .with(address(None, nowhere))
        .with(parting)
        .with(put(row, Some(before)))
        .with(line)
}

async fn applications(
    service: &Service,
    applicant: PersonId,
) -> Result<Vec<Application>, ServiceError> {
    let filter = ApplicationFilter { applicant: Some(applicant), ..ApplicationFilter::default() };
    Ok(service.store().applications(filter).await?)
}

async fn withdraw_drafts(service: &Service, person: PersonId) -> Result<(), ServiceError> {
    for draft in applications(service, person).await? {
        if draft.state == State::Draft {
            let batch = Batch::new(Actor::Job(JOB.to_owned()), service.now());
            let line = audit_line(&batch, "application.withdrawn", draft.id, "");
            service.step(batch, draft, Command::Withdraw, |batch, _| batch.with(line)).await?;
        }
    }
    Ok(())
}

/// Credit goes back to the pools that it came from, where it may; the rest expires.
async fn give_back(service: &Service, person: &Person) -> Result<(), ServiceError> {
    let viewer = Viewer::Person { id: person.id, roles: person.roles.clone() };
    for left in left_behind(service, person.id).await? {
        if !left.may_return {
            continue;
        }
        match service.return_credit(&viewer, left.grant, left.amount).await {
            // What cannot be given back expires: nobody stays for that.
            Ok(()) | Err(ServiceError::Refused(_) | ServiceError::NotFound(_)) => {}
            // Some of it was spent meanwhile, or the store is out of reach: once more, then.
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn of_applications(
    service: &Service,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Write>, ServiceError> {
    let store = service.store();
    let mut writes = Vec::new();
    for application in applications(service, person).await? {
        let id = application.id;
        let history = store.history(id).await?.into_iter().map(scrub::event).collect();
        writes.push(AccountWrite::RewriteHistory { application: id, history }.into());
        writes.push(ApplyingWrite::ForgetFiles { application: id, hash: None }.into());
        for review in store.reviews(id).await? {
            let before = Expect::Version(review.version);
            writes.push(Write::Row(Row::Review(scrub::review(review)), before));
        }
        for question in store.questions(id).await? {
            let before = Expect::Version(question.version);
            writes.push(Write::Row(Row::Question(Box::new(scrub::question(question))), before));
        }
        for member in store.members(id).await? {
            let before = Expect::Version(member.version);
            let row = scrub::member(member, person, now);
            writes.push(Write::Row(Row::Member(Box::new(row)), before));
        }
        // Its version counts what happened to it, and nothing does.
        let before = Expect::Version(application.version);
        let row = Row::Application(Box::new(scrub::application(application)), Vec::new());
        writes.push(Write::Row(row, before));
    }
    for member in store.memberships(person).await? {
        let before = Expect::Version(member.version);
        let row = scrub::member(member, person, now);
        writes.push(Write::Row(Row::Member(Box::new(row)), before));
    }
    Ok(writes)
}

async fn of_grants(
    service: &Service,
    person: PersonId,
    now: Timestamp,
    subjects: &mut Vec<String>,
) -> Result<Vec<Write>, ServiceError> {
    let store = service.store();
    let mut writes = Vec::new();
    for grant in grants(service, person).await? {
        for row in store.participants(grant.id).await? {
            let before = Expect::Version(row.version);
            let row = Row::Participant(Box::new(scrub::participant(row, person, now)));
            writes.push(Write::Row(row, before));
        }
        for key in store.keys(grant.id).await? {
            let before = Expect::Version(key.version);
            writes.push(Write::Row(Row::Key(Box::new(scrub::key(key, now))), before));
        }
        for study in store.studies(grant.id).await? {
            let before = Expect::Version(study.version);
            writes.push(Write::Row(Row::Study(Box::new(scrub::study(study))), before));
        }
        for request in store.access_requests(AccessFilter::Grant(grant.id)).await? {
            subjects.push(request.id.to_string());
            let before = Expect::Version(request.version);
            let row = AccessRequest {
                reason: scrub::ERASED.to_owned(),
                note: request.note.map(|_| scrub::ERASED.to_owned()),
                version: request.version.saturating_add(1),
                ..request
            };
            writes.push(Write::Row(Row::AccessRequest(Box::new(row)), before));
        }
        let before = Expect::Version(grant.version);
        writes.push(Write::Row(Row::Grant(Box::new(scrub::grant(grant))), before));
    }
    Ok(writes)
}

/// Their parts in grants of others, invitations to them, and keys of theirs there: those end.
async fn of_parts(
    service: &Service,
    person: &Person,
    now: Timestamp,
) -> Result<Vec<Write>, ServiceError> {
    let store = service.store();
    let mut writes = Vec::new();
    let mut rows = store.participations(person.id).await?;
    for row in store.participants_at(person.email.clone()).await? {
        if rows.iter().all(|known| known.id != row.id) {
            rows.push(row);
        }
    }
    let mut seen = BTreeSet::new();
    for row in rows {
        let (before, grant) = (Expect::Version(row.version), row.grant);
        let row = Row::Participant(Box::new(scrub::participant(row, person.id, now)));
        writes.push(Write::Row(row, before));
        if !seen.insert(grant) {
            continue;
        }
        let mut keys = store.keys(grant).await?;
        keys.retain(|key| key.person == person.id);
        for key in keys {
            let before = Expect::Version(key.version);
            writes.push(Write::Row(Row::Key(Box::new(scrub::key(key, now))), before));
        }
    }
    Ok(writes)
}

async fn of_cards(service: &Service, person: PersonId) -> Result<Vec<Write>, ServiceError> {
    let checks = service.store().card_checks(CardCheckFilter::Person(person)).await?;
    let scrubbed = checks.into_iter().map(|check| {
        let before = Expect::Version(check.version);
        Write::Row(Row::CardCheck(Box::new(scrub::card_check(check))), before)
    });
    Ok(scrubbed.collect())
}
