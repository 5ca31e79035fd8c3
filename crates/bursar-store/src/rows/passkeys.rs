//! Passkeys: what is kept of a key that never leaves its device.

use bursar_kernel::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

/// A passkey. Removed, it stays as a row of nobody's without a key, so that it is known as removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its name in the protocol, in base64url.
    pub id: String,
    /// Whose account it is a way into; nobody's once it was removed.
    pub person: Option<PersonId>,
    /// What its holder calls it.
    pub name: String,
    /// Its public key as its device wrote it (COSE), in base64url.
    pub public_key: String,
    /// How often it had signed when it was last used; 0 where it does not count.
    pub count: u32,
    /// Whether its keeper copies it to other devices of its holder.
    pub can_be_copied: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_used_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}
