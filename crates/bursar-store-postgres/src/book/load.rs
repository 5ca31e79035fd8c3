//! Rows to the part of the book that a command needs, locked until the transaction ends.

use bursar_kernel::{Actor, GrantId, HoldId, Lot, PersonId, TransferId, Usd};
use bursar_ledger::{
    Account, Balance, Book, Hold, HoldPart, Needs, Resolution, Transfer, TransferKind,
};
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use super::{correction, lease};
use crate::chain::Accounts;
use crate::codec::{Id, amount, broken, id, id_or_null, instant, instant_or_null, json, parsed};
use crate::error::DbError;
use crate::statement::{Statement, rows_of_each, statement};

/// A hold with its resolution, if it has one.
pub(crate) const HOLDS: &str = "SELECT hold.id, hold.holder, hold.grant_id, hold.amount,
     hold.placed_at, hold.settle_by, hold.note, resolution.kind, resolution.captured,
     resolution.at, resolution.settled
     FROM hold LEFT JOIN resolution ON resolution.hold = hold.id";

/// What accounts have set aside for holds.
pub(crate) const PARTS: &str = "SELECT account, amount, hold FROM hold_part";

/// A transfer with its accounts by name.
pub(crate) const TRANSFERS: &str = "SELECT transfer.id, debit.name, credit.name, transfer.amount,
     transfer.kind, transfer.hold, transfer.at, transfer.actor
     FROM transfer JOIN account AS debit ON debit.id = transfer.debit
     JOIN account AS credit ON credit.id = transfer.credit";

// The hold is locked by a statement of its own: one that waits for a lock answers, of every other
// table, with what stood there before it waited.
const LOCK_HOLD: &str = "SELECT id FROM hold WHERE id = $1 FOR NO KEY UPDATE";
const HOLD_BY_ID: &str = "SELECT hold.id, hold.holder, hold.grant_id, hold.amount,
     hold.placed_at, hold.settle_by, hold.note, resolution.kind, resolution.captured,
     resolution.at, resolution.settled
     FROM hold LEFT JOIN resolution ON resolution.hold = hold.id WHERE hold.id = $1";
const PARTS_BY_HOLD: &str =
    "SELECT account, amount, hold FROM hold_part WHERE hold = $1 ORDER BY ordinal";

// Every account that a command may take from: those that it names, those of the lots that it
// names, those of a wallet, those of a hold's parts and of its holder's wallet. They are locked in
// the order of their names, which is the same for everybody; balances are those after the wait.
// The rest of a lot, and a hold's parts, never change.
const LOCK_ACCOUNTS: &str = "SELECT account.name, account.posted, account.held, lot.body
     FROM account LEFT JOIN lot ON lot.account = account.name
     WHERE account.name IN (
         SELECT unnest($1::TEXT[])
         UNION SELECT account FROM lot WHERE id = ANY ($2::UUID[])
         UNION SELECT account FROM lot WHERE holder = $3
         UNION SELECT account FROM hold_part WHERE hold = $4
         UNION SELECT lot.account FROM lot JOIN hold ON hold.holder = lot.holder
             WHERE hold.id = $4)
     ORDER BY account.name FOR NO KEY UPDATE OF account";

pub(super) const TRANSFERS_BY_ID: &str =
    "SELECT transfer.id, debit.name, credit.name, transfer.amount,
     transfer.kind, transfer.hold, transfer.at, transfer.actor
     FROM transfer JOIN account AS debit ON debit.id = transfer.debit
     JOIN account AS credit ON credit.id = transfer.credit WHERE transfer.id = ANY ($1)";

/// The part of the book that a command needs, in one journey to the database and back. What may
/// change is locked; what is not there yet is kept apart by its unique name.
pub(crate) async fn needed(client: &ClientWrapper, needs: &Needs) -> Result<Book, DbError> {
    let (charged, needs) = correction::load(client, needs).await?;
    let (lent, needs) = lease::load(client, &needs).await?;
    let mut statements = Vec::with_capacity(5);
    if let Some(hold) = needs.hold {
        let hold = Id(hold.to_bytes());
        statements.push(statement!(LOCK_HOLD, hold));
        statements.push(statement!(HOLD_BY_ID, hold));
        statements.push(statement!(PARTS_BY_HOLD, hold));
    }
    statements.push(lock_accounts(&needs));
    let transfers: Vec<Id> = needs.transfers.iter().map(|one| Id(one.to_bytes())).collect();
    statements.push(statement!(TRANSFERS_BY_ID, transfers));
    let mut answers = rows_of_each(client, statements).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let mut book = lent;
    book.corrections = charged.corrections;
    book.transfers = charged.transfers;
    if needs.hold.is_some() {
        let (_locked, hold, parts) = (next(), next(), next());
        for row in &hold {
            let mut hold = read_hold(row)?;
            hold.parts = parts.iter().map(read_part).collect::<Result<_, _>>()?;
            book.holds.insert(hold.id, hold);
        }
    }
    for row in next() {
        let (account, balance) = read_account(&row)?;
        book.balances.insert(account, balance);
        if row.try_get::<_, Option<&str>>(3)?.is_some() {
            let lot: Lot = json(&row, 3)?;
            book.lots.insert(lot.id, lot);
        }
    }
    for row in next() {
        let transfer = read_transfer(&row)?;
        book.transfers.insert(transfer.id, transfer);
    }
    Ok(book)
}

fn lock_accounts(needs: &Needs) -> Statement {
    let accounts: Vec<String> = needs.accounts.iter().map(Account::to_string).collect();
    let lots: Vec<Id> = needs.lots.iter().map(|lot| Id(lot.to_bytes())).collect();
    let wallet = needs.wallet.map(|holder| Id(holder.to_bytes()));
    let hold = needs.hold.map(|hold| Id(hold.to_bytes()));
    statement!(LOCK_ACCOUNTS, accounts, lots, wallet, hold)
}

/// A lot, kept as a whole.
pub(crate) fn read_lot(row: &Row) -> Result<Lot, DbError> {
    json(row, 0)
}

/// A row of [`HOLDS`], without its parts.
pub(crate) fn read_hold(row: &Row) -> Result<Hold, DbError> {
    let resolution = match row.try_get::<_, Option<&str>>(7)? {
        None => None,
        Some("captured") => Some(Resolution::Captured(amount(row, 8)?)),
        Some("released") => Some(Resolution::Released),
        Some("suspended") => Some(Resolution::Suspended),
        Some(_) => return Err(broken(row, 7, "it does not name a resolution")),
    };
    Ok(Hold {
        id: id(row, 0, HoldId::from_bytes)?,
        holder: id(row, 1, PersonId::from_bytes)?,
        grant: id_or_null(row, 2, GrantId::from_bytes)?,
        amount: amount(row, 3)?,
        parts: Vec::new(),
        placed_at: instant(row, 4)?,
        settle_by: instant(row, 5)?,
        note: row.try_get(6)?,
        resolution,
        resolved_at: instant_or_null(row, 9)?,
        settled: row.try_get::<_, Option<i64>>(10)?.map(Usd::from_nanos),
    })
}

/// A row of [`PARTS`].
pub(crate) fn read_part(row: &Row) -> Result<HoldPart, DbError> {
    Ok(HoldPart { account: parsed(row, 0)?, amount: amount(row, 1)? })
}

/// A row of [`TRANSFERS`].
pub(crate) fn read_transfer(row: &Row) -> Result<Transfer, DbError> {
    transfer_between(row, parsed(row, 1)?, parsed(row, 2)?)
}

/// A transfer whose accounts are named by their rows' numbers.
pub(crate) fn read_plain_transfer(row: &Row, accounts: &Accounts) -> Result<Transfer, DbError> {
    let account = |column: usize| {
        let number: i64 = row.try_get(column)?;
        let account = accounts.get(&number).cloned();
        account.ok_or_else(|| broken(row, column, "it does not name an account"))
    };
    transfer_between(row, account(1)?, account(2)?)
}

fn transfer_between(row: &Row, debit: Account, credit: Account) -> Result<Transfer, DbError> {
    let kind: &str = row.try_get(4)?;
    let unknown = || broken(row, 4, "it does not name a kind of transfer");
    Ok(Transfer {
        id: id(row, 0, TransferId::from_bytes)?,
        debit,
        credit,
        amount: amount(row, 3)?,
        kind: TransferKind::from_name(kind).ok_or_else(unknown)?,
        hold: id_or_null(row, 5, HoldId::from_bytes)?,
        at: instant(row, 6)?,
        actor: json::<Actor>(row, 7)?,
    })
}

/// An account with its balance.
pub(crate) fn read_account(row: &Row) -> Result<(Account, Balance), DbError> {
    let balance = Balance { posted: amount(row, 1)?, held: amount(row, 2)? };
    Ok((parsed(row, 0)?, balance))
}
