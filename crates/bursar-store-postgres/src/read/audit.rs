//! Feeds the whole book to an auditor, in one consistent view, and holds the calls against it.

use std::collections::VecDeque;

use bursar_kernel::{GrantId, HoldId, Lot, Usd};
use bursar_ledger::audit::{Auditor, first_of};
use bursar_ledger::chain::Digest;
use bursar_ledger::{HoldPart, Transfer};
use bursar_store::CallCheck;
use bursar_store::rows::Call;
use bursar_store::sums::Sums;
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use crate::book::{
    HOLDS, LEASES, read_account, read_correction, read_hold, read_lease, read_part,
    read_plain_transfer,
};
use crate::chain::{Accounts, LINKS, NUMBERED_ACCOUNTS, PLAIN_TRANSFERS, each, read_link};
use crate::codec::{Id, amount, count, id, json};
use crate::error::DbError;

/// Feeds the whole book to an auditor, and every call to a check, in the caller's transaction.
pub(crate) async fn audit(
    client: &ClientWrapper,
    mut check: CallCheck,
) -> Result<Auditor, DbError> {
    let mut auditor = Auditor::default();
    let mut accounts = Accounts::default();
    each(client, NUMBERED_ACCOUNTS, |row| {
        let (account, balance) = read_account(row)?;
        accounts.insert(row.try_get(3)?, account.clone());
        auditor.account(account, balance);
        Ok(())
    })
    .await?;
    each(client, LOTS, |row| audit_lot(row, &mut auditor)).await?;
    each(client, LEASES, |row| {
        auditor.lease(read_lease(row)?);
        Ok(())
    })
    .await?;
    let mut sums = Sums::default();
    audit_calls(client, &accounts, (&mut auditor, &mut sums), &mut check).await?;
    audit_open_holds(client, &mut auditor).await?;
    super::spend::audit(client, sums, &mut auditor).await?;
    Ok(auditor)
}

const LOTS: &str = "SELECT body, link, id, holder, grant_id, expires_at FROM lot ORDER BY id";

/// A lot is found under what its terms say, which the chain covers.
fn audit_lot(row: &Row, auditor: &mut Auditor) -> Result<(), DbError> {
    let lot: Lot = json(row, 0)?;
    let found: (Id, Id, Option<Id>, i64) =
        (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
    let terms = (
        Id(lot.id.to_bytes()),
        Id(lot.holder.to_bytes()),
        lot.grant.map(GrantId::to_bytes).map(Id),
        lot.expires_at.as_millisecond(),
    );
    if found != terms {
        auditor.find(format!("lot `{}` is not found under its terms", lot.id));
    }
    auditor.chained(count(row, 1)?, Digest::of_lot(lot.id, row.try_get(0)?));
    auditor.lot(lot);
    Ok(())
}

/// Rows that are fetched at a time.
const ROWS_AT_A_TIME: u32 = 4_000;

/// Rows of a query, of which the next is known. Several are read side by side on one connection.
struct List<T, F> {
    fetch: String,
    read: F,
    rows: VecDeque<Row>,
    next: Option<T>,
}

impl<T, F: FnMut(&Row) -> Result<T, DbError>> List<T, F> {
    async fn open(client: &ClientWrapper, name: &str, sql: &str, read: F) -> Result<Self, DbError> {
        client.batch_execute(&format!("DECLARE {name} NO SCROLL CURSOR FOR {sql}")).await?;
        let fetch = format!("FETCH {ROWS_AT_A_TIME} FROM {name}");
        let mut list = Self { fetch, read, rows: VecDeque::new(), next: None };
        list.take(client).await?;
        Ok(list)
    }

    /// The next row, after which another is the next.
    async fn take(&mut self, client: &ClientWrapper) -> Result<Option<T>, DbError> {
        if self.rows.is_empty() {
            self.rows = client.query(&self.fetch, &[]).await?.into();
        }
        let next = self.rows.pop_front();
        let next = next.map(|row| (self.read)(&row)).transpose()?;
        Ok(std::mem::replace(&mut self.next, next))
    }
}

const PARTS: &str = "SELECT account, amount, hold FROM hold_part ORDER BY hold, ordinal";
const CORRECTIONS: &str = "SELECT body FROM correction ORDER BY hold, number";
const CALLS: &str = "SELECT hold, cost, corrected, body FROM call ORDER BY hold";

/// A call as its row has it: under its hold, with what it cost at first and at last.
struct CallRow {
    hold: HoldId,
    cost: Usd,
    corrected: Option<Usd>,
    call: Call,
}

fn read_call(row: &Row) -> Result<CallRow, DbError> {
    let corrected: Option<i64> = row.try_get(2)?;
    Ok(CallRow {
        hold: id(row, 0, HoldId::from_bytes)?,
        cost: amount(row, 1)?,
        corrected: corrected.map(Usd::from_nanos),
        call: json(row, 3)?,
    })
}

fn read_part_of(row: &Row) -> Result<(HoldId, HoldPart), DbError> {
    Ok((id(row, 2, HoldId::from_bytes)?, read_part(row)?))
}

/// Holds, corrections, calls and transfers side by side, with the links of the chain.
async fn audit_calls(
    client: &ClientWrapper,
    accounts: &Accounts,
    (auditor, sums): (&mut Auditor, &mut Sums),
    check: &mut CallCheck,
) -> Result<(), DbError> {
    let sql = format!("{HOLDS} ORDER BY hold.id");
    let mut holds = List::open(client, "audited_holds", &sql, read_hold).await?;
    let mut parts = List::open(client, "audited_parts", PARTS, read_part_of).await?;
    let mut corrections =
        List::open(client, "audited_corrections", CORRECTIONS, read_correction).await?;
    let mut calls = List::open(client, "audited_calls", CALLS, read_call).await?;
    let read = |row: &Row| -> Result<(Transfer, u64), DbError> {
        Ok((read_plain_transfer(row, accounts)?, count(row, 8)?))
    };
    let mut transfers = List::open(client, "audited_transfers", PLAIN_TRANSFERS, read).await?;
    let mut links = List::open(client, "audited_links", LINKS, read_link).await?;
    while let Some(list) = first_of([
        holds.next.as_ref().map(|hold| hold.id.to_bytes()),
        corrections.next.as_ref().map(|made| made.charge.to_bytes()),
        calls.next.as_ref().map(|call| call.hold.to_bytes()),
        transfers.next.as_ref().map(|(transfer, _)| transfer.id.to_bytes()),
    ]) {
        match list {
            0 => {
                let Some(mut hold) = holds.take(client).await? else { continue };
                while parts.next.as_ref().is_some_and(|(of, _)| *of <= hold.id) {
                    hold.parts.extend(parts.take(client).await?.map(|(_, part)| part));
                }
                auditor.hold(&hold);
            }
            1 => {
                if let Some(made) = corrections.take(client).await? {
                    auditor.correction(&made);
                }
            }
            2 => {
                if let Some(call) = calls.take(client).await? {
                    audit_call(&call, auditor, check);
                    sums.call(&call.call, call.corrected.unwrap_or(call.cost));
                }
            }
            _ => {
                let Some((transfer, link)) = transfers.take(client).await? else { continue };
                while let Some(next) = links.next.filter(|next| next.number <= link) {
                    auditor.link(next);
                    links.take(client).await?;
                }
                auditor.chained(link, Digest::of_transfer(&transfer));
                auditor.transfer(&transfer);
                sums.transfer(&transfer);
            }
        }
    }
    while let Some(link) = links.take(client).await? {
        auditor.link(link);
    }
    Ok(())
}

/// A call is found under what it cost, and cost what whoever asks says that it should.
fn audit_call(row: &CallRow, auditor: &mut Auditor, check: &mut CallCheck) {
    let call = &row.call;
    if call.cost != row.cost || call.hold != row.hold {
        let (request, stated, cost) = (call.request, call.cost.nanos(), row.cost.nanos());
        auditor.find(format!(
            "call `{request}` states {stated} nano-dollars under hold `{}`, and is found under \
             {cost} and hold `{}`",
            call.hold, row.hold
        ));
    }
    if let Some(finding) = check(call) {
        auditor.find(finding);
    }
    auditor.call(call.request, row.hold, call.cost, row.corrected);
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
