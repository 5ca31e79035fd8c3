//! Leases: rows to the part of the book that a command needs, and back.

use std::borrow::Cow;

use bursar_kernel::HoldId;
use bursar_ledger::{Balance, Book, Lease, Needs};
use bursar_store::LeaseState;
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use super::load::{HOLDS, PARTS, read_hold, read_part};
use crate::codec::{Id, amount, id, json, to_json};
use crate::error::DbError;
use crate::statement::{Statement, rows, statement, values};

/// Every lease.
pub(crate) const LEASES: &str = "SELECT body FROM lease";

/// Leases with what stands on their accounts; an account that was never used is not there.
pub(crate) const LEASE_STATES: &str = "SELECT lease.body, COALESCE(spends.posted, 0),
     COALESCE(spends.held, 0), COALESCE(suspense.posted, 0)
     FROM lease LEFT JOIN account AS spends ON spends.name = lease.account
     LEFT JOIN account AS suspense ON suspense.name = lease.suspense";

// Whoever writes has the turn, and nobody else changes a lease or the calls on it meanwhile; the
// lock says so to whoever comes by another way.
const LEASES_BY_ID: &str =
    "SELECT body FROM lease WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";
const BEGUN: &str = "WHERE hold.id = ANY ($1) OR hold.id IN (
         SELECT hold_part.hold FROM hold_part JOIN hold ON hold.id = hold_part.hold
         WHERE hold.open AND hold_part.account = ANY ($2)
             AND (hold_part.account LIKE 'lease/%' OR hold_part.account LIKE 'cap_lease/%'))";
const PARTS_OF_BEGUN: &str = "WHERE hold = ANY ($1) ORDER BY hold, ordinal";

/// What a command needs of leases, and of the calls that go on on them; with the accounts that it
/// needs because of that.
pub(super) async fn load<'a>(
    client: &ClientWrapper,
    needs: &'a Needs,
) -> Result<(Book, Cow<'a, Needs>), DbError> {
    let mut book = Book::default();
    if needs.leases.is_empty() {
        return Ok((book, Cow::Borrowed(needs)));
    }
    let leases: Vec<Id> = needs.leases.iter().map(|lease| Id(lease.to_bytes())).collect();
    let found = rows(client, LEASES_BY_ID, &values![leases]).await?;
    let mut needs = needs.clone();
    for row in &found {
        let lease = read_lease(row)?;
        needs.accounts.extend([lease.account(), lease.suspense(), lease.of.account()]);
        book.leases.insert(lease.id, lease);
    }
    load_begun(client, &mut book, &mut needs).await?;
    Ok((book, Cow::Owned(needs)))
}

async fn load_begun(
    client: &ClientWrapper,
    book: &mut Book,
    needs: &mut Needs,
) -> Result<(), DbError> {
    let begun: Vec<Id> = needs.begun.iter().map(|hold| Id(hold.to_bytes())).collect();
    let on: Vec<String> = needs
        .begun_on
        .and_then(|lease| book.leases.get(&lease))
        .map(|lease| lease.account().to_string())
        .into_iter()
        .collect();
    if begun.is_empty() && on.is_empty() {
        return Ok(());
    }
    let sql = format!("{HOLDS} {BEGUN}");
    for row in rows(client, &sql, &values![begun, on]).await? {
        let hold = read_hold(&row)?;
        book.holds.insert(hold.id, hold);
    }
    let ids: Vec<Id> = book.holds.keys().map(|hold| Id(hold.to_bytes())).collect();
    let sql = format!("{PARTS} {PARTS_OF_BEGUN}");
    for row in rows(client, &sql, &values![ids]).await? {
        let (hold, part) = (id(&row, 2, HoldId::from_bytes)?, read_part(&row)?);
        needs.accounts.push(part.account.clone());
        if let Some(hold) = book.holds.get_mut(&hold) {
            hold.parts.push(part);
        }
    }
    Ok(())
}

/// A row of [`LEASES`].
pub(crate) fn read_lease(row: &Row) -> Result<Lease, DbError> {
    json(row, 0)
}

/// A row of [`LEASE_STATES`].
pub(crate) fn read_lease_state(row: &Row) -> Result<LeaseState, DbError> {
    let balance = Balance { posted: amount(row, 1)?, held: amount(row, 2)? };
    Ok(LeaseState { lease: read_lease(row)?, balance, suspense: amount(row, 3)? })
}

const PUT_LEASE: &str = "INSERT INTO lease (id, reports, watermark, ended, body, lender,
         account, suspense)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE
     SET reports = excluded.reports,
     watermark = excluded.watermark, ended = excluded.ended, body = excluded.body";

pub(super) fn save(statements: &mut Vec<Statement>, lease: &Lease) -> Result<(), DbError> {
    statements.push(statement!(
        PUT_LEASE,
        Id(lease.id.to_bytes()),
        i64::try_from(lease.reports).unwrap_or(i64::MAX),
        lease.watermark.nanos(),
        lease.fenced_at.is_some(),
        to_json(lease)?,
        lease.of.account().to_string(),
        lease.account().to_string(),
        lease.suspense().to_string(),
    ));
    Ok(())
}
