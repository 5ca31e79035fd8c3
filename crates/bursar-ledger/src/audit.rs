//! Proves a book from scratch: every balance is the sum of its transfers, nothing is below zero,
//! every hold ended at most once, every lot with what was lent of it accounts for its face, and in
//! every trade credit and cash moved together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{HoldId, LeaseId, Lot, LotId, RequestId, TradeId, TransferId, Usd};

use crate::account::{Account, AccountKind, Balance, Ledger};
use crate::correction::Correction;
use crate::hold::{Hold, Resolution};
use crate::lease::{Lease, Leased};
use crate::transfer::{Transfer, TransferKind};

/// An audit in progress: feed it every row of the book, then ask what it found.
#[derive(Debug, Default)]
pub struct Auditor {
    posted: BTreeMap<Account, i128>,
    held: BTreeMap<Account, i128>,
    stated: BTreeMap<Account, Balance>,
    lots: BTreeMap<LotId, Lot>,
    leases: BTreeMap<LeaseId, Lease>,
    /// What moved, by the accounts that gave and received.
    flows: BTreeMap<(Account, Account), i128>,
    /// Calls that nodes charged to what they had borrowed; not each of them was ever a hold.
    charged_on_leases: BTreeSet<HoldId>,
    /// Which lot was sold from and into, by the trade's first movement.
    sales: BTreeMap<TransferId, (LotId, LotId)>,
    /// Cash that changed hands, by its movement.
    paid: BTreeMap<TransferId, i128>,
    charged_by_hold: BTreeMap<HoldId, i128>,
    suspended_by_hold: BTreeMap<HoldId, i128>,
    /// What calls were charged in money, by their hold or its part.
    paid_by_hold: BTreeMap<HoldId, i128>,
    /// What corrections moved to what is used, or back from it, by their call's hold.
    corrected_by_hold: BTreeMap<HoldId, i128>,
    corrections: BTreeMap<HoldId, BTreeMap<u32, Correction>>,
    /// What calls are stated to have cost at first and at last, with their holds.
    calls: Vec<(RequestId, HoldId, [Usd; 2])>,
    resolved: BTreeMap<HoldId, (Usd, Resolution)>,
    /// What holds in suspense were found to have cost, with what was held.
    settled: BTreeMap<HoldId, (Usd, Usd)>,
    /// What lies in programs' suspense: each hold there that nobody has settled.
    unsettled: i128,
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
    /// Leases, going on and ended.
    pub leases: u64,
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
        add(&mut self.flows, (transfer.debit.clone(), transfer.credit.clone()), amount);
        if let (Account::Lot(from), Account::Lot(lot)) = (&transfer.debit, &transfer.credit) {
            self.sales.insert(transfer.id, (*from, *lot));
        }
        if matches!(transfer.kind, TransferKind::Pay | TransferKind::Fee) {
            self.paid.insert(transfer.id, amount);
        }
        if let Some(hold) = transfer.hold {
            self.take_charge(hold, transfer, amount);
        }
    }

    fn take_charge(&mut self, hold: HoldId, transfer: &Transfer, amount: i128) {
        if transfer.kind == TransferKind::Correct {
            let more = i128::from(transfer.credit.kind() == AccountKind::Used);
            let less = i128::from(transfer.debit.kind() == AccountKind::Used);
            let sign = more.saturating_sub(less);
            add(&mut self.corrected_by_hold, hold, amount.saturating_mul(sign));
            return;
        }
        let is_on_lease = transfer.kind == TransferKind::ChargeLease;
        if is_on_lease {
            self.charged_on_leases.insert(hold);
        }
        let spends = match transfer.credit.kind() {
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
            add(&mut self.charged_by_hold, hold, amount);
        }
        if transfer.credit.kind() == AccountKind::Used {
            add(&mut self.paid_by_hold, hold, amount);
        }
        if transfer.kind == TransferKind::Suspend {
            add(&mut self.suspended_by_hold, hold, amount);
        }
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
        let on_lots = if hold.is_on_lease() {
            Usd::sum(hold.parts.iter().map(|part| part.amount))
        } else {
            Usd::sum(hold.lot_parts().map(|(_, amount)| amount))
        };
        if on_lots != Some(hold.amount) {
            self.find(format!("the parts of hold `{}` do not sum to ${}", hold.id, hold.amount));
        }
        match hold.resolution {
            Some(resolution) => {
                self.resolved.insert(hold.id, (hold.amount, resolution));
                let is_suspended = resolution == Resolution::Suspended;
                let in_the_book = is_suspended && !hold.is_on_lease();
                match hold.settled {
                    Some(cost) if is_suspended => {
                        let of_rights = hold
                            .parts
                            .iter()
                            .any(|part| matches!(part.account, Account::CapLease(_)));
                        if !of_rights {
                            self.settled.insert(hold.id, (cost, hold.amount));
                        }
                    }
                    Some(_) => {
                        self.find(format!("hold `{}` is settled and knew its cost", hold.id));
                    }
                    None if in_the_book => {
                        let amount = i128::from(hold.amount.nanos());
                        self.unsettled = self.unsettled.saturating_add(amount);
                    }
                    None => {}
                }
            }
            None => {
                for part in &hold.parts {
                    add(&mut self.held, part.account.clone(), i128::from(part.amount.nanos()));
                }
            }
        }
    }

    /// Takes a settled call: what it is stated to have cost at first, and to cost since it was
    /// corrected.
    pub fn call(&mut self, request: RequestId, hold: HoldId, cost: Usd, corrected: Option<Usd>) {
        self.calls.push((request, hold, [cost, corrected.unwrap_or(cost)]));
    }

    /// Takes a correction.
    pub fn correction(&mut self, correction: Correction) {
        let of_call = self.corrections.entry(correction.charge).or_default();
        of_call.insert(correction.number, correction);
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
        self.check_suspense();
        self.check_leases();
        self.check_lots();
        self.check_trades();
        self.check_calls();
        self.check_corrections();
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
            let charged = self.charged_by_hold.remove(hold).unwrap_or(0);
            let suspended = self.suspended_by_hold.get(hold).copied().unwrap_or(0);
            let (taken, due) = match resolution {
                Resolution::Captured(captured) => (charged, *captured),
                Resolution::Released => (charged, Usd::ZERO),
                // What is charged late was taken before, or is paid by the program.
                Resolution::Suspended => (suspended, *amount),
            };
            if taken != i128::from(due.nanos()) {
                findings.push(format!(
                    "hold `{hold}` ended as {resolution:?} and its transfers took {taken}"
                ));
            }
        }
        let unknown = self.charged_by_hold.keys();
        for hold in unknown.filter(|hold| !self.charged_on_leases.contains(hold)) {
            findings.push(format!("hold `{hold}` was charged and never resolved"));
        }
        for finding in findings {
            self.find(finding);
        }
    }

    /// What was settled cost what it is stated to have cost, and what is not lies in suspense.
    fn check_suspense(&mut self) {
        let mut findings = Vec::new();
        for (hold, (cost, held)) in &self.settled {
            let paid = self.paid_by_hold.get(hold).copied().unwrap_or(0);
            if paid != i128::from(cost.nanos()) {
                findings.push(format!(
                    "hold `{hold}` of ${held} was settled at ${cost} and {paid} was charged"
                ));
            }
        }
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
            findings.push(format!(
                "programs have {stated} nano-dollars in suspense and calls that nobody has \
                 settled come to {unsettled}"
            ));
        }
        for finding in findings {
            self.find(finding);
        }
    }

    /// Every call cost what was charged for its hold, on one account or on several leases.
    fn check_calls(&mut self) {
        for (request, hold, [cost, last]) in std::mem::take(&mut self.calls) {
            let parts = (0..HOLD_PARTS_MAX).map(|part| hold.part(part));
            let paid: i128 = parts.filter_map(|part| self.paid_by_hold.get(&part)).sum();
            if paid != i128::from(cost.nanos()) {
                self.find(format!(
                    "call `{request}` states {} nano-dollars and was charged {paid}",
                    cost.nanos()
                ));
            }
            let corrections = self.corrections.get(&hold).and_then(BTreeMap::last_key_value);
            let said = corrections.map_or(cost, |(_, correction)| correction.cost);
            if last != said {
                self.find(format!("call `{request}` is found under ${last} and costs ${said}"));
            }
        }
    }

    /// Each correction begins where the one before ended, the first with what was charged; what
    /// moved makes the difference, and who pays sums to the last word.
    fn check_corrections(&mut self) {
        let mut findings = Vec::new();
        for (hold, corrections) in &self.corrections {
            let parts = (0..HOLD_PARTS_MAX).map(|part| hold.part(part));
            let first: i128 = parts.filter_map(|part| self.paid_by_hold.get(&part)).sum();
            let (mut cost, mut number) = (first, 0_u32);
            for correction in corrections.values() {
                number = number.saturating_add(1);
                let paid: i128 =
                    correction.paid.iter().map(|part| i128::from(part.amount.nanos())).sum();
                let after = i128::from(correction.cost.nanos());
                if correction.number != number
                    || i128::from(correction.before.nanos()) != cost
                    || paid != after
                {
                    findings.push(format!(
                        "correction `{}` does not go on where the one before it ended",
                        correction.id
                    ));
                }
                cost = after;
            }
            let moved = self.corrected_by_hold.remove(hold).unwrap_or(0);
            if first.saturating_add(moved) != cost {
                findings.push(format!(
                    "what was charged under hold `{hold}` is {first} nano-dollars, corrections \
                     moved {moved}, and the last says {cost}"
                ));
            }
        }
        for hold in self.corrected_by_hold.keys() {
            findings.push(format!("hold `{hold}` was corrected by movements and by nobody's word"));
        }
        for finding in findings {
            self.find(finding);
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
            | Account::KeyCap(_)
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
            let lent = self.flows.get(&(lease.of.account(), lease.account())).copied();
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
        for ((debit, credit), amount) in &self.flows {
            let (from, to) = (self.family(debit), self.family(credit));
            let is_refund = from.kind() == AccountKind::Used && to.kind() == AccountKind::Lot;
            if is_refund {
                add(&mut left, to, amount.saturating_neg());
            } else if matches!((debit, credit), (Account::Suspense(_), Account::Lot(_))) {
                add(&mut left, to, -*amount);
                let went = self.flows.get(&(credit.clone(), debit.clone())).copied().unwrap_or(0);
                if went < *amount {
                    findings.push(format!("`{credit}` got back more than went to `{debit}`"));
                }
            } else if from != to {
                add(&mut left, from, *amount);
                add(&mut issued, to, *amount);
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
