//! What can be asked about what grants made in an upstream's account.

use async_trait::async_trait;
use bursar_kernel::{BelongingId, GrantId};

use crate::reads::ReadError;
use crate::rows::{Belonging, BelongingKind};

/// Which belongings. What was deleted is never among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BelongingFilter {
    /// One page of a grant's.
    Page {
        /// Whose.
        grant: GrantId,
        /// Of what kind.
        kind: BelongingKind,
        /// Only files for this purpose.
        purpose: Option<String>,
        /// Only those that come after this one.
        after: Option<BelongingId>,
        /// Whether the latest comes first.
        latest_first: bool,
        /// At the most so many.
        limit: usize,
    },
    /// Those whose hold is open, the oldest first: so many at the most.
    Open(usize),
    /// The same of one grant and kind.
    OpenOf {
        /// Whose.
        grant: GrantId,
        /// Of what kind.
        kind: BelongingKind,
        /// At the most so many.
        limit: usize,
    },
}

/// What can be asked about what grants made in an upstream's account. Not found is `None`.
#[async_trait]
pub trait BelongingReads: Send + Sync {
    /// What a grant calls by a name, and has not deleted.
    async fn belonging(
        &self,
        grant: GrantId,
        kind: BelongingKind,
        upstream_id: String,
    ) -> Result<Option<Belonging>, ReadError>;
    /// One by its name here, deleted or not.
    async fn belonging_named(&self, id: BelongingId) -> Result<Option<Belonging>, ReadError>;
    /// Belongings, in the order that the filter says.
    async fn belongings(&self, which: BelongingFilter) -> Result<Vec<Belonging>, ReadError>;
}
