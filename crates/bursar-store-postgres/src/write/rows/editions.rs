//! Editions of programs.

use bursar_store::rows::Edition;

use crate::codec::to_json;
use crate::error::DbError;
use crate::statement::{Statement, statement};

const INSERT: &str = "INSERT INTO edition (program, edition, body) VALUES ($1, $2, $3)";

pub(super) fn put_edition(row: &Edition) -> Result<Statement, DbError> {
    Ok(statement!(INSERT, row.program.to_string(), i64::from(row.edition), to_json(row)?))
}
