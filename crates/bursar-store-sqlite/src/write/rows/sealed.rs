//! Sealed secrets.

use bursar_store::Expect;
use bursar_store::rows::SealedSecret;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT: &str = "INSERT INTO sealed_secret (purpose, body, version) VALUES (?1, ?2, ?3)";
const UPDATE: &str =
    "UPDATE sealed_secret SET body = ?2, version = ?3 WHERE purpose = ?1 AND version = ?4";

pub(super) fn put_sealed(connection: &Connection, row: &SealedSecret, expect: Expect) -> Changed {
    let body = to_json(row)?;
    match version_before(expect) {
        None => execute(connection, INSERT, params![row.purpose, body, row.version]),
        Some(before) => {
            execute(connection, UPDATE, params![row.purpose, body, row.version, before])
        }
    }
}
