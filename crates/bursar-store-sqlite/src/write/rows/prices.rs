//! Price tables.

use bursar_store::Expect;
use bursar_store::rows::PriceTable;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::{millis, to_json};

const INSERT: &str =
    "INSERT INTO price_table (name, state, proposed_at, body, version) VALUES (?1, ?2, ?3, ?4, ?5)";
const UPDATE: &str =
    "UPDATE price_table SET state = ?2, body = ?3, version = ?4 WHERE name = ?1 AND version = ?5";

pub(super) fn put_price_table(
    connection: &Connection,
    row: &PriceTable,
    expect: Expect,
) -> Changed {
    let (name, state, body) = (row.version.as_str(), row.standing.state(), to_json(row)?);
    match version_before(expect) {
        None => {
            let at = millis(row.proposed_at);
            execute(connection, INSERT, params![name, state, at, body, row.row_version])
        }
        Some(before) => {
            execute(connection, UPDATE, params![name, state, body, row.row_version, before])
        }
    }
}
