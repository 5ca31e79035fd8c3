//! What is stopped.

use bursar_store::Expect;
use bursar_store::rows::Stop;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT: &str =
    "INSERT INTO stop (kind, name, state, body, version) VALUES (?1, ?2, ?3, ?4, ?5)";
const UPDATE: &str = "UPDATE stop SET state = ?3, body = ?4, version = ?5
     WHERE kind = ?1 AND name = ?2 AND version = ?6";

pub(super) fn put_stop(connection: &Connection, row: &Stop, expect: Expect) -> Changed {
    let (kind, name, state, body) = (row.of.kind(), row.of.name(), row.state(), to_json(row)?);
    match version_before(expect) {
        None => execute(connection, INSERT, params![kind, name, state, body, row.version]),
        Some(before) => {
            execute(connection, UPDATE, params![kind, name, state, body, row.version, before])
        }
    }
}
