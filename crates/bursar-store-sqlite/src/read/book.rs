//! What the book can be asked.

use std::path::Path;

use async_trait::async_trait;
use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{GrantId, HoldId};
use bursar_ledger::audit::Auditor;
use bursar_ledger::chain::Link;
use bursar_ledger::{Account, Balance, Correction, Hold};
use bursar_store::{
    BookReads, CallCheck, GrantSuspense, HoldFilter, LeaseFilter, LeaseState, LotFilter, LotState,
    ReadError, SuspenseOf,
};
use rusqlite::{Connection, Error, Params, Row, params, params_from_iter};

use super::audit::audit;
use crate::SqliteStore;
use crate::book::{
    HOLDS, LEASE_STATES, balance_of, hold_parts, read_correction, read_hold, read_lease_state,
    read_lot,
};
use crate::chain::link;
use crate::codec::{amount, millis};

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

    async fn leases(&self, which: LeaseFilter) -> Result<Vec<LeaseState>, ReadError> {
        self.read(move |connection| leases(connection, which)).await
    }

    async fn corrections(&self, mut charges: Vec<HoldId>) -> Result<Vec<Correction>, ReadError> {
        charges.sort_unstable();
        charges.dedup();
        let query = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(CORRECTIONS_OF)?;
            let mut found = Vec::new();
            for charge in charges {
                for made in statement.query_map(params![charge.to_bytes()], read_correction)? {
                    found.push(made?);
                }
            }
            Ok(found)
        };
        self.read(query).await
    }

    async fn suspense_of(&self, grant: GrantId) -> Result<GrantSuspense, ReadError> {
        self.read(move |connection| suspense_of(connection, grant)).await
    }

    async fn link(&self, number: Option<u64>) -> Result<Option<Link>, ReadError> {
        self.read(move |connection| link(connection, number)).await
    }

    async fn audit_with(&self, check: CallCheck) -> Result<Auditor, ReadError> {
        self.read(move |connection| {
            let path = connection.path().map(Path::new).ok_or(Error::InvalidQuery)?;
            audit(path, check)
        })
        .await
    }
}

const CORRECTIONS_OF: &str = "SELECT body FROM correction WHERE hold = ?1 ORDER BY number";

/// A lot with its balance, and with what was lent of it to nodes.
const LOT_STATES: &str = "SELECT lot.body, account.posted, account.held,
     (SELECT COALESCE(SUM(lent.posted), 0) FROM lease JOIN account AS lent
         ON lent.name = lease.account WHERE lease.lender = lot.account AND lease.ended = 0),
     (SELECT COALESCE(SUM(lent.held), 0) FROM lease JOIN account AS lent
         ON lent.name = lease.account WHERE lease.lender = lot.account AND lease.ended = 0)
     FROM lot JOIN account ON account.name = lot.account";

fn lots(connection: &Connection, which: LotFilter) -> Result<Vec<LotState>, Error> {
    let (condition, value): (&str, &dyn rusqlite::ToSql) = match &which {
        LotFilter::Holder(holder) => ("lot.holder = ?1", &holder.to_bytes()),
        LotFilter::Grant(grant) => ("lot.grant_id = ?1", &grant.to_bytes()),
        LotFilter::ExpiredWithCredit(now) => {
            ("lot.expires_at <= ?1 AND 0 < account.posted - account.held", &millis(*now))
        }
        LotFilter::Unexpired(now) => ("?1 < lot.expires_at", &millis(*now)),
        LotFilter::Id(lot) => ("lot.id = ?1", &lot.to_bytes()),
    };
    let sql = format!("{LOT_STATES} WHERE {condition} ORDER BY lot.id");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![value], read_lot_state)?.collect()
}

fn read_lot_state(row: &Row<'_>) -> Result<LotState, Error> {
    let (lot, balance) = read_lot(row)?;
    let lent = Balance { posted: amount(row, 3)?, held: amount(row, 4)? };
    Ok(LotState { lot, balance, lent })
}

fn leases(connection: &Connection, which: LeaseFilter) -> Result<Vec<LeaseState>, Error> {
    let (condition, lender) = match which {
        LeaseFilter::GoingOn => ("lease.ended = 0", None),
        LeaseFilter::Of(of) => {
            ("lease.ended = 0 AND lease.lender = ?1", Some(of.account().to_string()))
        }
        LeaseFilter::InSuspense => ("0 < suspense.posted", None),
    };
    let sql = format!("{LEASE_STATES} WHERE {condition} ORDER BY lease.id");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params_from_iter(lender), read_lease_state)?.collect()
}

fn holds(connection: &Connection, which: HoldFilter) -> Result<Vec<Hold>, Error> {
    let open = |settle_by_max: i64| {
        // The plus has the few that are open sorted, and not all holds looked through in order.
        let sql = format!("{HOLDS} WHERE hold.open = 1 AND hold.settle_by <= ?1 ORDER BY +hold.id");
        holds_with_parts(connection, &sql, params![settle_by_max])
    };
    match which {
        HoldFilter::Open => open(i64::MAX),
        HoldFilter::Overdue(now) => open(millis(now)),
        HoldFilter::InSuspense { of, limit } => in_suspense(connection, of, limit),
    }
}

fn in_suspense(connection: &Connection, of: SuspenseOf, limit: usize) -> Result<Vec<Hold>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = |condition: &str| {
        format!("{HOLDS} WHERE {IN_SUSPENSE} AND {condition} ORDER BY hold.id LIMIT ?1")
    };
    match of {
        SuspenseOf::Everything => holds_with_parts(connection, &sql("1 = 1"), params![limit]),
        SuspenseOf::Lease(lease) => {
            let accounts = [Account::Lease(lease), Account::CapLease(lease)];
            let [credit, rights] = accounts.map(|account| account.to_string());
            holds_with_parts(connection, &sql(ON_LEASE), params![limit, credit, rights])
        }
        SuspenseOf::Call(call) => {
            let [first, last] =
                [0, HOLD_PARTS_MAX.saturating_sub(1)].map(|part| call.part(part).to_bytes());
            let sql = sql("hold.id BETWEEN ?2 AND ?3");
            holds_with_parts(connection, &sql, params![limit, first, last])
        }
    }
}

// What is left of a lease's suspense after its node's last word is nothing, and so is what is left
// of the calls that were begun on it.
const IN_SUSPENSE: &str = "resolution.kind = 'suspended' AND resolution.settled IS NULL
     AND 0 < hold.amount AND NOT EXISTS (SELECT 1 FROM hold_part
         JOIN lease ON lease.account = hold_part.account
         JOIN account ON account.name = lease.suspense
         WHERE hold_part.hold = hold.id AND account.posted = 0)";
const ON_LEASE: &str = "EXISTS (SELECT 1 FROM hold_part
     WHERE hold_part.hold = hold.id AND hold_part.account IN (?2, ?3))";

const SUSPENSE_OF_GRANT: &str = "SELECT
     (SELECT COALESCE(SUM(suspense.posted), 0) FROM lot JOIN lease ON lease.lender = lot.account
         JOIN account AS suspense ON suspense.name = lease.suspense WHERE lot.grant_id = ?1)
     + (SELECT COALESCE(SUM(hold.amount), 0) FROM resolution
         JOIN hold ON hold.id = resolution.hold
         WHERE resolution.kind = 'suspended' AND resolution.settled IS NULL AND hold.grant_id = ?1
             AND NOT EXISTS (SELECT 1 FROM hold_part
                 WHERE hold_part.hold = hold.id AND hold_part.account LIKE 'lease/%')),
     (SELECT COALESCE(SUM(transfer.amount), 0) FROM lot JOIN lease ON lease.lender = lot.account
         JOIN account AS suspense ON suspense.name = lease.suspense
         JOIN transfer ON transfer.debit = suspense.id AND transfer.kind = 'settle'
         JOIN account AS credit ON credit.id = transfer.credit
         WHERE lot.grant_id = ?1 AND transfer.hold IS NULL AND credit.name LIKE 'used/%')";

fn suspense_of(connection: &Connection, grant: GrantId) -> Result<GrantSuspense, Error> {
    let mut statement = connection.prepare_cached(SUSPENSE_OF_GRANT)?;
    statement.query_row(params![grant.to_bytes()], |row| {
        Ok(GrantSuspense { in_question: amount(row, 0)?, found_spent: amount(row, 1)? })
    })
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
