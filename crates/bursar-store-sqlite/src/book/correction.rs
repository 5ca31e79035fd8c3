//! Corrections: rows to the part of the book that a command needs, and back.

use std::borrow::Cow;

use bursar_kernel::{CorrectionId, HoldId};
use bursar_ledger::{Book, Correction, Needs};
use rusqlite::{Connection, Error, Row, params};

use super::load::load_transfers;
use crate::codec::{json, to_json};

const CORRECTIONS_OF: &str = "SELECT body FROM correction WHERE hold = ?1 OR id = ?2";

/// What a correction needs: first what its call was charged, then whatever that leads to.
pub(super) fn load<'a>(
    connection: &Connection,
    book: &mut Book,
    needs: &'a Needs,
) -> Result<Cow<'a, Needs>, Error> {
    let Some((correction, charge)) = needs.correction else { return Ok(Cow::Borrowed(needs)) };
    load_corrections(connection, book, correction, charge)?;
    let mut needs = needs.clone();
    load_transfers(connection, book, &std::mem::take(&mut needs.transfers))?;
    needs.follow_charge(book);
    Ok(Cow::Owned(needs))
}

fn load_corrections(
    connection: &Connection,
    book: &mut Book,
    correction: CorrectionId,
    charge: HoldId,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(CORRECTIONS_OF)?;
    let params = params![charge.to_bytes(), correction.to_bytes()];
    for made in statement.query_map(params, read_correction)? {
        let made = made?;
        book.corrections.insert(made.id, made);
    }
    Ok(())
}

/// A correction, kept as a whole.
pub(crate) fn read_correction(row: &Row<'_>) -> Result<Correction, Error> {
    json(row, 0)
}

const INSERT: &str = "INSERT INTO correction (id, hold, number, body) VALUES (?1, ?2, ?3, ?4)";
// Before the call's row, which still says what it cost until now.
const CORRECT_SPEND: &str = "UPDATE spend
     SET cost = spend.cost + ?2 - COALESCE(call.corrected, call.cost)
     FROM call WHERE call.hold = ?1 AND spend.grant_id = call.grant_id
         AND spend.key_id = call.key_id AND spend.model = json_extract(call.body, '$.model')
         AND spend.day = call.ended_at / 86400000";
const CORRECT_CALL: &str = "UPDATE call SET corrected = ?2 WHERE hold = ?1";

pub(super) fn save(connection: &Connection, made: &Correction) -> Result<(), Error> {
    let (id, charge) = (made.id.to_bytes(), made.charge.to_bytes());
    let params = params![id, charge, made.number, to_json(made)?];
    connection.prepare_cached(INSERT)?.execute(params)?;
    for correct in [CORRECT_SPEND, CORRECT_CALL] {
        connection.prepare_cached(correct)?.execute(params![charge, made.cost.nanos()])?;
    }
    Ok(())
}
