//! Parts of rate limits: lent, asked for, and ended.

use bursar_kernel::Timestamp;
use bursar_policy::{Borrower, Lent, RateAsk, RateOf, Share, lend};
use bursar_store::{CommitError, RateWrite};
use jiff::SignedDuration;
use rusqlite::{Connection, Error, params};

use crate::codec::millis;
use crate::error::WriteError;
use crate::read::rates::{SHARES, share};

/// Parts that have not counted for so long are forgotten, whoever's they were.
const OVER_FOR: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn write(
    connection: &Connection,
    write: &RateWrite,
    now: Timestamp,
) -> Result<Option<Vec<Lent>>, WriteError> {
    match write {
        RateWrite::Lend(ask) => return carry_out(connection, ask, now).map(Some),
        RateWrite::AskBack { of, by } => ask_back(connection, of, *by)?,
        RateWrite::End(by) => end(connection, *by, now)?,
    }
    Ok(None)
}

const PUT: &str = "INSERT INTO rate_share
     (holder, program, class, measure, borrower, stretch, amount, counts_for, ends_at, free_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
     ON CONFLICT (holder, program, class, measure, borrower, stretch) DO UPDATE
     SET amount = excluded.amount, free_at = excluded.free_at";
const DROP: &str = "DELETE FROM rate_share WHERE holder = ?1 AND program = ?2 AND class = ?3
     AND measure = ?4 AND borrower = ?5 AND stretch = ?6";
const FORGET: &str = "DELETE FROM rate_share WHERE ends_at <= ?1";

fn carry_out(
    connection: &Connection,
    ask: &RateAsk,
    now: Timestamp,
) -> Result<Vec<Lent>, WriteError> {
    let RateOf { holder, program, class } = &ask.of;
    let (holder, program, class) = (holder.to_bytes(), program.as_str(), class.as_str());
    connection.prepare_cached(FORGET)?.execute([millis(now - OVER_FOR)])?;
    let shares: Vec<Share> = connection
        .prepare_cached(SHARES)?
        .query_map(params![holder, program, class], share)?
        .collect::<Result<_, _>>()?;
    let full = |full| WriteError::Refused(CommitError::Full(full));
    let (written, lent) = lend(&shares, ask, now).map_err(full)?;
    for Share { by, measure, stretch, amount, ends_at, free_at } in written {
        let (by, name) = (by.to_bytes(), measure.name());
        if amount == 0 {
            let dropped = params![holder, program, class, name, by, stretch];
            connection.prepare_cached(DROP)?.execute(dropped)?;
            continue;
        }
        let counts_for = i64::try_from(measure.counts_for().as_millis()).unwrap_or(i64::MAX);
        connection.prepare_cached(PUT)?.execute(params![
            holder,
            program,
            class,
            name,
            by,
            stretch,
            amount.cast_signed(),
            counts_for,
            ends_at.map(millis),
            free_at.map(millis),
        ])?;
    }
    Ok(lent)
}

const ASK_BACK: &str = "UPDATE rate_share SET free_at = NULL
     WHERE holder = ?1 AND program = ?2 AND class = ?3 AND borrower <> ?4";

fn ask_back(connection: &Connection, of: &RateOf, by: Borrower) -> Result<(), Error> {
    let (holder, program, class) = (of.holder.to_bytes(), of.program.as_str(), of.class.as_str());
    let asked = params![holder, program, class, by.to_bytes()];
    connection.prepare_cached(ASK_BACK)?.execute(asked)?;
    Ok(())
}

const END: &str = "UPDATE rate_share SET ends_at = ?2 + counts_for, stretch = ?2
     WHERE borrower = ?1 AND ends_at IS NULL";

pub(super) fn end(connection: &Connection, by: Borrower, now: Timestamp) -> Result<(), Error> {
    connection.prepare_cached(END)?.execute(params![by.to_bytes(), millis(now)])?;
    Ok(())
}
