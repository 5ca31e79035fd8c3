//! The book as a value: what is known, and how an event changes it.

use std::collections::HashMap;

use bursar_kernel::{Cap, CorrectionId, HoldId, LeaseId, Lot, LotId, TransferId, Usd};

use crate::account::{Account, Balance};
use crate::correction::Correction;
use crate::hold::{Hold, HoldPart, Resolution};
use crate::lease::Lease;
use crate::transfer::{Event, Transfer};

/// What is known of the book: all of it, or as much as one command needs.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Balances by account; an account without a row has nothing on it.
    pub balances: HashMap<Account, Balance>,
    /// Lots by name.
    pub lots: HashMap<LotId, Lot>,
    /// Holds by name.
    pub holds: HashMap<HoldId, Hold>,
    /// Transfers by name.
    pub transfers: HashMap<TransferId, Transfer>,
    /// Leases by name.
    pub leases: HashMap<LeaseId, Lease>,
    /// Corrections by name.
    pub corrections: HashMap<CorrectionId, Correction>,
}

impl Book {
    /// What stands on an account.
    pub fn balance(&self, account: &Account) -> Balance {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// What stands on a lot.
    pub fn lot_balance(&self, lot: LotId) -> Balance {
        self.balance(&Account::Lot(lot))
    }

    /// What a cap still allows: the rights that stand on it, less what was taken when it was
    /// lowered.
    pub fn cap_balance(&self, cap: Cap) -> Balance {
        self.balance(&Account::Cap(cap)).less_cut(self.balance(&Account::Cut(cap)))
    }

    /// Takes an event in. Panics where the event would break the book: a decision never makes one
    /// that does, so this is a bug, and a bug in the book stops it.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::LotIssued(lot) => {
                let before = self.lots.insert(lot.id, lot.clone());
                assert!(before.is_none(), "lot `{}` is made once", lot.id);
            }
            Event::Transferred(transfer) => self.apply_transfer(transfer),
            Event::HoldPlaced(hold) => {
                for part in &hold.parts {
                    self.change_held(part, Usd::checked_add);
                }
                let before = self.holds.insert(hold.id, hold.clone());
                assert!(before.is_none(), "hold `{}` is placed once", hold.id);
            }
            Event::HoldResolved(resolved) => {
                for part in &resolved.parts {
                    self.change_held(part, Usd::checked_sub);
                }
                if let Some(hold) = self.holds.get_mut(&resolved.hold) {
                    assert!(hold.resolution.is_none(), "hold `{}` is resolved once", hold.id);
                    hold.resolution = Some(resolved.resolution);
                    hold.resolved_at = Some(resolved.at);
                }
            }
            Event::HoldSettled(settled) => {
                if let Some(hold) = self.holds.get_mut(&settled.hold) {
                    let is_in_suspense = hold.resolution == Some(Resolution::Suspended);
                    assert!(is_in_suspense, "hold `{}` lies in suspense", hold.id);
                    assert!(hold.settled.is_none(), "hold `{}` is settled once", hold.id);
                    hold.settled = Some(settled.cost);
                }
            }
            Event::Corrected(correction) => {
                let before = self.corrections.insert(correction.id, correction.clone());
                assert!(before.is_none(), "correction `{}` is made once", correction.id);
            }
            Event::LeaseChanged(lease) => {
                self.leases.insert(lease.id, lease.clone());
            }
        }
    }

    fn apply_transfer(&mut self, transfer: &Transfer) {
        assert!(transfer.amount.is_positive(), "transfer `{}` moves something", transfer.id);
        assert_eq!(
            transfer.debit.kind().ledger(),
            transfer.credit.kind().ledger(),
            "transfer `{}` stays in its ledger",
            transfer.id
        );
        self.change_posted(&transfer.debit, transfer.amount, Usd::checked_sub);
        self.change_posted(&transfer.credit, transfer.amount, Usd::checked_add);
        let before = self.transfers.insert(transfer.id, transfer.clone());
        assert!(before.is_none(), "transfer `{}` is made once", transfer.id);
    }

    fn change_posted(&mut self, account: &Account, by: Usd, op: fn(Usd, Usd) -> Option<Usd>) {
        let balance = self.balances.entry(account.clone()).or_default();
        let posted = op(balance.posted, by);
        assert!(posted.is_some(), "the balance of `{account}` fits the book");
        balance.posted = posted.unwrap_or_default();
        let negative = balance.posted.checked_sub(balance.held).is_none_or(Usd::is_negative);
        assert!(
            account.kind().may_be_negative() || !negative,
            "`{account}` never gives more than is available"
        );
    }

    fn change_held(&mut self, part: &HoldPart, op: fn(Usd, Usd) -> Option<Usd>) {
        let balance = self.balances.entry(part.account.clone()).or_default();
        balance.held = op(balance.held, part.amount).unwrap_or(Usd::from_nanos(-1));
        let available = balance.posted.checked_sub(balance.held);
        assert!(
            !balance.held.is_negative() && available.is_some_and(|usd| !usd.is_negative()),
            "`{}` never sets aside more than it has, nor gives back more than it set aside",
            part.account
        );
    }
}
