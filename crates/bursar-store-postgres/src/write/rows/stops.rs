//! What is stopped.

use bursar_store::Expect;
use bursar_store::rows::Stop;

use super::versioned;
use crate::codec::{to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str =
    "INSERT INTO stop (kind, name, state, body, version) VALUES ($1, $2, $3, $4, $5)";
const UPDATE: &str = "UPDATE stop SET state = $3, body = $4, version = $5
     WHERE kind = $1 AND name = $2 AND version = $6";

pub(super) fn put_stop(row: &Stop, expect: Expect) -> Result<Statement, DbError> {
    let (kind, name, state) = (row.of.kind(), row.of.name(), row.state());
    let values = values![kind, name, state, to_json(row)?, whole(row.version)?];
    versioned(INSERT, UPDATE, values, expect)
}
