//! What can be asked about payment cards.

use async_trait::async_trait;
use bursar_kernel::{CardCheckId, PersonId, Timestamp};

use crate::reads::ReadError;
use crate::rows::{Card, CardCheck};

/// Which checks of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardCheckFilter {
    /// All of somebody's, latest first.
    Person(PersonId),
    /// Those that are open and to be asked about by an instant, the longest due first.
    Due(Timestamp),
}

/// What can be asked about payment cards. Not found is `None`.
#[async_trait]
pub trait CardReads: Send + Sync {
    /// Somebody's card.
    async fn card(&self, person: PersonId) -> Result<Option<Card>, ReadError>;
    /// A check.
    async fn card_check(&self, id: CardCheckId) -> Result<Option<CardCheck>, ReadError>;
    /// Checks, in the order that the filter says.
    async fn card_checks(&self, which: CardCheckFilter) -> Result<Vec<CardCheck>, ReadError>;
}
