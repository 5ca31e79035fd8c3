//! What becomes of somebody's keys when they leave, are taken out, or may do less than before.

use bursar_award::participants::{Part, Participant};
use bursar_kernel::{GrantId, KeyId, ParticipantId, PersonId, Timestamp};
use bursar_letters::people as letters;
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{Service, ServiceError, Within, audit_line, batch_of};
use bursar_store::rows::Key;
use bursar_store::{Batch, Expect, Row, Write};

use crate::keys::{part_for, touched};
use crate::people::{check_part, found, managed};

/// What is to become of keys that somebody may not have any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysGo {
    /// They are revoked, with the change itself.
    Revoke,
    /// They are somebody else's from then on. Whoever had one may still know its secret.
    HandTo(PersonId),
}

/// Another part for somebody.
#[derive(Clone, Debug)]
pub struct ChangePart {
    /// The grant.
    pub grant: GrantId,
    /// Whose.
    pub participant: ParticipantId,
    /// What they may do from now on, and where.
    pub part: Part,
    /// The version of the row that was read; `None` changes whatever is there.
    pub version: Option<u64>,
    /// What is to become of keys that this leaves no room for.
    pub keys: KeysGo,
}

/// Somebody who is taken out, leaves, or whose invitation is taken back.
#[derive(Clone, Debug)]
pub struct Removal {
    /// The grant.
    pub grant: GrantId,
    /// Whose part ends.
    pub participant: ParticipantId,
    /// The version of the row that was read; `None` takes whatever is there.
    pub version: Option<u64>,
    /// What is to become of their keys.
    pub keys: KeysGo,
}

/// Keys that work now and that somebody could not keep with another part, or with none: so that
/// whoever decides is told before.
pub async fn keys_at_stake(
    service: &Service,
    viewer: &Viewer,
    (grant, id): (GrantId, ParticipantId),
    part: Option<&Part>,
) -> Result<(Participant, Vec<Key>), ServiceError> {
    let (within, row) = found(service, viewer, (grant, id)).await?;
    let is_own = row.person.is_some() && row.person == viewer.person();
    within.allow(is_own || within.may_manage_person(row.part.role))?;
    let keys = lost(service, &row, part).await?;
    Ok((row, keys))
}

async fn lost(
    service: &Service,
    row: &Participant,
    part: Option<&Part>,
) -> Result<Vec<Key>, ServiceError> {
    let Some(person) = row.person else { return Ok(Vec::new()) };
    let mut keys = service.store().keys(row.grant).await?;
    let keeps = |key: &Key| part.is_some_and(|part| part.keeps_key(key.study));
    keys.retain(|key| key.person == person && key.revoked_at.is_none() && !keeps(key));
    Ok(keys)
}

/// Changes what somebody may do. Keys that this leaves no room for go in the same batch.
pub async fn change_part(
    service: &Service,
    viewer: &Viewer,
    wanted: ChangePart,
) -> Result<Participant, ServiceError> {
    let (within, row) = managed(service, viewer, (wanted.grant, wanted.participant)).await?;
    within.allow(within.may_manage_person(wanted.part.role))?;
    check_version(&row, wanted.version)?;
    let part = check_part(service, &within, wanted.part).await?;
    if part == row.part {
        return Ok(row);
    }
    let changed = row.changed(part).ok_or_else(out)?;
    let batch = batch_of(viewer, service.now())?;
    let keys = lost(service, &row, Some(&changed.part)).await?;
    let batch = with_keys_gone(service, &within, batch, (&row, &keys), wanted.keys).await?;
    let said = format!("{} to {}", row.id, changed.part.role.name());
    let line = audit_line(&batch, "participant.changed", wanted.grant, said);
    let url = format!("{}/grants/{}", service.base_url(), wanted.grant);
    let program = &service.program(&within.grant.program)?.name;
    let letter = letters::grant_part_changed(program, changed.part.role, &url);
    let mut batch = with_row(batch, &row, changed.clone()).with(line);
    if row.person.is_some() {
        let now = batch.now;
        batch = batch.with(letter.to(&address(service, &row).await?, now));
    }
    finish(service, &within, batch, &keys).await?;
    Ok(changed)
}

/// Takes somebody out, takes an invitation back, or leaves: who may say so, and all for themselves.
/// Their keys go in the same batch, so that nothing is spent by who is out.
pub async fn remove(
    service: &Service,
    viewer: &Viewer,
    wanted: Removal,
) -> Result<Participant, ServiceError> {
    let (within, row) = found(service, viewer, (wanted.grant, wanted.participant)).await?;
    let is_own = row.person.is_some() && row.person == viewer.person();
    within.allow(is_own || within.may_manage_person(row.part.role))?;
    check_version(&row, wanted.version)?;
    let batch = batch_of(viewer, service.now())?;
    let Some(removed) = row.removed(batch.now) else { return Ok(row) };
    let keys = lost(service, &row, None).await?;
    let batch = with_keys_gone(service, &within, batch, (&row, &keys), wanted.keys).await?;
    let action = if is_own { "participant.left" } else { "participant.removed" };
    let line = audit_line(&batch, action, wanted.grant, row.id.to_string());
    let program = &service.program(&within.grant.program)?.name;
    let address = address(service, &row).await?;
    let letter = if is_own {
        let holder = service.person_of(within.grant.holder).await?.email;
        let url = format!("{}/grants/{}/people", service.base_url(), wanted.grant);
        letters::grant_left(&address, program, &url).to(&holder, batch.now)
    } else {
        let url = format!("{}/grants", service.base_url());
        letters::grant_removed(program, &within.grant.title, &url).to(&address, batch.now)
    };
    let batch = with_row(batch, &row, removed.clone()).with(line).with(letter);
    finish(service, &within, batch, &keys).await?;
    Ok(removed)
}

fn out() -> ServiceError {
    let text = "change what somebody may do who takes no part\nhint: invite them";
    ServiceError::Refused(text.to_owned())
}

/// Somebody else may have changed the row since it was read.
fn check_version(row: &Participant, read: Option<u64>) -> Result<(), ServiceError> {
    if read.is_some_and(|read| read != row.version) {
        return Err(ServiceError::Conflict(format!("participant `{}`", row.id)));
    }
    Ok(())
}

fn with_row(batch: Batch, before: &Participant, after: Participant) -> Batch {
    batch.with(Write::Row(Row::Participant(Box::new(after)), Expect::Version(before.version)))
}

/// Where somebody reads their mail now: they may have another address than the one invited.
async fn address(service: &Service, row: &Participant) -> Result<String, ServiceError> {
    Ok(match row.person {
        Some(person) => service.person_of(person).await?.email,
        None => row.email.clone(),
    })
}

async fn with_keys_gone(
    service: &Service,
    within: &Within,
    mut batch: Batch,
    (from, keys): (&Participant, &[Key]),
    go: KeysGo,
) -> Result<Batch, ServiceError> {
    if let KeysGo::HandTo(person) = go
        && !keys.is_empty()
    {
        if from.person == Some(person) {
            let message = "Choose somebody else to have the keys";
            return Err(ServiceError::field("keys_to", message));
        }
        let mut to = None;
        for key in keys {
            to = part_for(service, within, (person, "keys_to"), key.study).await?;
        }
        // The viewer's own row is written once, in `finish`.
        let own = within.participant.as_ref().map(|own| own.id);
        batch.writes.extend(to.iter().filter(|row| Some(row.id) != own).map(touched));
    }
    for key in keys {
        let (after, action, said) = gone(key, go, batch.now);
        let line = audit_line(&batch, action, key.id, said);
        let row = Row::Key(Box::new(after));
        batch = batch.with(Write::Row(row, Expect::Version(key.version))).with(line);
    }
    Ok(batch)
}

fn gone(key: &Key, go: KeysGo, now: Timestamp) -> (Key, &'static str, String) {
    let version = key.version.saturating_add(1);
    match go {
        KeysGo::Revoke => {
            (Key { revoked_at: Some(now), version, ..key.clone() }, "key.revoked", String::new())
        }
        KeysGo::HandTo(person) => {
            (Key { person, version, ..key.clone() }, "key.handed_over", format!("to {person}"))
        }
    }
}

/// Writes it all, and lets no call go by what the keys were.
async fn finish(
    service: &Service,
    within: &Within,
    batch: Batch,
    keys: &[Key],
) -> Result<(), ServiceError> {
    let is_written = |row: &Participant| {
        batch.writes.iter().any(
            |write| matches!(write, Write::Row(Row::Participant(other), _) if other.id == row.id),
        )
    };
    let own_part: Vec<Write> =
        within.participant.iter().filter(|row| !is_written(row)).map(touched).collect();
    service.commit(own_part.into_iter().fold(batch, Batch::with)).await?;
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id).collect();
    for id in ids {
        service.calls().directory().forget_key(id);
    }
    Ok(())
}
