//! What an officer or the administrator has stopped, and started again.

use bursar_kernel::{Actor, GrantId, ProgramId, Timestamp};
use serde::{Deserialize, Serialize};

/// What can be stopped: calls of it, or to it, do not begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stoppable {
    /// The calls of all grants of a program.
    Program(ProgramId),
    /// The calls of a grant.
    Grant(GrantId),
    /// What goes to an upstream, by its name in the configuration.
    Upstream(String),
}

impl Stoppable {
    /// Which kind it is, as columns and audit lines have it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Program(_) => "program",
            Self::Grant(_) => "grant",
            Self::Upstream(_) => "upstream",
        }
    }

    /// Which one of its kind.
    pub fn name(&self) -> String {
        match self {
            Self::Program(program) => program.to_string(),
            Self::Grant(grant) => grant.to_string(),
            Self::Upstream(name) => name.clone(),
        }
    }
}

/// The last word on whether something is stopped. What nobody ever stopped has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// What; also its name.
    pub of: Stoppable,
    /// Whether it is stopped now; otherwise it was started again.
    pub is_stopped: bool,
    /// Why it was stopped, or started again.
    pub reason: String,
    /// Who said so.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

impl Stop {
    /// Its name in columns, lines and answers.
    pub const fn state(&self) -> &'static str {
        if self.is_stopped { "stopped" } else { "started" }
    }
}
