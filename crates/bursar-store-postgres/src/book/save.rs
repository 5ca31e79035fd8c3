//! Events of the book to rows. The tables refuse what the book would refuse.

use bursar_kernel::{GrantId, HoldId, Lot, Usd};
use bursar_ledger::{Account, Event, Hold, Resolution, Resolved, Transfer};
use deadpool_postgres::ClientWrapper;

use super::{correction, lease};
use crate::codec::{Id, millis, text, to_json};
use crate::error::DbError;
use crate::statement::{Statement, execute_each, statement};

/// Writes events in their order, in one journey to the database and back.
pub(super) async fn events(client: &ClientWrapper, events: &[Event]) -> Result<(), DbError> {
    let mut statements = Vec::new();
    for event in events {
        match event {
            Event::LotIssued(lot) => save_lot(&mut statements, lot)?,
            Event::Transferred(transfer) => save_transfer(&mut statements, transfer)?,
            Event::HoldPlaced(hold) => save_hold(&mut statements, hold),
            Event::HoldResolved(resolved) => save_resolved(&mut statements, resolved),
            Event::LeaseChanged(lease) => lease::save(&mut statements, lease)?,
            Event::Corrected(made) => correction::save(&mut statements, made)?,
        }
    }
    let changed = execute_each(client, &statements).await?;
    let missed = changed.iter().position(|rows| *rows != 1);
    match missed.and_then(|missed| statements.get(missed)) {
        None => Ok(()),
        Some(missed) => Err(DbError::Broken(format!("nothing was changed by `{}`", missed.sql))),
    }
}

const INSERT_LOT: &str = "INSERT INTO lot (id, account, holder, grant_id, expires_at, body)
     VALUES ($1, $2, $3, $4, $5, $6)";

fn save_lot(statements: &mut Vec<Statement>, lot: &Lot) -> Result<(), DbError> {
    statements.push(statement!(
        INSERT_LOT,
        Id(lot.id.to_bytes()),
        Account::Lot(lot.id).to_string(),
        Id(lot.holder.to_bytes()),
        lot.grant.map(GrantId::to_bytes).map(Id),
        millis(lot.expires_at),
        to_json(lot)?,
    ));
    Ok(())
}

const INSERT_TRANSFER: &str = "INSERT INTO transfer
     (id, debit, credit, amount, kind, hold, at, actor)
     VALUES ($1, (SELECT id FROM account WHERE name = $2),
         (SELECT id FROM account WHERE name = $3), $4, $5, $6, $7, $8)";

fn save_transfer(statements: &mut Vec<Statement>, transfer: &Transfer) -> Result<(), DbError> {
    let amount = transfer.amount.nanos();
    let (debit, credit) = (transfer.debit.to_string(), transfer.credit.to_string());
    let out = change_posted(&transfer.debit, amount.checked_neg().unwrap_or(i64::MIN));
    statements.push(out);
    statements.push(change_posted(&transfer.credit, amount));
    statements.push(statement!(
        INSERT_TRANSFER,
        Id(transfer.id.to_bytes()),
        debit,
        credit,
        amount,
        transfer.kind.name(),
        transfer.hold.map(HoldId::to_bytes).map(Id),
        millis(transfer.at),
        to_json(&transfer.actor)?,
    ));
    Ok(())
}

const UPDATE_POSTED: &str = "UPDATE account SET posted = posted + $2 WHERE name = $1";
const CHANGE_POSTED: &str = "INSERT INTO account (name, may_be_negative, posted)
     VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET posted = account.posted + excluded.posted";

/// Changes what is posted to an account, opening it on first use. One that must not fall below zero
/// is there before anything is taken from it.
fn change_posted(account: &Account, by: i64) -> Statement {
    let (name, may_be_negative) = (account.to_string(), account.kind().may_be_negative());
    if by < 0 && !may_be_negative {
        statement!(UPDATE_POSTED, name, by)
    } else {
        statement!(CHANGE_POSTED, name, may_be_negative, by)
    }
}

const INSERT_HOLD: &str = "INSERT INTO hold
     (id, holder, grant_id, amount, placed_at, settle_by, note, open)
     VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE)";
const INSERT_PART: &str =
    "INSERT INTO hold_part (hold, ordinal, account, amount) VALUES ($1, $2, $3, $4)";

fn save_hold(statements: &mut Vec<Statement>, hold: &Hold) {
    let id = Id(hold.id.to_bytes());
    statements.push(statement!(
        INSERT_HOLD,
        id,
        Id(hold.holder.to_bytes()),
        hold.grant.map(GrantId::to_bytes).map(Id),
        hold.amount.nanos(),
        millis(hold.placed_at),
        millis(hold.settle_by),
        text(&hold.note),
    ));
    for (part, ordinal) in hold.parts.iter().zip(0_i64..) {
        let (account, amount) = (part.account.to_string(), part.amount.nanos());
        statements.push(statement!(INSERT_PART, id, ordinal, account, amount));
        statements.push(change_held(&part.account, amount));
    }
}

const INSERT_RESOLUTION: &str =
    "INSERT INTO resolution (hold, kind, captured, at) VALUES ($1, $2, $3, $4)";
const CLOSE_HOLD: &str = "UPDATE hold SET open = FALSE WHERE id = $1";

fn save_resolved(statements: &mut Vec<Statement>, resolved: &Resolved) {
    let (kind, captured) = match resolved.resolution {
        Resolution::Captured(amount) => ("captured", amount),
        Resolution::Released => ("released", Usd::ZERO),
        Resolution::Suspended => ("suspended", Usd::ZERO),
    };
    let (hold, at) = (Id(resolved.hold.to_bytes()), millis(resolved.at));
    statements.push(statement!(INSERT_RESOLUTION, hold, kind, captured.nanos(), at));
    statements.push(statement!(CLOSE_HOLD, hold));
    for part in &resolved.parts {
        let back = part.amount.nanos().checked_neg().unwrap_or(i64::MIN);
        statements.push(change_held(&part.account, back));
    }
}

const UPDATE_HELD: &str = "UPDATE account SET held = held + $2 WHERE name = $1";

fn change_held(account: &Account, by: i64) -> Statement {
    statement!(UPDATE_HELD, account.to_string(), by)
}
