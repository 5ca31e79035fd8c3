//! Wishes to be forgotten.

use bursar_kernel::{MailId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use super::SecretHash;

/// Somebody's wish to have all about them erased. The last one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Whose; also its name.
    pub person: PersonId,
    /// The hash of the secret in the letter's link.
    pub secret_hash: SecretHash,
    /// Whether credit that is left goes back to its pools, where it may; else it expires.
    pub returns_credit: bool,
    /// Where it stands.
    pub state: ErasureState,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When the link stops working; once it was used, when everything is erased.
    pub due_at: Timestamp,
    /// The letter that says goodbye; it goes once it was sent.
    pub parting: Option<MailId>,
    /// Grows by one with each change.
    pub version: u64,
}

/// Where an erasure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// Its link is on its way.
    Asked,
    /// It was confirmed, and waits for its day.
    Confirmed,
    /// Its person took it back, or something stood in its way on its day.
    Cancelled,
    /// Everything is erased but the letter that says so, with the address that it goes to.
    Parting,
    /// Everything is erased.
    Done,
}

impl ErasureState {
    /// Its name in columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Parting => "parting",
            Self::Done => "done",
        }
    }
}
