//! Secrets that have to be read again: kept sealed, under a master key that no store has.

use bursar_kernel::{Actor, Timestamp};
use serde::{Deserialize, Serialize};

/// A sealed secret. Taken out, it stays as a row without one, so that its version goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSecret {
    /// What it is for; also its name, and what it was sealed for: `upstream/openai`.
    pub purpose: String,
    /// The secret; `None` where it was taken out.
    pub sealed: Option<SealedBytes>,
    /// Who put it there, or took it out.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

/// What is kept of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedBytes {
    /// The name of the master key.
    pub key: String,
    /// What it sealed, in hexadecimal digits.
    pub bytes: String,
    /// What tells whether two secrets are the same.
    pub fingerprint: String,
}

impl SealedSecret {
    /// The purpose of an upstream's key.
    pub fn of_upstream(name: &str) -> String {
        format!("{UPSTREAM}{name}")
    }

    /// The upstream whose key it is, if it is one's.
    pub fn upstream(&self) -> Option<&str> {
        self.purpose.strip_prefix(UPSTREAM)
    }
}

const UPSTREAM: &str = "upstream/";
