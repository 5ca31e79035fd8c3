//! How a hold ends: captured, released, or in suspense; once.

use bursar_kernel::{HoldId, Lot, LotId, TransferId, Usd};

use super::{Decided, Outcome};
use super::{available, open_hold, program_of, resolved_as, transfer};
use crate::account::Account;
use crate::book::Book;
use crate::command::Asked;
use crate::hold::{Hold, Resolution, Resolved, Settled};
use crate::refusal::Refusal;
use crate::transfer::{Event, TransferKind};

pub(super) fn capture(
    book: &Book,
    asked: &Asked,
    hold: HoldId,
    amount: Usd,
) -> Result<Decided, Refusal> {
    let hold = open_hold(book, hold)?;
    if amount.is_negative() {
        return Err(Refusal::NotPositive(amount));
    }
    if resolved_as(hold, Resolution::Captured(amount))? {
        return Ok(Ending::new(book, asked, hold).repeated(amount));
    }
    let mut ending = Ending::new(book, asked, hold);
    ending.resolve(Resolution::Captured(amount));
    let mut missing = amount;
    for (lot, part) in hold.lot_parts() {
        let taken = ending.charge(lot, part.min(missing))?;
        missing = missing.checked_sub(taken).ok_or(Refusal::Overflow)?;
    }
    let excess = ending.charge_excess(&mut missing)?;
    let overrun = ending.charge_overrun(missing)?;
    ending.charge_caps(amount)?;
    ending.sweep_expired()?;
    Ok(ending.decided(amount, excess, overrun))
}

pub(super) fn release(book: &Book, asked: &Asked, hold: HoldId) -> Result<Decided, Refusal> {
    let hold = open_hold(book, hold)?;
    let mut ending = Ending::new(book, asked, hold);
    if resolved_as(hold, Resolution::Released)? {
        return Ok(ending.repeated(Usd::ZERO));
    }
    ending.resolve(Resolution::Released);
    ending.sweep_expired()?;
    Ok(ending.decided(Usd::ZERO, Usd::ZERO, Usd::ZERO))
}

pub(super) fn suspend(book: &Book, asked: &Asked, hold: HoldId) -> Result<Decided, Refusal> {
    let hold = open_hold(book, hold)?;
    let mut ending = Ending::new(book, asked, hold);
    if resolved_as(hold, Resolution::Suspended)? {
        return Ok(ending.repeated(hold.amount));
    }
    ending.resolve(Resolution::Suspended);
    for (lot, part) in hold.lot_parts() {
        let suspense = Account::Suspense(ending.lot(lot)?.program.clone());
        ending.move_from(Account::Lot(lot), suspense, part, TransferKind::Suspend)?;
    }
    ending.charge_caps(hold.amount)?;
    Ok(ending.decided(hold.amount, Usd::ZERO, Usd::ZERO))
}

/// Takes what a call in suspense is known to have cost from the lots in the order in which they
/// set it aside, as a capture does, and gives each of them the rest back; what an expired lot would
/// get goes on to breakage. A key's rights follow the money: what was not spent may be spent again.
pub(super) fn settle(
    book: &Book,
    asked: &Asked,
    hold: HoldId,
    cost: Usd,
) -> Result<Decided, Refusal> {
    let hold = open_hold(book, hold)?;
    let mut events = Vec::new();
    if hold.settled_before(cost)? {
        return Ok(Decided { events, outcome: Outcome::Moved });
    }
    events.push(Event::HoldSettled(Settled { hold: hold.id, cost }));
    // Suspending has moved each part once; these movements are named after those.
    let mut next = u8::try_from(hold.parts.len()).map_err(|_| Refusal::Overflow)?;
    let mut push = |debit: &Account, credit: Account, amount: Usd| {
        if amount.is_positive() {
            let (id, kind) = (TransferId::resolving(hold.id, next), TransferKind::Settle);
            next = next.checked_add(1).ok_or(Refusal::Overflow)?;
            let settled = transfer(asked, id, debit.clone(), credit, amount, kind, Some(hold.id));
            events.push(Event::Transferred(settled));
        }
        Ok(())
    };
    let mut missing = cost;
    for (lot, part) in hold.lot_parts() {
        let lot = book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?;
        let used = part.min(missing);
        missing = missing.checked_sub(used).ok_or(Refusal::Overflow)?;
        let rest = part.checked_sub(used).ok_or(Refusal::Overflow)?;
        let suspense = Account::Suspense(lot.program.clone());
        push(&suspense, Account::Used(lot.program.clone()), used)?;
        let is_expired = lot.expires_at <= asked.now;
        let breakage = || Account::Breakage(lot.program.clone());
        push(&suspense, if is_expired { breakage() } else { Account::Lot(lot.id) }, rest)?;
    }
    for part in &hold.parts {
        if let Account::Cap(_) = part.account {
            let rest = part.amount.checked_sub(cost).ok_or(Refusal::Overflow)?;
            push(&Account::RightsUsed, part.account.clone(), rest)?;
        }
    }
    Ok(Decided { events, outcome: Outcome::Moved })
}

/// A hold's end while it is being worked out, over a copy of the accounts that it touches.
struct Ending<'a> {
    asked: &'a Asked,
    hold: &'a Hold,
    /// The book as it will be: each event is taken in as it is made.
    after: Book,
    events: Vec<Event>,
    moved: u8,
}

impl<'a> Ending<'a> {
    fn new(book: &Book, asked: &'a Asked, hold: &'a Hold) -> Self {
        let mut after = Book::default();
        let wallet = book.lots.values().filter(|lot| lot.holder == hold.holder);
        let touched = hold.lot_parts().filter_map(|(lot, _)| book.lots.get(&lot));
        for lot in wallet.chain(touched) {
            let account = Account::Lot(lot.id);
            after.balances.insert(account.clone(), book.balance(&account));
            after.lots.insert(lot.id, lot.clone());
        }
        for part in &hold.parts {
            after.balances.insert(part.account.clone(), book.balance(&part.account));
        }
        Self { asked, hold, after, events: Vec::new(), moved: 0 }
    }

    fn lot(&self, lot: LotId) -> Result<&Lot, Refusal> {
        self.after.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))
    }

    fn resolve(&mut self, resolution: Resolution) {
        self.push(Event::HoldResolved(Resolved {
            hold: self.hold.id,
            resolution,
            at: self.asked.now,
            parts: self.hold.parts.clone(),
        }));
    }

    /// Takes an amount from a lot for the call.
    fn charge(&mut self, lot: LotId, amount: Usd) -> Result<Usd, Refusal> {
        let used = Account::Used(self.lot(lot)?.program.clone());
        self.move_from(Account::Lot(lot), used, amount, TransferKind::Charge)?;
        Ok(amount)
    }

    /// What a wrong bound let through is paid by the free balance of the same lots, while they
    /// live. See `an_upstream_that_bills_above_the_hold_is_paid_and_shown`.
    fn charge_excess(&mut self, missing: &mut Usd) -> Result<Usd, Refusal> {
        let mut excess = Usd::ZERO;
        for (lot, _) in self.hold.lot_parts() {
            if self.lot(lot)?.expires_at <= self.asked.now {
                continue;
            }
            let taken = self.after.lot_balance(lot).available().min(*missing);
            self.charge(lot, taken)?;
            *missing = missing.checked_sub(taken).ok_or(Refusal::Overflow)?;
            excess = excess.checked_add(taken).ok_or(Refusal::Overflow)?;
        }
        Ok(excess)
    }

    /// What no lot can pay is the program's to explain.
    fn charge_overrun(&mut self, missing: Usd) -> Result<Usd, Refusal> {
        if missing.is_positive() {
            let program = program_of(&self.after, self.hold)?.clone();
            let (from, to) = (Account::Overrun(program.clone()), Account::Used(program));
            self.move_from(from, to, missing, TransferKind::Charge)?;
        }
        Ok(missing)
    }

    /// Rights are used up by as much as the call cost, as far as the cap reaches.
    fn charge_caps(&mut self, amount: Usd) -> Result<(), Refusal> {
        for part in &self.hold.parts {
            if let Account::Cap(_) = part.account {
                let left = self.after.balance(&part.account).available();
                let used = amount.min(left);
                let from = part.account.clone();
                self.move_from(from, Account::RightsUsed, used, TransferKind::Charge)?;
            }
        }
        Ok(())
    }

    /// What comes back to a lot that has expired meanwhile goes on to breakage at once.
    fn sweep_expired(&mut self) -> Result<(), Refusal> {
        for (lot, _) in self.hold.lot_parts() {
            let lot = self.lot(lot)?;
            if lot.expires_at <= self.asked.now {
                let (id, program) = (lot.id, lot.program.clone());
                let left = self.after.lot_balance(id).available();
                let (from, to) = (Account::Lot(id), Account::Breakage(program));
                self.move_from(from, to, left, TransferKind::Expire)?;
            }
        }
        Ok(())
    }

    fn move_from(
        &mut self,
        debit: Account,
        credit: Account,
        amount: Usd,
        kind: TransferKind,
    ) -> Result<(), Refusal> {
        if amount.is_positive() {
            let id = TransferId::resolving(self.hold.id, self.moved);
            self.moved = self.moved.checked_add(1).ok_or(Refusal::Overflow)?;
            let hold = Some(self.hold.id);
            let transfer = transfer(self.asked, id, debit, credit, amount, kind, hold);
            self.push(Event::Transferred(transfer));
        }
        Ok(())
    }

    fn push(&mut self, event: Event) {
        self.after.apply(&event);
        self.events.push(event);
    }

    fn repeated(self, captured: Usd) -> Decided {
        debug_assert!(self.events.is_empty(), "a repeated command changes nothing");
        self.decided(captured, Usd::ZERO, Usd::ZERO)
    }

    fn decided(self, captured: Usd, excess: Usd, overrun: Usd) -> Decided {
        let available = available(&self.after, self.hold, self.asked.now);
        let outcome = Outcome::Resolved { captured, excess, overrun, available };
        Decided { events: self.events, outcome }
    }
}
