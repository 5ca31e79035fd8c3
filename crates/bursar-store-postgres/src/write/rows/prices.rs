//! Price tables.

use bursar_store::Expect;
use bursar_store::rows::PriceTable;

use super::versioned;
use crate::codec::{millis, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str =
    "INSERT INTO price_table (name, state, proposed_at, body, version) VALUES ($1, $2, $3, $4, $5)";
const UPDATE: &str = "UPDATE price_table SET state = $2, proposed_at = $3, body = $4, version = $5
     WHERE name = $1 AND version = $6";

pub(super) fn put_price_table(row: &PriceTable, expect: Expect) -> Result<Statement, DbError> {
    let (name, state, at) =
        (row.version.to_string(), row.standing.state(), millis(row.proposed_at));
    let values = values![name, state, at, to_json(row)?, whole(row.row_version)?];
    versioned(INSERT, UPDATE, values, expect)
}
