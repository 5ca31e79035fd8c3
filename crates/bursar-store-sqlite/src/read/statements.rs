//! What can be asked about what moved.

use async_trait::async_trait;
use bursar_kernel::{GrantId, Timestamp, TransferId, Usd};
use bursar_ledger::{DayCharges, Movement, MovementFilter, StatementOf, Transfer};
use bursar_store::{ReadError, StatementReads};
use rusqlite::types::Value;
use rusqlite::{Connection, Error, Row, params, params_from_iter};

use super::rows::one;
use crate::SqliteStore;
use crate::book::{TRANSFERS, read_transfer};
use crate::codec::{amount, count, id_or_null, instant, millis};

/// The accounts that a statement is of: each part of a query that follows knows them as `own`.
const OF_ACCOUNT: &str = "WITH own (id) AS (SELECT id FROM account WHERE name = ?1)";
const OF_GRANT: &str = "WITH own (id) AS (
         SELECT account.id FROM lot JOIN account ON account.name = lot.account
             WHERE lot.grant_id = ?1
         UNION SELECT account.id FROM lot JOIN lease ON lease.lender = lot.account
             JOIN account ON account.name = lease.account WHERE lot.grant_id = ?1)";
/// The condition of the indexes by what comes in and by what goes out.
const NO_CHARGE: &str = "AND transfer.kind NOT IN ('charge', 'charge_lease')";
const CHARGE: &str = "transfer.kind IN ('charge', 'charge_lease')";

#[async_trait]
impl StatementReads for SqliteStore {
    async fn transfer(&self, id: TransferId) -> Result<Option<Transfer>, ReadError> {
        one(self, TRANSFERS, "transfer.id = ?1", id.to_bytes(), read_transfer).await
    }

    async fn balance_at(&self, of: StatementOf, at: Timestamp) -> Result<Usd, ReadError> {
        self.read(move |connection| balance_at(connection, &of, at)).await
    }

    async fn movements(&self, which: MovementFilter) -> Result<Vec<Movement>, ReadError> {
        self.read(move |connection| movements(connection, &which)).await
    }

    async fn charges_by_day(
        &self,
        of: StatementOf,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<DayCharges>, ReadError> {
        self.read(move |connection| charges_by_day(connection, &of, from, to)).await
    }
}

fn own(of: &StatementOf) -> (&'static str, Value) {
    match of {
        StatementOf::Account(account) => (OF_ACCOUNT, Value::Text(account.to_string())),
        StatementOf::Grant(grant) => (OF_GRANT, Value::Blob(grant.to_bytes().to_vec())),
    }
}

/// What narrows the transfers that come in to those that an index knows. Where charges come in,
/// all transfers are looked at.
fn incoming(of: &StatementOf) -> &'static str {
    match of {
        StatementOf::Account(account) if account.kind().takes_charges() => "",
        StatementOf::Account(_) | StatementOf::Grant(_) => NO_CHARGE,
    }
}

// `CROSS JOIN` has the accounts looked through first, which are few.
fn balance_at(connection: &Connection, of: &StatementOf, at: Timestamp) -> Result<Usd, Error> {
    let ((own, value), incoming) = (own(of), incoming(of));
    // What calls took, day by day; of the day that the instant lies within, charge by charge.
    let sql = format!(
        "{own} SELECT COALESCE((SELECT SUM(transfer.amount) FROM own CROSS JOIN transfer
             ON transfer.credit = own.id WHERE transfer.at <= ?2 {incoming}), 0)
         - COALESCE((SELECT SUM(transfer.amount) FROM own CROSS JOIN transfer
             ON transfer.debit = own.id WHERE transfer.at <= ?2 {NO_CHARGE}), 0)
         - COALESCE((SELECT SUM(charged.amount) FROM own CROSS JOIN charged
             ON charged.account = own.id WHERE charged.last_at <= ?2), 0)
         - COALESCE((SELECT SUM(transfer.amount) FROM own CROSS JOIN charged
             ON charged.account = own.id CROSS JOIN transfer ON transfer.debit = own.id
             AND charged.first_at <= transfer.at AND transfer.at <= ?2
             WHERE charged.first_at <= ?2 AND ?2 < charged.last_at AND {CHARGE}), 0)"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row(params![value, millis(at)], |row| amount(row, 0))
}

fn movements(connection: &Connection, which: &MovementFilter) -> Result<Vec<Movement>, Error> {
    let ((own, value), incoming) = (own(&which.of), incoming(&which.of));
    let outgoing = if which.calls { "" } else { NO_CHARGE };
    let sql = format!(
        "{own} SELECT moved.id, debit.name, credit.name, moved.amount, moved.kind, moved.hold,
             moved.at, moved.actor, moved.is_out, lot.grant_id
         FROM (SELECT transfer.*, 0 AS is_out FROM own CROSS JOIN transfer
                 ON transfer.credit = own.id
                 WHERE ?2 <= transfer.at AND transfer.at < ?3 {incoming}
                 AND transfer.debit NOT IN (SELECT id FROM own)
             UNION ALL SELECT transfer.*, 1 AS is_out FROM own CROSS JOIN transfer
                 ON transfer.debit = own.id
                 WHERE ?2 <= transfer.at AND transfer.at < ?3 {outgoing}
                 AND transfer.credit NOT IN (SELECT id FROM own)) AS moved
         CROSS JOIN account AS debit ON debit.id = moved.debit
         CROSS JOIN account AS credit ON credit.id = moved.credit
         LEFT JOIN lot ON lot.account =
             CASE moved.is_out WHEN 1 THEN credit.name ELSE debit.name END
         WHERE (moved.at, moved.is_out, moved.id) > (?4, ?5, ?6)
         ORDER BY moved.at, moved.is_out, moved.id LIMIT ?7"
    );
    let after = which.after.map_or((i64::MIN, false, [0; 16]), |after| {
        (millis(after.at), after.is_out, TransferId::to_bytes(after.id))
    });
    let values = [
        value,
        millis(which.from).into(),
        millis(which.to).into(),
        after.0.into(),
        after.1.into(),
        after.2.to_vec().into(),
        i64::try_from(which.limit).unwrap_or(i64::MAX).into(),
    ];
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params_from_iter(values), movement)?.collect()
}

fn movement(row: &Row<'_>) -> Result<Movement, Error> {
    let is_out: bool = row.get(8)?;
    let grant = id_or_null(row, 9, GrantId::from_bytes)?;
    Ok(Movement { transfer: read_transfer(row)?, is_in: !is_out, grant })
}

fn charges_by_day(
    connection: &Connection,
    of: &StatementOf,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<DayCharges>, Error> {
    let (own, value) = own(of);
    // A day that the period does not cut is kept; of another, its charges within are summed.
    let whole = "?2 <= charged.first_at AND charged.last_at < ?3";
    let sql = format!(
        "{own} SELECT MAX(last_at), SUM(amount), SUM(charges) FROM (
             SELECT charged.day, charged.last_at, charged.amount, charged.charges
                 FROM own CROSS JOIN charged ON charged.account = own.id WHERE {whole}
             UNION ALL SELECT charged.day, MAX(transfer.at), SUM(transfer.amount), COUNT(*)
                 FROM own CROSS JOIN charged ON charged.account = own.id
                 CROSS JOIN transfer ON transfer.debit = own.id
                 AND MAX(?2, charged.first_at) <= transfer.at
                 AND transfer.at < MIN(?3, charged.last_at + 1)
                 WHERE charged.first_at < ?3 AND ?2 <= charged.last_at AND NOT ({whole})
                 AND {CHARGE} GROUP BY own.id, charged.day)
         GROUP BY day ORDER BY day"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let day = |row: &Row<'_>| {
        Ok(DayCharges {
            last_at: instant(row, 0)?,
            amount: amount(row, 1)?,
            charges: count(row, 2)?,
        })
    };
    statement.query_map(params![value, millis(from), millis(to)], day)?.collect()
}
