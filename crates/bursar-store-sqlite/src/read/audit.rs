//! Feeds the whole book to an auditor, in one consistent view, and holds the calls against it.

use bursar_kernel::{GrantId, HoldId, Lot, Usd};
use bursar_ledger::HoldPart;
use bursar_ledger::audit::{Auditor, first_of};
use bursar_ledger::chain::Digest;
use bursar_store::CallCheck;
use bursar_store::rows::Call;
use bursar_store::sums::Sums;
use rusqlite::{Connection, Error, Row, Rows, Statement};

use crate::book::{
    HOLDS, LEASES, read_correction, read_hold, read_lease, read_numbered_account,
    read_plain_transfer,
};
use crate::chain::{Accounts, LINKS, NUMBERED_ACCOUNTS, PLAIN_TRANSFERS, read_link};
use crate::codec::{amount, count, id, json, parsed};

/// Feeds the whole book to an auditor, and every call to a check.
pub(crate) fn audit(connection: &Connection, mut check: CallCheck) -> Result<Auditor, Error> {
    // One transaction sees one state, whatever a server beside it commits meanwhile.
    let view = connection.unchecked_transaction()?;
    let mut auditor = Auditor::default();
    let mut accounts = Accounts::default();
    each(&view, NUMBERED_ACCOUNTS, |row| {
        let (account, balance) = read_numbered_account(row)?;
        accounts.insert(row.get(3)?, account.clone());
        auditor.account(account, balance);
        Ok(())
    })?;
    each(&view, LOTS, |row| audit_lot(row, &mut auditor))?;
    each(&view, LEASES, |row| {
        auditor.lease(read_lease(row)?);
        Ok(())
    })?;
    let mut sums = Sums::default();
    audit_calls(&view, &accounts, (&mut auditor, &mut sums), &mut check)?;
    audit_open_holds(&view, &mut auditor)?;
    audit_integrity(&view, &mut auditor)?;
    super::spend::audit(&view, sums, &mut auditor)?;
    Ok(auditor)
}

pub(super) fn each(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

const LOTS: &str = "SELECT body, link, id, holder, grant_id, expires_at FROM lot ORDER BY id";

/// A lot is found under what its terms say, which the chain covers.
fn audit_lot(row: &Row<'_>, auditor: &mut Auditor) -> Result<(), Error> {
    let body: String = row.get(0)?;
    let lot: Lot = json(row, 0)?;
    let found: ([u8; 16], [u8; 16], Option<[u8; 16]>, i64) =
        (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
    let terms = (
        lot.id.to_bytes(),
        lot.holder.to_bytes(),
        lot.grant.map(GrantId::to_bytes),
        lot.expires_at.as_millisecond(),
    );
    if found != terms {
        auditor.find(format!("lot `{}` is not found under its terms", lot.id));
    }
    auditor.chained(count(row, 1)?, Digest::of_lot(lot.id, &body));
    auditor.lot(lot);
    Ok(())
}

const PARTS: &str = "SELECT hold, account, amount FROM hold_part ORDER BY hold, ordinal";
const CORRECTIONS: &str = "SELECT body FROM correction ORDER BY hold, number";
const CALLS: &str = "SELECT hold, cost, corrected, body FROM call ORDER BY hold";

/// Rows of a query, of which the next is known.
struct List<'s, T, F> {
    rows: Rows<'s>,
    read: F,
    next: Option<T>,
}

impl<'s, T, F: FnMut(&Row<'_>) -> Result<T, Error>> List<'s, T, F> {
    fn new(statement: &'s mut Statement<'_>, read: F) -> Result<Self, Error> {
        let mut list = Self { rows: statement.query(())?, read, next: None };
        list.take()?;
        Ok(list)
    }

    /// The next row, after which another is the next.
    fn take(&mut self) -> Result<Option<T>, Error> {
        let next = self.rows.next()?.map(&mut self.read).transpose()?;
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// A call as its row has it: under its hold, with what it cost at first and at last.
struct CallRow {
    hold: HoldId,
    cost: Usd,
    corrected: Option<Usd>,
    call: Call,
}

fn read_call(row: &Row<'_>) -> Result<CallRow, Error> {
    let corrected: Option<i64> = row.get(2)?;
    Ok(CallRow {
        hold: id(row, 0, HoldId::from_bytes)?,
        cost: amount(row, 1)?,
        corrected: corrected.map(Usd::from_nanos),
        call: json(row, 3)?,
    })
}

fn read_part(row: &Row<'_>) -> Result<(HoldId, HoldPart), Error> {
    let part = HoldPart { account: parsed(row, 1)?, amount: amount(row, 2)? };
    Ok((id(row, 0, HoldId::from_bytes)?, part))
}

/// Holds, corrections, calls and transfers side by side, with the links of the chain.
fn audit_calls(
    view: &Connection,
    accounts: &Accounts,
    (auditor, sums): (&mut Auditor, &mut Sums),
    check: &mut CallCheck,
) -> Result<(), Error> {
    let [mut holds, mut parts] = [view.prepare(&holds_by_name())?, view.prepare(PARTS)?];
    let [mut corrections, mut calls] = [view.prepare(CORRECTIONS)?, view.prepare(CALLS)?];
    let [mut transfers, mut links] = [view.prepare(PLAIN_TRANSFERS)?, view.prepare(LINKS)?];
    let mut holds = List::new(&mut holds, read_hold)?;
    let mut parts = List::new(&mut parts, read_part)?;
    let mut corrections = List::new(&mut corrections, read_correction)?;
    let mut calls = List::new(&mut calls, read_call)?;
    let mut transfers =
        List::new(&mut transfers, |row| Ok((read_plain_transfer(row, accounts)?, count(row, 8)?)))?;
    let mut links = List::new(&mut links, read_link)?;
    while let Some(list) = first_of([
        holds.next.as_ref().map(|hold| hold.id.to_bytes()),
        corrections.next.as_ref().map(|made| made.charge.to_bytes()),
        calls.next.as_ref().map(|call| call.hold.to_bytes()),
        transfers.next.as_ref().map(|(transfer, _)| transfer.id.to_bytes()),
    ]) {
        match list {
            0 => {
                let Some(mut hold) = holds.take()? else { continue };
                while parts.next.as_ref().is_some_and(|(of, _)| *of <= hold.id) {
                    hold.parts.extend(parts.take()?.map(|(_, part)| part));
                }
                auditor.hold(&hold);
            }
            1 => {
                if let Some(made) = corrections.take()? {
                    auditor.correction(&made);
                }
            }
            2 => {
                if let Some(call) = calls.take()? {
                    audit_call(&call, auditor, check);
                    sums.call(&call.call, call.corrected.unwrap_or(call.cost));
                }
            }
            _ => {
                let Some((transfer, link)) = transfers.take()? else { continue };
                while let Some(next) = links.next.filter(|next| next.number <= link) {
                    auditor.link(next);
                    links.take()?;
                }
                auditor.chained(link, Digest::of_transfer(&transfer));
                auditor.transfer(&transfer);
                sums.transfer(&transfer);
            }
        }
    }
    while let Some(link) = links.take()? {
        auditor.link(link);
    }
    Ok(())
}

fn holds_by_name() -> String {
    format!("{HOLDS} ORDER BY hold.id")
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
fn audit_open_holds(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    each(connection, MISMARKED_HOLDS, |row| {
        let hold = id(row, 0, HoldId::from_bytes)?;
        auditor.find(format!("hold `{hold}` is marked as open and is not, or is not and is"));
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
