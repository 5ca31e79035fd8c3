//! What the book can be asked.

use std::collections::HashMap;

use async_trait::async_trait;
use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{GrantId, HoldId};
use bursar_ledger::audit::Auditor;
use bursar_ledger::chain::Link;
use bursar_ledger::{Account, Balance, Correction, Hold, HoldPart};
use bursar_store::{
    BookReads, CallCheck, GrantSuspense, HoldFilter, LeaseFilter, LeaseState, LotFilter, LotState,
    ReadError, SuspenseOf,
};
use deadpool_postgres::Object;
use tokio_postgres::Row;

use super::audit::audit;
use crate::PostgresStore;
use crate::book::{
    HOLDS, LEASE_STATES, PARTS, read_correction, read_hold, read_lease_state, read_lot, read_part,
};
use crate::chain::{HEAD, LINK, read_link};
use crate::codec::{Id, amount, id, millis, whole};
use crate::error::DbError;
use crate::statement::{Value, values};

#[async_trait]
impl BookReads for PostgresStore {
    async fn lots(&self, which: LotFilter) -> Result<Vec<LotState>, ReadError> {
        let (condition, value): (&str, Value) = match which {
            LotFilter::Holder(holder) => ("lot.holder = $1", Box::new(Id(holder.to_bytes()))),
            LotFilter::Grant(grant) => ("lot.grant_id = $1", Box::new(Id(grant.to_bytes()))),
            LotFilter::ExpiredWithCredit(now) => (
                "lot.expires_at <= $1 AND 0 < account.posted - account.held",
                Box::new(millis(now)),
            ),
            LotFilter::Unexpired(now) => ("$1 < lot.expires_at", Box::new(millis(now))),
            LotFilter::Id(lot) => ("lot.id = $1", Box::new(Id(lot.to_bytes()))),
        };
        let sql = format!("{LOT_STATES} WHERE {condition} ORDER BY lot.id");
        self.ask(&sql, &[value], read_lot_state).await
    }

    async fn balance(&self, account: Account) -> Result<Balance, ReadError> {
        let found = self.ask(BALANCE, &values![account.to_string()], read_balance).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    async fn holds(&self, which: HoldFilter) -> Result<Vec<Hold>, ReadError> {
        let (sql, asked) = match which {
            HoldFilter::Open => open_holds(i64::MAX),
            HoldFilter::Overdue(now) => open_holds(millis(now)),
            HoldFilter::InSuspense { of, limit } => in_suspense(of, limit),
        };
        let mut holds = self.ask(&sql, &asked, read_hold).await?;
        // Parts are written with their hold and never change, so they can be read after it.
        let ids: Vec<Id> = holds.iter().map(|hold| Id(hold.id.to_bytes())).collect();
        let sql = format!("{PARTS} WHERE hold = ANY ($1) ORDER BY hold, ordinal");
        let mut parts = by_hold(self.ask(&sql, &values![ids], read_part_of).await?);
        for hold in &mut holds {
            hold.parts = parts.remove(&hold.id).unwrap_or_default();
        }
        Ok(holds)
    }

    async fn leases(&self, which: LeaseFilter) -> Result<Vec<LeaseState>, ReadError> {
        let (condition, lender) = match which {
            LeaseFilter::GoingOn => ("NOT lease.ended", values![]),
            LeaseFilter::Of(of) => {
                ("NOT lease.ended AND lease.lender = $1", values![of.account().to_string()])
            }
            LeaseFilter::InSuspense => ("0 < suspense.posted", values![]),
        };
        let sql = format!("{LEASE_STATES} WHERE {condition} ORDER BY lease.id");
        self.ask(&sql, &lender, read_lease_state).await
    }

    async fn corrections(&self, charges: Vec<HoldId>) -> Result<Vec<Correction>, ReadError> {
        let charges: Vec<Id> = charges.into_iter().map(|hold| Id(hold.to_bytes())).collect();
        self.ask(CORRECTIONS_OF, &values![charges], read_correction).await
    }

    async fn suspense_of(&self, grant: GrantId) -> Result<GrantSuspense, ReadError> {
        let asked = values![Id(grant.to_bytes())];
        let found = self.ask(SUSPENSE_OF_GRANT, &asked, read_grant_suspense).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    async fn link(&self, number: Option<u64>) -> Result<Option<Link>, ReadError> {
        let asked = number.map(whole).transpose().map_err(|error| ReadError(error.to_string()))?;
        let found = match asked {
            Some(number) => self.ask(LINK, &values![number], read_link).await?,
            None => self.ask(HEAD, &[], read_link).await?,
        };
        Ok(found.into_iter().next())
    }

    async fn audit_with(&self, check: CallCheck) -> Result<Auditor, ReadError> {
        let audited = async {
            let connection = self.readers.get().await?;
            connection.batch_execute(ONE_VIEW).await?;
            let audited = audit(&connection, check).await;
            // A connection that cannot even leave its transaction is not used again.
            match connection.batch_execute("ROLLBACK").await {
                Ok(()) => audited,
                Err(error) => {
                    drop(Object::take(connection));
                    audited.and(Err(error.into()))
                }
            }
        };
        audited.await.map_err(|error: DbError| ReadError(error.to_string()))
    }
}

const CORRECTIONS_OF: &str =
    "SELECT body FROM correction WHERE hold = ANY ($1) ORDER BY hold, number";

/// A lot with its balance, and with what was lent of it to nodes.
const LOT_STATES: &str = "SELECT lot.body, account.posted, account.held,
     (SELECT COALESCE(SUM(lent.posted), 0)::BIGINT FROM lease JOIN account AS lent
         ON lent.name = lease.account WHERE lease.lender = lot.account AND NOT lease.ended),
     (SELECT COALESCE(SUM(lent.held), 0)::BIGINT FROM lease JOIN account AS lent
         ON lent.name = lease.account WHERE lease.lender = lot.account AND NOT lease.ended)
     FROM lot JOIN account ON account.name = lot.account";

fn read_lot_state(row: &Row) -> Result<LotState, DbError> {
    let balance = Balance { posted: amount(row, 1)?, held: amount(row, 2)? };
    let lent = Balance { posted: amount(row, 3)?, held: amount(row, 4)? };
    Ok(LotState { lot: read_lot(row)?, balance, lent })
}

fn open_holds(settle_by_max: i64) -> (String, Vec<Value>) {
    let sql = format!("{HOLDS} WHERE hold.open AND hold.settle_by <= $1 ORDER BY hold.id");
    (sql, values![settle_by_max])
}

fn in_suspense(of: SuspenseOf, limit: usize) -> (String, Vec<Value>) {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (condition, asked) = match of {
        SuspenseOf::Everything => ("TRUE", values![limit]),
        SuspenseOf::Lease(lease) => {
            let accounts = [Account::Lease(lease), Account::CapLease(lease)];
            (ON_LEASE, values![limit, accounts.map(|account| account.to_string()).to_vec()])
        }
        SuspenseOf::Call(call) => {
            let parts = (0..HOLD_PARTS_MAX).map(|part| Id(call.part(part).to_bytes()));
            ("hold.id = ANY ($2)", values![limit, parts.collect::<Vec<Id>>()])
        }
    };
    let sql = format!("{HOLDS} WHERE {IN_SUSPENSE} AND {condition} ORDER BY hold.id LIMIT $1");
    (sql, asked)
}

// What is left of a lease's suspense after its node's last word is nothing, and so is what is left
// of the calls that were begun on it.
const IN_SUSPENSE: &str = "resolution.kind = 'suspended' AND resolution.settled IS NULL
     AND 0 < hold.amount AND NOT EXISTS (SELECT 1 FROM hold_part
         JOIN lease ON lease.account = hold_part.account
         JOIN account ON account.name = lease.suspense
         WHERE hold_part.hold = hold.id AND account.posted = 0)";
const ON_LEASE: &str = "EXISTS (SELECT 1 FROM hold_part
     WHERE hold_part.hold = hold.id AND hold_part.account = ANY ($2))";

const SUSPENSE_OF_GRANT: &str = "SELECT
     (SELECT COALESCE(SUM(suspense.posted), 0)::BIGINT FROM lot
         JOIN lease ON lease.lender = lot.account
         JOIN account AS suspense ON suspense.name = lease.suspense WHERE lot.grant_id = $1)
     + (SELECT COALESCE(SUM(hold.amount), 0)::BIGINT FROM resolution
         JOIN hold ON hold.id = resolution.hold
         WHERE resolution.kind = 'suspended' AND resolution.settled IS NULL AND hold.grant_id = $1
             AND NOT EXISTS (SELECT 1 FROM hold_part
                 WHERE hold_part.hold = hold.id AND hold_part.account LIKE 'lease/%')),
     (SELECT COALESCE(SUM(transfer.amount), 0)::BIGINT FROM lot
         JOIN lease ON lease.lender = lot.account
         JOIN account AS suspense ON suspense.name = lease.suspense
         JOIN transfer ON transfer.debit = suspense.id AND transfer.kind = 'settle'
         JOIN account AS credit ON credit.id = transfer.credit
         WHERE lot.grant_id = $1 AND transfer.hold IS NULL AND credit.name LIKE 'used/%')";

fn read_grant_suspense(row: &Row) -> Result<GrantSuspense, DbError> {
    Ok(GrantSuspense { in_question: amount(row, 0)?, found_spent: amount(row, 1)? })
}

const BALANCE: &str = "SELECT posted, held FROM account WHERE name = $1";

fn read_balance(row: &Row) -> Result<Balance, DbError> {
    Ok(Balance { posted: amount(row, 0)?, held: amount(row, 1)? })
}

fn read_part_of(row: &Row) -> Result<(HoldId, HoldPart), DbError> {
    Ok((id(row, 2, HoldId::from_bytes)?, read_part(row)?))
}

fn by_hold(parts: Vec<(HoldId, HoldPart)>) -> HashMap<HoldId, Vec<HoldPart>> {
    let mut by_hold = HashMap::<HoldId, Vec<HoldPart>>::new();
    for (hold, part) in parts {
        by_hold.entry(hold).or_default().push(part);
    }
    by_hold
}

// One view of one state, whatever a server commits meanwhile; it may take as long as it takes.
const ONE_VIEW: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
     SET LOCAL statement_timeout = 0";
