//! What the book can be asked.

use std::collections::HashMap;
use std::pin::pin;

use async_trait::async_trait;
use bursar_kernel::HoldId;
use bursar_ledger::audit::Auditor;
use bursar_ledger::{Account, Balance, Correction, Hold, HoldPart};
use bursar_store::rows::Call;
use bursar_store::{
    BookReads, HoldFilter, LeaseFilter, LeaseState, LotFilter, LotState, ReadError,
};
use deadpool_postgres::{ClientWrapper, Object};
use futures_util::TryStreamExt as _;
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::book::{
    ACCOUNTS, CORRECTIONS, HOLDS, LEASE_STATES, LEASES, LOTS, PARTS, TRANSFERS, read_account,
    read_correction, read_hold, read_lease, read_lease_state, read_lot, read_part, read_transfer,
};
use crate::codec::{Id, amount, id, json, millis};
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
        let settle_by_max = match which {
            HoldFilter::Open => i64::MAX,
            HoldFilter::Overdue(now) => millis(now),
        };
        let sql = format!("{HOLDS} WHERE hold.open AND hold.settle_by <= $1 ORDER BY hold.id");
        let mut holds = self.ask(&sql, &values![settle_by_max], read_hold).await?;
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

    async fn audit(&self) -> Result<Auditor, ReadError> {
        let audited = async {
            let connection = self.readers.get().await?;
            connection.batch_execute(ONE_VIEW).await?;
            let audited = audit(&connection).await;
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

/// Feeds the whole book to an auditor, and holds the calls against it, in the caller's transaction.
pub(crate) async fn audit(client: &ClientWrapper) -> Result<Auditor, DbError> {
    let mut auditor = Auditor::default();
    each(client, ACCOUNTS, |row| {
        let (account, balance) = read_account(row)?;
        auditor.account(account, balance);
        Ok(())
    })
    .await?;
    each(client, TRANSFERS, |row| {
        auditor.transfer(&read_transfer(row)?);
        Ok(())
    })
    .await?;
    each(client, LOTS, |row| {
        auditor.lot(read_lot(row)?);
        Ok(())
    })
    .await?;
    let sql = format!("{PARTS} ORDER BY hold, ordinal");
    let mut parts = Vec::new();
    each(client, &sql, |row| {
        parts.push(read_part_of(row)?);
        Ok(())
    })
    .await?;
    let mut parts = by_hold(parts);
    each(client, HOLDS, |row| {
        let mut hold = read_hold(row)?;
        hold.parts = parts.remove(&hold.id).unwrap_or_default();
        auditor.hold(&hold);
        Ok(())
    })
    .await?;
    each(client, LEASES, |row| {
        auditor.lease(read_lease(row)?);
        Ok(())
    })
    .await?;
    each(client, CORRECTIONS, |row| {
        auditor.correction(read_correction(row)?);
        Ok(())
    })
    .await?;
    audit_open_holds(client, &mut auditor).await?;
    audit_calls(client, &mut auditor).await?;
    Ok(auditor)
}

/// Takes rows as they come, however many there are.
async fn each(
    client: &ClientWrapper,
    sql: &str,
    mut take: impl FnMut(&Row) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let prepared = client.prepare_cached(sql).await?;
    let mut rows = pin!(client.query_raw(&prepared, Vec::<i64>::new()).await?);
    while let Some(row) = rows.try_next().await? {
        take(&row)?;
    }
    Ok(())
}

const MISMARKED_HOLDS: &str = "SELECT hold.id FROM hold
     LEFT JOIN resolution ON resolution.hold = hold.id
     WHERE hold.open <> (resolution.hold IS NULL)";

/// The mark that open holds are found by says what the resolutions say.
async fn audit_open_holds(client: &ClientWrapper, auditor: &mut Auditor) -> Result<(), DbError> {
    each(client, MISMARKED_HOLDS, |row| {
        let hold = id(row, 0, HoldId::from_bytes)?;
        auditor.find(format!("hold `{hold}` is marked as open and is not, or is not and is"));
        Ok(())
    })
    .await
}

const CALLS: &str = "SELECT body, cost, corrected FROM call";

/// Every call cost what was charged for it, and is found under what it cost.
async fn audit_calls(client: &ClientWrapper, auditor: &mut Auditor) -> Result<(), DbError> {
    each(client, CALLS, |row| {
        let (call, cost): (Call, i64) = (json(row, 0)?, row.try_get(1)?);
        if call.cost.nanos() != cost {
            let (request, stated) = (call.request, call.cost.nanos());
            auditor.find(format!("call `{request}` states {stated} nano-dollars and {cost}"));
        }
        let corrected: Option<i64> = row.try_get(2)?;
        let corrected = corrected.map(bursar_kernel::Usd::from_nanos);
        auditor.call(call.request, call.hold, call.cost, corrected);
        Ok(())
    })
    .await
}
