//! What is lent to nodes, what they report of it, and how a lease ends.

use std::collections::BTreeSet;

use bursar_kernel::limits::LEASE_SKEW_MAX;
use bursar_kernel::{HoldId, LeaseId, Lot, TransferId, Usd};

use super::{Decided, Movement, Outcome, decide_movement, transfer};
use crate::account::Account;
use crate::book::Book;
use crate::command::Asked;
use crate::hold::{Hold, HoldPart, Resolution, Resolved, Settled};
use crate::lease::{
    BegunCall, Lease, LeaseCharge, LeaseCommand, Leased, Lend, Report, SuspenseEnd,
};
use crate::refusal::Refusal;
use crate::transfer::{Event, TransferKind};

/// The movement of a begun call's hold into suspense, when its lease ends. The ones before are
/// [`LeaseCharge::movements`].
const SUSPENDED: u8 = 4;
/// The movements that take what such a call cost, once somebody knows, and give the rest back.
const SETTLED: [u8; 2] = [5, 6];

pub(super) fn decide(
    book: &Book,
    command: &LeaseCommand,
    asked: &Asked,
) -> Result<Decided, Refusal> {
    match command {
        LeaseCommand::Lend(loan) => lend(book, asked, loan),
        LeaseCommand::Report(told) => report(book, asked, told),
        LeaseCommand::Fence { lease } => fence(book, asked, *lease),
        LeaseCommand::SettleCall { lease, hold, cost } => {
            settle_call(book, asked, *lease, *hold, *cost)
        }
        LeaseCommand::Settle { id, lease, amount, end } => {
            settle(book, asked, *id, *lease, (*amount, *end))
        }
    }
}

fn lend(book: &Book, asked: &Asked, loan: &Lend) -> Result<Decided, Refusal> {
    let before = book.leases.get(&loan.lease);
    let lent = before.map_or(Usd::ZERO, |lease| lease.lent);
    let lease = Lease {
        id: loan.lease,
        node: loan.node,
        epoch: loan.epoch,
        of: loan.of,
        until: before.map_or(loan.until, |lease| lease.until.max(loan.until)),
        lent: lent.checked_add(loan.amount).ok_or(Refusal::Overflow)?,
        reports: before.map_or(0, |lease| lease.reports),
        watermark: before.map_or(Usd::ZERO, |lease| lease.watermark),
        fenced_at: None,
    };
    if let Some(before) = before {
        let same = (before.node, before.epoch, before.of) == (loan.node, loan.epoch, loan.of);
        if !same {
            return Err(Refusal::LeaseConflict(loan.lease));
        }
    }
    let movement = Movement {
        id: loan.id,
        debit: loan.of.account(),
        credit: lease.account(),
        amount: loan.amount,
        kind: TransferKind::Lend,
        lot: None,
    };
    // What was lent before stays lent, whatever has become of the lease or the lot since.
    if book.transfers.contains_key(&loan.id) {
        return decide_movement(book, asked, &movement);
    }
    if before.is_some_and(|before| before.fenced_at.is_some()) {
        return Err(Refusal::LeaseEnded(loan.lease));
    }
    check_term(book, asked, loan)?;
    check_cut(book, loan)?;
    // A lease that is there can be had for longer, and no more on it.
    let mut events = if loan.amount.is_zero() && before.is_some() {
        Vec::with_capacity(1)
    } else {
        decide_movement(book, asked, &movement)?.events
    };
    if before != Some(&lease) {
        events.push(Event::LeaseChanged(lease));
    }
    Ok(Decided { events, outcome: Outcome::Moved })
}

/// What a lowered cap has taken is lent to nobody, though it may not have come home when it did.
fn check_cut(book: &Book, loan: &Lend) -> Result<(), Refusal> {
    match loan.of {
        Leased::Lot(_) => Ok(()),
        Leased::Cap(cap) => {
            let available = book.cap_balance(cap).available();
            if available < loan.amount {
                let (account, needed) = (loan.of.account(), loan.amount);
                return Err(Refusal::InsufficientFunds { account, available, needed });
            }
            Ok(())
        }
    }
}

/// A lease of a lot lies within the lot's life, with room for two clocks that disagree.
fn check_term(book: &Book, asked: &Asked, loan: &Lend) -> Result<(), Refusal> {
    match loan.of {
        Leased::Cap(_) => Ok(()),
        Leased::Lot(lot) => {
            let lot = book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?;
            if asked.now < lot.active_from {
                return Err(Refusal::NotYetActive { from: lot.active_from });
            }
            if lot.expires_at <= asked.now {
                return Err(Refusal::Expired { at: lot.expires_at });
            }
            let by = lot.expires_at.checked_sub(LEASE_SKEW_MAX).unwrap_or(lot.active_from);
            if loan.until <= asked.now || by < loan.until {
                return Err(Refusal::LeaseTooLong { lot: lot.id, by });
            }
            Ok(())
        }
    }
}

fn report(book: &Book, asked: &Asked, report: &Report) -> Result<Decided, Refusal> {
    let lease = known(book, report.lease)?;
    if lease.epoch != report.epoch {
        return Err(Refusal::LeaseConflict(lease.id));
    }
    if report.number <= lease.reports {
        return reported_before(book, lease, report);
    }
    let expected = lease.reports.saturating_add(1);
    if report.number != expected {
        let (lease, number) = (lease.id, report.number);
        return Err(Refusal::ReportOutOfOrder { lease, expected, number });
    }
    let amounts = report.charged.iter().flat_map(|charge| [charge.held, charge.cost]);
    let begun = report.begun.iter().map(|begun| begun.amount);
    let mut amounts = amounts.chain(begun).chain([report.watermark, report.returned]);
    if let Some(amount) = amounts.find(|amount| amount.is_negative()) {
        return Err(Refusal::NotPositive(amount));
    }
    let mut work = Work::new(book, asked, lease)?;
    let overrun = match lease.fenced_at {
        None => work.take_in(report)?,
        Some(_) => work.take_in_late(report)?,
    };
    let left = work.after.balance(&lease.of.account()).available();
    let outcome = Outcome::Reported { is_late: lease.fenced_at.is_some(), overrun, left };
    Ok(Decided { events: work.events, outcome })
}

/// A report that is in the book says the same again, or somebody reuses its number.
fn reported_before(book: &Book, lease: &Lease, report: &Report) -> Result<Decided, Refusal> {
    for charge in report.charged.iter().filter(|charge| charge.cost.is_positive()) {
        let made = LeaseCharge::movements(charge.hold).map(|id| book.transfers.get(&id));
        let paid = Usd::sum(made.into_iter().flatten().map(|transfer| transfer.amount));
        let fits = match lease.of {
            Leased::Lot(_) => paid == Some(charge.cost),
            // Above its hold a call uses up rights only as far as the cap reaches.
            Leased::Cap(_) => paid.is_some_and(|paid| paid <= charge.cost),
        };
        // What somebody knew before the report came was left as it is.
        let was_left = paid == Some(Usd::ZERO)
            && book.holds.get(&charge.hold).is_some_and(|hold| hold.settled.is_some());
        if !fits && !was_left {
            return Err(Refusal::TransferConflict(TransferId::resolving(charge.hold, 0)));
        }
    }
    let outcome = Outcome::Reported {
        is_late: lease.fenced_at.is_some(),
        overrun: Usd::ZERO,
        left: book.balance(&lease.of.account()).available(),
    };
    Ok(Decided { events: Vec::new(), outcome })
}

fn fence(book: &Book, asked: &Asked, lease: LeaseId) -> Result<Decided, Refusal> {
    let lease = known(book, lease)?;
    if lease.fenced_at.is_some() {
        return Ok(Decided { events: Vec::new(), outcome: Outcome::Moved });
    }
    let mut work = Work::new(book, asked, lease)?;
    let mut begun: Vec<&Hold> = book.holds.values().filter(|hold| lies_on(hold, lease)).collect();
    begun.sort_by_key(|hold| hold.id);
    for hold in begun.into_iter().filter(|hold| hold.resolution.is_none()) {
        work.resolve(hold, Resolution::Suspended);
        let id = TransferId::resolving(hold.id, SUSPENDED);
        let (from, to) = (lease.account(), lease.suspense());
        work.move_from(id, (from, to), hold.amount, TransferKind::Suspend, Some(hold.id))?;
    }
    let covered = lease.watermark.min(work.available());
    let (from, to) = (lease.account(), lease.suspense());
    let id = TransferId::ending(lease.id, 0);
    work.move_from(id, (from, to), covered, TransferKind::Suspend, None)?;
    let rest = work.available();
    work.give_back(TransferId::ending(lease.id, 1), lease.account(), rest)?;
    let ended = Lease { watermark: Usd::ZERO, fenced_at: Some(asked.now), ..lease.clone() };
    work.push(Event::LeaseChanged(ended));
    Ok(Decided { events: work.events, outcome: Outcome::Moved })
}

fn settle_call(
    book: &Book,
    asked: &Asked,
    lease: LeaseId,
    hold: HoldId,
    cost: Usd,
) -> Result<Decided, Refusal> {
    let mut work = Work::new(book, asked, known(book, lease)?)?;
    let hold = book.holds.get(&hold).ok_or(Refusal::UnknownHold(hold))?;
    if !lies_on(hold, work.lease) {
        return Err(Refusal::HoldConflict(hold.id));
    }
    if !hold.settled_before(cost)? {
        let (suspense, used) = (work.lease.suspense(), work.used());
        let id = TransferId::resolving(hold.id, SETTLED[0]);
        work.move_from(id, (suspense, used), cost, TransferKind::Settle, Some(hold.id))?;
        work.settle_begun(hold, cost)?;
    }
    Ok(Decided { events: work.events, outcome: Outcome::Moved })
}

fn settle(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    lease: LeaseId,
    (amount, end): (Usd, SuspenseEnd),
) -> Result<Decided, Refusal> {
    let work = Work::new(book, asked, known(book, lease)?)?;
    let (debit, kind) = (work.lease.suspense(), TransferKind::Settle);
    // Where it goes that was not used depends on the day: the first answer stands.
    if let Some(made) = book.transfers.get(&id) {
        let was_used = made.credit == work.used();
        let same = made.debit == debit && made.amount == amount && made.kind == kind;
        return if same && was_used == (end == SuspenseEnd::Used) {
            Ok(Decided { events: Vec::new(), outcome: Outcome::Moved })
        } else {
            Err(Refusal::TransferConflict(id))
        };
    }
    let credit = match end {
        SuspenseEnd::Used => work.used(),
        SuspenseEnd::NotUsed => work.home(),
    };
    decide_movement(book, asked, &Movement { id, debit, credit, amount, kind, lot: None })
}

fn known(book: &Book, lease: LeaseId) -> Result<&Lease, Refusal> {
    book.leases.get(&lease).ok_or(Refusal::UnknownLease(lease))
}

fn lies_on(hold: &Hold, lease: &Lease) -> bool {
    hold.parts.iter().any(|part| part.account == lease.account())
}

/// A change of a lease while it is being worked out, over a copy of the accounts that it touches.
struct Work<'a> {
    book: &'a Book,
    asked: &'a Asked,
    lease: &'a Lease,
    /// The lot that it is a part of, if it is a part of one.
    lot: Option<&'a Lot>,
    /// The accounts as they will be: each event is taken in as it is made.
    after: Book,
    events: Vec<Event>,
}

impl<'a> Work<'a> {
    fn new(book: &'a Book, asked: &'a Asked, lease: &'a Lease) -> Result<Self, Refusal> {
        let lot = match lease.of {
            Leased::Lot(lot) => Some(book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?),
            Leased::Cap(_) => None,
        };
        let mut after = Book::default();
        for account in [lease.account(), lease.suspense(), lease.of.account()] {
            after.balances.insert(account.clone(), book.balance(&account));
        }
        Ok(Self { book, asked, lease, lot, after, events: Vec::new() })
    }

    fn take_in(&mut self, report: &Report) -> Result<Usd, Refusal> {
        let needed = self.unheard(report)?;
        let covered = self.lease.watermark;
        if covered < needed {
            return Err(Refusal::PastWatermark { lease: self.lease.id, covered, needed });
        }
        for begun in &report.begun {
            self.begin(begun)?;
        }
        let mut overrun = Usd::ZERO;
        for charge in &report.charged {
            let missing = self.charge(charge)?;
            overrun = overrun.checked_add(missing).ok_or(Refusal::Overflow)?;
        }
        let available = self.available();
        let kept = report.watermark.checked_add(report.returned).ok_or(Refusal::Overflow)?;
        if available < kept {
            let account = self.lease.account();
            return Err(Refusal::InsufficientFunds { account, available, needed: kept });
        }
        let id = TransferId::giving_back(self.lease.id, report.number);
        self.give_back(id, self.lease.account(), report.returned)?;
        let (reports, watermark) = (report.number, report.watermark);
        self.push(Event::LeaseChanged(Lease { reports, watermark, ..self.lease.clone() }));
        Ok(overrun)
    }

    /// Sums what a report, which names each call once, says of calls that the book has not heard
    /// of: the watermark must cover it.
    fn unheard(&self, report: &Report) -> Result<Usd, Refusal> {
        let calls = report.begun.iter().map(|begun| begun.hold);
        let mut named = BTreeSet::new();
        for hold in calls.chain(report.charged.iter().map(|charge| charge.hold)) {
            if !named.insert(hold) {
                return Err(Refusal::HoldConflict(hold));
            }
        }
        let is_new = |charge: &&LeaseCharge| !self.book.holds.contains_key(&charge.hold);
        let charged = report.charged.iter().filter(is_new);
        let begun = report.begun.iter().map(|begun| begun.amount);
        let spent = charged.map(|charge| charge.cost.min(charge.held));
        Usd::sum(begun.chain(spent)).ok_or(Refusal::Overflow)
    }

    fn begin(&mut self, begun: &BegunCall) -> Result<(), Refusal> {
        let is_taken = self.book.holds.contains_key(&begun.hold)
            || self.book.transfers.contains_key(&TransferId::resolving(begun.hold, 0));
        if is_taken {
            return Err(Refusal::HoldConflict(begun.hold));
        }
        if begun.amount.is_zero() {
            return Err(Refusal::NotPositive(begun.amount));
        }
        let parts = vec![HoldPart { account: self.lease.account(), amount: begun.amount }];
        self.push(Event::HoldPlaced(Hold {
            id: begun.hold,
            holder: begun.holder,
            grant: self.lot.and_then(|lot| lot.grant),
            amount: begun.amount,
            parts,
            placed_at: begun.placed_at,
            settle_by: begun.settle_by,
            note: begun.note.clone(),
            resolution: None,
            resolved_at: None,
            settled: None,
        }));
        Ok(())
    }

    /// Charges a call, and says what nobody could pay of it.
    fn charge(&mut self, charge: &LeaseCharge) -> Result<Usd, Refusal> {
        self.check_unpaid(charge.hold)?;
        let mut held = charge.held;
        let begun = self.book.holds.get(&charge.hold);
        if let Some(hold) = begun {
            if !lies_on(hold, self.lease) {
                return Err(Refusal::HoldConflict(hold.id));
            }
            if let Some(resolution) = hold.resolution {
                return Err(Refusal::AlreadyResolved { hold: hold.id, resolution });
            }
            held = hold.amount;
            let paid = self.affordable(charge.cost, held)?;
            let resolution =
                if paid.is_zero() { Resolution::Released } else { Resolution::Captured(paid) };
            self.resolve(hold, resolution);
        }
        let within = charge.cost.min(held);
        self.pay(charge.hold, 0, self.lease.account(), within)?;
        let mut missing = charge.cost.checked_sub(within).ok_or(Refusal::Overflow)?;
        let excess = missing.min(self.spare());
        self.pay(charge.hold, 1, self.lease.of.account(), excess)?;
        missing = missing.checked_sub(excess).ok_or(Refusal::Overflow)?;
        self.pay_overrun(charge.hold, missing)
    }

    /// A call is charged in one report, whoever paid it then.
    fn check_unpaid(&self, hold: HoldId) -> Result<(), Refusal> {
        let made = |id: &TransferId| self.book.transfers.contains_key(id);
        match LeaseCharge::movements(hold).into_iter().find(made) {
            Some(paid) => Err(Refusal::TransferConflict(paid)),
            None => Ok(()),
        }
    }

    /// What of a cost will be paid: all of a call's, and of rights as far as the cap reaches.
    fn affordable(&self, cost: Usd, held: Usd) -> Result<Usd, Refusal> {
        match self.lot {
            Some(_) => Ok(cost),
            None => Ok(cost.min(held.checked_add(self.spare()).ok_or(Refusal::Overflow)?)),
        }
    }

    /// What a wrong bound let through is paid by what the lot, while it lives, or the cap has.
    fn spare(&self) -> Usd {
        if self.is_expired() {
            Usd::ZERO
        } else {
            self.after.balance(&self.lease.of.account()).available()
        }
    }

    /// A report of a lease that has ended is paid out of its suspense, never out of the lot.
    fn take_in_late(&mut self, report: &Report) -> Result<Usd, Refusal> {
        let mut overrun = Usd::ZERO;
        for charge in &report.charged {
            self.check_unpaid(charge.hold)?;
            let begun = self.book.holds.get(&charge.hold).filter(|hold| lies_on(hold, self.lease));
            if begun.is_some_and(|hold| hold.settled.is_some()) {
                // Somebody knew before the node could say: what they said stands.
                continue;
            }
            let suspense = self.lease.suspense();
            let paid = charge.cost.min(self.after.balance(&suspense).available());
            self.pay(charge.hold, 3, suspense, paid)?;
            let missing = charge.cost.checked_sub(paid).ok_or(Refusal::Overflow)?;
            let missing = self.pay_overrun(charge.hold, missing)?;
            overrun = overrun.checked_add(missing).ok_or(Refusal::Overflow)?;
            if let Some(hold) = begun {
                let cost = if self.lot.is_some() { charge.cost } else { paid };
                self.settle_begun(hold, cost)?;
            }
        }
        if report.is_last_word {
            let suspense = self.lease.suspense();
            let rest = self.after.balance(&suspense).available();
            self.give_back(TransferId::ending(self.lease.id, 2), suspense, rest)?;
        }
        self.push(Event::LeaseChanged(Lease { reports: report.number, ..self.lease.clone() }));
        Ok(overrun)
    }

    /// A begun call in suspense is known to have cost this much, which has been taken: the rest of
    /// its hold goes back, as far as late reports of other calls have left it there.
    fn settle_begun(&mut self, hold: &Hold, cost: Usd) -> Result<(), Refusal> {
        let suspense = self.lease.suspense();
        let unspent = hold.amount.checked_sub(cost.min(hold.amount)).ok_or(Refusal::Overflow)?;
        let rest = unspent.min(self.after.balance(&suspense).available());
        let id = TransferId::resolving(hold.id, SETTLED[1]);
        self.move_from(id, (suspense, self.home()), rest, TransferKind::Settle, Some(hold.id))?;
        self.push(Event::HoldSettled(Settled { hold: hold.id, cost }));
        Ok(())
    }

    /// What nobody can pay is the program's to explain. Rights end where the cap ends.
    fn pay_overrun(&mut self, hold: HoldId, missing: Usd) -> Result<Usd, Refusal> {
        match self.lot {
            Some(lot) => {
                self.pay(hold, 2, Account::Overrun(lot.program.clone()), missing)?;
                Ok(missing)
            }
            None => Ok(Usd::ZERO),
        }
    }

    fn pay(&mut self, hold: HoldId, place: u8, from: Account, amount: Usd) -> Result<(), Refusal> {
        let id = TransferId::resolving(hold, place);
        let accounts = (from, self.used());
        self.move_from(id, accounts, amount, TransferKind::ChargeLease, Some(hold))
    }

    fn give_back(&mut self, id: TransferId, from: Account, amount: Usd) -> Result<(), Refusal> {
        let kind = if self.is_expired() { TransferKind::Expire } else { TransferKind::GiveBack };
        self.move_from(id, (from, self.home()), amount, kind, None)
    }

    /// Where calls are charged to.
    fn used(&self) -> Account {
        self.lot.map_or(Account::RightsUsed, |lot| Account::Used(lot.program.clone()))
    }

    /// Where it goes what was not spent.
    fn home(&self) -> Account {
        match self.lot {
            Some(lot) if self.is_expired() => Account::Breakage(lot.program.clone()),
            Some(_) | None => self.lease.of.account(),
        }
    }

    fn is_expired(&self) -> bool {
        self.lot.is_some_and(|lot| lot.expires_at <= self.asked.now)
    }

    fn available(&self) -> Usd {
        self.after.balance(&self.lease.account()).available()
    }

    fn resolve(&mut self, hold: &Hold, resolution: Resolution) {
        let (at, parts) = (self.asked.now, hold.parts.clone());
        self.push(Event::HoldResolved(Resolved { hold: hold.id, resolution, at, parts }));
    }

    fn move_from(
        &mut self,
        id: TransferId,
        (debit, credit): (Account, Account),
        amount: Usd,
        kind: TransferKind,
        hold: Option<HoldId>,
    ) -> Result<(), Refusal> {
        if !amount.is_positive() {
            return Ok(());
        }
        if self.book.transfers.contains_key(&id) || self.after.transfers.contains_key(&id) {
            return Err(Refusal::TransferConflict(id));
        }
        let available = self.after.balance(&debit).available();
        if !debit.kind().may_be_negative() && available < amount {
            return Err(Refusal::InsufficientFunds { account: debit, available, needed: amount });
        }
        let moved = transfer(self.asked, id, debit, credit, amount, kind, hold);
        self.push(Event::Transferred(moved));
        Ok(())
    }

    fn push(&mut self, event: Event) {
        self.after.apply(&event);
        self.events.push(event);
    }
}
