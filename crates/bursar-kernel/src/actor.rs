//! Who did something.

use serde::{Deserialize, Serialize};

use crate::ids::{KeyId, PersonId};

/// Who did something, as the audit trail and the book name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Somebody with an account.
    Person(PersonId),
    /// A gateway key.
    Key(KeyId),
    /// Whoever holds the administrator's token of this installation.
    Operator,
    /// A job that time drives, by its name.
    Job(String),
}

/// What a person may be, beyond being an applicant, which everybody may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Applies for credit and spends it.
    Researcher,
    /// Reads applications in review and advises.
    Reviewer,
    /// Runs programs: decides, releases, issues.
    Officer,
    /// Runs the installation: may do what an officer may, and turn the demonstration's clock.
    Operator,
}
