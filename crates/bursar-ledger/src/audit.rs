//! Proves a book from scratch: every balance is the sum of its transfers, nothing is below zero,
//! every hold ended at most once, every lot with what was lent of it accounts for its face, and in
//! every trade credit and cash moved together.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use bursar_kernel::{HoldId, LeaseId, Lot, LotId, RequestId, TradeId, TransferId, Usd};

use self::calls::Calls;
use self::chain::Chain;
use crate::account::{Account, AccountKind, Balance, Ledger};
use crate::book::Book;
use crate::chain::{Digest, Link};
use crate::correction::Correction;
use crate::hold::{Hold, Resolution};
use crate::lease::{Lease, Leased};
use crate::transfer::{Transfer, TransferKind};

mod calls;
mod chain;

/// An audit in progress: feed it every row of the book, then ask what it found.
///
/// Accounts, lots and leases come first. Then come holds, corrections, calls and transfers side by
/// side in the order of what they are named after ([`first_of`] says which is next): so an audit
/// keeps no more of them than happened at the same time, however long the book is.
#[derive(Debug, Default)]
pub struct Auditor {
    /// Accounts by number, and their numbers.
    accounts: Vec<Account>,
    numbers: HashMap<Account, u32>,
    /// What moved, by the accounts that gave and received.
    flows: HashMap<(u32, u32), i128>,
    held: BTreeMap<Account, i128>,
    stated: BTreeMap<Account, Balance>,
    lots: BTreeMap<LotId, Lot>,
    leases: BTreeMap<LeaseId, Lease>,
    calls: Calls,
    chain: Chain,
    /// Where the rows have come to that are read side by side.
    place: [u8; 16],
    /// Which lot was sold from and into, by the trade's first movement.
    sales: BTreeMap<TransferId, (LotId, LotId)>,
    /// Cash that changed hands, by its movement.
    paid: BTreeMap<TransferId, i128>,
    /// What lies in programs' suspense: each hold there that nobody has settled.
    unsettled: i128,
    findings: Vec<Finding>,
    counts: Counts,
}

/// Which of several sorted lists of rows goes on with the least name, by what its next row is named
/// after: its hold, the hold that it charges or corrects, or the transfer itself. Of equal ones the
/// first.
pub fn first_of<const N: usize>(next: [Option<[u8; 16]>; N]) -> Option<usize> {
    let named = next.iter().enumerate().filter_map(|(list, name)| name.map(|name| (name, list)));
    named.min().map(|(_, list)| list)
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
    /// Leases, going on and ended.
    pub leases: u64,
    /// The last link of the chain.
    pub head: Option<Link>,
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
        self.come_to(transfer.id.to_bytes());
        if !transfer.amount.is_positive() {
            self.find(format!("transfer `{}` moves ${}", transfer.id, transfer.amount));
        }
        let ledgers = [&transfer.debit, &transfer.credit].map(|account| account.kind().ledger());
        if ledgers[0] != ledgers[1] {
            let [from, to] = ledgers.map(Ledger::name);
            self.find(format!("transfer `{}` joins {from} and {to}", transfer.id));
        }
        let amount = i128::from(transfer.amount.nanos());
        let between = (self.number(&transfer.debit), self.number(&transfer.credit));
        let flow = self.flows.entry(between).or_default();
        *flow = flow.saturating_add(amount);
        if let (Account::Lot(from), Account::Lot(lot)) = (&transfer.debit, &transfer.credit) {
            self.sales.insert(transfer.id, (*from, *lot));
        }
        if matches!(transfer.kind, TransferKind::Pay | TransferKind::Fee) {
            self.paid.insert(transfer.id, amount);
        }
        if let Some(hold) = transfer.hold {
            let corrects = matches!(transfer.kind, TransferKind::Correct | TransferKind::Expire);
            if !corrects && !transfer.is_named_after(hold) {
                self.find(format!("transfer `{}` is not one of hold `{hold}`", transfer.id));
            }
            self.calls.transfer(hold, transfer);
        }
    }

    /// Takes a row of the chain: the link that it is in, and what it comes to. The rows of a link
    /// come in its order.
    pub fn chained(&mut self, link: u64, row: Digest) {
        let finding = self.chain.row(link, row);
        self.findings.extend(finding.map(Finding));
    }

    /// Takes a link of the chain. Links come in their order, and each before its transfers, so
    /// that few have to be kept.
    pub fn link(&mut self, link: Link) {
        let finding = self.chain.link(link);
        self.findings.extend(finding.map(Finding));
        self.counts.head = self.chain.head();
    }

    /// Goes on to the rows of a name.
    fn come_to(&mut self, place: [u8; 16]) {
        if place < self.place {
            self.find("the book was not read in its order: this is a bug of the audit".to_owned());
        }
        self.place = place;
        let mut found = Vec::new();
        self.calls.come_to(HoldId::from_bytes(place), &mut found);
        self.findings.extend(found.into_iter().map(Finding));
    }

    fn number(&mut self, account: &Account) -> u32 {
        if let Some(number) = self.numbers.get(account) {
            return *number;
        }
        let number = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
        self.accounts.push(account.clone());
        self.numbers.insert(account.clone(), number);
        number
    }

    /// Takes a lot.
    pub fn lot(&mut self, lot: Lot) {
        self.counts.lots = self.counts.lots.saturating_add(1);
        self.lots.insert(lot.id, lot);
    }

    /// Takes a lease, going on or ended.
    pub fn lease(&mut self, lease: Lease) {
        self.counts.leases = self.counts.leases.saturating_add(1);
        self.leases.insert(lease.id, lease);
    }

    /// Takes a hold, open or resolved.
    pub fn hold(&mut self, hold: &Hold) {
        self.counts.holds = self.counts.holds.saturating_add(1);
        self.come_to(hold.id.to_bytes());
        let on_lots = if hold.is_on_lease() {
            Usd::sum(hold.parts.iter().map(|part| part.amount))
        } else {
            Usd::sum(hold.lot_parts().map(|(_, amount)| amount))
        };
        if on_lots != Some(hold.amount) {
            self.find(format!("the parts of hold `{}` do not sum to ${}", hold.id, hold.amount));
        }
        match hold.resolution {
            None => {
                for part in &hold.parts {
                    add(&mut self.held, part.account.clone(), i128::from(part.amount.nanos()));
                }
            }
            Some(Resolution::Suspended) if hold.settled.is_none() && !hold.is_on_lease() => {
                let amount = i128::from(hold.amount.nanos());
                self.unsettled = self.unsettled.saturating_add(amount);
            }
            Some(Resolution::Captured(_) | Resolution::Released) if hold.settled.is_some() => {
                self.find(format!("hold `{}` is settled and knew its cost", hold.id));
            }
            Some(Resolution::Suspended | Resolution::Captured(_) | Resolution::Released) => {}
        }
        self.calls.hold(hold);
    }

    /// Takes a settled call: what it is stated to have cost at first, and to cost since it was
    /// corrected.
    pub fn call(&mut self, request: RequestId, hold: HoldId, cost: Usd, corrected: Option<Usd>) {
        self.come_to(hold.to_bytes());
        self.calls.call(request, hold, cost, corrected.unwrap_or(cost));
    }

    /// Takes a correction; those of one call come in their order.
    pub fn correction(&mut self, correction: &Correction) {
        self.come_to(correction.charge.to_bytes());
        let finding = self.calls.correction(correction);
        self.findings.extend(finding.map(Finding));
    }

    /// Takes all of a book that is in memory. It has no chain.
    pub fn book(&mut self, book: &Book) {
        for (account, balance) in &book.balances {
            self.account(account.clone(), *balance);
        }
        book.lots.values().for_each(|lot| self.lot(lot.clone()));
        book.leases.values().for_each(|lease| self.lease(lease.clone()));
        let mut holds: Vec<_> = book.holds.values().collect();
        holds.sort_by_key(|hold| hold.id);
        let mut corrections: Vec<_> = book.corrections.values().collect();
        corrections.sort_by_key(|made| (made.charge, made.number));
        let mut transfers: Vec<_> = book.transfers.values().collect();
        transfers.sort_by_key(|transfer| transfer.id);
        let (mut holds, mut corrections) = (holds.into_iter(), corrections.into_iter());
        let mut transfers = transfers.into_iter();
        loop {
            let next = [
                holds.as_slice().first().map(|hold| hold.id.to_bytes()),
                corrections.as_slice().first().map(|made| made.charge.to_bytes()),
                transfers.as_slice().first().map(|transfer| transfer.id.to_bytes()),
            ];
            match first_of(next) {
                Some(0) => holds.by_ref().take(1).for_each(|hold| self.hold(hold)),
                Some(1) => corrections.by_ref().take(1).for_each(|made| self.correction(made)),
                Some(_) => transfers.by_ref().take(1).for_each(|moved| self.transfer(moved)),
                None => return,
            }
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Reports something that the engine found itself.
    pub fn find(&mut self, message: String) {
        self.findings.push(Finding(message));
    }

    /// Ends the audit. An empty list means that the book is proven.
    pub fn finish(mut self) -> (Counts, Vec<Finding>) {
        self.check_balances();
        self.check_sums();
        self.check_suspense();
        self.check_leases();
        self.check_lots();
        self.check_trades();
        let mut found = Vec::new();
        std::mem::take(&mut self.calls).finish(&mut found);
        found.extend(std::mem::take(&mut self.chain).finish());
        self.findings.extend(found.into_iter().map(Finding));
        (self.counts, self.findings)
    }

    /// What went from one account to another.
    fn flow(&self, from: &Account, to: &Account) -> Option<i128> {
        let between = (*self.numbers.get(from)?, *self.numbers.get(to)?);
        self.flows.get(&between).copied()
    }

    /// Every pair of accounts that something moved between, and what.
    fn each_flow(&self) -> impl Iterator<Item = (&Account, &Account, i128)> {
        let account = |number: u32| self.accounts.get(usize::try_from(number).ok()?);
        self.flows.iter().filter_map(move |((debit, credit), amount)| {
            Some((account(*debit)?, account(*credit)?, *amount))
        })
    }

    fn check_balances(&mut self) {
        let mut sums = BTreeMap::new();
        for (debit, credit, amount) in self.each_flow() {
            add(&mut sums, debit.clone(), amount.saturating_neg());
            add(&mut sums, credit.clone(), amount);
        }
        let mut findings = Vec::new();
        let mut check = |account: &Account, what: &str, stated: i128, summed: i128| {
            if stated != summed {
                findings.push(format!(
                    "`{account}` states {stated} nano-dollars {what} and its rows sum to {summed}"
                ));
            }
        };
        for (account, balance) in &self.stated {
            let posted = sums.get(account).copied().unwrap_or(0);
            let held = self.held.get(account).copied().unwrap_or(0);
            check(account, "posted", i128::from(balance.posted.nanos()), posted);
            check(account, "held", i128::from(balance.held.nanos()), held);
        }
        for (account, posted) in &sums {
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

    /// What lies in programs' suspense is what nobody has settled.
    fn check_suspense(&mut self) {
        let in_programs =
            |(account, _): &(&Account, &Balance)| account.kind() == AccountKind::Suspense;
        let stated: i128 = self
            .stated
            .iter()
            .filter(in_programs)
            .map(|(_, balance)| i128::from(balance.posted.nanos()))
            .sum();
        if stated != self.unsettled {
            let unsettled = self.unsettled;
            self.find(format!(
                "programs have {stated} nano-dollars in suspense and calls that nobody has \
                 settled come to {unsettled}"
            ));
        }
    }

    /// What an account of a lease belongs to; everything else belongs to itself.
    fn family(&self, account: &Account) -> Account {
        match account {
            Account::Lease(lease)
            | Account::LeaseSuspense(lease)
            | Account::CapLease(lease)
            | Account::CapSuspense(lease) => {
                self.leases.get(lease).map_or_else(|| account.clone(), |lease| lease.of.account())
            }
            Account::External(_)
            | Account::Pool(_)
            | Account::Committed(_)
            | Account::Lot(_)
            | Account::Used(_)
            | Account::Breakage(_)
            | Account::Suspense(_)
            | Account::Overrun(_)
            | Account::RightsIssued
            | Account::Cap(_)
            | Account::Cut(_)
            | Account::RightsUsed
            | Account::CashExternal
            | Account::BuyerCash(_)
            | Account::Payable(_)
            | Account::Fees => account.clone(),
        }
    }

    /// A lease is of something, its watermark covers no more than it has, and it holds nothing once
    /// it has ended.
    fn check_leases(&mut self) {
        let mut findings = Vec::new();
        for (id, lease) in &self.leases {
            let balance = self.stated.get(&lease.account()).copied().unwrap_or_default();
            if lease.watermark.is_negative() || balance.available() < lease.watermark {
                findings.push(format!(
                    "lease `{id}` covers ${} and has ${}",
                    lease.watermark,
                    balance.available()
                ));
            }
            if lease.fenced_at.is_some() && !(balance.posted.is_zero() && balance.held.is_zero()) {
                findings.push(format!("lease `{id}` has ended and has ${}", balance.posted));
            }
            let lent = self.flow(&lease.of.account(), &lease.account());
            if lent.unwrap_or(0) != i128::from(lease.lent.nanos()) {
                findings.push(format!(
                    "lease `{id}` states that ${} was lent, and {lent:?} nano-dollars were",
                    lease.lent
                ));
            }
            if let Leased::Lot(lot) = lease.of
                && self.lots.get(&lot).is_none_or(|lot| lot.expires_at <= lease.until)
            {
                findings.push(format!("lease `{id}` outlives what it is a part of"));
            }
        }
        for finding in findings {
            self.find(finding);
        }
    }

    /// A lot was filled with its face and nothing else, when it was issued or bought; what left it
    /// and what was lent of it (charged, expired, suspended, sold, returned), and what is on it and
    /// lent of it now, sum to that. What is lent goes nowhere but home or where a call or an expiry
    /// takes it. Out of suspense comes home to a lot only what went there from it.
    fn check_lots(&mut self) {
        let mut findings = Vec::new();
        let (mut issued, mut left) = (BTreeMap::new(), BTreeMap::new());
        for (debit, credit, amount) in self.each_flow() {
            let (from, to) = (self.family(debit), self.family(credit));
            let is_refund = from.kind() == AccountKind::Used && to.kind() == AccountKind::Lot;
            if is_refund {
                add(&mut left, to, amount.saturating_neg());
            } else if matches!((debit, credit), (Account::Suspense(_), Account::Lot(_))) {
                add(&mut left, to, amount.saturating_neg());
                let went = self.flow(credit, debit).unwrap_or(0);
                if went < amount {
                    findings.push(format!("`{credit}` got back more than went to `{debit}`"));
                }
            } else if from != to {
                add(&mut left, from, amount);
                add(&mut issued, to, amount);
            }
        }
        let mut there = BTreeMap::new();
        for (account, balance) in &self.stated {
            add(&mut there, self.family(account), i128::from(balance.posted.nanos()));
            if let Account::Lot(lot) = account
                && !self.lots.contains_key(lot)
            {
                findings.push(format!("`{account}` has an account and no lot"));
            }
        }
        for (id, lot) in &self.lots {
            let sum = |sums: &BTreeMap<Account, i128>| sums.get(&Account::Lot(*id)).copied();
            let (issued, left) = (sum(&issued).unwrap_or(0), sum(&left).unwrap_or(0));
            let face = i128::from(lot.face.nanos());
            if issued != face {
                findings.push(format!(
                    "lot `{id}` has a face of ${} and was issued {issued} nano-dollars",
                    lot.face
                ));
            }
            let there = sum(&there).unwrap_or(0);
            if there.saturating_add(left) != face {
                findings.push(format!(
                    "lot `{id}` has a face of ${}; {there} nano-dollars are there and {left} left",
                    lot.face
                ));
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
