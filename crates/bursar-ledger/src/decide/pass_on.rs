//! How credit is passed on: handed back to its program's pool or taken back for it, or sold
//! against cash.

use bursar_kernel::{Lot, LotId, Origin, TransferId, TransferPolicy, Usd};

use super::{Decided, Movement, Outcome, decide_movement, is_live, transfer};
use crate::account::Account;
use crate::book::Book;
use crate::command::{Asked, Trade};
use crate::refusal::Refusal;
use crate::transfer::{Event, Transfer, TransferKind};

pub(super) fn hand_back(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    lot: LotId,
    amount: Usd,
) -> Result<Decided, Refusal> {
    let lot = book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?;
    let movement = Movement {
        id,
        debit: Account::Lot(lot.id),
        credit: Account::Pool(lot.program.clone()),
        amount,
        kind: TransferKind::Return,
        lot: None,
    };
    // What was handed back before stays handed back, whatever has become of the lot since.
    if !book.transfers.contains_key(&id) {
        if lot.expires_at <= asked.now {
            return Err(Refusal::Expired { at: lot.expires_at });
        }
        if lot.transfer_policy == TransferPolicy::None {
            return Err(Refusal::NotTransferable { lot: lot.id, policy: lot.transfer_policy });
        }
    }
    decide_movement(book, asked, &movement)
}

/// What is taken back goes to the pool under a kind of its own, so that the sums of a lot tell it
/// from what its holder handed back.
pub(super) fn take_back(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    lot: LotId,
    amount: Option<Usd>,
) -> Result<Decided, Refusal> {
    let lot = book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?;
    let (debit, credit) = (Account::Lot(lot.id), Account::Pool(lot.program.clone()));
    let kind = if amount.is_some() { TransferKind::ClawBack } else { TransferKind::Void };
    let taken = |events, amount| Decided { events, outcome: Outcome::TakenBack { amount } };
    if let Some(made) = book.transfers.get(&id) {
        let same = (&made.debit, &made.credit, made.kind) == (&debit, &credit, kind)
            && amount.is_none_or(|amount| amount == made.amount);
        return if same {
            Ok(taken(Vec::new(), made.amount))
        } else {
            Err(Refusal::TransferConflict(id))
        };
    }
    // What is left of an expired lot is breakage, taken back or not.
    let has_expired = lot.expires_at <= asked.now;
    if has_expired && amount.is_some() {
        return Err(Refusal::Expired { at: lot.expires_at });
    }
    let free = if has_expired { Usd::ZERO } else { book.lot_balance(lot.id).available() };
    if amount.is_none() && free.is_zero() {
        return Ok(taken(Vec::new(), Usd::ZERO));
    }
    let amount = amount.unwrap_or(free);
    let movement = Movement { id, debit, credit, amount, kind, lot: None };
    Ok(taken(decide_movement(book, asked, &movement)?.events, amount))
}

pub(super) fn trade(book: &Book, asked: &Asked, trade: &Trade) -> Result<Decided, Refusal> {
    let from = book.lots.get(&trade.from).ok_or(Refusal::UnknownLot(trade.from))?;
    let movements = movements(asked, trade, from)?;
    if let Some(made) = book.transfers.get(&TransferId::trading(trade.id, 0)) {
        return if is_made(book, trade, &movements) {
            Ok(Decided { events: Vec::new(), outcome: Outcome::Moved })
        } else {
            Err(Refusal::TransferConflict(made.id))
        };
    }
    check(book, asked, trade, from)?;
    let mut events = vec![Event::LotIssued(trade.lot.clone())];
    for movement in movements {
        if book.transfers.contains_key(&movement.id) {
            return Err(Refusal::TransferConflict(movement.id));
        }
        events.push(Event::Transferred(movement));
    }
    Ok(Decided { events, outcome: Outcome::Moved })
}

/// The credit, the cash for it, and the market's part of the cash; a part of nothing is left out.
fn movements(asked: &Asked, trade: &Trade, from: &Lot) -> Result<Vec<Transfer>, Refusal> {
    let (price, fee) = (trade.lot.cost_basis, trade.fee);
    let out_of_range = Refusal::FeeOutOfRange { fee, price };
    if fee.is_negative() || price < fee {
        return Err(out_of_range);
    }
    let proceeds = price.checked_sub(fee).ok_or(out_of_range)?;
    let [sell, pay, keep] = trade.transfers();
    let cash = || Account::BuyerCash(trade.lot.holder);
    let (payable, fees) = (Account::Payable(from.holder), Account::Fees);
    let (old, new) = (Account::Lot(from.id), Account::Lot(trade.lot.id));
    let mut movements =
        vec![transfer(asked, sell, old, new, trade.lot.face, TransferKind::Sell, None)];
    if proceeds.is_positive() {
        movements.push(transfer(asked, pay, cash(), payable, proceeds, TransferKind::Pay, None));
    }
    if fee.is_positive() {
        movements.push(transfer(asked, keep, cash(), fees, fee, TransferKind::Fee, None));
    }
    Ok(movements)
}

/// Whether a trade was made before, word for word.
fn is_made(book: &Book, trade: &Trade, movements: &[Transfer]) -> bool {
    let made = trade.transfers().iter().filter(|id| book.transfers.contains_key(id)).count();
    let same = |movement: &Transfer| {
        book.transfers.get(&movement.id).is_some_and(|made| made.same_content(movement))
    };
    made == movements.len()
        && movements.iter().all(same)
        && book.lots.get(&trade.lot.id) == Some(&trade.lot)
}

fn check(book: &Book, asked: &Asked, trade: &Trade, from: &Lot) -> Result<(), Refusal> {
    let (lot, price) = (&trade.lot, trade.lot.cost_basis);
    for amount in [lot.face, price] {
        if !amount.is_positive() {
            return Err(Refusal::NotPositive(amount));
        }
    }
    if from.expires_at <= asked.now {
        return Err(Refusal::Expired { at: from.expires_at });
    }
    if !is_live(from, asked.now) {
        return Err(Refusal::NotYetActive { from: from.active_from });
    }
    if from.transfer_policy != TransferPolicy::Market {
        return Err(Refusal::NotTransferable { lot: from.id, policy: from.transfer_policy });
    }
    if from.holder == lot.holder {
        return Err(Refusal::OwnLot(from.id));
    }
    if !carries_over(from, lot, asked) {
        return Err(Refusal::NotCarriedOver(lot.id));
    }
    if book.lots.contains_key(&lot.id) {
        return Err(Refusal::LotExists(lot.id));
    }
    let available = book.lot_balance(from.id).available();
    if available < lot.face {
        let (account, needed) = (Account::Lot(from.id), lot.face);
        return Err(Refusal::InsufficientFunds { account, available, needed });
    }
    let account = Account::BuyerCash(lot.holder);
    let available = book.balance(&account).available();
    if available < price {
        return Err(Refusal::InsufficientFunds { account, available, needed: price });
    }
    Ok(())
}

/// Whether a bought lot is what was sold: of the same program, life, scope and upstreams, spendable
/// at once, and passed on no further.
fn carries_over(from: &Lot, lot: &Lot, asked: &Asked) -> bool {
    lot.origin == Origin::Purchase
        && lot.category == Origin::Purchase.category()
        && lot.program == from.program
        && lot.active_from == asked.now
        && lot.expires_at == from.expires_at
        && lot.scope == from.scope
        && lot.upstream_group == from.upstream_group
        && lot.transfer_policy.is_within(from.transfer_policy)
}
