//! Events of the book to rows. The tables refuse what the book would refuse.

use bursar_kernel::{GrantId, HoldId, Lot, Usd};
use bursar_ledger::{Account, Hold, HoldPart, Resolution, Resolved, Settled, Transfer};
use rusqlite::{Connection, Error, params};

use crate::chain::NextLink;
use crate::codec::{millis, to_json};

const INSERT_LOT: &str = "INSERT INTO lot (id, account, holder, grant_id, expires_at, body, link)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

pub(super) fn lot(connection: &Connection, lot: &Lot, link: &mut NextLink) -> Result<(), Error> {
    let body = to_json(lot)?;
    link.rows.lot(lot.id, &body);
    connection.prepare_cached(INSERT_LOT)?.execute(params![
        lot.id.to_bytes(),
        Account::Lot(lot.id).to_string(),
        lot.holder.to_bytes(),
        lot.grant.map(GrantId::to_bytes),
        millis(lot.expires_at),
        body,
        link.number
    ])?;
    Ok(())
}

const INSERT_TRANSFER: &str = "INSERT INTO transfer
     (id, debit, credit, amount, kind, hold, at, actor, link)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Writes a transfer between the rows of its accounts.
pub(super) fn transfer(
    connection: &Connection,
    transfer: &Transfer,
    (debit, credit): (i64, i64),
    link: &mut NextLink,
) -> Result<(), Error> {
    link.rows.transfer(transfer);
    connection.prepare_cached(INSERT_TRANSFER)?.execute(params![
        transfer.id.to_bytes(),
        debit,
        credit,
        transfer.amount.nanos(),
        transfer.kind.name(),
        transfer.hold.map(HoldId::to_bytes),
        millis(transfer.at),
        to_json(&transfer.actor)?,
        link.number
    ])?;
    Ok(())
}

const INSERT_HOLD: &str = "INSERT INTO hold
     (id, holder, grant_id, amount, placed_at, settle_by, note, open)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)";
const INSERT_PART: &str =
    "INSERT INTO hold_part (hold, ordinal, account, amount) VALUES (?1, ?2, ?3, ?4)";

pub(super) fn hold(connection: &Connection, hold: &Hold) -> Result<(), Error> {
    connection.prepare_cached(INSERT_HOLD)?.execute(params![
        hold.id.to_bytes(),
        hold.holder.to_bytes(),
        hold.grant.map(GrantId::to_bytes),
        hold.amount.nanos(),
        millis(hold.placed_at),
        millis(hold.settle_by),
        hold.note
    ])?;
    for (part, ordinal) in hold.parts.iter().zip(0_i64..) {
        let (account, amount) = (part.account.to_string(), part.amount.nanos());
        let params = params![hold.id.to_bytes(), ordinal, account, amount];
        connection.prepare_cached(INSERT_PART)?.execute(params)?;
        change_held(connection, part, part.amount.nanos())?;
    }
    Ok(())
}

const INSERT_RESOLUTION: &str =
    "INSERT INTO resolution (hold, kind, captured, at) VALUES (?1, ?2, ?3, ?4)";
const CLOSE_HOLD: &str = "UPDATE hold SET open = 0 WHERE id = ?1";

pub(super) fn resolved(connection: &Connection, resolved: &Resolved) -> Result<(), Error> {
    let (kind, captured) = match resolved.resolution {
        Resolution::Captured(amount) => ("captured", amount),
        Resolution::Released => ("released", Usd::ZERO),
        Resolution::Suspended => ("suspended", Usd::ZERO),
    };
    let (hold, at) = (resolved.hold.to_bytes(), millis(resolved.at));
    let params = params![hold, kind, captured.nanos(), at];
    connection.prepare_cached(INSERT_RESOLUTION)?.execute(params)?;
    connection.prepare_cached(CLOSE_HOLD)?.execute(params![hold])?;
    for part in &resolved.parts {
        let back = part.amount.nanos().checked_neg().unwrap_or(i64::MIN);
        change_held(connection, part, back)?;
    }
    Ok(())
}

const SETTLE: &str = "UPDATE resolution SET settled = ?2 WHERE hold = ?1";

pub(super) fn settled(connection: &Connection, settled: &Settled) -> Result<(), Error> {
    let params = params![settled.hold.to_bytes(), settled.cost.nanos()];
    let changed = connection.prepare_cached(SETTLE)?.execute(params)?;
    assert_eq!(changed, 1, "hold `{}` lies in suspense before it is settled", settled.hold);
    Ok(())
}

const UPDATE_HELD: &str = "UPDATE account SET held = held + ?2 WHERE name = ?1";

fn change_held(connection: &Connection, part: &HoldPart, by: i64) -> Result<(), Error> {
    let name = part.account.to_string();
    let changed = connection.prepare_cached(UPDATE_HELD)?.execute(params![name, by])?;
    assert_eq!(changed, 1, "`{name}` has an account before anything is set aside on it");
    Ok(())
}
