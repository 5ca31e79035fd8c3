//! Parts of rate limits.

use async_trait::async_trait;
use bursar_kernel::Timestamp;
use bursar_policy::{Lent, RateOf, Share, lend};

use super::{MemoryStore, State};
use crate::batch::CommitError;
use crate::rates::{RateReads, RateWrite};
use crate::reads::ReadError;

impl State {
    /// What was lent.
    pub(super) fn write_rates(
        &mut self,
        write: &RateWrite,
        now: Timestamp,
    ) -> Result<Option<Vec<Lent>>, CommitError> {
        match write {
            RateWrite::Lend(ask) => {
                let shares = self.shares.entry(ask.of.clone()).or_default();
                let (written, lent) = lend(shares, ask, now).map_err(CommitError::Full)?;
                let key = |share: &Share| (share.by, share.measure, share.stretch);
                for new in written {
                    shares.retain(|share| key(share) != key(&new));
                    shares.push(new);
                }
                shares.retain(|share| 0 < share.amount && share.counts(now));
                return Ok(Some(lent));
            }
            RateWrite::AskBack { of, by } => {
                for share in self.shares.entry((**of).clone()).or_default() {
                    if share.by != *by {
                        share.free_at = None;
                    }
                }
            }
            RateWrite::End(by) => {
                for share in self.shares.values_mut().flatten().filter(|share| share.by == *by) {
                    *share = share.ended(now);
                }
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl RateReads for MemoryStore {
    async fn shares(&self, of: RateOf) -> Result<Vec<Share>, ReadError> {
        let mut shares = self.state().shares.get(&of).cloned().unwrap_or_default();
        shares.sort_by_key(|share| (share.measure.name(), share.by.to_bytes(), share.stretch));
        Ok(shares)
    }
}
