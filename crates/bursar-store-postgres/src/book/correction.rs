//! Corrections: rows to the part of the book that a command needs, and back.

use std::borrow::Cow;

use bursar_kernel::CorrectionId;
use bursar_ledger::{Book, Correction, Needs};
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;

use super::load::{TRANSFERS_BY_ID, read_transfer};
use crate::codec::{Id, json, to_json};
use crate::error::DbError;
use crate::statement::{Statement, rows, statement, values};

const CORRECTIONS_OF: &str = "SELECT body FROM correction WHERE hold = $1 OR id = $2";

/// What a correction needs: first what its call was charged, then whatever that leads to.
pub(super) async fn load<'a>(
    client: &ClientWrapper,
    needs: &'a Needs,
) -> Result<(Book, Cow<'a, Needs>), DbError> {
    let mut book = Book::default();
    let Some((correction, charge)) = needs.correction else {
        return Ok((book, Cow::Borrowed(needs)));
    };
    let ids = values![Id(charge.to_bytes()), Id(CorrectionId::to_bytes(correction))];
    for row in rows(client, CORRECTIONS_OF, &ids).await? {
        let made = read_correction(&row)?;
        book.corrections.insert(made.id, made);
    }
    let mut needs = needs.clone();
    let transfers = std::mem::take(&mut needs.transfers);
    let transfers: Vec<Id> = transfers.iter().map(|one| Id(one.to_bytes())).collect();
    for row in rows(client, TRANSFERS_BY_ID, &values![transfers]).await? {
        let transfer = read_transfer(&row)?;
        book.transfers.insert(transfer.id, transfer);
    }
    needs.follow_charge(&book);
    Ok((book, Cow::Owned(needs)))
}

/// A correction, kept as a whole.
pub(crate) fn read_correction(row: &Row) -> Result<Correction, DbError> {
    json(row, 0)
}

// The call may have no row: what was charged under a hold that nobody settled. All parts of the
// statement see the call's row as it was before it.
const INSERT: &str = "WITH told AS (UPDATE call SET corrected = $5 WHERE hold = $2),
     summed AS (UPDATE spend SET cost = spend.cost + $5 - COALESCE(call.corrected, call.cost)
         FROM call WHERE call.hold = $2 AND spend.grant_id = call.grant_id
             AND spend.key_id = call.key_id AND spend.model = call.body::JSON ->> 'model'
             AND spend.day = call.ended_at / 86400000)
     INSERT INTO correction (id, hold, number, body) VALUES ($1, $2, $3, $4)";

pub(super) fn save(statements: &mut Vec<Statement>, made: &Correction) -> Result<(), DbError> {
    let (id, charge) = (Id(made.id.to_bytes()), Id(made.charge.to_bytes()));
    let (number, cost) = (i64::from(made.number), made.cost.nanos());
    statements.push(statement!(INSERT, id, charge, number, to_json(made)?, cost));
    Ok(())
}
