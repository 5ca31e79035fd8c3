//! Who somebody is at a provider.

use bursar_kernel::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

/// Who somebody is at a provider, and whose account that is a way into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// The provider's issuer; with the subject also its name.
    pub issuer: String,
    /// Who, by the issuer's own name.
    pub subject: String,
    /// Whose account; nobody's once it was removed.
    pub person: Option<PersonId>,
    /// The provider, as the configuration named it.
    pub provider: String,
    /// The mail address that the provider had seen to be theirs.
    pub email: Option<String>,
    /// Their ORCID iD, from ORCID itself.
    pub orcid: Option<String>,
    /// Since when, or since when not any more.
    pub at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}
