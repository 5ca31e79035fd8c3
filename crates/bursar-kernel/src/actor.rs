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

/// What somebody may do in an application that is not theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Read it, and edit the draft.
    Edit,
    /// Read it.
    View,
}

impl MemberRole {
    /// The name that forms, columns and JSON use: `edit`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::View => "view",
        }
    }

    /// The role that has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Edit, Self::View].into_iter().find(|role| role.name() == name)
    }
}

/// What somebody may do in a grant that is not theirs. Whoever holds it is its owner and needs no
/// role: an owner is never invited, and never taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantRole {
    /// Runs its studies and its keys, and who spends it: never passes credit on.
    Manager,
    /// Makes keys of their own where they belong, and sees what those spend.
    Member,
    /// Sees every figure, and changes nothing.
    ReadOnly,
}

impl GrantRole {
    /// Every role, from the one that may do most.
    pub const ALL: [Self; 3] = [Self::Manager, Self::Member, Self::ReadOnly];

    /// The name that forms, columns and JSON use: `read_only`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Member => "member",
            Self::ReadOnly => "read_only",
        }
    }

    /// The role that has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Its name in a sentence: `a manager`, `read-only`.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Manager => "a manager",
            Self::Member => "a member",
            Self::ReadOnly => "read-only",
        }
    }
}
