//! Keys: made once, shown once, capped anew at any time, stopped at once.

use bursar_award::participants::Participant;
use bursar_kernel::limits::{KEYS_PER_GRANT_MAX, NAME_CHARACTERS_MAX};
use bursar_kernel::{Cap, GrantId, KeyId, PersonId, Scope, StudyId, Timestamp, TransferId, Usd};
use bursar_ledger::Command;
use bursar_policy::Viewer;
use bursar_service::{
    Secret, Service, ServiceError, Within, audit_line, batch_of, check_not_voided, entropy,
};
use bursar_store::rows::{Key, Study};
use bursar_store::{Expect, Row, Write};

use crate::rights::{Capped, give_rights, more_rights};
use crate::studies::check_scope;

/// What every key begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "sk-bursar-";

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The grant whose credit it spends.
    pub grant: GrantId,
    /// Whom it is for: somebody who takes part in the grant, or its holder. `None` for whoever
    /// makes it; the installation's own token makes keys for the holder.
    pub person: Option<PersonId>,
    /// What its maker calls it.
    pub name: String,
    /// What it may spend in all, if less than the grant.
    pub cap: Option<Usd>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// The study that it belongs to, for good.
    pub study: Option<StudyId>,
    /// The models and endpoints that it is for.
    pub scope: Scope,
}

impl NewKey {
    /// A key that may do whatever its grant may.
    pub fn of(grant: GrantId, name: impl Into<String>) -> Self {
        let (name, scope) = (name.into(), Scope::default());
        Self { grant, person: None, name, cap: None, expires_at: None, study: None, scope }
    }
}

/// A key that was just made.
#[derive(Debug)]
pub struct MadeKey {
    /// Its row.
    pub key: Key,
    /// Its secret, which nobody can ask for again.
    pub secret: Secret,
}

/// Makes a key for a grant.
pub async fn make_key(
    service: &Service,
    viewer: &Viewer,
    wanted: NewKey,
) -> Result<MadeKey, ServiceError> {
    let within = service.within(viewer, wanted.grant).await?;
    let grant = &within.grant;
    let person = wanted.person.or_else(|| viewer.person()).unwrap_or(grant.holder);
    within.allow(within.may_manage_key(person, wanted.study))?;
    let part = part_for(service, &within, (person, "person"), wanted.study).await?;
    let now = service.now();
    check_not_voided(grant)?;
    check(service, &wanted, now)?;
    if let Some(study) = wanted.study {
        let study = service.store().study(study).await?.filter(|study| study.grant == grant.id);
        let missing = || ServiceError::field("study", "Choose a study of this grant");
        check_open(&study.ok_or_else(missing)?)?;
    }
    let usable = |key: &&Key| key.revoked_at.is_none();
    if KEYS_PER_GRANT_MAX <= service.store().keys(grant.id).await?.iter().filter(usable).count() {
        let text =
            format!("have more than {KEYS_PER_GRANT_MAX} keys for a grant\nhint: revoke one first");
        return Err(ServiceError::Refused(text));
    }
    let secret = Secret::draw(PREFIX);
    let key = Key {
        id: KeyId::new(now, entropy::draw()),
        grant: grant.id,
        holder: grant.holder,
        person,
        name: wanted.name.trim().to_owned(),
        secret_hash: secret.hash(),
        hint: secret.hint(),
        cap: wanted.cap,
        study: wanted.study,
        scope: wanted.scope,
        created_at: now,
        expires_at: wanted.expires_at,
        revoked_at: None,
        version: 1,
    };
    let mut batch = batch_of(viewer, now)?;
    // Whoever is taken out meanwhile neither makes a key nor gets one.
    let own_part = within.participant.filter(|own| part.as_ref().is_none_or(|it| it.id != own.id));
    batch.writes.extend(own_part.iter().chain(&part).map(touched));
    let line = audit_line(&batch, "key.made", key.id, format!("{} for {person}", key.grant));
    if let Some(amount) = wanted.cap {
        let id = TransferId::new(now, entropy::draw());
        batch = batch.with(Command::Allow { id, cap: Cap::Key(key.id), amount });
    }
    let row = Write::Row(Row::Key(Box::new(key.clone())), Expect::New);
    service.commit(batch.with(row).with(line)).await?;
    Ok(MadeKey { key, secret })
}

/// Changes what a key may spend in all, what it has spent so far included; `None` lets it spend
/// the whole grant. A lowered cap holds at once in the book, and when this returns nodes have
/// given back what they had borrowed: calls in flight end under their holds, and what those
/// give back is lent to nobody.
pub async fn change_cap(
    service: &Service,
    viewer: &Viewer,
    id: KeyId,
    cap: Option<Usd>,
) -> Result<Key, ServiceError> {
    let key = usable_key(service, viewer, id).await?;
    check_cap(cap)?;
    let before = key.cap;
    if before != cap {
        let mut batch = batch_of(viewer, service.now())?;
        let more = more_for(service, &key, cap).await?;
        for command in give_rights(service, Cap::Key(id), more, batch.now).await? {
            batch = batch.with(command);
        }
        let said = format!("{} to {}", in_words(before), in_words(cap));
        let line = audit_line(&batch, "key.cap_changed", id, said);
        let version = key.version;
        let changed = Key { cap, version: version.saturating_add(1), ..key.clone() };
        let row = Write::Row(Row::Key(Box::new(changed)), Expect::Version(version));
        service.commit(batch.with(row).with(line)).await?;
        service.calls().directory().forget_key(id);
    }
    // Also when it was changed before: whoever asked then may not have lived to do this.
    if cap.is_some_and(|cap| before.is_none_or(|before| cap <= before)) {
        service.calls().borrower().bring_rights_back(Cap::Key(id)).await;
    }
    Ok(Key { cap, version: key.version.saturating_add(u64::from(before != cap)), ..key })
}

/// A key that the viewer may manage and that still works.
async fn usable_key(service: &Service, viewer: &Viewer, id: KeyId) -> Result<Key, ServiceError> {
    let key = managed_key(service, viewer, id).await?;
    let ended = if key.revoked_at.is_some() {
        "was revoked"
    } else if key.expires_at.is_some_and(|at| at <= service.now()) {
        "has expired"
    } else {
        return Ok(key);
    };
    let text = format!("change the cap of a key that {ended}\nhint: make another key");
    Err(ServiceError::Refused(text))
}

async fn managed_key(service: &Service, viewer: &Viewer, id: KeyId) -> Result<Key, ServiceError> {
    let missing = || ServiceError::NotFound(format!("key `{id}`"));
    let key = service.store().key(id).await?.ok_or_else(missing)?;
    let within = service.within(viewer, key.grant).await.map_err(|_| missing())?;
    if !within.sees_key(&key) {
        return Err(missing());
    }
    within.allow(within.may_manage_key(key.person, key.study))?;
    Ok(key)
}

/// The row of somebody who is to have a key; `None` for the holder, who has none. `field` is where
/// they were named.
pub(crate) async fn part_for(
    service: &Service,
    within: &Within,
    (person, field): (PersonId, &str),
    study: Option<StudyId>,
) -> Result<Option<Participant>, ServiceError> {
    if person == within.grant.holder {
        return Ok(None);
    }
    let rows = service.store().participants(within.grant.id).await?;
    let row = rows.into_iter().find(|row| row.part_of(person).is_some());
    let row = row.ok_or_else(|| {
        ServiceError::field(field, "Choose somebody who takes part in this grant")
    })?;
    if row.part.keeps_key(study) {
        Ok(Some(row))
    } else {
        let message = "Choose somebody who may have keys there: a study of theirs, or a manager";
        Err(ServiceError::field(field, message))
    }
}

/// A row one version on, so that nothing else is decided on the one that was read.
pub(crate) fn touched(row: &Participant) -> Write {
    Write::Row(Row::Participant(Box::new(row.touched())), Expect::Version(row.version))
}

/// Stops a key. Calls in flight end under their holds; no new one begins.
pub async fn revoke_key(service: &Service, viewer: &Viewer, id: KeyId) -> Result<(), ServiceError> {
    let key = managed_key(service, viewer, id).await?;
    if key.revoked_at.is_some() {
        return Ok(());
    }
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "key.revoked", id, "");
    let before = key.version;
    let revoked = Key { revoked_at: Some(batch.now), version: before.saturating_add(1), ..key };
    let row = Write::Row(Row::Key(Box::new(revoked)), Expect::Version(before));
    service.commit(batch.with(row).with(line)).await?;
    service.calls().directory().forget_key(id);
    Ok(())
}

/// How many more rights a key needs for a cap, or what is wrong with it.
async fn more_for(service: &Service, key: &Key, cap: Option<Usd>) -> Result<Usd, ServiceError> {
    let spends = service.store().spend_by_key(key.grant).await?;
    let spent = spends.into_iter().find(|(id, _)| *id == key.id);
    let spent = spent.map_or(Usd::ZERO, |(_, spend)| spend.cost);
    if key.cap.is_none() && cap.is_some_and(|cap| cap <= spent) {
        let message = format!("The key has spent ${spent}: enter more, or revoke it");
        return Err(ServiceError::field("cap", message));
    }
    let of = Capped { cap: Cap::Key(key.id), spent };
    let more = more_rights(service, &of, (key.cap, cap)).await?;
    more.ok_or_else(|| ServiceError::field("cap", "The cap is more than the books can hold"))
}

/// A study that was closed makes no keys.
fn check_open(study: &Study) -> Result<(), ServiceError> {
    if study.closed_at.is_some() {
        let text =
            format!("make a key for `{}`, which is closed\nhint: choose another", study.terms.name);
        return Err(ServiceError::Refused(text));
    }
    Ok(())
}

fn check(service: &Service, wanted: &NewKey, now: Timestamp) -> Result<(), ServiceError> {
    let name = wanted.name.trim();
    if name.is_empty() {
        return Err(ServiceError::field("name", "Enter a name for the key"));
    }
    if NAME_CHARACTERS_MAX < name.chars().count() || name.chars().any(char::is_control) {
        let message = format!("The name must be {NAME_CHARACTERS_MAX} characters or fewer");
        return Err(ServiceError::field("name", message));
    }
    check_cap(wanted.cap)?;
    if wanted.expires_at.is_some_and(|at| at <= now) {
        return Err(ServiceError::field("expires", "The expiry must be later than now"));
    }
    check_scope(service, &wanted.scope)?;
    Ok(())
}

fn check_cap(cap: Option<Usd>) -> Result<(), ServiceError> {
    if cap.is_some_and(|cap| !cap.is_positive()) {
        return Err(ServiceError::field("cap", "The cap must be more than $0"));
    }
    Ok(())
}

fn in_words(cap: Option<Usd>) -> String {
    cap.map_or_else(|| "no cap".to_owned(), |cap| format!("${cap}"))
}
