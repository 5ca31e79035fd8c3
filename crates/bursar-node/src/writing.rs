//! What calls cost, on its way to the store: whole groups, offered until they are written.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bursar_ledger::Outcome;
use bursar_store::rows::Basis;
use bursar_store::{Batch, CommitError, Expect, ReadError, Receipt, Row, Write};
use tracing::{error, warn};

use crate::{Borrower, Work};

/// How long apart a group is offered to a store that is out of reach.
const WRITE_AGAIN_AFTER: Duration = Duration::from_millis(200);

impl Borrower {
    /// Writes a group, however long the store is out of reach: what it says has happened.
    pub(super) async fn write(self: Arc<Self>, mut work: Work) {
        let receipt = match self.commit(&mut work.batch).await {
            Ok(receipt) => receipt,
            Err(refused) => {
                error!(
                    error = %refused,
                    "the store refuses what this process reports: no call is begun any more\n\
                     hint: restart it; what it may have spent goes to suspense, and \
                     `bursar verify` shows the books"
                );
                self.lock().stop();
                return;
            }
        };
        let mut state = self.lock();
        state.reached(true);
        state.is_writing = false;
        if let Some(group) = &work.group {
            let mut late = Vec::with_capacity(group.reports.len());
            for (report, outcome) in group.reports.iter().zip(&receipt.outcomes) {
                let Outcome::Reported { is_late, overrun, left } = outcome else { continue };
                late.push(*is_late);
                state.heard_of(report.lease, *left);
                if overrun.is_positive() && *is_late {
                    error!(
                        lease.id = %report.lease, overrun_usd = %overrun,
                        "calls cost more than the suspense of their ended lease has left: \
                         somebody has settled it, or a bound is wrong"
                    );
                } else if overrun.is_positive() {
                    error!(
                        lease.id = %report.lease, overrun_usd = %overrun,
                        "an upstream billed above its holds, and no lot could pay: a bound is wrong"
                    );
                }
            }
            state.node.group_committed(group, &late);
        }
        for waiter in work.durable {
            // Whoever waited may have left.
            let _ = waiter.send(());
        }
        self.pump(&mut state);
    }

    /// Offers a batch until it is written, or refused.
    async fn commit(&self, batch: &mut Batch) -> Result<Receipt, CommitError> {
        loop {
            let reason = match self.store.commit(batch.clone()).await {
                Ok(receipt) => return Ok(receipt),
                Err(CommitError::Unavailable(reason)) => reason,
                Err(CommitError::Conflict(what)) => match self.leave_known(batch).await {
                    Ok(0) => return Err(CommitError::Conflict(what)),
                    Ok(_) => continue,
                    Err(error) => error.to_string(),
                },
                Err(refused @ (CommitError::Refused(_) | CommitError::Full(_))) => {
                    return Err(refused);
                }
            };
            warn!(reason, "the store cannot take in what calls cost yet");
            self.lock().reached(false);
            tokio::time::sleep(WRITE_AGAIN_AFTER).await;
        }
    }

    /// Takes out of a batch the rows of calls that are there already, and says how many there were:
    /// those that an operator has settled while nothing was heard of this process, since what the
    /// operator knew stands, and the book leaves out the charges of those calls in the same way;
    /// and those that this process wrote without hearing that it had, whose report counts once.
    async fn leave_known(&self, batch: &mut Batch) -> Result<usize, ReadError> {
        let mut left = HashSet::new();
        for write in &batch.writes {
            let Write::Row(Row::Call(call), Expect::New) = write else { continue };
            let Some(known) = self.store.call(call.request).await? else { continue };
            if known.basis == Basis::Settled {
                warn!(
                    request.id = %call.request, cost_usd = %call.cost, settled_usd = %known.cost,
                    "an operator has settled call `{}` before what it cost could be written, and \
                     that stands", call.request
                );
                left.insert(call.request);
            } else if known == **call {
                left.insert(call.request);
            }
        }
        batch.writes.retain(|write| {
            let Write::Row(Row::Call(call), _) = write else { return true };
            !left.contains(&call.request)
        });
        Ok(left.len())
    }
}
