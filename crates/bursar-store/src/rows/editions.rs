//! Editions of programs, as their files said them.

use bursar_kernel::{ProgramId, Timestamp};
use serde::{Deserialize, Serialize};

/// An edition of a program that was run here: what began under it goes on under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The program.
    pub program: ProgramId,
    /// Which edition.
    pub edition: u32,
    /// The file, whole.
    pub document: String,
    /// When it was first run.
    pub first_run_at: Timestamp,
}
