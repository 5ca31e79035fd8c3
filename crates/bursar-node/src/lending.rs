//! The other side of a lease: what the store is asked for, and what it lends.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bursar_kernel::limits::LEASE_SKEW_MAX;
use bursar_kernel::{Actor, Cap, Epoch, GrantId, LeaseId, Lot, LotId, Timestamp, TransferId, Usd};
use bursar_lease::{Answered, Ask, Decision, LeaseView, Loan, LotView, Short, View, Want, lend};
use bursar_ledger::{Command, LeaseCommand, Leased, Lend, Refusal, in_spending_order};
use bursar_store::{Batch, CommitError, LeaseState, LotFilter, LotState, ReadError};
use jiff::SignedDuration;
use tracing::warn;

use crate::Borrower;

/// How often a question is looked into afresh when the book has moved meanwhile.
const TRIES: u32 = 4;
/// How long apart a store that is out of reach is asked.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// A lease for a shorter time than this is of no use.
const TERM_MIN: SignedDuration = SignedDuration::from_millis(100);

/// What the lots of a grant have beside what is lent of them.
pub(super) type Beside = Vec<(LotId, (GrantId, Usd))>;

/// What becomes of a question.
pub(super) enum Answer {
    /// It is answered.
    Given(Answered, Beside),
    /// Other nodes have what is missing, on these leases.
    AskBack(Vec<LeaseState>),
}

/// What this process has of each lot and each key's rights.
#[derive(Default)]
pub(super) struct Lender {
    leases: HashMap<Leased, Borrowed>,
}

/// A lease as it was last made or made larger.
#[derive(Clone, Copy)]
struct Borrowed {
    lease: LeaseId,
    lent: Usd,
    until: Timestamp,
}

impl Lender {
    /// The lease of a lot or of a key's rights, if there is one.
    pub(super) fn lease_of(&self, of: Leased) -> Option<LeaseId> {
        self.leases.get(&of).map(|borrowed| borrowed.lease)
    }

    /// The next loan of it is another lease.
    pub(super) fn forget(&mut self, of: Leased) -> Option<LeaseId> {
        self.leases.remove(&of).map(|borrowed| borrowed.lease)
    }

    /// Answers a question of the node's, however long the store is out of reach; or says who has
    /// to be asked back first, unless they were.
    pub(super) async fn answer(
        &mut self,
        borrower: &Borrower,
        ask: &Ask,
        is_recalled: bool,
    ) -> Answer {
        let nothing = Short { is_busy: true };
        let mut tries = 0_u32;
        loop {
            let at = borrower.clock.now();
            let (view, others) = match view(borrower, ask, at).await {
                Ok(seen) => seen,
                Err(error) => {
                    warn!(%error, "the store cannot be asked for credit yet");
                    borrower.lock().reached(false);
                    tokio::time::sleep(ASK_AGAIN_AFTER).await;
                    continue;
                }
            };
            let (loans, short) = match lend(&borrower.settings, ask, &view, is_recalled) {
                Decision::Lend { loans, short } => (loans, short),
                Decision::Recall(_) => return Answer::AskBack(others),
            };
            let planned = self.plan(borrower, &view, loans, at);
            match self.commit(borrower, &planned, at).await {
                Ok(()) => {
                    borrower.lock().reached(true);
                    let beside = beside(&view, &planned);
                    let loans = planned.iter().map(|loan| loan.answer(&view, at)).collect();
                    return Answer::Given(answered(ask, loans, short), beside);
                }
                Err(refused) => {
                    tries = tries.saturating_add(1);
                    if let CommitError::Refused(Refusal::LeaseEnded(ended)) = refused {
                        self.leases.retain(|_, borrowed| borrowed.lease != ended);
                    }
                    if TRIES <= tries {
                        warn!(error = %refused, "the book lends nothing");
                        return Answer::Given(answered(ask, Vec::new(), Some(nothing)), Vec::new());
                    }
                }
            }
        }
    }

    fn plan(
        &self,
        borrower: &Borrower,
        view: &View,
        loans: Vec<(Leased, Usd, bool)>,
        at: Timestamp,
    ) -> Vec<Planned> {
        let term = i64::try_from(borrower.settings.term_ms).unwrap_or(i64::MAX);
        let plan = loans.into_iter().filter_map(|(of, amount, is_last)| {
            let before = self.leases.get(&of).copied();
            if before.is_none() && amount.is_zero() {
                return None;
            }
            let lot = view.lots.iter().find(|lot| Leased::Lot(lot.lot.id) == of);
            let until = at + SignedDuration::from_millis(term);
            let until = lot.map_or(until, |lot| until.min(last_lent(&lot.lot)));
            let new = || LeaseId::new(at, (borrower.draw)());
            let lent = before.map_or(Usd::ZERO, |before| before.lent);
            Some(Planned {
                of,
                amount,
                is_last,
                borrowed: Borrowed {
                    lease: before.map_or_else(new, |before| before.lease),
                    lent: lent.checked_add(amount)?,
                    until: before.map_or(until, |before| before.until.max(until)),
                },
            })
        });
        plan.collect()
    }

    /// Makes the loans, or says why the book did not.
    async fn commit(
        &mut self,
        borrower: &Borrower,
        planned: &[Planned],
        at: Timestamp,
    ) -> Result<(), CommitError> {
        let mut batch = Batch::new(Actor::Job("gateway".to_owned()), at);
        for loan in planned {
            batch = batch.with(Command::Lease(LeaseCommand::Lend(Lend {
                id: TransferId::new(at, (borrower.draw)()),
                lease: loan.borrowed.lease,
                node: borrower.node,
                epoch: Epoch::new(1),
                of: loan.of,
                amount: loan.amount,
                until: loan.borrowed.until,
            })));
        }
        if batch.writes.is_empty() {
            return Ok(());
        }
        loop {
            match borrower.store.commit(batch.clone()).await {
                // The same batch again: should the first have been written, it counts once.
                Err(CommitError::Unavailable(reason)) => {
                    warn!(reason, "the store cannot lend yet");
                    borrower.lock().reached(false);
                    tokio::time::sleep(ASK_AGAIN_AFTER).await;
                }
                Err(refused) => return Err(refused),
                Ok(_) => break,
            }
        }
        self.leases.extend(planned.iter().map(|loan| (loan.of, loan.borrowed)));
        Ok(())
    }
}

/// A loan that is about to be made.
struct Planned {
    of: Leased,
    amount: Usd,
    is_last: bool,
    borrowed: Borrowed,
}

impl Planned {
    fn answer(&self, view: &View, at: Timestamp) -> Loan {
        let lot = view.lots.iter().find(|lot| Leased::Lot(lot.lot.id) == self.of);
        let valid = self.borrowed.until.duration_since(at).as_millis();
        Loan {
            lease: self.borrowed.lease,
            of: self.of,
            lot: lot.map(|lot| lot.lot.clone()),
            lent: self.borrowed.lent,
            valid_ms: u64::try_from(valid).unwrap_or(0),
            is_last: self.is_last,
        }
    }
}

fn answered(ask: &Ask, loans: Vec<Loan>, short: Option<Short>) -> Answered {
    Answered { number: ask.number, loans, short }
}

/// What the lots have beside what was just lent of them.
fn beside(view: &View, planned: &[Planned]) -> Beside {
    let left = |lot: &LotView| {
        let lent = planned.iter().find(|loan| loan.of == Leased::Lot(lot.lot.id));
        let lent = lent.map_or(Usd::ZERO, |loan| loan.amount);
        let left = lot.balance.available().checked_sub(lent).unwrap_or(Usd::ZERO);
        Some((lot.lot.id, (lot.lot.grant?, left)))
    };
    view.lots.iter().filter_map(left).collect()
}

async fn view(
    borrower: &Borrower,
    ask: &Ask,
    at: Timestamp,
) -> Result<(View, Vec<LeaseState>), ReadError> {
    let (lots, caps) = match &ask.want {
        Want::Call { holder, caps, .. } => {
            let lots = borrower.store.lots(LotFilter::Holder(*holder)).await?;
            (lots, caps.iter().map(|(cap, _)| *cap).collect())
        }
        Want::More { of: Leased::Lot(lot), .. } => {
            (borrower.store.lots(LotFilter::Id(*lot)).await?, Vec::new())
        }
        Want::More { of: Leased::Cap(cap), .. } => (Vec::new(), vec![*cap]),
    };
    let fits = |state: &&LotState| is_wanted(&ask.want, &state.lot) && can_lend(&state.lot, at);
    let fitting: HashMap<LotId, &LotState> =
        lots.iter().filter(fits).map(|state| (state.lot.id, state)).collect();
    let lent_out = fitting.values().filter(|state| state.lent.posted.is_positive());
    let lenders = lent_out.map(|state| Leased::Lot(state.lot.id));
    let lenders = lenders.chain(caps.iter().copied().map(Leased::Cap));
    let mut others = Vec::new();
    for of in lenders.filter(|_| borrower.is_shared) {
        others.extend(borrower.others(of).await?);
    }
    let ordered = in_spending_order(fitting.values().map(|state| &state.lot));
    let lots = ordered.into_iter().filter_map(|lot| {
        let balance = fitting.get(&lot.id)?.balance;
        Some(LotView { lot: lot.clone(), balance })
    });
    let lease_view =
        |state: &LeaseState| LeaseView { lease: state.lease.id, balance: state.balance };
    let view = View {
        lots: lots.collect(),
        caps: balances(borrower, caps).await?,
        others: others.iter().map(lease_view).collect(),
        nodes: borrower.nodes.load(Ordering::Relaxed),
    };
    Ok((view, others))
}

async fn balances(
    borrower: &Borrower,
    caps: Vec<Cap>,
) -> Result<Vec<(Cap, bursar_ledger::Balance)>, ReadError> {
    let mut balances = Vec::with_capacity(caps.len());
    for cap in caps {
        balances.push((cap, borrower.store.cap_balance(cap).await?));
    }
    Ok(balances)
}

fn is_wanted(want: &Want, lot: &Lot) -> bool {
    match want {
        Want::Call { grant, model, endpoint, upstream_group, .. } => {
            (grant.is_none() || lot.grant == *grant)
                && lot.upstream_group == *upstream_group
                && lot.scope.covers(model, *endpoint)
        }
        Want::More { .. } => true,
    }
}

/// Whether a lease of the lot would last for a while.
fn can_lend(lot: &Lot, at: Timestamp) -> bool {
    lot.active_from <= at && at + TERM_MIN < last_lent(lot)
}

/// When a lease of a lot must have ended.
fn last_lent(lot: &Lot) -> Timestamp {
    lot.expires_at - LEASE_SKEW_MAX
}
