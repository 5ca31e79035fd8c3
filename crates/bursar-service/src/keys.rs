//! Keys: made once, shown once, capped anew at any time, stopped at once.

use bursar_kernel::limits::{KEYS_PER_GRANT_MAX, NAME_CHARACTERS_MAX};
use bursar_kernel::{GrantId, KeyId, Timestamp, TransferId, Usd};
use bursar_ledger::{Account, Command, Leased};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::Key;
use bursar_store::{Expect, LeaseFilter, Row, Write};

use crate::{Secret, Service, ServiceError, entropy};

/// What every key begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "sk-bursar-";

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The grant whose credit it spends.
    pub grant: GrantId,
    /// What its maker calls it.
    pub name: String,
    /// What it may spend in all, if less than the grant.
    pub cap: Option<Usd>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Debug)]
pub struct MadeKey {
    /// Its row.
    pub key: Key,
    /// Its secret, which nobody can ask for again.
    pub secret: Secret,
}

impl Service {
    /// Makes a key for a grant.
    pub async fn make_key(&self, viewer: &Viewer, wanted: NewKey) -> Result<MadeKey, ServiceError> {
        let grant = self.readable_grant(viewer, wanted.grant).await?;
        crate::allow(viewer, Action::ManageKeys { holder: grant.holder })?;
        let now = self.now();
        crate::taking_back::check_not_voided(&grant)?;
        check(&wanted, now)?;
        let usable = |key: &&Key| key.revoked_at.is_none();
        if KEYS_PER_GRANT_MAX <= self.store.keys(grant.id).await?.iter().filter(usable).count() {
            let text = format!(
                "have more than {KEYS_PER_GRANT_MAX} keys for a grant\nhint: revoke one first"
            );
            return Err(ServiceError::Refused(text));
        }
        let secret = Secret::draw(PREFIX);
        let key = Key {
            id: KeyId::new(now, entropy::draw()),
            grant: grant.id,
            holder: grant.holder,
            name: wanted.name.trim().to_owned(),
            secret_hash: secret.hash(),
            hint: secret.hint(),
            cap: wanted.cap,
            created_at: now,
            expires_at: wanted.expires_at,
            revoked_at: None,
            version: 1,
        };
        let mut batch = crate::batch_of(viewer, now)?;
        let line = crate::audit_line(&batch, "key.made", key.id, grant.id.to_string());
        if let Some(amount) = wanted.cap {
            let id = TransferId::new(now, entropy::draw());
            batch = batch.with(Command::AllowKey { id, key: key.id, amount });
        }
        let row = Write::Row(Row::Key(Box::new(key.clone())), Expect::New);
        self.commit(batch.with(row).with(line)).await?;
        Ok(MadeKey { key, secret })
    }

    /// Changes what a key may spend in all, what it has spent so far included; `None` lets it spend
    /// the whole grant. A lowered cap holds at once in the book, and when this returns nodes have
    /// given back what they had borrowed: calls in flight end under their holds, and what those
    /// give back is lent to nobody.
    pub async fn change_cap(
        &self,
        viewer: &Viewer,
        id: KeyId,
        cap: Option<Usd>,
    ) -> Result<Key, ServiceError> {
        let key = self.usable_key(viewer, id).await?;
        check_cap(cap)?;
        let before = key.cap;
        if before != cap {
            let mut batch = crate::batch_of(viewer, self.now())?;
            let more = self.more_rights(&key, cap).await?;
            for command in self.give_rights(id, more, batch.now).await? {
                batch = batch.with(command);
            }
            let said = format!("{} to {}", in_words(before), in_words(cap));
            let line = crate::audit_line(&batch, "key.cap_changed", id, said);
            let version = key.version;
            let changed = Key { cap, version: version.saturating_add(1), ..key.clone() };
            let row = Write::Row(Row::Key(Box::new(changed)), Expect::Version(version));
            self.commit(batch.with(row).with(line)).await?;
            self.calls.directory().forget_key(id);
        }
        // Also when it was changed before: whoever asked then may not have lived to do this.
        if cap.is_some_and(|cap| before.is_none_or(|before| cap <= before)) {
            self.calls.borrower().bring_rights_back(id).await;
        }
        Ok(Key { cap, version: key.version.saturating_add(u64::from(before != cap)), ..key })
    }

    /// How many more rights a key needs for a cap; below zero if it has too many. A key that has a
    /// cap has rights as the cap says; of one that has none, what it has spent is counted.
    async fn more_rights(&self, key: &Key, cap: Option<Usd>) -> Result<Usd, ServiceError> {
        let too_much = || ServiceError::field("cap", "The cap is more than the books can hold");
        match (key.cap, cap) {
            (_, None) => Ok(Usd::ZERO),
            (Some(before), Some(cap)) => cap.checked_sub(before).ok_or_else(too_much),
            (None, Some(cap)) => {
                let spends = self.store.spend_by_key(key.grant).await?;
                let spent = spends.into_iter().find(|(id, _)| *id == key.id);
                let spent = spent.map_or(Usd::ZERO, |(_, spend)| spend.cost);
                if cap <= spent {
                    let message = format!("The key has spent ${spent}: enter more, or revoke it");
                    return Err(ServiceError::field("cap", message));
                }
                // What is left of an earlier cap.
                let mut accounts = Vec::from(Account::of_key(key.id));
                let leases = self.store.leases(LeaseFilter::Of(Leased::Cap(key.id))).await?;
                accounts.extend(leases.iter().map(|state| state.lease.account()));
                let mut more = cap.checked_sub(spent).ok_or_else(too_much)?;
                for account in accounts {
                    let posted = self.store.balance(account).await?.posted;
                    more = more.checked_sub(posted).ok_or_else(too_much)?;
                }
                Ok(more)
            }
        }
    }

    /// What gives a key more rights, or fewer: what lowered caps have taken is given back first.
    async fn give_rights(
        &self,
        key: KeyId,
        more: Usd,
        now: Timestamp,
    ) -> Result<Vec<Command>, ServiceError> {
        let id = || TransferId::new(now, entropy::draw());
        let less = Usd::ZERO.checked_sub(more).unwrap_or(Usd::MAX);
        if less.is_positive() {
            return Ok(vec![Command::CutKey { id: id(), key, amount: less }]);
        }
        let taken = self.store.balance(Account::KeyCut(key)).await?.posted;
        let taken = Usd::ZERO.checked_sub(taken).unwrap_or(Usd::ZERO);
        let restored = more.min(taken);
        let allowed = more.checked_sub(restored).unwrap_or(Usd::ZERO);
        let mut commands = Vec::with_capacity(2);
        if restored.is_positive() {
            commands.push(Command::RestoreKey { id: id(), key, amount: restored });
        }
        if allowed.is_positive() {
            commands.push(Command::AllowKey { id: id(), key, amount: allowed });
        }
        Ok(commands)
    }

    /// A key that the viewer may manage and that still works.
    async fn usable_key(&self, viewer: &Viewer, id: KeyId) -> Result<Key, ServiceError> {
        let key = self.managed_key(viewer, id).await?;
        let ended = if key.revoked_at.is_some() {
            "was revoked"
        } else if key.expires_at.is_some_and(|at| at <= self.now()) {
            "has expired"
        } else {
            return Ok(key);
        };
        let text = format!("change the cap of a key that {ended}\nhint: make another key");
        Err(ServiceError::Refused(text))
    }

    async fn managed_key(&self, viewer: &Viewer, id: KeyId) -> Result<Key, ServiceError> {
        let missing = || ServiceError::NotFound(format!("key `{id}`"));
        let key = self.store.key(id).await?.ok_or_else(missing)?;
        self.readable_grant(viewer, key.grant).await.map_err(|_| missing())?;
        crate::allow(viewer, Action::ManageKeys { holder: key.holder })?;
        Ok(key)
    }

    /// Stops a key. Calls in flight end under their holds; no new one begins.
    pub async fn revoke_key(&self, viewer: &Viewer, id: KeyId) -> Result<(), ServiceError> {
        let key = self.managed_key(viewer, id).await?;
        if key.revoked_at.is_some() {
            return Ok(());
        }
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, "key.revoked", id, "");
        let before = key.version;
        let revoked = Key { revoked_at: Some(batch.now), version: before.saturating_add(1), ..key };
        let row = Write::Row(Row::Key(Box::new(revoked)), Expect::Version(before));
        self.commit(batch.with(row).with(line)).await?;
        self.calls.directory().forget_key(id);
        Ok(())
    }
}

fn check(wanted: &NewKey, now: Timestamp) -> Result<(), ServiceError> {
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
