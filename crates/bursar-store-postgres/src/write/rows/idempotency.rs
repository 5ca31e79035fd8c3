//! Requests that may be sent twice.

use bursar_kernel::Timestamp;
use bursar_store::Expect;
use bursar_store::rows::IdempotencyKey;

use super::versioned;
use crate::codec::{Id, millis, whole};
use crate::error::DbError;
use crate::statement::{Statement, statement, values};

const INSERT: &str =
    "INSERT INTO idempotency_key (hash, asked, node, since, status, sealed, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE: &str = "UPDATE idempotency_key SET asked = $2, node = $3, since = $4,
     status = $5, sealed = $6, version = $7 WHERE hash = $1 AND version = $8";

pub(super) fn put_key(row: &IdempotencyKey, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        row.hash.to_vec(),
        row.asked.to_vec(),
        Id(row.node.to_bytes()),
        millis(row.since),
        row.answer.as_ref().map(|answer| i64::from(answer.status)),
        row.answer.as_ref().map(|answer| answer.body.clone()),
        whole(row.version)?,
    ];
    versioned(INSERT, UPDATE, values, expect)
}

const FORGET: &str = "DELETE FROM idempotency_key WHERE since < $1";

pub(in crate::write) fn forget_keys(before: Timestamp) -> Statement {
    statement!(FORGET, millis(before))
}
