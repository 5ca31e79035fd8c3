//! What can be asked about what moved.

use async_trait::async_trait;
use bursar_kernel::{GrantId, Timestamp, TransferId, Usd};
use bursar_ledger::{DayCharges, Movement, MovementFilter, StatementOf, Transfer};
use bursar_store::{ReadError, StatementReads};
use tokio_postgres::Row;

use super::rows::one;
use crate::PostgresStore;
use crate::book::{TRANSFERS, read_transfer};
use crate::codec::{Id, amount, count, id_or_null, instant, millis};
use crate::error::DbError;
use crate::statement::Value;

/// The accounts that a statement is of: each part of a query that follows knows them as `own`.
const OF_ACCOUNT: &str = "WITH own (id) AS (SELECT id FROM account WHERE name = $1)";
const OF_GRANT: &str = "WITH own (id) AS (
         SELECT account.id FROM lot JOIN account ON account.name = lot.account
             WHERE lot.grant_id = $1
         UNION SELECT account.id FROM lot JOIN lease ON lease.lender = lot.account
             JOIN account ON account.name = lease.account WHERE lot.grant_id = $1)";
/// The condition of the indexes by what comes in and by what goes out.
const NO_CHARGE: &str = "AND transfer.kind NOT IN ('charge', 'charge_lease')";
const CHARGE: &str = "transfer.kind IN ('charge', 'charge_lease')";

#[async_trait]
impl StatementReads for PostgresStore {
    async fn transfer(&self, id: TransferId) -> Result<Option<Transfer>, ReadError> {
        one(self, TRANSFERS, "transfer.id = $1", Id(id.to_bytes()), read_transfer).await
    }

    async fn balance_at(&self, of: StatementOf, at: Timestamp) -> Result<Usd, ReadError> {
        let ((own, value), incoming) = (own(&of), incoming(&of));
        // What calls took, day by day; of the day that the instant lies within, charge by charge.
        let sql = format!(
            "{own} SELECT (COALESCE((SELECT SUM(transfer.amount) FROM own JOIN transfer
                 ON transfer.credit = own.id WHERE transfer.at <= $2 {incoming}), 0)
             - COALESCE((SELECT SUM(transfer.amount) FROM own JOIN transfer
                 ON transfer.debit = own.id WHERE transfer.at <= $2 {NO_CHARGE}), 0)
             - COALESCE((SELECT SUM(charged.amount) FROM own JOIN charged
                 ON charged.account = own.id WHERE charged.last_at <= $2), 0)
             - COALESCE((SELECT SUM(transfer.amount) FROM own JOIN charged
                 ON charged.account = own.id JOIN transfer ON transfer.debit = own.id
                 AND charged.first_at <= transfer.at AND transfer.at <= $2
                 WHERE charged.first_at <= $2 AND $2 < charged.last_at AND {CHARGE}), 0))::BIGINT"
        );
        let values: [Value; 2] = [value, Box::new(millis(at))];
        let found = self.ask(&sql, &values, |row| amount(row, 0)).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    async fn movements(&self, which: MovementFilter) -> Result<Vec<Movement>, ReadError> {
        let ((own, value), incoming) = (own(&which.of), incoming(&which.of));
        let outgoing = if which.calls { "" } else { NO_CHARGE };
        let sql = format!(
            "{own} SELECT moved.id, debit.name, credit.name, moved.amount, moved.kind, moved.hold,
                 moved.at, moved.actor, moved.is_out, lot.grant_id
             FROM (SELECT transfer.*, FALSE AS is_out FROM own JOIN transfer
                     ON transfer.credit = own.id
                     WHERE $2 <= transfer.at AND transfer.at < $3 {incoming}
                     AND transfer.debit NOT IN (SELECT id FROM own)
                 UNION ALL SELECT transfer.*, TRUE AS is_out FROM own JOIN transfer
                     ON transfer.debit = own.id
                     WHERE $2 <= transfer.at AND transfer.at < $3 {outgoing}
                     AND transfer.credit NOT IN (SELECT id FROM own)) AS moved
             JOIN account AS debit ON debit.id = moved.debit
             JOIN account AS credit ON credit.id = moved.credit
             LEFT JOIN lot ON lot.account =
                 CASE WHEN moved.is_out THEN credit.name ELSE debit.name END
             WHERE (moved.at, moved.is_out, moved.id) > ($4, $5, $6)
             ORDER BY moved.at, moved.is_out, moved.id LIMIT $7"
        );
        let after = which.after.map_or((i64::MIN, false, [0; 16]), |after| {
            (millis(after.at), after.is_out, TransferId::to_bytes(after.id))
        });
        let values: [Value; 7] = [
            value,
            Box::new(millis(which.from)),
            Box::new(millis(which.to)),
            Box::new(after.0),
            Box::new(after.1),
            Box::new(Id(after.2)),
            Box::new(i64::try_from(which.limit).unwrap_or(i64::MAX)),
        ];
        self.ask(&sql, &values, movement).await
    }

    async fn charges_by_day(
        &self,
        of: StatementOf,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<DayCharges>, ReadError> {
        let (own, value) = own(&of);
        // A day that the period does not cut is kept; of another, its charges within are summed.
        let whole = "$2 <= charged.first_at AND charged.last_at < $3";
        let sql = format!(
            "{own} SELECT MAX(last_at), SUM(amount)::BIGINT, SUM(charges)::BIGINT FROM (
                 SELECT charged.day, charged.last_at, charged.amount, charged.charges
                     FROM own JOIN charged ON charged.account = own.id WHERE {whole}
                 UNION ALL SELECT charged.day, MAX(transfer.at), SUM(transfer.amount), COUNT(*)
                     FROM own JOIN charged ON charged.account = own.id
                     JOIN transfer ON transfer.debit = own.id
                     AND GREATEST($2, charged.first_at) <= transfer.at
                     AND transfer.at < LEAST($3, charged.last_at + 1)
                     WHERE charged.first_at < $3 AND $2 <= charged.last_at AND NOT ({whole})
                     AND {CHARGE} GROUP BY own.id, charged.day) AS part
             GROUP BY day ORDER BY day"
        );
        let values: [Value; 3] = [value, Box::new(millis(from)), Box::new(millis(to))];
        self.ask(&sql, &values, day).await
    }
}

fn own(of: &StatementOf) -> (&'static str, Value) {
    match of {
        StatementOf::Account(account) => (OF_ACCOUNT, Box::new(account.to_string())),
        StatementOf::Grant(grant) => (OF_GRANT, Box::new(Id(grant.to_bytes()))),
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

fn movement(row: &Row) -> Result<Movement, DbError> {
    let is_out: bool = row.try_get(8)?;
    let grant = id_or_null(row, 9, GrantId::from_bytes)?;
    Ok(Movement { transfer: read_transfer(row)?, is_in: !is_out, grant })
}

fn day(row: &Row) -> Result<DayCharges, DbError> {
    Ok(DayCharges { last_at: instant(row, 0)?, amount: amount(row, 1)?, charges: count(row, 2)? })
}
