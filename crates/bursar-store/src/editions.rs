//! What can be asked about editions of programs.

use async_trait::async_trait;

use crate::reads::ReadError;
use crate::rows::Edition;

/// What can be asked about editions of programs.
#[async_trait]
pub trait EditionReads: Send + Sync {
    /// All that were ever run here, by program and edition. There are few: one for each change of
    /// a program's rules.
    async fn editions(&self) -> Result<Vec<Edition>, ReadError>;
}
