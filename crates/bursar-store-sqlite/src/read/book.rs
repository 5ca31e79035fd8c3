//! What the book can be asked.

use async_trait::async_trait;
use bursar_kernel::HoldId;
use bursar_ledger::audit::Auditor;
use bursar_ledger::{Account, Balance, Hold};
use bursar_store::rows::Call;
use bursar_store::{BookReads, HoldFilter, LotFilter, LotState, ReadError};
use rusqlite::{Connection, Error, Params, params};

use crate::SqliteStore;
use crate::book::{
    ACCOUNTS, HOLDS, LEASES, LOTS, TRANSFERS, balance_of, hold_parts, read_account, read_hold,
    read_lease, read_lot_state, read_transfer,
};
use crate::codec::{id, json, millis};

#[async_trait]
impl BookReads for SqliteStore {
    async fn lots(&self, which: LotFilter) -> Result<Vec<LotState>, ReadError> {
        self.read(move |connection| lots(connection, which)).await
    }

    async fn balance(&self, account: Account) -> Result<Balance, ReadError> {
        self.read(move |connection| balance_of(connection, &account)).await
    }

    async fn holds(&self, which: HoldFilter) -> Result<Vec<Hold>, ReadError> {
        self.read(move |connection| holds(connection, which)).await
    }

    async fn audit(&self) -> Result<Auditor, ReadError> {
        self.read(audit).await
    }
}

fn lots(connection: &Connection, which: LotFilter) -> Result<Vec<LotState>, Error> {
    let (condition, value): (&str, &dyn rusqlite::ToSql) = match &which {
        LotFilter::Holder(holder) => ("lot.holder = ?1", &holder.to_bytes()),
        LotFilter::Grant(grant) => ("lot.grant_id = ?1", &grant.to_bytes()),
        LotFilter::ExpiredWithCredit(now) => {
            ("lot.expires_at <= ?1 AND 0 < account.posted - account.held", &millis(*now))
        }
        LotFilter::Id(lot) => ("lot.id = ?1", &lot.to_bytes()),
    };
    let sql = format!("{LOTS} WHERE {condition} ORDER BY lot.id");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![value], read_lot_state)?.collect()
}

fn holds(connection: &Connection, which: HoldFilter) -> Result<Vec<Hold>, Error> {
    let settle_by_max = match which {
        HoldFilter::Open => i64::MAX,
        HoldFilter::Overdue(now) => millis(now),
    };
    let sql = format!("{HOLDS} WHERE hold.open = 1 AND hold.settle_by <= ?1 ORDER BY hold.id");
    holds_with_parts(connection, &sql, params![settle_by_max])
}

fn holds_with_parts(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Hold>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut holds = Vec::new();
    while let Some(row) = rows.next()? {
        let mut hold = read_hold(row)?;
        hold.parts = hold_parts(connection, hold.id)?;
        holds.push(hold);
    }
    Ok(holds)
}

/// Feeds the whole book to an auditor, in one consistent view, and holds the calls against it.
pub(crate) fn audit(connection: &Connection) -> Result<Auditor, Error> {
    // One transaction sees one state, whatever a server beside it commits meanwhile.
    let view = connection.unchecked_transaction()?;
    let mut auditor = Auditor::default();
    each(&view, ACCOUNTS, |row| {
        let (account, balance) = read_account(row)?;
        auditor.account(account, balance);
        Ok(())
    })?;
    each(&view, TRANSFERS, |row| {
        auditor.transfer(&read_transfer(row)?);
        Ok(())
    })?;
    each(&view, LOTS, |row| {
        auditor.lot(read_lot_state(row)?.lot);
        Ok(())
    })?;
    each(&view, HOLDS, |row| {
        let mut hold = read_hold(row)?;
        hold.parts = hold_parts(&view, hold.id)?;
        auditor.hold(&hold);
        Ok(())
    })?;
    each(&view, LEASES, |row| {
        auditor.lease(read_lease(row)?);
        Ok(())
    })?;
    audit_open_holds(&view, &mut auditor)?;
    audit_calls(&view, &mut auditor)?;
    audit_integrity(&view, &mut auditor)?;
    Ok(auditor)
}

fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&rusqlite::Row<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

const MISMARKED_HOLDS: &str = "SELECT hold.id FROM hold
     LEFT JOIN resolution ON resolution.hold = hold.id
     WHERE hold.open <> (resolution.hold IS NULL)";

/// The mark that open holds are found by says what the resolutions say.
fn audit_open_holds(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    each(connection, MISMARKED_HOLDS, |row| {
        let hold = id(row, 0, HoldId::from_bytes)?;
        auditor.find(format!("hold `{hold}` is marked as open and is not, or is not and is"));
        Ok(())
    })
}

const CALLS: &str = "SELECT call.body, call.cost, resolution.kind, resolution.captured
     FROM call LEFT JOIN resolution ON resolution.hold = call.hold";

/// Every call cost what its hold was resolved with.
fn audit_calls(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    each(connection, CALLS, |row| {
        let call: Call = json(row, 0)?;
        let (cost, kind): (i64, Option<String>) = (row.get(1)?, row.get(2)?);
        let captured: Option<i64> = row.get(3)?;
        let (stated, request) = (call.cost.nanos(), call.request);
        let settled = match kind.as_deref() {
            Some("captured") => captured,
            Some("released") => Some(0),
            _ => None,
        };
        if stated != cost || settled != Some(cost) {
            auditor.find(format!(
                "call `{request}` states {stated} nano-dollars and its hold was settled with \
                 {settled:?}"
            ));
        }
        Ok(())
    })
}

fn audit_integrity(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    each(connection, "PRAGMA integrity_check", |row| {
        let finding: String = row.get(0)?;
        if finding != "ok" {
            auditor.find(format!("the database file is damaged: {finding}"));
        }
        Ok(())
    })
}
