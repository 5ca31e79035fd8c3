//! Looks after every step: what the provider billed is in the books, or covered there.

use std::collections::BTreeMap;

use bursar_kernel::{HoldId, LeaseId, Usd};
use bursar_ledger::audit::Auditor as BookAuditor;
use bursar_ledger::{Account, AccountKind, Book, Event, Leased, TransferKind};

/// A law that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Which law.
    pub(crate) law: &'static str,
    /// How.
    pub(crate) text: String,
}

impl Violation {
    pub(crate) fn new(law: &'static str, text: String) -> Self {
        Self { law, text }
    }
}

/// What the provider and the callers know, beside the books.
#[derive(Debug, Default)]
pub(crate) struct Auditor {
    /// What the provider billed, in nano-dollars.
    billed: i64,
    /// What was issued and not bought from somebody who had it.
    granted: i64,
    /// What was billed on a lease and is not charged in the book yet.
    owed: BTreeMap<LeaseId, i64>,
    /// What is charged in the book, by call.
    charged: BTreeMap<HoldId, i64>,
    /// What the provider's bill has of each part of a call, where an operator reads it at once.
    bills: BTreeMap<HoldId, Usd>,
    /// What callers were told their calls cost.
    acknowledged: BTreeMap<HoldId, i64>,
}

impl Auditor {
    pub(crate) fn granted(&mut self, amount: i64) {
        self.granted = self.granted.saturating_add(amount);
    }

    /// The provider has answered a call, and bills it.
    pub(crate) fn billed(
        &mut self,
        book: &Book,
        call: HoldId,
        parts: &[(LeaseId, Usd)],
        cost: i64,
    ) -> Result<(), Violation> {
        self.billed = self.billed.saturating_add(cost);
        let is_credit = |(lease, _): &(LeaseId, Usd)| {
            book.leases.get(lease).is_some_and(|lease| matches!(lease.of, Leased::Lot(_)))
        };
        let last = parts.iter().rposition(is_credit);
        let (mut missing, is_read) = (cost, is_read_at_once(call));
        for ((number, place), part) in (0_u8..).zip(0_usize..).zip(parts) {
            let (lease, held) = part;
            let mut paid = cost;
            if is_credit(part) {
                paid = if last == Some(place) { missing } else { missing.min(held.nanos()) };
                missing = missing.saturating_sub(paid);
                let owed = self.owed.entry(*lease).or_default();
                *owed = owed.saturating_add(paid);
                self.check_lease(book, *lease)?;
            }
            if is_read {
                self.bills.insert(call.part(number), Usd::from_nanos(paid));
            }
        }
        if self.granted < self.billed {
            let (billed, granted) = (self.billed, self.granted);
            let text = format!("{billed} was billed and {granted} granted");
            return Err(Violation::new("billed is at most granted", text));
        }
        Ok(())
    }

    /// What the bill that an operator has read says of a call, or a part of one.
    pub(crate) fn bill(&self, part: HoldId) -> Option<Usd> {
        self.bills.get(&part).copied()
    }

    /// Something is durable.
    pub(crate) fn happened(&mut self, event: &Event) {
        let Event::Transferred(transfer) = event else { return };
        let (Some(part), TransferKind::ChargeLease | TransferKind::Settle) =
            (transfer.hold, transfer.kind)
        else {
            return;
        };
        if transfer.credit.kind() != AccountKind::Used {
            return;
        }
        let amount = transfer.amount.nanos();
        let charged = self.charged.entry(call_of(part)).or_default();
        *charged = charged.saturating_add(amount);
        if let Account::Lease(lease) | Account::LeaseSuspense(lease) = &transfer.debit {
            let owed = self.owed.entry(*lease).or_default();
            *owed = owed.saturating_sub(amount);
        }
    }

    /// Every lease covers what was billed on it.
    pub(crate) fn check(&self, book: &Book) -> Result<(), Violation> {
        for lease in self.owed.keys() {
            self.check_lease(book, *lease)?;
        }
        for (account, balance) in &book.balances {
            if account.kind() == AccountKind::Overrun && balance.posted.is_negative() {
                let text = format!("`{account}` has ${}", balance.posted);
                return Err(Violation::new("what is billed was set aside", text));
            }
        }
        Ok(())
    }

    /// What was billed on a lease and is not charged yet.
    pub(crate) fn owed(&self, lease: LeaseId) -> i64 {
        self.owed.get(&lease).copied().unwrap_or(0)
    }

    fn check_lease(&self, book: &Book, lease: LeaseId) -> Result<(), Violation> {
        let owed = self.owed(lease);
        let Some(known) = book.leases.get(&lease) else { return Ok(()) };
        let covered = if known.fenced_at.is_some() {
            book.balance(&known.suspense()).posted.nanos()
        } else {
            let held = book.balance(&known.account()).held;
            known.watermark.nanos().saturating_add(held.nanos())
        };
        if covered < owed {
            let text = format!("{owed} was billed on `{lease}` and the book covers {covered}");
            return Err(Violation::new("what may be spent is in the book", text));
        }
        Ok(())
    }

    /// A caller was told what a call cost.
    pub(crate) fn acknowledged(&mut self, hold: HoldId, cost: i64) {
        self.acknowledged.insert(hold, cost);
    }

    /// What was acknowledged is in the book.
    pub(crate) fn check_acknowledged(&self) -> Result<(), Violation> {
        for (hold, cost) in &self.acknowledged {
            let charged = self.charged.get(hold).copied().unwrap_or(0);
            if charged != *cost {
                let text = format!("`{hold}` was told {cost} and the book has {charged}");
                return Err(Violation::new("what is acknowledged is in the book", text));
            }
        }
        Ok(())
    }

    /// Nobody is charged more than was billed, and what is billed is charged or in suspense.
    pub(crate) fn check_end(&self, book: &Book) -> Result<(), Violation> {
        let sum = |kinds: &[AccountKind]| -> i64 {
            let wanted =
                book.balances.iter().filter(|(account, _)| kinds.contains(&account.kind()));
            wanted.map(|(_, balance)| balance.posted.nanos()).sum()
        };
        let used = sum(&[AccountKind::Used]);
        let suspense = sum(&[AccountKind::LeaseSuspense]);
        if self.billed < used || used.saturating_add(suspense) < self.billed {
            let billed = self.billed;
            let text = format!("{billed} was billed, {used} charged, {suspense} is in suspense");
            return Err(Violation::new("charged is what was billed", text));
        }
        self.check_acknowledged()?;
        prove(book)
    }
}

/// The book is proven from scratch.
pub(crate) fn prove(book: &Book) -> Result<(), Violation> {
    let mut auditor = BookAuditor::default();
    auditor.book(book);
    match auditor.finish().1.into_iter().map(|finding| finding.to_string()).min() {
        None => Ok(()),
        Some(finding) => Err(Violation::new("the book is proven", finding)),
    }
}

/// The call that a hold, or a part of one, belongs to: the low bits name parts and movements.
fn call_of(part: HoldId) -> HoldId {
    let mut bytes = part.to_bytes();
    bytes[14..].fill(0);
    HoldId::from_bytes(bytes)
}

/// The bill of every other call: nodes that come back find calls settled, and calls that are not.
fn is_read_at_once(call: HoldId) -> bool {
    let ones: u32 = call.to_bytes().iter().map(|byte| byte.count_ones()).sum();
    ones.is_multiple_of(2)
}
