//! The keys of upstreams that are kept sealed: opened here, and exchanged while calls use them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bursar_sources::{MasterKeys, SealError, Sealed, SecretSlot};
use bursar_store::ReadError;
use bursar_store::rows::{SealedBytes, SealedSecret};
use secrecy::SecretString;
use tracing::{error, info};

use crate::Calls;

/// The slots of upstreams' keys, by the upstream's name.
#[derive(Default)]
pub(crate) struct UpstreamKeys {
    slots: Mutex<BTreeMap<String, Arc<SecretSlot>>>,
    /// One look at a time: what was read earlier never overwrites what was read later.
    learning: tokio::sync::Mutex<()>,
}

impl UpstreamKeys {
    fn slots(&self) -> MutexGuard<'_, BTreeMap<String, Arc<SecretSlot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// Where an upstream's key is, where somebody has sealed one. Without one, its configuration's
    /// holds.
    pub fn upstream_key(&self, name: &str) -> Arc<SecretSlot> {
        Arc::clone(self.upstream_keys.slots().entry(name.to_owned()).or_default())
    }

    /// What seals and opens secrets here.
    pub const fn master_keys(&self) -> &MasterKeys {
        &self.master_keys
    }

    /// Opens the keys of upstreams. Before the first call, and whenever one may have changed. One
    /// that does not open leaves its upstream with the key that it had, and says so in the log:
    /// others go on.
    pub async fn learn_upstream_keys(&self) -> Result<(), ReadError> {
        let _one_at_a_time = self.upstream_keys.learning.lock().await;
        for row in self.store.sealed_secrets().await? {
            let Some(name) = row.upstream() else { continue };
            let slot = self.upstream_key(name);
            match self.opened(&row) {
                Ok(key) => {
                    if slot.put(key) {
                        info!(upstream = name, "upstream `{name}` has another key from now on");
                    }
                }
                Err(error) => {
                    error!(upstream = name, %error, "failed to open the key of upstream `{name}`");
                }
            }
        }
        Ok(())
    }

    /// The secret of a row; `None` where it was taken out.
    pub fn opened(&self, row: &SealedSecret) -> Result<Option<SecretString>, SealError> {
        let Some(bytes) = &row.sealed else { return Ok(None) };
        let sealed = Sealed::from_hex(&bytes.key, &bytes.bytes).ok_or(SealError::Broken)?;
        self.master_keys.open(&row.purpose, &sealed).map(Some)
    }

    /// Seals a secret for a purpose, to be kept.
    pub fn seal(&self, purpose: &str, secret: &SecretString) -> Result<SealedBytes, SealError> {
        let sealed = self.master_keys.seal(purpose, secret)?;
        let (bytes, fingerprint) = (sealed.to_hex(), bursar_sources::fingerprint(secret));
        Ok(SealedBytes { key: sealed.key, bytes, fingerprint })
    }
}
