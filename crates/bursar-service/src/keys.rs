//! Keys: made once, shown once, stopped at once.

use bursar_kernel::limits::{KEYS_PER_GRANT_MAX, NAME_CHARACTERS_MAX};
use bursar_kernel::{GrantId, KeyId, Timestamp, TransferId, Usd};
use bursar_ledger::Command;
use bursar_policy::{Action, Viewer};
use bursar_store::rows::Key;
use bursar_store::{Expect, Row, Write};

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

    /// Stops a key. Calls in flight end under their holds; no new one begins.
    pub async fn revoke_key(&self, viewer: &Viewer, id: KeyId) -> Result<(), ServiceError> {
        let missing = || ServiceError::NotFound(format!("key `{id}`"));
        let key = self.store.key(id).await?.ok_or_else(missing)?;
        self.readable_grant(viewer, key.grant).await.map_err(|_| missing())?;
        crate::allow(viewer, Action::ManageKeys { holder: key.holder })?;
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
    if wanted.cap.is_some_and(|cap| !cap.is_positive()) {
        return Err(ServiceError::field("cap", "The cap must be more than $0"));
    }
    if wanted.expires_at.is_some_and(|at| at <= now) {
        return Err(ServiceError::field("expires", "The expiry must be later than now"));
    }
    Ok(())
}
