//! Leases: rows to the part of the book that a command needs, and back.

use bursar_kernel::{HoldId, LeaseId};
use bursar_ledger::{Account, Balance, Book, Lease, Leased, Needs};
use bursar_store::LeaseState;
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use super::load::{hold_by_id, load_balance, load_lot};
use crate::codec::{amount, id, json, to_json};

/// Every lease.
pub(crate) const LEASES: &str = "SELECT body FROM lease";

/// Leases with what stands on their accounts; an account that was never used is not there.
pub(crate) const LEASE_STATES: &str = "SELECT lease.body, COALESCE(spends.posted, 0),
     COALESCE(spends.held, 0), COALESCE(suspense.posted, 0)
     FROM lease LEFT JOIN account AS spends ON spends.name = lease.account
     LEFT JOIN account AS suspense ON suspense.name = lease.suspense";

const LEASE_BY_ID: &str = "SELECT body FROM lease WHERE id = ?1";
// `CROSS JOIN` has the open holds looked through, which are few, and not the parts of all.
const OPEN_HOLDS_ON: &str = "SELECT hold.id FROM hold CROSS JOIN hold_part
     ON hold_part.hold = hold.id WHERE hold.open = 1 AND hold_part.account = ?1";

/// What a command needs of leases, and of the calls that go on on them.
pub(super) fn load(connection: &Connection, book: &mut Book, needs: &Needs) -> Result<(), Error> {
    for lease in &needs.leases {
        load_lease(connection, book, *lease)?;
    }
    for hold in &needs.begun {
        load_hold(connection, book, *hold)?;
    }
    if let Some(lease) = needs.begun_on.and_then(|lease| book.leases.get(&lease)) {
        let account = lease.account();
        for hold in open_holds_on(connection, &account)? {
            load_hold(connection, book, hold)?;
        }
    }
    Ok(())
}

fn load_lease(connection: &Connection, book: &mut Book, lease: LeaseId) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(LEASE_BY_ID)?;
    let lease = statement.query_row(params![lease.to_bytes()], read_lease).optional()?;
    let Some(lease) = lease else {
        return Ok(());
    };
    for account in [lease.account(), lease.suspense(), lease.of.account()] {
        load_balance(connection, book, &account)?;
    }
    if let Leased::Lot(lot) = lease.of {
        load_lot(connection, book, lot)?;
    }
    book.leases.insert(lease.id, lease);
    Ok(())
}

fn load_hold(connection: &Connection, book: &mut Book, hold: HoldId) -> Result<(), Error> {
    if let Some(hold) = hold_by_id(connection, hold)? {
        for part in &hold.parts {
            load_balance(connection, book, &part.account)?;
        }
        book.holds.insert(hold.id, hold);
    }
    Ok(())
}

fn open_holds_on(connection: &Connection, account: &Account) -> Result<Vec<HoldId>, Error> {
    let mut statement = connection.prepare_cached(OPEN_HOLDS_ON)?;
    let rows =
        statement.query_map(params![account.to_string()], |row| id(row, 0, HoldId::from_bytes))?;
    rows.collect()
}

/// A row of [`LEASES`].
pub(crate) fn read_lease(row: &Row<'_>) -> Result<Lease, Error> {
    json(row, 0)
}

/// A row of [`LEASE_STATES`].
pub(crate) fn read_lease_state(row: &Row<'_>) -> Result<LeaseState, Error> {
    let balance = Balance { posted: amount(row, 1)?, held: amount(row, 2)? };
    Ok(LeaseState { lease: read_lease(row)?, balance, suspense: amount(row, 3)? })
}

const PUT_LEASE: &str = "INSERT INTO lease (id, reports, watermark, ended, body, lender,
         account, suspense)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE
     SET reports = excluded.reports,
     watermark = excluded.watermark, ended = excluded.ended, body = excluded.body";

pub(super) fn save(connection: &Connection, lease: &Lease) -> Result<(), Error> {
    connection.prepare_cached(PUT_LEASE)?.execute(params![
        lease.id.to_bytes(),
        i64::try_from(lease.reports).unwrap_or(i64::MAX),
        lease.watermark.nanos(),
        lease.fenced_at.is_some(),
        to_json(lease)?,
        lease.of.account().to_string(),
        lease.account().to_string(),
        lease.suspense().to_string()
    ])?;
    Ok(())
}
