//! What holds took, what calls cost, and what corrections said of them.
//!
//! Everything that belongs to a call is named after its hold, so rows that are read in the order
//! of their names bring it together: a call is checked once all of it has gone by, and forgotten.

use std::collections::BTreeMap;

use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{CorrectionId, HoldId, RequestId, Usd};

use crate::account::{Account, AccountKind};
use crate::correction::Correction;
use crate::hold::{Hold, Resolution};
use crate::transfer::{Transfer, TransferKind};

/// What was read of calls and has not gone by.
#[derive(Debug, Default)]
pub(super) struct Calls {
    holds: BTreeMap<HoldId, Tally>,
    stated: BTreeMap<HoldId, Stated>,
    corrected: BTreeMap<HoldId, Corrected>,
    /// What corrections moved to what is used, or back from it, beyond what they say; by call.
    moved: BTreeMap<HoldId, i128>,
}

/// What was moved for one hold, or one part of one, and what its row says.
#[derive(Debug, Default)]
struct Tally {
    charged: i128,
    suspended: i128,
    /// What a call was charged in money.
    paid: i128,
    /// A node charged it to what it had borrowed: it need not have been a hold.
    is_on_lease: bool,
    row: Option<Row>,
}

#[derive(Debug)]
struct Row {
    amount: Usd,
    resolution: Option<Resolution>,
    /// What a hold in suspense was found to have cost, in money.
    settled: Option<Usd>,
}

/// What a call's row says that it cost, at first and at last.
#[derive(Debug)]
struct Stated {
    request: RequestId,
    cost: Usd,
    last: Usd,
}

/// The corrections of one call, followed to the last.
#[derive(Debug)]
struct Corrected {
    first: CorrectionId,
    before: Usd,
    number: u32,
    cost: Usd,
}

impl Calls {
    /// Checks what has gone by when the rows have come to a place, and gives what was found.
    pub(super) fn come_to(&mut self, place: HoldId, findings: &mut Vec<String>) {
        let has_gone_by = |hold: &HoldId| hold.part(HOLD_PARTS_MAX) <= place;
        while let Some(entry) = self.stated.first_entry()
            && has_gone_by(entry.key())
        {
            let (hold, stated) = entry.remove_entry();
            findings.extend(self.check_call(hold, &stated));
        }
        while let Some(entry) = self.corrected.first_entry()
            && has_gone_by(entry.key())
        {
            let (hold, corrected) = entry.remove_entry();
            findings.extend(self.check_corrected(hold, &corrected));
        }
        while let Some(entry) = self.holds.first_entry()
            && has_gone_by(entry.key())
        {
            let (hold, tally) = entry.remove_entry();
            findings.extend(tally.check(hold));
        }
    }

    /// Checks all that is left.
    pub(super) fn finish(mut self, findings: &mut Vec<String>) {
        self.come_to(HoldId::from_bytes([u8::MAX; 16]), findings);
        findings.extend(self.moved.iter().map(|(hold, by)| {
            format!(
                "what corrections moved under hold `{hold}` is not what they say, by {by} \
                 nano-dollars"
            )
        }));
    }

    pub(super) fn transfer(&mut self, hold: HoldId, transfer: &Transfer) {
        let amount = i128::from(transfer.amount.nanos());
        if transfer.kind == TransferKind::Correct {
            let more = i128::from(transfer.credit.kind() == AccountKind::Used);
            let less = i128::from(transfer.debit.kind() == AccountKind::Used);
            self.move_by(hold, amount.saturating_mul(more.saturating_sub(less)));
            return;
        }
        // What a correction gives back to a lot that has expired.
        if transfer.kind == TransferKind::Expire {
            return;
        }
        let tally = self.holds.entry(hold).or_default();
        let is_on_lease = transfer.kind == TransferKind::ChargeLease;
        tally.is_on_lease |= is_on_lease;
        let to = transfer.credit.kind();
        let spends = match to {
            AccountKind::Used
            | AccountKind::Suspense
            | AccountKind::LeaseSuspense
            | AccountKind::CapSuspense => true,
            AccountKind::RightsUsed => is_on_lease,
            AccountKind::External
            | AccountKind::Pool
            | AccountKind::Committed
            | AccountKind::Lot
            | AccountKind::Breakage
            | AccountKind::Overrun
            | AccountKind::RightsIssued
            | AccountKind::KeyCap
            | AccountKind::KeyCut
            | AccountKind::StudyCap
            | AccountKind::StudyCut
            | AccountKind::CashExternal
            | AccountKind::BuyerCash
            | AccountKind::Payable
            | AccountKind::Fees
            | AccountKind::Lease
            | AccountKind::CapLease => false,
        };
        // What is charged late, or settled, was taken from the call before, into suspense.
        let was_taken = matches!(
            transfer.debit.kind(),
            AccountKind::Suspense | AccountKind::LeaseSuspense | AccountKind::CapSuspense
        );
        if spends && !was_taken {
            tally.charged = tally.charged.saturating_add(amount);
        }
        if to == AccountKind::Used {
            tally.paid = tally.paid.saturating_add(amount);
        }
        if transfer.kind == TransferKind::Suspend {
            tally.suspended = tally.suspended.saturating_add(amount);
        }
    }

    pub(super) fn hold(&mut self, hold: &Hold) {
        let is_of_rights = |part| matches!(part, &Account::CapLease(_));
        let of_rights = hold.parts.iter().map(|part| &part.account).any(is_of_rights);
        let settled = hold.settled.filter(|_| !of_rights);
        let row = Row { amount: hold.amount, resolution: hold.resolution, settled };
        self.holds.entry(hold.id).or_default().row = Some(row);
    }

    pub(super) fn call(&mut self, request: RequestId, hold: HoldId, cost: Usd, last: Usd) {
        self.stated.insert(hold, Stated { request, cost, last });
    }

    pub(super) fn correction(&mut self, made: &Correction) -> Option<String> {
        let begun = Corrected { first: made.id, before: made.before, number: 0, cost: made.before };
        let so_far = self.corrected.entry(made.charge).or_insert(begun);
        let paid: i128 = made.paid.iter().map(|part| i128::from(part.amount.nanos())).sum();
        let goes_on = made.number.checked_sub(1) == Some(so_far.number)
            && made.before == so_far.cost
            && paid == i128::from(made.cost.nanos());
        (so_far.number, so_far.cost) = (made.number, made.cost);
        (!goes_on).then(|| does_not_go_on(made.id))
    }

    /// What a call was charged for its hold, on one account or on several leases.
    fn paid(&self, hold: HoldId) -> i128 {
        let parts = (0..HOLD_PARTS_MAX).filter_map(|part| self.holds.get(&hold.part(part)));
        parts.map(|tally| tally.paid).sum()
    }

    fn check_call(&self, hold: HoldId, stated: &Stated) -> Vec<String> {
        let Stated { request, cost, last } = stated;
        let paid = self.paid(hold);
        let said = self.corrected.get(&hold).map_or(*cost, |corrected| corrected.cost);
        let charged = (paid != i128::from(cost.nanos())).then(|| {
            let cost = cost.nanos();
            format!("call `{request}` states {cost} nano-dollars and was charged {paid}")
        });
        let found = (*last != said)
            .then(|| format!("call `{request}` is found under ${last} and costs ${said}"));
        charged.into_iter().chain(found).collect()
    }

    /// The first correction begins with what was charged, and what moved makes the difference.
    fn check_corrected(&mut self, hold: HoldId, corrected: &Corrected) -> Option<String> {
        let paid = self.paid(hold);
        self.move_by(hold, paid.saturating_sub(i128::from(corrected.cost.nanos())));
        let begins = paid == i128::from(corrected.before.nanos());
        (!begins).then(|| does_not_go_on(corrected.first))
    }

    fn move_by(&mut self, hold: HoldId, by: i128) {
        let moved = self.moved.entry(hold).or_default();
        *moved = moved.saturating_add(by);
        if *moved == 0 {
            self.moved.remove(&hold);
        }
    }
}

fn does_not_go_on(correction: CorrectionId) -> String {
    format!("correction `{correction}` does not go on where the one before it ended")
}

impl Tally {
    /// What a resolved hold took is what its resolution says, and what was settled cost what it is
    /// stated to have cost.
    fn check(&self, hold: HoldId) -> Vec<String> {
        let Some(row) = &self.row else {
            let is_known = self.is_on_lease || self.charged == 0;
            return (!is_known).then(|| never_resolved(hold)).into_iter().collect();
        };
        let (taken, due) = match row.resolution {
            None if self.is_on_lease => return Vec::new(),
            None | Some(Resolution::Released) => (self.charged, Usd::ZERO),
            Some(Resolution::Captured(captured)) => (self.charged, captured),
            // What is charged late was taken before, or is paid by the program.
            Some(Resolution::Suspended) => (self.suspended, row.amount),
        };
        let mut findings = Vec::new();
        if taken != i128::from(due.nanos()) {
            findings.push(match row.resolution {
                None => never_resolved(hold),
                Some(end) => {
                    format!("hold `{hold}` ended as {end:?} and its transfers took {taken}")
                }
            });
        }
        if let Some(cost) = row.settled
            && self.paid != i128::from(cost.nanos())
        {
            findings.push(format!(
                "hold `{hold}` of ${} was settled at ${cost} and {} was charged",
                row.amount, self.paid
            ));
        }
        findings
    }
}

fn never_resolved(hold: HoldId) -> String {
    format!("hold `{hold}` was charged and never resolved")
}
