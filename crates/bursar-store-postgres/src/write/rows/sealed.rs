//! Sealed secrets.

use bursar_store::Expect;
use bursar_store::rows::SealedSecret;

use super::versioned;
use crate::codec::{to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str = "INSERT INTO sealed_secret (purpose, body, version) VALUES ($1, $2, $3)";
const UPDATE: &str =
    "UPDATE sealed_secret SET body = $2, version = $3 WHERE purpose = $1 AND version = $4";

pub(super) fn put_sealed(row: &SealedSecret, expect: Expect) -> Result<Statement, DbError> {
    let values = values![row.purpose.clone(), to_json(row)?, whole(row.version)?];
    versioned(INSERT, UPDATE, values, expect)
}
