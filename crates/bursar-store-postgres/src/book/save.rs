//! Events of the book to rows. The tables refuse what the book would refuse.

use bursar_kernel::{GrantId, HoldId, Lot, Usd};
use bursar_ledger::{Account, Event, Hold, Resolution, Resolved, Settled, Transfer};
use deadpool_postgres::ClientWrapper;

use super::{charged, correction, lease};
use crate::chain::NextLink;
use crate::codec::{Id, millis, text, to_json};
use crate::error::DbError;
use crate::statement::{Statement, execute_each, statement};

/// Writes events in their order, in one journey to the database and back.
pub(super) async fn events(
    client: &ClientWrapper,
    events: &[Event],
    link: &mut NextLink,
) -> Result<(), DbError> {
    let (mut statements, mut transfers) = (Vec::new(), Vec::new());
    for event in events {
        if let Event::Transferred(transfer) = event {
            transfers.push(transfer);
            continue;
        }
        // What comes after may rest on what they moved.
        save_transfers(&mut statements, &std::mem::take(&mut transfers), link)?;
        match event {
            Event::LotIssued(lot) => save_lot(&mut statements, lot, link)?,
            Event::Transferred(_) => {}
            Event::HoldPlaced(hold) => save_hold(&mut statements, hold),
            Event::HoldResolved(resolved) => save_resolved(&mut statements, resolved),
            Event::HoldSettled(settled) => statements.push(settle(settled)),
            Event::LeaseChanged(lease) => lease::save(&mut statements, lease)?,
            Event::Corrected(made) => correction::save(&mut statements, made)?,
        }
    }
    save_transfers(&mut statements, &transfers, link)?;
    let changed = execute_each(client, &statements).await?;
    let is_missed = |(rows, statement): &(u64, &Statement)| {
        usize::try_from(*rows).is_ok_and(|rows| rows != statement.changes)
    };
    match changed.into_iter().zip(&statements).find(is_missed) {
        None => Ok(()),
        Some((_, missed)) => {
            Err(DbError::Broken(format!("too little was changed by `{}`", missed.sql)))
        }
    }
}

const INSERT_LOT: &str = "INSERT INTO lot (id, account, holder, grant_id, expires_at, body, link)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn save_lot(
    statements: &mut Vec<Statement>,
    lot: &Lot,
    link: &mut NextLink,
) -> Result<(), DbError> {
    let body = to_json(lot)?;
    link.rows.lot(lot.id, &body);
    statements.push(statement!(
        INSERT_LOT,
        Id(lot.id.to_bytes()),
        Account::Lot(lot.id).to_string(),
        Id(lot.holder.to_bytes()),
        lot.grant.map(GrantId::to_bytes).map(Id),
        millis(lot.expires_at),
        body,
        link.number,
    ));
    Ok(())
}

const INSERT_TRANSFERS: &str = "INSERT INTO transfer
     (id, debit, credit, amount, kind, hold, at, actor, link)
     SELECT made.id, debit.id, credit.id, made.amount, made.kind, made.hold, made.at, made.actor, $9
     FROM UNNEST($1::UUID[], $2::TEXT[], $3::TEXT[], $4::BIGINT[], $5::TEXT[], $6::UUID[],
         $7::BIGINT[], $8::TEXT[]) AS made (id, debit, credit, amount, kind, hold, at, actor)
     JOIN account AS debit ON debit.name = made.debit COLLATE \"C\"
     JOIN account AS credit ON credit.name = made.credit COLLATE \"C\"";

/// Transfers in one statement, after what they come to on each account: a group of charges moves
/// thousands of times between the same few.
fn save_transfers(
    statements: &mut Vec<Statement>,
    transfers: &[&Transfer],
    link: &mut NextLink,
) -> Result<(), DbError> {
    if transfers.is_empty() {
        return Ok(());
    }
    for transfer in transfers {
        link.rows.transfer(transfer);
    }
    statements.extend(changes_posted(transfers)?);
    let actors = transfers.iter().map(|transfer| to_json(&transfer.actor));
    let actors = actors.collect::<Result<Vec<_>, _>>()?;
    let names = |of: fn(&Transfer) -> &Account| -> Vec<String> {
        transfers.iter().map(|transfer| of(transfer).to_string()).collect()
    };
    let insert = statement!(
        INSERT_TRANSFERS,
        column(transfers, |transfer| Id(transfer.id.to_bytes())),
        names(|transfer| &transfer.debit),
        names(|transfer| &transfer.credit),
        column(transfers, |transfer| transfer.amount.nanos()),
        column(transfers, |transfer| transfer.kind.name()),
        column(transfers, |transfer| transfer.hold.map(HoldId::to_bytes).map(Id)),
        column(transfers, |transfer| millis(transfer.at)),
        actors,
        link.number,
    );
    statements.push(insert.of_rows(transfers.len()));
    statements.extend(charged::add(transfers)?);
    Ok(())
}

fn column<T>(transfers: &[&Transfer], of: impl Fn(&Transfer) -> T) -> Vec<T> {
    transfers.iter().map(|transfer| of(transfer)).collect()
}

/// What transfers come to on each account, in the order in which they first name it.
fn changes_posted(transfers: &[&Transfer]) -> Result<Vec<Statement>, DbError> {
    let mut sums: Vec<(&Account, i128)> = Vec::new();
    for transfer in transfers {
        let amount = i128::from(transfer.amount.nanos());
        for (account, by) in [(&transfer.debit, -amount), (&transfer.credit, amount)] {
            match sums.iter_mut().find(|(known, _)| *known == account) {
                Some((_, sum)) => *sum = sum.saturating_add(by),
                None => sums.push((account, by)),
            }
        }
    }
    let statement = |(account, by): (&Account, i128)| {
        let by =
            i64::try_from(by).map_err(|_| DbError::Broken(format!("`{account}` moves {by}")))?;
        Ok(change_posted(account, by))
    };
    sums.into_iter().map(statement).collect()
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

const SETTLE: &str = "UPDATE resolution SET settled = $2 WHERE hold = $1";

fn settle(settled: &Settled) -> Statement {
    statement!(SETTLE, Id(settled.hold.to_bytes()), settled.cost.nanos())
}

const UPDATE_HELD: &str = "UPDATE account SET held = held + $2 WHERE name = $1";

fn change_held(account: &Account, by: i64) -> Statement {
    statement!(UPDATE_HELD, account.to_string(), by)
}
