//! The one place that says yes or no to a movement.

use bursar_kernel::{Cap, HoldId, Lot, ProgramId, Timestamp, TransferId, Usd};

use self::pass_on::take_back;
use crate::account::Account;
use crate::book::Book;
use crate::command::{Asked, Command, PlaceHold, Source};
use crate::hold::{Hold, HoldPart, Resolution};
use crate::order::in_spending_order;
use crate::refusal::Refusal;
use crate::transfer::{Event, Transfer, TransferKind};

mod correct;
mod lease;
mod pass_on;
mod resolve;

/// A yes: what happens, and what to tell whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What happens. Empty when the command was carried out before.
    pub events: Vec<Event>,
    /// What to tell.
    pub outcome: Outcome,
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Value moved, now or when the same was asked before.
    Moved,
    /// A hold lies.
    HoldPlaced {
        /// What the wallet could still spend beside it.
        available: Usd,
    },
    /// A hold is resolved.
    Resolved {
        /// What the call cost.
        captured: Usd,
        /// The part of it above the hold that the lots' free balance paid.
        excess: Usd,
        /// The part of it above the hold that no lot could pay.
        overrun: Usd,
        /// What the wallet can still spend.
        available: Usd,
    },
    /// A call has a last word, now or when the same was said before.
    Corrected {
        /// What it had cost before.
        before: Usd,
        /// What it costs since.
        cost: Usd,
    },
    /// A lot was swept.
    Expired {
        /// What it had left.
        amount: Usd,
    },
    /// Credit was taken back, now or when the same was asked before.
    TakenBack {
        /// How much.
        amount: Usd,
    },
    /// A lease's report is in the book.
    Reported {
        /// Whether the lease had ended before: then the node begins nothing on it any more.
        is_late: bool,
        /// What was billed above holds and nobody could pay.
        overrun: Usd,
        /// What is available of the lot, or of the cap, beside what is lent of it.
        left: Usd,
    },
}

/// Decides a command against the book. Pure: the same book, command and asker give the same answer.
#[expect(clippy::too_many_lines, reason = "one arm for each command, and nothing else")]
pub fn decide(book: &Book, command: &Command, asked: &Asked) -> Result<Decided, Refusal> {
    let moved = |movement: Movement<'_>| decide_movement(book, asked, &movement);
    match command {
        Command::Fund { id, program, amount } => moved(Movement {
            id: *id,
            debit: Account::External(program.clone()),
            credit: Account::Pool(program.clone()),
            amount: *amount,
            kind: TransferKind::Fund,
            lot: None,
        }),
        Command::Commit { id, program, amount } => moved(Movement {
            id: *id,
            debit: Account::Pool(program.clone()),
            credit: Account::Committed(program.clone()),
            amount: *amount,
            kind: TransferKind::Commit,
            lot: None,
        }),
        Command::Uncommit { id, program, amount } => moved(Movement {
            id: *id,
            debit: Account::Committed(program.clone()),
            credit: Account::Pool(program.clone()),
            amount: *amount,
            kind: TransferKind::Uncommit,
            lot: None,
        }),
        Command::Allow { id, cap, amount } => moved(Movement {
            id: *id,
            debit: Account::RightsIssued,
            credit: Account::Cap(*cap),
            amount: *amount,
            kind: TransferKind::allow(*cap),
            lot: None,
        }),
        Command::Cut { id, cap, amount } => cut(book, asked, *id, (*cap, *amount)),
        Command::Restore { id, cap, amount } => restore(book, asked, *id, (*cap, *amount)),
        Command::Issue { id, lot, from } => issue(book, asked, *id, lot, *from),
        Command::PlaceHold(question) => place_hold(book, asked, question),
        Command::Capture { hold, amount } => resolve::capture(book, asked, *hold, *amount),
        Command::Release { hold } => resolve::release(book, asked, *hold),
        Command::Suspend { hold } => resolve::suspend(book, asked, *hold),
        Command::Settle { hold, cost } => resolve::settle(book, asked, *hold, *cost),
        Command::Expire { id, lot } => expire(book, asked, *id, *lot),
        Command::Return { id, lot, amount } => pass_on::hand_back(book, asked, *id, *lot, *amount),
        Command::TakeBack { id, lot, amount } => take_back(book, asked, *id, *lot, *amount),
        Command::Trade(trade) => pass_on::trade(book, asked, trade),
        Command::PayIn { id, person, amount } => moved(Movement {
            id: *id,
            debit: Account::CashExternal,
            credit: Account::BuyerCash(*person),
            amount: *amount,
            kind: TransferKind::PayIn,
            lot: None,
        }),
        Command::Refund { id, person, amount } => moved(Movement {
            id: *id,
            debit: Account::BuyerCash(*person),
            credit: Account::CashExternal,
            amount: *amount,
            kind: TransferKind::Refund,
            lot: None,
        }),
        Command::PayOut { id, person, amount } => moved(Movement {
            id: *id,
            debit: Account::Payable(*person),
            credit: Account::CashExternal,
            amount: *amount,
            kind: TransferKind::PayOut,
            lot: None,
        }),
        Command::Lease(command) => lease::decide(book, command, asked),
        Command::Correct(wanted) => correct::correct(book, asked, wanted),
    }
}

/// A single movement, with the lot that it makes.
struct Movement<'a> {
    id: TransferId,
    debit: Account,
    credit: Account,
    amount: Usd,
    kind: TransferKind,
    lot: Option<&'a Lot>,
}

fn decide_movement(
    book: &Book,
    asked: &Asked,
    movement: &Movement<'_>,
) -> Result<Decided, Refusal> {
    let Movement { id, debit, credit, amount, kind, lot } = movement;
    let transfer = transfer(asked, *id, debit.clone(), credit.clone(), *amount, *kind, None);
    if let Some(made) = book.transfers.get(id) {
        return if made.same_content(&transfer) {
            Ok(Decided { events: Vec::new(), outcome: Outcome::Moved })
        } else {
            Err(Refusal::TransferConflict(*id))
        };
    }
    if !amount.is_positive() {
        return Err(Refusal::NotPositive(*amount));
    }
    let available = book.balance(debit).available();
    if !debit.kind().may_be_negative() && available < *amount {
        let (account, needed) = (debit.clone(), *amount);
        return Err(Refusal::InsufficientFunds { account, available, needed });
    }
    // The whole book must fit 64 bits: what may go below zero bounds what everybody else can hold.
    // So it goes no lower than they can go up, though 64 bits reach one further down.
    let after = book.balance(debit).posted.checked_sub(*amount).ok_or(Refusal::Overflow)?;
    Usd::ZERO.checked_sub(after).ok_or(Refusal::Overflow)?;
    book.balance(credit).posted.checked_add(*amount).ok_or(Refusal::Overflow)?;
    let mut events = Vec::with_capacity(2);
    if let Some(lot) = lot {
        if book.lots.contains_key(&lot.id) {
            return Err(Refusal::LotExists(lot.id));
        }
        events.push(Event::LotIssued((*lot).clone()));
    }
    events.push(Event::Transferred(transfer));
    Ok(Decided { events, outcome: Outcome::Moved })
}

/// Rights are taken back, used or not; never more of them than there are.
fn cut(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    (cap, amount): (Cap, Usd),
) -> Result<Decided, Refusal> {
    let (debit, credit, kind) = (Account::Cut(cap), Account::RightsIssued, TransferKind::cut(cap));
    check_fills(book, id, &credit, amount)?;
    decide_movement(book, asked, &Movement { id, debit, credit, amount, kind, lot: None })
}

/// What a lowered cap has taken is given back, and no more.
fn restore(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    (cap, amount): (Cap, Usd),
) -> Result<Decided, Refusal> {
    let (debit, credit, kind) =
        (Account::RightsIssued, Account::Cut(cap), TransferKind::restore(cap));
    check_fills(book, id, &credit, amount)?;
    decide_movement(book, asked, &Movement { id, debit, credit, amount, kind, lot: None })
}

/// An account that is never above zero takes no more than fills it.
fn check_fills(book: &Book, id: TransferId, account: &Account, amount: Usd) -> Result<(), Refusal> {
    let owed = Usd::ZERO.checked_sub(book.balance(account).posted).ok_or(Refusal::Overflow)?;
    if owed < amount && !book.transfers.contains_key(&id) {
        let (account, available) = (account.clone(), owed);
        return Err(Refusal::InsufficientFunds { account, available, needed: amount });
    }
    Ok(())
}

fn issue(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    lot: &Lot,
    from: Source,
) -> Result<Decided, Refusal> {
    if lot.expires_at <= lot.active_from || lot.expires_at <= asked.now {
        return Err(Refusal::DeadLot);
    }
    decide_movement(
        book,
        asked,
        &Movement {
            id,
            debit: from.account(&lot.program),
            credit: Account::Lot(lot.id),
            amount: lot.face,
            kind: TransferKind::Issue,
            lot: Some(lot),
        },
    )
}

fn place_hold(book: &Book, asked: &Asked, question: &PlaceHold) -> Result<Decided, Refusal> {
    if let Some(hold) = book.holds.get(&question.hold) {
        return placed_before(book, asked, question, hold);
    }
    if question.amount.is_negative() {
        return Err(Refusal::NotPositive(question.amount));
    }
    let mut parts = take_from_lots(book, asked.now, question)?;
    for cap in question.caps.iter().filter(|_| question.amount.is_positive()) {
        parts.push(take_from_cap(book, cap, question.amount)?);
    }
    let hold = Hold {
        id: question.hold,
        holder: question.holder,
        grant: question.grant,
        amount: question.amount,
        parts,
        placed_at: asked.now,
        settle_by: question.settle_by,
        note: question.note.clone(),
        resolution: None,
        resolved_at: None,
        settled: None,
    };
    let available =
        available(book, &hold, asked.now).checked_sub(question.amount).ok_or(Refusal::Overflow)?;
    let events = vec![Event::HoldPlaced(hold)];
    Ok(Decided { events, outcome: Outcome::HoldPlaced { available } })
}

fn placed_before(
    book: &Book,
    asked: &Asked,
    question: &PlaceHold,
    hold: &Hold,
) -> Result<Decided, Refusal> {
    if let Some(resolution) = hold.resolution {
        return Err(Refusal::AlreadyResolved { hold: hold.id, resolution });
    }
    let same = !hold.is_on_lease()
        && hold.holder == question.holder
        && hold.grant == question.grant
        && hold.amount == question.amount
        && hold.note == question.note;
    if !same {
        return Err(Refusal::HoldConflict(hold.id));
    }
    let available = available(book, hold, asked.now);
    Ok(Decided { events: Vec::new(), outcome: Outcome::HoldPlaced { available } })
}

/// What each lot sets aside, in spending order.
fn take_from_lots(
    book: &Book,
    now: Timestamp,
    question: &PlaceHold,
) -> Result<Vec<HoldPart>, Refusal> {
    let fitting: Vec<&Lot> = book
        .lots
        .values()
        .filter(|lot| lot.holder == question.holder)
        .filter(|lot| question.grant.is_none() || lot.grant == question.grant)
        .filter(|lot| lot.upstream_group == question.upstream_group)
        .filter(|lot| lot.scope.covers(&question.model, question.endpoint))
        .collect();
    let live: Vec<&Lot> = fitting.iter().copied().filter(|lot| is_live(lot, now)).collect();
    if live.is_empty() {
        return Err(why_none_is_live(&fitting, now));
    }
    let mut parts = Vec::with_capacity(1);
    let mut missing = question.amount;
    let (mut free, mut held) = (Usd::ZERO, Usd::ZERO);
    for lot in in_spending_order(live) {
        let balance = book.lot_balance(lot.id);
        let part = balance.available().min(missing);
        if part.is_positive() {
            parts.push(HoldPart { account: Account::Lot(lot.id), amount: part });
        }
        missing = missing.checked_sub(part).ok_or(Refusal::Overflow)?;
        free = free.checked_add(balance.available()).ok_or(Refusal::Overflow)?;
        held = held.checked_add(balance.held).ok_or(Refusal::Overflow)?;
    }
    if missing.is_positive() {
        let (available, needed) = (free, question.amount);
        return Err(Refusal::InsufficientCredit { available, needed, held });
    }
    Ok(parts)
}

fn why_none_is_live(fitting: &[&Lot], now: Timestamp) -> Refusal {
    let waiting = fitting.iter().filter(|lot| now < lot.active_from).map(|lot| lot.active_from);
    let expired = fitting.iter().filter(|lot| lot.expires_at <= now).map(|lot| lot.expires_at);
    match (waiting.min(), expired.max()) {
        (Some(from), _) => Refusal::NotYetActive { from },
        (None, Some(at)) => Refusal::Expired { at },
        (None, None) => Refusal::NoCredit,
    }
}

fn take_from_cap(book: &Book, cap: Cap, needed: Usd) -> Result<HoldPart, Refusal> {
    let available = book.cap_balance(cap).available();
    if available < needed {
        return Err(Refusal::CapReached { cap, available, needed });
    }
    Ok(HoldPart { account: Account::Cap(cap), amount: needed })
}

fn expire(
    book: &Book,
    asked: &Asked,
    id: TransferId,
    lot: bursar_kernel::LotId,
) -> Result<Decided, Refusal> {
    let lot = book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?;
    if asked.now < lot.expires_at {
        return Err(Refusal::NotExpired { lot: lot.id, at: lot.expires_at });
    }
    let amount = book.lot_balance(lot.id).available();
    if book.transfers.contains_key(&id) || amount.is_zero() {
        let amount = book.transfers.get(&id).map_or(Usd::ZERO, |made| made.amount);
        return Ok(Decided { events: Vec::new(), outcome: Outcome::Expired { amount } });
    }
    let (debit, credit) = (Account::Lot(lot.id), Account::Breakage(lot.program.clone()));
    let transfer = transfer(asked, id, debit, credit, amount, TransferKind::Expire, None);
    let events = vec![Event::Transferred(transfer)];
    Ok(Decided { events, outcome: Outcome::Expired { amount } })
}

/// What the lots that a hold may lie on can still spend at an instant.
fn available(book: &Book, hold: &Hold, now: Timestamp) -> Usd {
    let free = book
        .lots
        .values()
        .filter(|lot| lot.holder == hold.holder && is_live(lot, now))
        .filter(|lot| hold.grant.is_none() || lot.grant == hold.grant)
        .map(|lot| book.lot_balance(lot.id).available());
    Usd::sum(free).unwrap_or(Usd::MAX)
}

/// Whether a lot can be spent at an instant: half-open, whatever a sweep has or has not done.
fn is_live(lot: &Lot, now: Timestamp) -> bool {
    lot.active_from <= now && now < lot.expires_at
}

fn program_of<'a>(book: &'a Book, hold: &Hold) -> Result<&'a ProgramId, Refusal> {
    let (lot, _) = hold.lot_parts().next().ok_or(Refusal::UnknownHold(hold.id))?;
    let lot = book.lots.get(&lot).ok_or(Refusal::UnknownLot(lot))?;
    Ok(&lot.program)
}

fn open_hold(book: &Book, hold: HoldId) -> Result<&Hold, Refusal> {
    let hold = book.holds.get(&hold).ok_or(Refusal::UnknownHold(hold))?;
    if hold.is_on_lease() { Err(Refusal::OnLease(hold.id)) } else { Ok(hold) }
}

fn resolved_as(hold: &Hold, wanted: Resolution) -> Result<bool, Refusal> {
    match hold.resolution {
        None => Ok(false),
        Some(resolution) if resolution == wanted => Ok(true),
        Some(resolution) => Err(Refusal::AlreadyResolved { hold: hold.id, resolution }),
    }
}

fn transfer(
    asked: &Asked,
    id: TransferId,
    debit: Account,
    credit: Account,
    amount: Usd,
    kind: TransferKind,
    hold: Option<HoldId>,
) -> Transfer {
    Transfer { id, debit, credit, amount, kind, hold, at: asked.now, actor: asked.by.clone() }
}
