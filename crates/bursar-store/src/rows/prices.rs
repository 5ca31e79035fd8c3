//! Price tables: proposed, and from an instant on what calls are priced by.

use bursar_kernel::{Actor, PriceVersion, Timestamp};
use serde::{Deserialize, Serialize};

/// A price table, as a catalog file. What it once priced stays priced by it: it is never deleted,
/// and its prices never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTable {
    /// What every charge names; also its name.
    pub version: PriceVersion,
    /// The catalog file.
    pub document: String,
    /// Who brought it.
    pub proposed_by: Actor,
    /// When.
    pub proposed_at: Timestamp,
    /// What became of it.
    pub standing: PriceStanding,
    /// The version of this row: grows by one with each change.
    pub row_version: u64,
}

/// What became of a price table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceStanding {
    /// Somebody has to look at it.
    Proposed,
    /// It prices what begins from an instant on, until a later one does.
    Approved {
        /// Who looked at it.
        by: Actor,
        /// When.
        at: Timestamp,
        /// From when on it holds. Never before `at`: what is charged stays charged.
        from: Timestamp,
    },
    /// It is not used, and never was.
    Rejected {
        /// Who said so.
        by: Actor,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

impl PriceStanding {
    /// Its name in columns and answers.
    pub const fn state(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
        }
    }

    /// From when on it holds, where it was approved; and when that was, which tells which of two
    /// holds that do from the same instant on.
    pub const fn holds_from(&self) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Approved { from, at, .. } => Some((*from, *at)),
            Self::Proposed | Self::Rejected { .. } => None,
        }
    }
}
