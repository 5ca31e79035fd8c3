//! Feeds the whole book to an auditor, in one consistent view, and holds the calls against it.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::ScopedJoinHandle;

use bursar_kernel::{GrantId, HoldId, Lot, RequestId, Usd};
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
use crate::codec::{amount, broken, count, id, json, parsed};
use crate::open::open_reader;

mod file;

/// How often connections are told to look at one state, before whoever asks is told to come back.
const TRIES: u32 = 1_000;

/// Connections that see one state of the database, whatever a server beside them commits meanwhile:
/// one reads what moved and one reads calls, which takes two processors, and one looks through the
/// pages that neither reads.
struct Views {
    book: Connection,
    calls: Connection,
    file: Connection,
}

impl Views {
    fn open(path: &Path) -> Result<Self, Error> {
        let views =
            Self { book: open_reader(path)?, calls: open_reader(path)?, file: open_reader(path)? };
        let watch = open_reader(path)?;
        for _ in 0..TRIES {
            let before = version(&watch)?;
            for view in [&views.book, &views.calls, &views.file] {
                // A transaction sees what was there when it first looked.
                view.execute_batch("BEGIN")?;
                view.query_row("SELECT COUNT(*) FROM chain_link WHERE number < 0", (), |_| Ok(()))?;
            }
            if version(&watch)? == before {
                return Ok(views);
            }
            for view in [&views.book, &views.calls, &views.file] {
                view.execute_batch("ROLLBACK")?;
            }
        }
        Err(broken(0, std::io::Error::other("the database never stood still for a moment")))
    }
}

/// Changes whenever somebody else has committed.
fn version(watch: &Connection) -> Result<i64, Error> {
    watch.query_row("PRAGMA data_version", (), |row| row.get(0))
}

/// Feeds the whole book to an auditor, and every call to a check.
pub(crate) fn audit(path: &Path, check: CallCheck) -> Result<Auditor, Error> {
    let Views { book, calls, file } = Views::open(path)?;
    let mut auditor = Auditor::default();
    let mut accounts = Accounts::default();
    each(&book, NUMBERED_ACCOUNTS, |row| {
        let (account, balance) = read_numbered_account(row)?;
        accounts.insert(row.get(3)?, account.clone());
        auditor.account(account, balance);
        Ok(())
    })?;
    each(&book, LOTS, |row| audit_lot(row, &mut auditor))?;
    each(&book, LEASES, |row| {
        auditor.lease(read_lease(row)?);
        Ok(())
    })?;
    let sums = std::thread::scope(|scope| {
        let file = scope.spawn(move || file::look_through(&file));
        let (sender, receiver) = sync_channel(BATCHES_WAITING);
        let calls = scope.spawn(move || read_calls(&calls, check, &sender));
        let sums = audit_calls(&book, &accounts, &mut auditor, Calls::new(receiver));
        let of_calls = joined(calls);
        let looked_through = joined(file)?;
        // What the calls' reader could not read is why there are too few.
        let (of_calls, calls) = of_calls?;
        let sums = sums?.with_calls(of_calls);
        let read = [("transfer", auditor.counts().transfers), ("call", calls)];
        for damage in looked_through.damages(&read) {
            auditor.find(format!("the database file is damaged: {damage}"));
        }
        Ok::<_, Error>(sums)
    })?;
    super::spend::audit(&book, sums, &mut auditor)?;
    Ok(auditor)
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
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

/// Calls that are handed over together, and how many such may wait.
const CALLS_TOGETHER: usize = 512;
const BATCHES_WAITING: usize = 16;

/// What the audit has to know of a call, and what was found on the way.
struct CallRow {
    request: RequestId,
    hold: HoldId,
    cost: Usd,
    corrected: Option<Usd>,
    findings: Vec<String>,
}

fn read_call(row: &Row<'_>, check: &mut CallCheck, sums: &mut Sums) -> Result<CallRow, Error> {
    let call: Call = json(row, 3)?;
    let (hold, cost) = (id(row, 0, HoldId::from_bytes)?, amount(row, 1)?);
    let corrected: Option<i64> = row.get(2)?;
    let corrected = corrected.map(Usd::from_nanos);
    let mut findings: Vec<String> = check(&call).into_iter().collect();
    // A call is found under what it cost.
    if call.cost != cost || call.hold != hold {
        let (request, stated, cost) = (call.request, call.cost.nanos(), cost.nanos());
        findings.push(format!(
            "call `{request}` states {stated} nano-dollars under hold `{}`, and is found under \
             {cost} and hold `{hold}`",
            call.hold
        ));
    }
    sums.call(&call, corrected.unwrap_or(cost));
    Ok(CallRow { request: call.request, hold, cost: call.cost, corrected, findings })
}

/// Reads every call and checks it; gives what they come to by day, and how many there are.
fn read_calls(
    view: &Connection,
    mut check: CallCheck,
    sender: &SyncSender<Vec<CallRow>>,
) -> Result<(Sums, u64), Error> {
    let (mut sums, mut calls) = (Sums::default(), 0_u64);
    let mut together = Vec::with_capacity(CALLS_TOGETHER);
    each(view, CALLS, |row| {
        together.push(read_call(row, &mut check, &mut sums)?);
        calls = calls.saturating_add(1);
        if together.len() == CALLS_TOGETHER {
            // Nobody takes them any more where the other reader has failed, which says why.
            let _ = sender.send(std::mem::take(&mut together));
        }
        Ok(())
    })?;
    let _ = sender.send(together);
    Ok((sums, calls))
}

/// The calls that another thread reads, of which the next is known.
struct Calls {
    receiver: Receiver<Vec<CallRow>>,
    together: std::vec::IntoIter<CallRow>,
    next: Option<CallRow>,
}

impl Calls {
    fn new(receiver: Receiver<Vec<CallRow>>) -> Self {
        let mut calls = Self { receiver, together: Vec::new().into_iter(), next: None };
        calls.take();
        calls
    }

    /// The next call, after which another is the next.
    fn take(&mut self) -> Option<CallRow> {
        if self.together.as_slice().is_empty()
            && let Ok(together) = self.receiver.recv()
        {
            self.together = together.into_iter();
        }
        std::mem::replace(&mut self.next, self.together.next())
    }
}

fn read_part(row: &Row<'_>) -> Result<(HoldId, HoldPart), Error> {
    let part = HoldPart { account: parsed(row, 1)?, amount: amount(row, 2)? };
    Ok((id(row, 0, HoldId::from_bytes)?, part))
}

/// Holds, corrections, calls and transfers side by side, with the links of the chain.
fn audit_calls(
    view: &Connection,
    accounts: &Accounts,
    auditor: &mut Auditor,
    mut calls: Calls,
) -> Result<Sums, Error> {
    let mut sums = Sums::default();
    let [mut holds, mut parts] = [view.prepare(&holds_by_name())?, view.prepare(PARTS)?];
    let mut corrections = view.prepare(CORRECTIONS)?;
    let [mut transfers, mut links] = [view.prepare(PLAIN_TRANSFERS)?, view.prepare(LINKS)?];
    let mut holds = List::new(&mut holds, |row| Ok((read_hold(row)?, row.get::<_, bool>(11)?)))?;
    let mut parts = List::new(&mut parts, read_part)?;
    let mut corrections = List::new(&mut corrections, read_correction)?;
    let mut transfers =
        List::new(&mut transfers, |row| Ok((read_plain_transfer(row, accounts)?, count(row, 8)?)))?;
    let mut links = List::new(&mut links, read_link)?;
    while let Some(list) = first_of([
        holds.next.as_ref().map(|(hold, _)| hold.id.to_bytes()),
        corrections.next.as_ref().map(|made| made.charge.to_bytes()),
        calls.next.as_ref().map(|call| call.hold.to_bytes()),
        transfers.next.as_ref().map(|(transfer, _)| transfer.id.to_bytes()),
    ]) {
        match list {
            0 => {
                let Some((mut hold, is_open)) = holds.take()? else { continue };
                if is_open == hold.resolution.is_some() {
                    // It is what open holds are found by.
                    auditor.find(format!(
                        "hold `{}` is marked as open and is not, or is not and is",
                        hold.id
                    ));
                }
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
                if let Some(call) = calls.take() {
                    call.findings.into_iter().for_each(|finding| auditor.find(finding));
                    auditor.call(call.request, call.hold, call.cost, call.corrected);
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
    Ok(sums)
}

fn holds_by_name() -> String {
    format!("{HOLDS} ORDER BY hold.id")
}
