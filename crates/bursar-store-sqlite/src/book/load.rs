//! Rows to the part of the book that a command needs.

use bursar_kernel::{Actor, GrantId, HoldId, Lot, LotId, PersonId, TransferId, Usd};
use bursar_ledger::{
    Account, Balance, Book, Hold, HoldPart, Needs, Resolution, Transfer, TransferKind,
};
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use super::{correction, lease};
use crate::chain::Accounts;
use crate::codec::{amount, broken, id, id_or_null, instant, instant_or_null, json, parsed};

/// A hold with its resolution, if it has one, and at the end the mark that open ones are found by.
pub(crate) const HOLDS: &str = "SELECT hold.id, hold.holder, hold.grant_id, hold.amount,
     hold.placed_at, hold.settle_by, hold.note, resolution.kind, resolution.captured,
     resolution.at, resolution.settled, hold.open
     FROM hold LEFT JOIN resolution ON resolution.hold = hold.id";

/// A transfer with its accounts by name.
pub(crate) const TRANSFERS: &str = "SELECT transfer.id, debit.name, credit.name, transfer.amount,
     transfer.kind, transfer.hold, transfer.at, transfer.actor
     FROM transfer JOIN account AS debit ON debit.id = transfer.debit
     JOIN account AS credit ON credit.id = transfer.credit";

const LOTS_BY_HOLDER: &str = "SELECT lot.body, account.posted, account.held
     FROM lot JOIN account ON account.name = lot.account WHERE lot.holder = ?1";
const LOT_BY_ID: &str = "SELECT lot.body, account.posted, account.held
     FROM lot JOIN account ON account.name = lot.account WHERE lot.id = ?1";
const HOLD_BY_ID: &str = "SELECT hold.id, hold.holder, hold.grant_id, hold.amount,
     hold.placed_at, hold.settle_by, hold.note, resolution.kind, resolution.captured,
     resolution.at, resolution.settled
     FROM hold LEFT JOIN resolution ON resolution.hold = hold.id WHERE hold.id = ?1";
const TRANSFERS_BETWEEN: &str = "SELECT transfer.id, debit.name, credit.name, transfer.amount,
     transfer.kind, transfer.hold, transfer.at, transfer.actor
     FROM transfer JOIN account AS debit ON debit.id = transfer.debit
     JOIN account AS credit ON credit.id = transfer.credit
     WHERE transfer.id BETWEEN ?1 AND ?2";

/// The part of the book that a command needs.
pub(crate) fn needed(connection: &Connection, needs: &Needs) -> Result<Book, Error> {
    let mut book = Book::default();
    let needs = &*correction::load(connection, &mut book, needs)?;
    let mut wallet = needs.wallet;
    if let Some(hold) = needs.hold
        && let Some(hold) = hold_by_id(connection, hold)?
    {
        wallet = Some(hold.holder);
        for part in &hold.parts {
            load_balance(connection, &mut book, &part.account)?;
        }
        for (lot, _) in hold.lot_parts() {
            load_lot(connection, &mut book, lot)?;
        }
        book.holds.insert(hold.id, hold);
    }
    if let Some(holder) = wallet {
        load_wallet(connection, &mut book, holder)?;
    }
    for lot in &needs.lots {
        load_lot(connection, &mut book, *lot)?;
    }
    for account in &needs.accounts {
        load_balance(connection, &mut book, account)?;
    }
    load_transfers(connection, &mut book, &needs.transfers)?;
    lease::load(connection, &mut book, needs)?;
    Ok(book)
}

fn load_wallet(connection: &Connection, book: &mut Book, holder: PersonId) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(LOTS_BY_HOLDER)?;
    let mut rows = statement.query(params![holder.to_bytes()])?;
    while let Some(row) = rows.next()? {
        add_lot(book, read_lot(row)?);
    }
    Ok(())
}

pub(super) fn load_lot(connection: &Connection, book: &mut Book, lot: LotId) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(LOT_BY_ID)?;
    let lot = statement.query_row(params![lot.to_bytes()], read_lot).optional()?;
    if let Some(lot) = lot {
        add_lot(book, lot);
    }
    Ok(())
}

fn add_lot(book: &mut Book, (lot, balance): (Lot, Balance)) {
    book.balances.insert(Account::Lot(lot.id), balance);
    book.lots.insert(lot.id, lot);
}

pub(super) fn load_balance(
    connection: &Connection,
    book: &mut Book,
    account: &Account,
) -> Result<(), Error> {
    let balance = balance_of(connection, account)?;
    book.balances.insert(account.clone(), balance);
    Ok(())
}

/// Loads those of these transfers that were made. The names of what one hold can move follow each
/// other, and few of them are ever made: each such run is looked for once.
pub(super) fn load_transfers(
    connection: &Connection,
    book: &mut Book,
    ids: &[TransferId],
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(TRANSFERS_BETWEEN)?;
    for run in ids.chunk_by(|id, next| next.follows(*id)) {
        let [first, ..] = run else { continue };
        let last = run.last().unwrap_or(first);
        let mut rows = statement.query(params![first.to_bytes(), last.to_bytes()])?;
        while let Some(row) = rows.next()? {
            let transfer = read_transfer(row)?;
            book.transfers.insert(transfer.id, transfer);
        }
    }
    Ok(())
}

const BALANCE: &str = "SELECT posted, held FROM account WHERE name = ?1";

/// What stands on an account; nothing if it was never used.
pub(crate) fn balance_of(connection: &Connection, account: &Account) -> Result<Balance, Error> {
    let mut statement = connection.prepare_cached(BALANCE)?;
    let balance = statement
        .query_row(params![account.to_string()], |row| {
            Ok(Balance { posted: amount(row, 0)?, held: amount(row, 1)? })
        })
        .optional()?;
    Ok(balance.unwrap_or_default())
}

pub(super) fn hold_by_id(connection: &Connection, hold: HoldId) -> Result<Option<Hold>, Error> {
    let mut statement = connection.prepare_cached(HOLD_BY_ID)?;
    let hold = statement.query_row(params![hold.to_bytes()], read_hold).optional()?;
    let Some(mut hold) = hold else {
        return Ok(None);
    };
    hold.parts = hold_parts(connection, hold.id)?;
    Ok(Some(hold))
}

const PARTS: &str = "SELECT account, amount FROM hold_part WHERE hold = ?1 ORDER BY ordinal";

/// What each account has set aside for a hold, in the order it was taken.
pub(crate) fn hold_parts(connection: &Connection, hold: HoldId) -> Result<Vec<HoldPart>, Error> {
    let mut statement = connection.prepare_cached(PARTS)?;
    let rows = statement.query_map(params![hold.to_bytes()], |row| {
        Ok(HoldPart { account: parsed(row, 0)?, amount: amount(row, 1)? })
    })?;
    rows.collect()
}

/// A lot with its balance.
pub(crate) fn read_lot(row: &Row<'_>) -> Result<(Lot, Balance), Error> {
    let balance = Balance { posted: amount(row, 1)?, held: amount(row, 2)? };
    Ok((json(row, 0)?, balance))
}

/// A row of [`HOLDS`], without its parts.
pub(crate) fn read_hold(row: &Row<'_>) -> Result<Hold, Error> {
    let kind: Option<String> = row.get(7)?;
    let resolution = match kind.as_deref() {
        None => None,
        Some("captured") => Some(Resolution::Captured(amount(row, 8)?)),
        Some("released") => Some(Resolution::Released),
        Some("suspended") => Some(Resolution::Suspended),
        Some(_) => return Err(unknown(7, "a resolution")),
    };
    Ok(Hold {
        id: id(row, 0, HoldId::from_bytes)?,
        holder: id(row, 1, PersonId::from_bytes)?,
        grant: id_or_null(row, 2, GrantId::from_bytes)?,
        amount: amount(row, 3)?,
        parts: Vec::new(),
        placed_at: instant(row, 4)?,
        settle_by: instant(row, 5)?,
        note: row.get(6)?,
        resolution,
        resolved_at: instant_or_null(row, 9)?,
        settled: row.get::<_, Option<i64>>(10)?.map(Usd::from_nanos),
    })
}

/// A row of [`TRANSFERS`].
pub(crate) fn read_transfer(row: &Row<'_>) -> Result<Transfer, Error> {
    transfer_between(row, parsed(row, 1)?, parsed(row, 2)?)
}

/// A transfer whose accounts are named by their rows' numbers.
pub(crate) fn read_plain_transfer(row: &Row<'_>, accounts: &Accounts) -> Result<Transfer, Error> {
    let account = |column: usize| {
        let number: i64 = row.get(column)?;
        accounts.get(&number).cloned().ok_or_else(|| unknown(column, "an account"))
    };
    transfer_between(row, account(1)?, account(2)?)
}

fn transfer_between(row: &Row<'_>, debit: Account, credit: Account) -> Result<Transfer, Error> {
    let kind = row.get_ref(4)?.as_str()?;
    Ok(Transfer {
        id: id(row, 0, TransferId::from_bytes)?,
        debit,
        credit,
        amount: amount(row, 3)?,
        kind: TransferKind::from_name(kind).ok_or_else(|| unknown(4, "a kind of transfer"))?,
        hold: id_or_null(row, 5, HoldId::from_bytes)?,
        at: instant(row, 6)?,
        actor: json::<Actor>(row, 7)?,
    })
}

fn unknown(column: usize, what: &'static str) -> Error {
    broken(column, std::io::Error::other(format!("the column does not name {what}")))
}

/// An account with its balance.
pub(crate) fn read_numbered_account(row: &Row<'_>) -> Result<(Account, Balance), Error> {
    let balance = Balance { posted: amount(row, 1)?, held: amount(row, 2)? };
    Ok((parsed(row, 0)?, balance))
}
