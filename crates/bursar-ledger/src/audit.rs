//! Proves a book from scratch: every balance is the sum of its transfers, nothing is below zero,
//! every hold ended at most once, every lot accounts for its face, and in every trade credit and
//! cash moved together.

use std::collections::BTreeMap;
use std::fmt;

use bursar_kernel::{HoldId, Lot, LotId, TradeId, TransferId, Usd};

use crate::account::{Account, AccountKind, Balance, Ledger};
use crate::hold::{Hold, Resolution};
use crate::transfer::{Transfer, TransferKind};

/// An audit in progress: feed it every row of the book, then ask what it found.
#[derive(Debug, Default)]
pub struct Auditor {
    posted: BTreeMap<Account, i128>,
    held: BTreeMap<Account, i128>,
    stated: BTreeMap<Account, Balance>,
    lots: BTreeMap<LotId, Lot>,
    /// What came onto each lot.
    issued: BTreeMap<LotId, i128>,
    /// Which lot was sold from and into, by the trade's first movement.
    sales: BTreeMap<TransferId, (LotId, LotId)>,
    /// Cash that changed hands, by its movement.
    paid: BTreeMap<TransferId, i128>,
    charged_by_hold: BTreeMap<HoldId, i128>,
    resolved: BTreeMap<HoldId, (Usd, Resolution)>,
    findings: Vec<Finding>,
    counts: Counts,
}

/// How much an audit has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accounts.
    pub accounts: u64,
    /// Transfers.
    pub transfers: u64,
    /// Lots.
    pub lots: u64,
    /// Holds, open and resolved.
    pub holds: u64,
}

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding(pub String);

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Auditor {
    /// Takes an account's stated balance.
    pub fn account(&mut self, account: Account, balance: Balance) {
        self.counts.accounts = self.counts.accounts.saturating_add(1);
        if balance.held.is_negative() {
            self.find(format!("`{account}` has a negative amount set aside: ${}", balance.held));
        }
        let available = balance.posted.checked_sub(balance.held);
        if !account.kind().may_be_negative() && available.is_none_or(Usd::is_negative) {
            self.find(format!(
                "`{account}` is overdrawn: ${} posted, ${} held",
                balance.posted, balance.held
            ));
        }
        self.stated.insert(account, balance);
    }

    /// Takes a transfer.
    pub fn transfer(&mut self, transfer: &Transfer) {
        self.counts.transfers = self.counts.transfers.saturating_add(1);
        if !transfer.amount.is_positive() {
            self.find(format!("transfer `{}` moves ${}", transfer.id, transfer.amount));
        }
        let ledgers = [&transfer.debit, &transfer.credit].map(|account| account.kind().ledger());
        if ledgers[0] != ledgers[1] {
            let [from, to] = ledgers.map(Ledger::name);
            self.find(format!("transfer `{}` joins {from} and {to}", transfer.id));
        }
        let amount = i128::from(transfer.amount.nanos());
        add(&mut self.posted, transfer.debit.clone(), -amount);
        add(&mut self.posted, transfer.credit.clone(), amount);
        if let Account::Lot(lot) = &transfer.credit {
            add(&mut self.issued, *lot, amount);
            if let Account::Lot(from) = &transfer.debit {
                self.sales.insert(transfer.id, (*from, *lot));
            }
        }
        if matches!(transfer.kind, TransferKind::Pay | TransferKind::Fee) {
            self.paid.insert(transfer.id, amount);
        }
        let spends = matches!(transfer.credit.kind(), AccountKind::Used | AccountKind::Suspense);
        if let (Some(hold), true) = (transfer.hold, spends) {
            add(&mut self.charged_by_hold, hold, amount);
        }
    }

    /// Takes a lot.
    pub fn lot(&mut self, lot: Lot) {
        self.counts.lots = self.counts.lots.saturating_add(1);
        self.lots.insert(lot.id, lot);
    }

    /// Takes a hold, open or resolved.
    pub fn hold(&mut self, hold: &Hold) {
        self.counts.holds = self.counts.holds.saturating_add(1);
        let on_lots = Usd::sum(hold.lot_parts().map(|(_, amount)| amount));
        if on_lots != Some(hold.amount) {
            self.find(format!("the parts of hold `{}` do not sum to ${}", hold.id, hold.amount));
        }
        match hold.resolution {
            Some(resolution) => {
                self.resolved.insert(hold.id, (hold.amount, resolution));
            }
            None => {
                for part in &hold.parts {
                    add(&mut self.held, part.account.clone(), i128::from(part.amount.nanos()));
                }
            }
        }
    }

    /// Reports something that the engine found itself.
    pub fn find(&mut self, message: String) {
        self.findings.push(Finding(message));
    }

    /// Ends the audit. An empty list means that the book is proven.
    pub fn finish(mut self) -> (Counts, Vec<Finding>) {
        self.check_balances();
        self.check_sums();
        self.check_holds();
        self.check_lots();
        self.check_trades();
        (self.counts, self.findings)
    }

    fn check_balances(&mut self) {
        let mut findings = Vec::new();
        let mut check = |account: &Account, what: &str, stated: i128, summed: i128| {
            if stated != summed {
                findings.push(format!(
                    "`{account}` states {stated} nano-dollars {what} and its rows sum to {summed}"
                ));
            }
        };
        for (account, balance) in &self.stated {
            let posted = self.posted.get(account).copied().unwrap_or(0);
            let held = self.held.get(account).copied().unwrap_or(0);
            check(account, "posted", i128::from(balance.posted.nanos()), posted);
            check(account, "held", i128::from(balance.held.nanos()), held);
        }
        for (account, posted) in &self.posted {
            if !self.stated.contains_key(account) {
                check(account, "posted", 0, *posted);
            }
        }
        for finding in findings {
            self.find(finding);
        }
    }

    /// The sum of each ledger is zero.
    fn check_sums(&mut self) {
        for ledger in Ledger::ALL {
            let sum: i128 = self
                .stated
                .iter()
                .filter(|(account, _)| account.kind().ledger() == ledger)
                .map(|(_, balance)| i128::from(balance.posted.nanos()))
                .sum();
            if sum != 0 {
                let ledger = ledger.name();
                self.find(format!("the accounts of {ledger} sum to {sum} nano-dollars, not zero"));
            }
        }
    }

    /// What a resolved hold took is what its resolution says.
    fn check_holds(&mut self) {
        let mut findings = Vec::new();
        for (hold, (amount, resolution)) in &self.resolved {
            let taken = self.charged_by_hold.remove(hold).unwrap_or(0);
            let due = match resolution {
                Resolution::Captured(captured) => *captured,
                Resolution::Released => Usd::ZERO,
                Resolution::Suspended => *amount,
            };
            if taken != i128::from(due.nanos()) {
                findings.push(format!(
                    "hold `{hold}` ended as {resolution:?} and its transfers took {taken}"
                ));
            }
        }
        for hold in self.charged_by_hold.keys() {
            findings.push(format!("hold `{hold}` was charged and never resolved"));
        }
        for finding in findings {
            self.find(finding);
        }
    }

    /// A lot's account was filled with its face and nothing else, when it was issued or bought;
    /// what left it (charged, expired, suspended, sold, returned) and what is on it sum to that.
    fn check_lots(&mut self) {
        let mut findings = Vec::new();
        for (id, lot) in &self.lots {
            let issued = self.issued.get(id).copied().unwrap_or(0);
            if issued != i128::from(lot.face.nanos()) {
                findings.push(format!(
                    "lot `{id}` has a face of ${} and was issued {issued} nano-dollars",
                    lot.face
                ));
            }
        }
        for account in self.stated.keys() {
            if let Account::Lot(lot) = account
                && !self.lots.contains_key(lot)
            {
                findings.push(format!("`{account}` has an account and no lot"));
            }
        }
        for finding in findings {
            self.find(finding);
        }
    }

    /// Credit that went from one lot to another was paid for, at the price that the bought lot
    /// states, and cash changed hands for nothing else; what was bought is what was sold.
    fn check_trades(&mut self) {
        let mut findings = Vec::new();
        let mut paid = std::mem::take(&mut self.paid);
        for (id, (from, to)) in &self.sales {
            let trade = TradeId::from_bytes(id.to_bytes());
            let parts = [1, 2].map(|ordinal| paid.remove(&TransferId::trading(trade, ordinal)));
            let sum: i128 = parts.into_iter().flatten().sum();
            let (Some(from), Some(to)) = (self.lots.get(from), self.lots.get(to)) else { continue };
            if sum != i128::from(to.cost_basis.nanos()) {
                findings.push(format!(
                    "lot `{}` cost ${} and {sum} nano-dollars were paid for it",
                    to.id, to.cost_basis
                ));
            }
            let same = from.program == to.program
                && from.expires_at == to.expires_at
                && from.scope == to.scope
                && from.upstream_group == to.upstream_group;
            if !same || !to.transfer_policy.is_within(from.transfer_policy) {
                findings.push(format!(
                    "lot `{}` does not carry what lot `{}` carries, and was sold from it",
                    to.id, from.id
                ));
            }
        }
        for transfer in paid.keys() {
            findings.push(format!("transfer `{transfer}` paid for no credit"));
        }
        for finding in findings {
            self.find(finding);
        }
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, i128>, key: K, amount: i128) {
    let sum = sums.entry(key).or_default();
    *sum = sum.saturating_add(amount);
}
