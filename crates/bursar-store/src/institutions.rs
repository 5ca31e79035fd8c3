//! Institutions, as records of ROR have them.

use async_trait::async_trait;
use bursar_institutions::Institution;

use crate::reads::ReadError;

/// Names that a search looks at; an institution has several.
pub const NAMES_FOUND_MAX: i64 = 60;

/// What can be asked about institutions. Not found is `None`.
#[async_trait]
pub trait InstitutionReads: Send + Sync {
    /// One, by its id of ROR.
    async fn institution(&self, ror: String) -> Result<Option<Institution>, ReadError>;
    /// Those with a name in which each word begins a word, shortest name first; at the most
    /// [`NAMES_FOUND_MAX`]. Words are as [`bursar_institutions::ror::sought`] gives them.
    async fn institutions_named(&self, words: Vec<String>) -> Result<Vec<Institution>, ReadError>;
    /// Those whose domain it is.
    async fn institutions_at(&self, domain: String) -> Result<Vec<Institution>, ReadError>;
    /// How many there are.
    async fn institution_count(&self) -> Result<u64, ReadError>;
}
