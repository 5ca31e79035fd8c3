//! Requests that may be sent twice.

use bursar_kernel::Timestamp;
use bursar_store::Expect;
use bursar_store::rows::IdempotencyKey;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::millis;

const INSERT: &str =
    "INSERT INTO idempotency_key (hash, asked, node, since, status, sealed, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UPDATE: &str = "UPDATE idempotency_key SET asked = ?2, node = ?3, since = ?4,
     status = ?5, sealed = ?6, version = ?7 WHERE hash = ?1 AND version = ?8";

pub(super) fn put_key(connection: &Connection, row: &IdempotencyKey, expect: Expect) -> Changed {
    let status = row.answer.as_ref().map(|answer| answer.status);
    let sealed = row.answer.as_ref().map(|answer| &answer.body);
    let (node, since) = (row.node.to_bytes(), millis(row.since));
    let values = params![row.hash, row.asked, node, since, status, sealed, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE, values.as_slice())
        }
    }
}

const FORGET: &str = "DELETE FROM idempotency_key WHERE since < ?1";

pub(in crate::write) fn forget_keys(connection: &Connection, before: Timestamp) -> Changed {
    execute(connection, FORGET, params![millis(before)])
}
