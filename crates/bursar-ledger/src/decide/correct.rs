//! A call's last word: what it costs less goes back the way it came, what it costs more is taken
//! as it would have been.

use bursar_kernel::{Cap, Lot, LotId, ProgramId, TransferId, Usd};

use super::{Decided, Outcome, transfer};
use crate::account::Account;
use crate::book::Book;
use crate::command::Asked;
use crate::correction::{CORRECTIONS_PER_CALL_MAX, Correct, Correction, Paid, Payer};
use crate::order::in_spending_order;
use crate::refusal::Refusal;
use crate::transfer::{Event, TransferKind};

pub(super) fn correct(book: &Book, asked: &Asked, wanted: &Correct) -> Result<Decided, Refusal> {
    if let Some(made) = book.corrections.get(&wanted.id) {
        let same = made.charge == wanted.charge && made.cost == wanted.cost;
        let outcome = Outcome::Corrected { before: made.before, cost: made.cost };
        return if same {
            Ok(Decided { events: Vec::new(), outcome })
        } else {
            Err(Refusal::CorrectionConflict(wanted.id))
        };
    }
    if wanted.cost.is_negative() {
        return Err(Refusal::NotPositive(wanted.cost));
    }
    let (paid, rights, number) = if let Some(last) = book.last_correction(wanted.charge) {
        (last.paid.clone(), last.rights.clone(), last.number)
    } else {
        let charged = book.charged(wanted);
        (charged.paid, charged.rights, 0)
    };
    if paid.is_empty() {
        return Err(Refusal::NothingCharged(wanted.charge));
    }
    if CORRECTIONS_PER_CALL_MAX <= number {
        return Err(Refusal::CorrectedTooOften(wanted.charge));
    }
    let before = Usd::sum(paid.iter().map(|part| part.amount)).ok_or(Refusal::Overflow)?;
    let mut work = Work { book, asked, wanted, paid, moved: 0, events: Vec::new() };
    let rights = if wanted.cost < before {
        work.give_back(before.checked_sub(wanted.cost).ok_or(Refusal::Overflow)?)?;
        work.give_rights_back(rights)?
    } else {
        let more = wanted.cost.checked_sub(before).ok_or(Refusal::Overflow)?;
        work.take_more(more)?;
        work.use_more_rights(rights, more)?
    };
    let made = Correction {
        id: wanted.id,
        charge: wanted.charge,
        number: number.saturating_add(1),
        before,
        cost: wanted.cost,
        paid: work.paid,
        rights,
        reason: wanted.reason.clone(),
        at: asked.now,
        actor: asked.by.clone(),
    };
    let mut events = work.events;
    events.push(Event::Corrected(made));
    Ok(Decided { events, outcome: Outcome::Corrected { before, cost: wanted.cost } })
}

/// What a call uses up of each cap's rights.
type Rights = Vec<(Cap, Usd)>;

/// A correction while it is being worked out.
struct Work<'a> {
    book: &'a Book,
    asked: &'a Asked,
    wanted: &'a Correct,
    /// Who pays, as it will be.
    paid: Vec<Paid>,
    moved: u8,
    events: Vec<Event>,
}

impl Work<'_> {
    /// Unwinds the recorded order: who was taken from last is given back to first.
    fn give_back(&mut self, mut back: Usd) -> Result<(), Refusal> {
        let mut refunds = Vec::new();
        for part in self.paid.iter_mut().rev() {
            let refund = part.amount.min(back);
            part.amount = part.amount.checked_sub(refund).ok_or(Refusal::Overflow)?;
            back = back.checked_sub(refund).ok_or(Refusal::Overflow)?;
            refunds.push((part.by.clone(), refund));
        }
        for (payer, refund) in refunds {
            self.refund(&payer, refund)?;
        }
        Ok(())
    }

    /// What comes back to a lot that has expired meanwhile goes on to breakage at once.
    fn refund(&mut self, payer: &Payer, amount: Usd) -> Result<(), Refusal> {
        match payer {
            Payer::Overrun(program) => {
                let (used, back) =
                    (Account::Used(program.clone()), Account::Overrun(program.clone()));
                self.move_from(used, back, amount, TransferKind::Correct)
            }
            Payer::Lot(lot) => {
                let lot = self.lot(*lot)?;
                let (id, program) = (lot.id, lot.program.clone());
                let has_expired = lot.expires_at <= self.asked.now;
                let used = Account::Used(program.clone());
                self.move_from(used, Account::Lot(id), amount, TransferKind::Correct)?;
                if has_expired {
                    let (from, to) = (Account::Lot(id), Account::Breakage(program));
                    self.move_from(from, to, amount, TransferKind::Expire)?;
                }
                Ok(())
            }
        }
    }

    /// The lots that paid pay more, as far as they live and have any; nobody pays the rest.
    fn take_more(&mut self, mut missing: Usd) -> Result<(), Refusal> {
        let mut lots: Vec<&Lot> = Vec::new();
        for part in &self.paid {
            if let Payer::Lot(lot) = part.by
                && lots.iter().all(|known| known.id != lot)
            {
                lots.push(self.lot(lot)?);
            }
        }
        let program = self.program()?;
        let alive = lots.into_iter().filter(|lot| super::is_live(lot, self.asked.now));
        let ordered = in_spending_order(alive).into_iter();
        let ordered: Vec<(LotId, ProgramId)> =
            ordered.map(|lot| (lot.id, lot.program.clone())).collect();
        for (lot, program) in ordered {
            let part = self.book.lot_balance(lot).available().min(missing);
            self.pay(Payer::Lot(lot), part)?;
            let used = Account::Used(program);
            self.move_from(Account::Lot(lot), used, part, TransferKind::Correct)?;
            missing = missing.checked_sub(part).ok_or(Refusal::Overflow)?;
        }
        self.pay(Payer::Overrun(program.clone()), missing)?;
        let (from, to) = (Account::Overrun(program.clone()), Account::Used(program));
        self.move_from(from, to, missing, TransferKind::Correct)
    }

    fn pay(&mut self, by: Payer, amount: Usd) -> Result<(), Refusal> {
        match self.paid.last_mut().filter(|last| last.by == by) {
            _ if !amount.is_positive() => {}
            Some(last) => {
                last.amount = last.amount.checked_add(amount).ok_or(Refusal::Overflow)?;
            }
            None => self.paid.push(Paid { by, amount }),
        }
        Ok(())
    }

    /// Rights are used up by no more than the call costs.
    fn give_rights_back(&mut self, rights: Rights) -> Result<Rights, Refusal> {
        let mut left = Vec::with_capacity(rights.len());
        for (cap, used) in rights {
            let stays = used.min(self.wanted.cost);
            let back = used.checked_sub(stays).ok_or(Refusal::Overflow)?;
            let to = Account::Cap(cap);
            self.move_from(Account::RightsUsed, to, back, TransferKind::Correct)?;
            left.push((cap, stays));
        }
        Ok(left)
    }

    /// More rights are used up as far as each cap reaches.
    fn use_more_rights(&mut self, rights: Rights, more: Usd) -> Result<Rights, Refusal> {
        let mut after = Vec::with_capacity(rights.len());
        for (cap, used) in rights {
            let from = Account::Cap(cap);
            let part = self.book.balance(&from).available().min(more);
            self.move_from(from, Account::RightsUsed, part, TransferKind::Correct)?;
            after.push((cap, used.checked_add(part).ok_or(Refusal::Overflow)?));
        }
        Ok(after)
    }

    fn lot(&self, lot: LotId) -> Result<&Lot, Refusal> {
        self.book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))
    }

    /// The program that the call was charged to.
    fn program(&self) -> Result<ProgramId, Refusal> {
        match self.paid.first().map(|part| &part.by) {
            Some(Payer::Lot(lot)) => Ok(self.lot(*lot)?.program.clone()),
            Some(Payer::Overrun(program)) => Ok(program.clone()),
            None => Err(Refusal::NothingCharged(self.wanted.charge)),
        }
    }

    fn move_from(
        &mut self,
        debit: Account,
        credit: Account,
        amount: Usd,
        kind: TransferKind,
    ) -> Result<(), Refusal> {
        if amount.is_positive() {
            let id = TransferId::correcting(self.wanted.id, self.moved);
            self.moved = self.moved.checked_add(1).ok_or(Refusal::Overflow)?;
            let hold = Some(self.wanted.charge);
            let moved = transfer(self.asked, id, debit, credit, amount, kind, hold);
            self.events.push(Event::Transferred(moved));
        }
        Ok(())
    }
}
