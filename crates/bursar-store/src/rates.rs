//! Parts of rate limits: who has them, and how they are written.

use async_trait::async_trait;
use bursar_kernel::PersonId;
use bursar_policy::{Borrower, RateAsk, RateOf, Share};

use crate::reads::ReadError;

/// What is written of parts of rate limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateWrite {
    /// Lends parts, and takes back what is given back: decided where it is written, by
    /// [`bursar_policy::lend`]. What was lent stands in the receipt.
    Lend(Box<RateAsk>),
    /// Asks others for what they have of somebody's limits and do not use: until they have said
    /// what they keep, nobody knows when it comes free.
    AskBack {
        /// Of whose limits.
        of: Box<RateOf>,
        /// Who asks, and is not asked.
        by: Borrower,
    },
    /// Ends all that a process has until it gives it back, or a batch's place in its queue. What
    /// was let through on it goes on counting.
    End(Borrower),
}

impl RateWrite {
    /// Whose processes are asked for what they do not use.
    pub(crate) const fn asks(&self) -> Option<PersonId> {
        match self {
            Self::AskBack { of, .. } => Some(of.holder),
            Self::Lend(_) | Self::End(_) => None,
        }
    }
}

/// What can be asked about parts of rate limits.
#[async_trait]
pub trait RateReads: Send + Sync {
    /// The parts of somebody's limits, those that count no longer perhaps included.
    async fn shares(&self, of: RateOf) -> Result<Vec<Share>, ReadError>;
}
